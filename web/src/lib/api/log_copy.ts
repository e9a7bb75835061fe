/** A log's tree in memory: hashes of all levels, and the leaves from some place on. */
import type { Bytes } from '../protocol/bytes.ts';
import { HASH_BYTES } from '../protocol/hashes.ts';
import { LEAF_BYTES } from '../protocol/leaf.ts';
import { computeFold, computeLeafHash } from '../protocol/merkle.ts';
import { type HashReader, TILE_WIDTH, computeRoot } from '../protocol/tiles.ts';

const LIMIT_LEVEL = 7;

/** Bytes that grow in place. */
class Column {
  #data: Bytes = new Uint8Array(1_024);
  length = 0;

  append(part: Uint8Array): void {
    if (this.length + part.length > this.#data.length) {
      const grown = new Uint8Array(Math.max(this.#data.length * 2, this.length + part.length));
      grown.set(this.#data.subarray(0, this.length));
      this.#data = grown;
    }
    this.#data.set(part, this.length);
    this.length += part.length;
  }

  slice(start: number, end: number): Bytes {
    return this.#data.slice(start, end);
  }

  truncate(length: number): void {
    this.length = length;
  }
}

/**
 * Grows leaf by leaf. With `base` (a multiple of 256) and the hashes of level 1 before it, the earlier leaves are not needed: every
 * root and every proof of a later leaf is the same.
 */
export class LogCopy {
  readonly base: number;
  size: number;
  readonly #leaves = new Column();
  readonly #levels: Column[] = [];

  constructor(base = 0, levelOne: readonly Bytes[] = []) {
    this.base = base;
    this.size = base;
    for (let level = 0; level <= LIMIT_LEVEL; level++) this.#levels.push(new Column());
    for (const hash of levelOne) this.#push(1, hash);
  }

  append(leaf: Bytes): void {
    this.#leaves.append(leaf);
    this.#push(0, computeLeafHash(leaf));
    this.size++;
  }

  /** Takes back what was appended after `size`. */
  truncate(size: number): void {
    this.size = size;
    this.#leaves.truncate((size - this.base) * LEAF_BYTES);
    for (const [level, column] of this.#levels.entries()) {
      const count = Math.floor(size / TILE_WIDTH ** level) - (level === 0 ? this.base : 0);
      column.truncate(Math.min(column.length, count * HASH_BYTES));
    }
  }

  /** The leaves from `start` up to `end`, one after the other; `start` is never before `base`. */
  leaves(start: number, end: number): Bytes {
    return this.#leaves.slice((start - this.base) * LEAF_BYTES, (end - this.base) * LEAF_BYTES);
  }

  leaf(index: number): Bytes {
    const at = (index - this.base) * LEAF_BYTES;
    return this.#leaves.slice(at, at + LEAF_BYTES);
  }

  /** For proofs; `start` of level 0 is never before `base`. */
  readonly read: HashReader = (level, start, count) => {
    const first = (start - (level === 0 ? this.base : 0)) * HASH_BYTES;
    const data = this.#levels[level]?.slice(first, first + count * HASH_BYTES) ?? new Uint8Array(0);
    return Array.from({ length: count }, (_, i) => data.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
  };

  rootAt(size: number): Bytes {
    return size === 0 ? computeFold([]) : computeRoot(this.read, size);
  }

  #push(level: number, hash: Bytes): void {
    const column = this.#levels[level];
    if (column === undefined) return;
    column.append(hash);
    const count = column.length / HASH_BYTES + (level === 0 ? this.base : 0);
    if (count % TILE_WIDTH === 0) this.#push(level + 1, this.#foldTile(level, count - TILE_WIDTH));
  }

  #foldTile(level: number, start: number): Bytes {
    return foldPairs(this.read(level, start, TILE_WIDTH));
  }
}

function foldPairs(hashes: readonly Bytes[]): Bytes {
  const half = hashes.length / 2;
  return half < 1
    ? computeFold(hashes)
    : computeFold([foldPairs(hashes.slice(0, half)), foldPairs(hashes.slice(half))]);
}
