/** Looks for leaves in a copy of the case log, after hashing all of them to a cosigned root (spec/receipt.md). */
import { type Bytes, encodeHex, equalBytes } from './bytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { PlaintError, VerificationError } from './errors.ts';
import { computeTokenHash } from './leaf.ts';
import { Frontier, computeLeafHash } from './merkle.ts';
import type { Note } from './note.ts';
import { computeDate } from './policy.ts';
import { type Trust, findCasesKey } from './trust.ts';

const LOOKAHEAD = 8;

/** A copy of the case log, whole or from leaf `first` on, and kept checkpoints; nothing in it need be true. */
export interface Leaves {
  /** Index of the first leaf that is here, a multiple of 256; 0 when not given. */
  readonly first?: number;
  /** Roots of the perfect subtrees before `first`, largest first. */
  readonly before?: readonly Bytes[];
  /** How many leaves the log has here, with those before `first`. */
  readonly size: number;
  readonly readLeaf: (index: number) => Bytes;
  /** The sizes of the kept checkpoints, ascending. */
  readonly kept: readonly number[];
  readonly readKept: (size: number) => Note;
}

interface Opened {
  readonly date: number;
  readonly root: Bytes;
}

/** The leaves up to the last checkpoint that a quorum had dated at `now`, all hashed to its root. */
export class LeafScan {
  readonly size: number;
  readonly date: number;
  readonly #leaves: Leaves;
  readonly #trust: Trust;
  readonly #now: number;
  readonly #opened = new Map<number, Opened | null>();

  /** Throws VerificationError "leaves-missing" when no checkpoint is dated. */
  constructor(leaves: Leaves, trust: Trust, now: number) {
    this.#leaves = leaves;
    this.#trust = trust;
    this.#now = now;
    const size = leaves.kept.findLast((kept) => this.#open(kept) !== null);
    const last = size === undefined ? null : this.#open(size);
    if (size === undefined || last === null) throw new VerificationError('leaves-missing');
    this.size = size;
    this.date = last.date;
  }

  /**
   * The first index from `start` on of the leaf behind each token hash (hex), where there is one.
   * Throws VerificationError "leaves-missing" when the copy begins after `start`, "leaves-root" when the leaves are not those
   * under the checkpoint's root.
   */
  find(digests: readonly string[], start: number): Map<string, number> {
    if (start < (this.#leaves.first ?? 0)) throw new VerificationError('leaves-missing');
    const found = new Map<string, number>();
    for (let index = start; index < this.size; index++) {
      const digest = encodeHex(computeTokenHash(this.#leaves.readLeaf(index)));
      if (digests.includes(digest) && !found.has(digest)) found.set(digest, index);
    }
    this.#checkRoots([this.size, ...[...found.values()].flatMap((index) => this.listDating(index))]);
    return found;
  }

  /** The least date of the first dated checkpoints above leaf `index`, whose roots `find` checked. */
  computeDate(index: number): number | null {
    const dates = this.listDating(index).flatMap((size) => this.#open(size)?.date ?? []);
    return dates.length ? Math.min(...dates) : null;
  }

  /** The sizes of the first dated checkpoints above leaf `index`. */
  listDating(index: number): number[] {
    const above = this.#leaves.kept.filter((size) => index < size && size <= this.size && this.#open(size) !== null);
    return above.slice(0, LOOKAHEAD);
  }

  #open(size: number): Opened | null {
    const known = this.#opened.get(size);
    if (known !== undefined) return known;
    const opened = size <= this.#leaves.size ? this.#openKept(size) : null;
    this.#opened.set(size, opened);
    return opened;
  }

  #openKept(size: number): Opened | null {
    try {
      const note = this.#leaves.readKept(size);
      const checkpoint = openCheckpoint(note, findCasesKey(this.#trust.policy));
      const date = computeDate(this.#trust.policy, note);
      return checkpoint.size !== size || date === null || date > this.#now ? null : { date, root: checkpoint.root };
    } catch (error) {
      if (error instanceof PlaintError) return null;
      throw error;
    }
  }

  #checkRoots(sizes: readonly number[]): void {
    const wanted = new Set(sizes);
    const frontier = new Frontier(this.#leaves.first, this.#leaves.before);
    if (frontier.size >= this.size) throw new VerificationError('leaves-root');
    for (let index = frontier.size; index < this.size; index++) {
      frontier.append(computeLeafHash(this.#leaves.readLeaf(index)));
      if (!wanted.has(frontier.size)) continue;
      const opened = this.#open(frontier.size);
      if (opened === null || !equalBytes(opened.root, frontier.computeRoot())) {
        throw new VerificationError('leaves-root');
      }
    }
  }
}
