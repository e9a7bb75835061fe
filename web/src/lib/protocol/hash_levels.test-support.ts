import type { Bytes } from './bytes.ts';
import { computeLeafHash, computeNodeHash } from './merkle.ts';
import { computeSha256 } from './hashes.ts';
import type { HashReader } from './tiles.ts';

/** A log's tile hashes in memory, for tests that need proofs and no files. */
export function createHashLevels(entries: readonly Bytes[]): HashReader {
  const levels: Bytes[][] = [entries.map((entry) => computeLeafHash(entry))];
  for (let below = levels[0] ?? []; below.length >= 256; below = levels.at(-1) ?? []) {
    const count = Math.floor(below.length / 256);
    levels.push(Array.from({ length: count }, (_, i) => fold(below.slice(i * 256, (i + 1) * 256))));
  }
  return (level, start, count) => {
    const hashes = levels[level]?.slice(start, start + count) ?? [];
    if (hashes.length !== count) throw new Error('read past the end of the log');
    return hashes;
  };
}

/** The tile hashes of a log in which every entry is the same, of any size. */
export function createUniformLevels(entry: Bytes): HashReader {
  const hashes = [computeLeafHash(entry)];
  return (level, _, count) => {
    for (let below = hashes.at(-1); below && hashes.length <= level; below = hashes.at(-1)) {
      hashes.push(fold(Array.from({ length: 256 }, () => below)));
    }
    return Array.from({ length: count }, () => hashes[level] as Bytes);
  };
}

/** RFC 9162, section 2.1.1, written down as it reads: what the real code is compared with. */
export function computeRangeRoot(entries: readonly Bytes[]): Bytes {
  const [first, ...others] = entries;
  if (first === undefined) return computeSha256();
  if (others.length === 0) return computeLeafHash(first);
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  return computeNodeHash(computeRangeRoot(entries.slice(0, split)), computeRangeRoot(entries.slice(split)));
}

function fold(hashes: Bytes[]): Bytes {
  const [left, right] = [hashes.slice(0, hashes.length / 2), hashes.slice(hashes.length / 2)];
  return hashes.length === 1 ? (hashes[0] as Bytes) : computeNodeHash(fold(left), fold(right));
}
