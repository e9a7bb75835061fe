/** Brings a copy of the case log up to a signed checkpoint; every bundle is checked against its root before it is kept (spec/log.md). */
import { type Bytes, equalBytes } from '../protocol/bytes.ts';
import type { Checkpoint } from '../protocol/checkpoint.ts';
import { VerificationError } from '../protocol/errors.ts';
import { LEAF_BYTES, checkLeaf } from '../protocol/leaf.ts';
import { Frontier, computeLeafHash } from '../protocol/merkle.ts';
import { TILE_WIDTH, encodeTilePath, parseBundle, parseHashes } from '../protocol/tiles.ts';
import { mapParallel } from './http.ts';
import type { LogCopy } from './log_copy.ts';

/** How many requests run at once. */
export const PARALLEL = 6;
const GROUP_BUNDLES = 12;
const TILE_HEIGHT = 8;
const LIMIT_BUNDLE_BYTES = TILE_WIDTH * (LEAF_BYTES + 2);

/** The bytes at a path below the log's prefix. */
export type Get = (path: string, limitBytes: number, signal?: AbortSignal) => Promise<Bytes>;

export interface PullOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of leaves of the log that are here, and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Hashes of level 1: those of the full bundles from `first` up to `end`. */
export async function fetchBundleHashes(get: Get, first: number, end: number, signal?: AbortSignal): Promise<Bytes[]> {
  const hashes: Bytes[] = [];
  for (let index = Math.floor(first / TILE_WIDTH); index * TILE_WIDTH < end; index++) {
    const width = Math.min(TILE_WIDTH, end - index * TILE_WIDTH);
    const data = await get(encodeTilePath({ level: 1, index, width }), LIMIT_BUNDLE_BYTES, signal);
    hashes.push(...parseHashes(data, width).slice(Math.max(0, first - index * TILE_WIDTH)));
  }
  return hashes;
}

/**
 * Appends what is missing up to `checkpoint`. When it is stopped or the line breaks, what was appended stays: it stands under the
 * signed root. Throws VerificationError "log-fork"; MalformedError "bundle-size", "tile-size" and those of `checkLeaf`.
 */
export async function pullLeaves(
  get: Get,
  copy: LogCopy,
  checkpoint: Checkpoint,
  { signal, onProgress }: PullOptions,
): Promise<void> {
  const { size } = checkpoint;
  const [first, full] = [Math.floor(copy.size / TILE_WIDTH), Math.floor(size / TILE_WIDTH)];
  const hashes = await fetchBundleHashes(get, first, full, signal);
  const tail = size % TILE_WIDTH ? await fetchBundle(get, full, size % TILE_WIDTH, signal) : [];
  checkTarget(copy, hashes, tail, checkpoint);
  for (let at = 0; at < hashes.length; at += GROUP_BUNDLES) {
    onProgress?.(copy.size, size);
    const group = hashes.slice(at, at + GROUP_BUNDLES);
    const bundles = await mapParallel([...group.keys()], PARALLEL, (i) =>
      fetchBundle(get, first + at + i, TILE_WIDTH, signal),
    );
    for (const [i, leaves] of bundles.entries()) appendBundle(copy, first + at + i, leaves, group[i]);
  }
  if (tail.length > 0) appendBundle(copy, full, tail);
  onProgress?.(copy.size, size);
}

/** Checks that what is here, the bundles to come and the leaves after them are what the checkpoint signed. */
function checkTarget(copy: LogCopy, hashes: readonly Bytes[], tail: readonly Bytes[], { root }: Checkpoint): void {
  const frontier = new Frontier();
  const before = copy.read(1, 0, Math.floor(copy.size / TILE_WIDTH));
  for (const hash of [...before, ...hashes]) frontier.append(hash, TILE_HEIGHT);
  for (const leaf of tail) frontier.append(computeLeafHash(leaf));
  if (!equalBytes(frontier.computeRoot(), root)) throw new VerificationError('log-fork');
}

function appendBundle(copy: LogCopy, index: number, leaves: readonly Bytes[], hash?: Bytes): void {
  const before = copy.size;
  const have = before - index * TILE_WIDTH;
  const same = leaves.slice(0, have).every((leaf, i) => equalBytes(leaf, copy.leaf(index * TILE_WIDTH + i)));
  if (!same || leaves.length < have) throw new VerificationError('log-fork');
  for (const leaf of leaves.slice(have)) copy.append(leaf);
  if (hash === undefined || equalBytes(copy.read(1, index, 1)[0] ?? hash.subarray(1), hash)) return;
  copy.truncate(before);
  throw new VerificationError('log-fork');
}

async function fetchBundle(get: Get, index: number, width: number, signal?: AbortSignal): Promise<Bytes[]> {
  const data = await get(encodeTilePath({ level: null, index, width }), LIMIT_BUNDLE_BYTES, signal);
  return parseBundle(data, width).map(checkLeaf);
}
