/** Copies of the case log to judge with: a mirror's folder, or fetched now. Nothing in them is believed before it is checked. */
import { type Api, mapParallel } from '../lib/api/http.ts';
import { type Bytes, joinBytes } from '../lib/protocol/bytes.ts';
import { openCheckpoint, parseSizes } from '../lib/protocol/checkpoint.ts';
import { UnavailableError } from '../lib/protocol/errors.ts';
import { LEAF_BYTES } from '../lib/protocol/leaf.ts';
import { LIMIT_NOTE_BYTES, parseNote } from '../lib/protocol/note.ts';
import type { Leaves } from '../lib/protocol/scan.ts';
import { TILE_WIDTH, encodeTilePath, parseBundle } from '../lib/protocol/tiles.ts';
import { type Trust, findCasesKey } from '../lib/protocol/trust.ts';

const WIDTH = 6;
const RUN = 32;
const LIMIT_SIZES_BYTES = 16 * 1024 * 1024;
const KEPT = /(?:^|\/)cases\/at\/([1-9][0-9]{0,15})$/;

/** What a folder picker hands over. */
export interface PickedFile {
  readonly webkitRelativePath: string;
  readonly size: number;
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
}

/** The leaves one after the other, and the bytes of kept checkpoints by size. */
export function createLeaves(data: Bytes, notes: ReadonlyMap<number, Bytes>): Leaves {
  return {
    size: Math.floor(data.length / LEAF_BYTES),
    readLeaf: (index) => data.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES),
    kept: [...notes.keys()].sort((a, b) => a - b),
    readKept: (size) => parseNote(notes.get(size) ?? new Uint8Array(0)),
  };
}

/** The copy in a mirror's folder (spec/log.md). Throws UnavailableError "leaves-missing" when it holds none. */
export async function readCopy(files: readonly PickedFile[]): Promise<Leaves> {
  const leaves = files.find(({ webkitRelativePath: path }) => path.endsWith('cases/leaves.bin'));
  if (leaves === undefined) throw new UnavailableError('leaves-missing');
  const notes = new Map<number, Bytes>();
  for (const file of files) {
    const size = KEPT.exec(file.webkitRelativePath)?.[1];
    if (size !== undefined && file.size <= LIMIT_NOTE_BYTES) notes.set(Number(size), await readBytes(file));
  }
  return createLeaves(await readBytes(leaves), notes);
}

/**
 * All leaves as they are now. Of the checkpoints, whole runs of 32: the last, and those after each leaf that `find` names; the
 * server learns no leaf. Throws those of `openCheckpoint`, `parseBundle`; UnavailableError "network".
 */
export async function fetchCopy(api: Api, trust: Trust, find: (leaves: Leaves) => readonly number[]): Promise<Leaves> {
  const get = async (path: string, limitBytes = LIMIT_NOTE_BYTES) =>
    (await api.get(`log/cases/${path}`, { limitBytes })).body;
  const { size } = openCheckpoint(parseNote(await get('checkpoint')), findCasesKey(trust.policy));
  const widths = Array.from({ length: Math.ceil(size / TILE_WIDTH) }, (_, i) =>
    Math.min(TILE_WIDTH, size - i * TILE_WIDTH),
  );
  const bundles = await mapParallel(
    widths.map((width, index) => ({ index, width })),
    WIDTH,
    async ({ index, width }) => {
      const path = encodeTilePath({ level: null, index, width });
      return joinBytes(...parseBundle(await get(path, TILE_WIDTH * (LEAF_BYTES + 2)), width));
    },
  );
  const data = joinBytes(...bundles);
  const sizes = parseSizes(await get('at', LIMIT_SIZES_BYTES)).filter((kept) => kept <= size);
  const wanted = chooseRuns(sizes, find(createLeaves(data, new Map())));
  const notes = await mapParallel(wanted, WIDTH, async (kept) => [kept, await get(`at/${kept}`)] as const);
  return createLeaves(data, new Map(notes));
}

/** The last run, and for each index the run of the first checkpoint above it and the one after. */
function chooseRuns(sizes: readonly number[], indexes: readonly number[]): number[] {
  const places = indexes.map((index) => sizes.findIndex((size) => size > index)).filter((place) => place >= 0);
  const runs = new Set(places.flatMap((place) => [Math.floor(place / RUN), Math.floor(place / RUN) + 1]));
  if (sizes.length)
    runs.add(Math.floor((sizes.length - 1) / RUN)).add(Math.max(0, Math.floor((sizes.length - 1) / RUN) - 1));
  return [...runs].sort((a, b) => a - b).flatMap((run) => sizes.slice(run * RUN, (run + 1) * RUN));
}

export async function readBytes(file: { readonly arrayBuffer: () => Promise<ArrayBuffer> }): Promise<Bytes> {
  return new Uint8Array(await file.arrayBuffer());
}
