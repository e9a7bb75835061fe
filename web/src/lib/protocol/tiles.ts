/** Tiles of 256 hashes and bundles of 256 entries: paths, geometry, and proofs read from them (spec/log.md). */
import { type Bytes, joinBytes } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { HASH_BYTES } from './hashes.ts';
import {
  LIMIT_SIZE,
  computeConsistencyRanges,
  computeFold,
  computeInclusionRanges,
  computeNodeHash,
} from './merkle.ts';

const TILE_HEIGHT = 8;
const LIMIT_LEVEL = 7;
const LIMIT_ENTRY_BYTES = 65_535;
const LIMIT_PATH_CHARACTERS = 64;
const PATH = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;
export const TILE_WIDTH = 256;

/** The name of one tile of hashes, or of one bundle of entries when `level` is null. */
export interface Tile {
  readonly level: number | null;
  readonly index: number;
  readonly width: number;
}

/** Reads `count` tile hashes of `level` from `start`: entry i of level L is the root of leaves i·256^L up to (i+1)·256^L. */
export type HashReader = (level: number, start: number, count: number) => readonly Bytes[];

/** The path below the log's prefix. Source: C2SP tlog-tiles v0.1.0. */
export function encodeTilePath({ level, index, width }: Tile): string {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return `tile/${level ?? 'entries'}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** The tile that `path` names in its only spelling. Throws MalformedError "tile-path". */
export function parseTilePath(path: string): Tile {
  const match = path.length <= LIMIT_PATH_CHARACTERS ? PATH.exec(path) : null;
  const [, kind = '', place = '', width] = match ?? [];
  const level = kind === 'entries' ? null : Number(kind);
  const index = Number(place.replaceAll(/[x/]/g, ''));
  const tile = { level, index, width: width === undefined ? TILE_WIDTH : Number(width) };
  if (!match || (level ?? 0) > LIMIT_LEVEL || index >= LIMIT_SIZE || encodeTilePath(tile) !== path) {
    throw new MalformedError('tile-path');
  }
  return tile;
}

/** How many hashes `level` holds when the log has `size` entries. */
export function computeLevelSize(level: number, size: number): number {
  return Math.floor(size / 2 ** (TILE_HEIGHT * level));
}

/** The width (0…256) that this tile has when the log has `size` entries. */
export function computeTileWidth(level: number | null, index: number, size: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, computeLevelSize(level ?? 0, size) - index * TILE_WIDTH));
}

/** The tiles of `level` that a log of `size` entries has and one of `old` had narrower or not at all. */
export function computeNewTiles(level: number | null, old: number, size: number): Tile[] {
  const [oldCount, newCount] = [computeLevelSize(level ?? 0, old), computeLevelSize(level ?? 0, size)];
  if (oldCount === newCount) return [];
  const tiles: Tile[] = [];
  for (let index = Math.floor(oldCount / TILE_WIDTH); index * TILE_WIDTH < newCount; index++) {
    tiles.push({ level, index, width: Math.min(TILE_WIDTH, newCount - index * TILE_WIDTH) });
  }
  return tiles;
}

/** The root of the first `size` entries. */
export function computeRoot(read: HashReader, size: number): Bytes {
  return computeRangeHash(read, 0, size);
}

/** The inclusion proof of entry `index` in the tree of `size`, from the leaf upwards. Throws "inclusion-range". */
export function computeInclusion(read: HashReader, index: number, size: number): Bytes[] {
  return computeInclusionRanges(index, size).map(([start, end]) => computeRangeHash(read, start, end));
}

/** The consistency proof from `old` to `size` entries. Throws "consistency-range". */
export function computeConsistency(read: HashReader, old: number, size: number): Bytes[] {
  return computeConsistencyRanges(old, size).map(([start, end]) => computeRangeHash(read, start, end));
}

/** The hash of entries [start, end), a range that appears in a proof. */
export function computeRangeHash(read: HashReader, start: number, end: number): Bytes {
  return computeFold(computeRangeNodes(read, start, end));
}

/** The perfect subtrees of [start, end), largest first. */
export function computeRangeNodes(read: HashReader, start: number, end: number): Bytes[] {
  const nodes: Bytes[] = [];
  const bits = (end - start).toString(2);
  let at = start;
  for (const [i, bit] of Array.from(bits).entries()) {
    const height = bits.length - 1 - i;
    if (bit !== '1') continue;
    nodes.push(computePerfect(read, height, at / 2 ** height));
    at += 2 ** height;
  }
  return nodes;
}

function computePerfect(read: HashReader, height: number, index: number): Bytes {
  const inner = 2 ** (height % TILE_HEIGHT);
  let hashes = read(Math.floor(height / TILE_HEIGHT), index * inner, inner);
  while (hashes.length > 1) hashes = hashPairs(hashes);
  return hashes[0] ?? computeFold([]);
}

function hashPairs(hashes: readonly Bytes[]): Bytes[] {
  const pairs: Bytes[] = [];
  for (let i = 0; i + 1 < hashes.length; i += 2)
    pairs.push(computeNodeHash(hashes[i] as Bytes, hashes[i + 1] as Bytes));
  return pairs;
}

/** The hashes of a tile of exactly `count`. Throws MalformedError "tile-size". */
export function parseHashes(data: Bytes, count: number): Bytes[] {
  if (data.length !== count * HASH_BYTES) throw new MalformedError('tile-size');
  return Array.from({ length: count }, (_, i) => data.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/** Entries, each after its 16-bit big-endian length. Throws MalformedError "bundle-entry-size". */
export function encodeBundle(entries: readonly Bytes[]): Bytes {
  if (entries.some((entry) => entry.length > LIMIT_ENTRY_BYTES)) throw new MalformedError('bundle-entry-size');
  return joinBytes(...entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 255), entry]));
}

/** The entries of a bundle of exactly `count`. Throws MalformedError "bundle-size". */
export function parseBundle(data: Bytes, count: number): Bytes[] {
  if (data.length > count * (LIMIT_ENTRY_BYTES + 2)) throw new MalformedError('bundle-size');
  const entries: Bytes[] = [];
  let at = 0;
  while (at < data.length && entries.length < count) {
    const end = at + 2 + (data[at] ?? 0) * 256 + (data[at + 1] ?? 0);
    entries.push(data.slice(at + 2, end));
    at = end;
  }
  if (at !== data.length || entries.length !== count) throw new MalformedError('bundle-size');
  return entries;
}
