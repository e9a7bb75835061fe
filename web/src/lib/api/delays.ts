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
 * Throws VerificationError "view-delay" (detail: the index of the effect) and what `dates` throws.
 */
export async function verifyDelays(
  dates: EntryDates,
  entries: readonly Bytes[],
  states: readonly DirectoryState[],
): Promise<void> {
  for (const { index, of, delayS, strict } of listEffects(entries, states)) {
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
export interface EntryDates {
  /** The date of the first dated checkpoint that holds entry `index`. */
  readonly compute: (index: number) => Promise<number | null>;
  /** Whether the cosigners had signed before entry `index` was there. */
  readonly beganBefore: (index: number) => Promise<boolean>;
}

/** They are fetched when first needed. Throws VerificationError "view-root"; those of `parseSizes`. */
export function createDates(api: Api, trust: Trust, entries: readonly Bytes[], signal?: AbortSignal): EntryDates {
  const known = new Map<number, number | null>();
  let listed: Promise<readonly number[]> | null = null;
  let computed: readonly Bytes[] | null = null;

  const list = () => (listed ??= fetchSizes(api, entries.length, signal));
  const read = async (size: number) => {
    const roots = (computed ??= computeRoots(entries));
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
      for (const size of await list()) {
        const date = size > index ? await read(size) : null;
        if (date !== null) return date;
      }
      return null;
    },
    beganBefore: async (index) => {
      for (const size of (await list()).toReversed()) if (size <= index && (await read(size)) !== null) return true;
      return false;
    },
  };
}

async function fetchSizes(api: Api, most: number, signal?: AbortSignal): Promise<readonly number[]> {
  const { body } = await api.get('log/directory/at', { limitBytes: LIMIT_SIZES_BYTES, signal });
  return parseSizes(body).filter((size) => size <= most);
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
