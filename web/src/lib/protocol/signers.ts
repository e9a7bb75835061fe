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

/** The directory at past dates. */
export class DirectoryPast {
  readonly #entries: readonly Bytes[];
  readonly #trust: Trust;
  readonly #dated: readonly Dated[];

  constructor({ entries, checkpoints }: DirectoryCopy, trust: Trust) {
    this.#entries = entries;
    this.#trust = trust;
    const opened = checkpoints.flatMap((note) => openNote(note, trust) ?? []);
    this.#dated = opened.filter(({ size }) => size > 0 && size <= entries.length).sort((a, b) => a.size - b.size);
  }

  /**
   * The directory after every entry that a quorum had dated at `date`. Throws VerificationError "counter-directory" when the copy does
   * not reach around that date, "directory-root" when it is not what was cosigned, "directory-org", those of `applyEntry`.
   */
  findState(date: number): DirectoryState {
    const before = this.#dated.findLast((item) => item.date <= date);
    if (before === undefined || this.#dated.every((item) => item.date < date)) {
      throw new VerificationError('counter-directory');
    }
    return this.#fold(before);
  }

  /** The newest directory of the copy that a quorum had dated at `now`. Throws "counter-directory" without one; else as `findState`. */
  findLast(now: number): DirectoryState {
    const last = this.#dated.findLast(({ date }) => date <= now);
    if (last === undefined) throw new VerificationError('counter-directory');
    return this.#fold(last);
  }

  /**
   * The earliest date by `now` at which a quorum had signed that entry `index` is there. Throws VerificationError "counter-directory" when
   * there is none, "directory-root".
   */
  computeDate(index: number, now: number): number {
    const above = this.#dated.filter(({ size, date }) => size > index && date <= now);
    const first = above.toSorted((a, b) => a.date - b.date)[0]; // they are sorted by size, and stay so where dates are the same
    if (first === undefined) throw new VerificationError('counter-directory');
    const frontier = new Frontier();
    for (const data of this.#entries.slice(0, first.size)) frontier.append(computeLeafHash(data));
    if (!equalBytes(frontier.computeRoot(), first.root)) throw new VerificationError('directory-root');
    return first.date;
  }

  #fold({ size, root }: Dated): DirectoryState {
    const frontier = new Frontier();
    let state: DirectoryState | null = null;
    for (const data of this.#entries.slice(0, size)) {
      frontier.append(computeLeafHash(data));
      state = applyEntry(state, parseEntry(data));
      if (!equalBytes(state.org, this.#trust.org)) throw new VerificationError('directory-org');
    }
    if (state === null || !equalBytes(frontier.computeRoot(), root)) throw new VerificationError('directory-root');
    return state;
  }
}

/** The key that counts as a member's signature in a state of the directory. Throws VerificationError "counter-key". */
export function findSigningKey(state: DirectoryState, member: Bytes): Bytes {
  const found = state.members.get(encodeHex(member));
  if (found?.status !== 'active') throw new VerificationError('counter-key');
  return found.member.sign;
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
