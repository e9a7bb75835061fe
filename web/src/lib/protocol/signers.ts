/** Who could sign for an organisation at a past date, by a copy of its directory log (spec/receipt.md). */
import { type Bytes, encodeHex, equalBytes } from './bytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { parseEntry } from './directory.ts';
import { PlaintError, VerificationError } from './errors.ts';
import { type DirectoryState } from './directory_state.ts';
import { applyEntry } from './fold.ts';
import { Frontier, computeLeafHash } from './merkle.ts';
import type { Note } from './note.ts';
import { computeDate } from './policy.ts';
import { type Trust, findDirectoryKey } from './trust.ts';

/** Entries of the directory log from the first on, and checkpoints of it; nothing in it need be true. */
export interface DirectoryCopy {
  readonly entries: readonly Bytes[];
  readonly checkpoints: readonly Note[];
}

interface Dated {
  readonly size: number;
  readonly root: Bytes;
  readonly date: number;
}

/** The directory at past dates; what a copy leaves out can only make a date unclear. */
export class DirectoryPast {
  readonly #entries: readonly Bytes[];
  readonly #trust: Trust;
  readonly #dated: readonly Dated[];

  constructor({ entries, checkpoints }: DirectoryCopy, trust: Trust) {
    this.#entries = entries;
    this.#trust = trust;
    const opened = checkpoints.flatMap((note) => openNote(note, trust) ?? []);
    this.#dated = opened.filter(({ size }) => size > 0 && size <= entries.length);
  }

  /**
   * Every state that may have been in force at `date`: between two checkpoints it is not known which. Throws VerificationError
   * "counter-directory" when the copy does not reach around that date, "directory-root" when it is not what was cosigned, those of
   * `applyEntry`.
   */
  listStates(date: number): DirectoryState[] {
    const before = this.#dated.filter((item) => item.date <= date).reduce<Dated | null>(larger, null);
    if (before === null) throw new VerificationError('counter-directory');
    const later = this.#dated.filter((item) => item.date >= date && item.size >= before.size);
    const after = later.reduce<Dated | null>(smaller, null);
    if (after === null) throw new VerificationError('counter-directory');
    const states = this.#fold(after.size, [before, after]);
    return states.filter(({ size }) => size >= before.size);
  }

  #fold(size: number, known: readonly Dated[]): DirectoryState[] {
    const frontier = new Frontier();
    const found: DirectoryState[] = [];
    let state: DirectoryState | null = null;
    for (const data of this.#entries.slice(0, size)) {
      frontier.append(computeLeafHash(data));
      state = applyEntry(state, parseEntry(data));
      if (!equalBytes(state.org, this.#trust.org)) throw new VerificationError('directory-org');
      if (known.some((item) => item.size === frontier.size && !equalBytes(item.root, frontier.computeRoot()))) {
        throw new VerificationError('directory-root');
      }
      found.push(state);
    }
    return found;
  }
}

/** The key that counts as a member's signature in a state of the directory. Throws VerificationError "counter-key". */
export function findSigningKey(state: DirectoryState, member: Bytes): Bytes {
  const found = state.members.get(encodeHex(member));
  if (found?.status !== 'active') throw new VerificationError('counter-key');
  return found.member.sign;
}

function larger(found: Dated | null, item: Dated): Dated {
  return found === null || item.size > found.size ? item : found;
}

function smaller(found: Dated | null, item: Dated): Dated {
  return found === null || item.size < found.size ? item : found;
}

function openNote(note: Note, trust: Trust): Dated | null {
  try {
    const { size, root } = openCheckpoint(note, findDirectoryKey(trust.policy));
    const date = computeDate(trust.policy, note);
    return date === null ? null : { size, root, date };
  } catch (error) {
    if (error instanceof PlaintError) return null;
    throw error;
  }
}
