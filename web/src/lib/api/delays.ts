/**
 * Whether changes of the directory waited as long as they must, by dated checkpoints (spec/directory.md, "Fold"). A server could apply
 * a change the moment two members signed it; nobody else would have had the time to object.
 */
import { type Bytes, equalBytes } from '../protocol/bytes.ts';
import { openCheckpoint, parseSizes } from '../protocol/checkpoint.ts';
import { parseEntry } from '../protocol/directory.ts';
import { VerificationError } from '../protocol/errors.ts';
import type { DirectoryState } from '../protocol/directory_state.ts';
import { Frontier, computeLeafHash } from '../protocol/merkle.ts';
import { LIMIT_NOTE_BYTES, parseNote } from '../protocol/note.ts';
import { computeDate } from '../protocol/policy.ts';
import { type Trust, findDirectoryKey } from '../protocol/trust.ts';
import type { Api } from './http.ts';

const LIMIT_SIZES_BYTES = 16 * 1024 * 1024;

/** An effect at `index` of the entry `of`, under the delay then in force. */
interface Effect {
  readonly index: number;
  readonly of: number;
  readonly delayS: number;
  /** A succession is first logged in the log that it begins: nothing dated need come before it. */
  readonly strict: boolean;
}

/**
 * Checks that between the date of every delayed entry and that of its effect lies the delay then in force. What was logged before the
 * trust file's cosigners began to sign has no date of theirs and is not judged. `states` are those after each entry.
 * Throws VerificationError "view-delay" (detail: the index of the effect), "view-root"; those of `parseSizes`.
 */
export async function verifyDelays(
  api: Api,
  trust: Trust,
  entries: readonly Bytes[],
  states: readonly DirectoryState[],
  signal?: AbortSignal,
): Promise<void> {
  const effects = listEffects(entries, states);
  if (effects.length === 0) return;
  const dates = await createDates(api, trust, entries, signal);
  for (const { index, of, delayS, strict } of effects) {
    const [logged, applied] = [await dates.compute(of), await dates.compute(index)];
    if (logged === null || applied === null || !(strict || (await dates.beganBefore(of)))) continue;
    if (applied < logged + delayS) throw new VerificationError('view-delay', String(index));
  }
}

function listEffects(entries: readonly Bytes[], states: readonly DirectoryState[]): Effect[] {
  const contents = entries.map((data) => parseEntry(data).content);
  const latest = contents.findLastIndex(
    (content) => content.type === 'effect' && contents[content.of]?.type === 'succession',
  );
  return contents.flatMap((content, index) => {
    const before = states[index - 1];
    if (!before?.clock.delay || content.type !== 'effect') return [];
    return [{ index, of: content.of, delayS: before.clock.delay, strict: index === latest }];
  });
}

/** Dates of the directory's entries, from its kept checkpoints. */
interface Dates {
  /** The date of the first dated checkpoint that holds entry `index`. */
  readonly compute: (index: number) => Promise<number | null>;
  /** Whether the cosigners had signed before entry `index` was there. */
  readonly beganBefore: (index: number) => Promise<boolean>;
}

async function createDates(api: Api, trust: Trust, entries: readonly Bytes[], signal?: AbortSignal): Promise<Dates> {
  const roots = computeRoots(entries);
  const { body } = await api.get('log/directory/at', { limitBytes: LIMIT_SIZES_BYTES, signal });
  const sizes = parseSizes(body).filter((size) => size <= entries.length);
  const known = new Map<number, number | null>();

  const read = async (size: number) => {
    const found = known.get(size);
    if (found !== undefined) return found;
    const answer = await api.get(`log/directory/at/${size}`, { limitBytes: LIMIT_NOTE_BYTES, signal });
    const note = parseNote(answer.body);
    const checkpoint = openCheckpoint(note, findDirectoryKey(trust.policy));
    const root = roots[size];
    if (checkpoint.size !== size || !root || !equalBytes(checkpoint.root, root)) {
      throw new VerificationError('view-root');
    }
    const date = computeDate(trust.policy, note);
    known.set(size, date);
    return date;
  };

  return {
    compute: async (index) => {
      for (const size of sizes) {
        const date = size > index ? await read(size) : null;
        if (date !== null) return date;
      }
      return null;
    },
    beganBefore: async (index) => {
      for (const size of sizes.toReversed()) if (size <= index && (await read(size)) !== null) return true;
      return false;
    },
  };
}

function computeRoots(entries: readonly Bytes[]): Bytes[] {
  const frontier = new Frontier();
  const roots = [frontier.computeRoot()];
  for (const entry of entries) {
    frontier.append(computeLeafHash(entry));
    roots.push(frontier.computeRoot());
  }
  return roots;
}
