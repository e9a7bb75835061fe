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
  /** What `searchLeaves` finds, for whoever has it already. */
  readonly search?: (digests: readonly string[]) => readonly Hit[];
}

/** Where a leaf stands behind a token hash (hex). */
export type Hit = readonly [index: number, digest: string];

/** Every leaf from `start` on behind one of the token hashes (hex), in order; nothing is checked. */
export function searchLeaves(
  { size, readLeaf }: Pick<Leaves, 'size' | 'readLeaf'>,
  digests: readonly string[],
  start = 0,
): Hit[] {
  const found: Hit[] = [];
  const beginnings = new Set(digests.map((digest) => parseInt(digest.slice(0, 4), 16)));
  for (let index = start; index < size; index++) {
    const digest = computeTokenHash(readLeaf(index));
    if (!beginnings.has(((digest[0] ?? 0) << 8) | (digest[1] ?? 0))) continue;
    const hex = encodeHex(digest);
    if (digests.includes(hex)) found.push([index, hex]);
  }
  return found;
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
    const hits = this.#leaves.search?.(digests) ?? searchLeaves(this.#leaves, digests, start);
    const found = new Map<string, number>();
    for (const [index, digest] of hits) {
      if (index >= start && index < this.size && !found.has(digest)) found.set(digest, index);
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
    const found: number[] = [];
    for (const size of this.#leaves.kept) {
      if (found.length === LOOKAHEAD || size > this.size) break;
      // only as many as count: each has signatures to check
      if (index < size && this.#open(size) !== null) found.push(size);
    }
    return found;
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
