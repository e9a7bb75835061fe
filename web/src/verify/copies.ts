/** Copies of the case log to judge with: a mirror's folder, or fetched now. Nothing in them is believed before it is checked. */
import { type Api, mapParallel } from '../lib/api/http.ts';
import { fetchRun } from '../lib/api/kept_dates.ts';
import { type Bytes, joinBytes } from '../lib/protocol/bytes.ts';
import { RUN, openCheckpoint, parseSizes } from '../lib/protocol/checkpoint.ts';
import { UnavailableError } from '../lib/protocol/errors.ts';
import { LEAF_BYTES } from '../lib/protocol/leaf.ts';
import { LIMIT_NOTE_BYTES, type Note, parseNote } from '../lib/protocol/note.ts';
import { type Hit, type Leaves, searchLeaves } from '../lib/protocol/scan.ts';
import { TILE_WIDTH, encodeTilePath, parseBundle } from '../lib/protocol/tiles.ts';
import { type Trust, findCasesKey } from '../lib/protocol/trust.ts';

const WIDTH = 6;
/** Of a folder more is read at once: opening a file costs little, opening tens of thousands does. */
const FOLDER_RUN = 64;
const LIMIT_SIZES_BYTES = 16 * 1024 * 1024;
const KEPT = /(?:^|\/)cases\/at\/([1-9][0-9]{0,15})$/;

/** What a folder picker hands over. */
export interface PickedFile {
  readonly webkitRelativePath: string;
  readonly size: number;
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
}

/** Leaves whose checkpoints are loaded by whole runs, as far as they are asked for. */
export interface Copy extends Leaves {
  /** Loads what was asked for and was not there, or a part of it; false when nothing was. */
  readonly loadMore?: () => Promise<boolean>;
}

interface Kept {
  readonly sizes: readonly number[];
  readonly run: number;
  /** The checkpoints of these sizes, each opened when it is asked for. */
  readonly load: (sizes: readonly number[]) => Promise<readonly (() => Note)[]>;
}

/** The copy in a mirror's folder (spec/log.md). Throws UnavailableError "leaves-missing" when it holds none. */
export async function readCopy(
  files: readonly PickedFile[],
  names: readonly string[],
  run: number = FOLDER_RUN,
): Promise<Copy> {
  const leaves = files.find(({ webkitRelativePath: path }) => path.endsWith('cases/leaves.bin'));
  if (leaves === undefined) throw new UnavailableError('leaves-missing');
  const kept = new Map<number, PickedFile>();
  for (const file of files) {
    const size = KEPT.exec(file.webkitRelativePath)?.[1];
    if (size !== undefined && file.size <= LIMIT_NOTE_BYTES) kept.set(Number(size), file);
  }
  const load = (wanted: readonly number[]) =>
    mapParallel(wanted, WIDTH, async (size) => {
      const data = await readBytes(kept.get(size) as PickedFile);
      return () => parseNote(data);
    });
  const sizes = [...kept.keys()].sort((a, b) => a - b);
  return loadCopy(await readBytes(leaves), { sizes, run, load }, names);
}

/**
 * All leaves as they are now. Of the checkpoints, whole runs of 32: the last, and those after each leaf behind one of `names`; the
 * server learns no leaf. Throws those of `openCheckpoint`, `parseBundle`; UnavailableError "network".
 */
export async function fetchCopy(api: Api, trust: Trust, names: readonly string[]): Promise<Copy> {
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
  const sizes = parseSizes(await get('at', LIMIT_SIZES_BYTES)).filter((kept) => kept <= size);
  const load = async (run: readonly number[]) => (await fetchRun(get, run)).map((note) => () => note);
  return loadCopy(joinBytes(...bundles), { sizes, run: RUN, load }, names);
}

/** `sizes` cut into runs. */
export function cutRuns(sizes: readonly number[], length: number): (readonly number[])[] {
  return Array.from({ length: Math.ceil(sizes.length / length) }, (_, i) => sizes.slice(i * length, (i + 1) * length));
}

/** Judges with what is loaded, and again while that asked for more: after an outage of the cosigners a date may stand far away. */
export async function judgeWhole<Result>(copy: Copy | undefined, judge: (leaves?: Leaves) => Result): Promise<Result> {
  let result = judge(copy);
  while (await copy?.loadMore?.()) result = judge(copy);
  return result;
}

async function loadCopy(data: Bytes, { sizes, run, load }: Kept, names: readonly string[]): Promise<Copy> {
  const notes = new Map<number, () => Note>();
  const runs = cutRuns(sizes, run);
  const missing = new Set<number>();
  const loadRuns = async (places: Iterable<number>) => {
    const wantedRuns = [...places].flatMap((place) => (runs[place] === undefined ? [] : [runs[place]]));
    const fresh = wantedRuns.filter(([first]) => first !== undefined && !notes.has(first));
    const loaded = await mapParallel(fresh, WIDTH, load);
    for (const [place, wanted] of fresh.entries()) {
      for (const [i, note] of (loaded[place] ?? []).entries()) notes.set(wanted[i] ?? 0, note);
    }
  };
  let known: { readonly asked: string; readonly hits: readonly Hit[] } | null = null;
  const copy = {
    size: Math.floor(data.length / LEAF_BYTES),
    readLeaf: (index: number) => data.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES),
    kept: sizes,
    readKept(size: number) {
      const open = notes.get(size);
      if (open !== undefined) return open();
      missing.add(size);
      throw new UnavailableError('leaves-missing');
    },
    search(digests: readonly string[]) {
      const asked = digests.join(' ');
      known = known?.asked === asked ? known : { asked, hits: searchLeaves(copy, digests) };
      return known.hits;
    },
    async loadMore() {
      if (missing.size === 0) return false;
      const places = [...missing].map((size) => Math.floor(sizes.indexOf(size) / run));
      missing.clear();
      await loadRuns(new Set([Math.min(...places), Math.max(...places)]));
      return true;
    },
  };
  const places = copy.search(names).map(([index]) => index);
  await loadRuns(chooseRuns(sizes, places, run));
  return copy;
}

/** The last two runs, and for each index the run of the first checkpoint above it and the one after. */
function chooseRuns(sizes: readonly number[], indexes: readonly number[], length: number): Set<number> {
  const places = indexes.map((index) => sizes.findIndex((size) => size > index)).filter((place) => place >= 0);
  const last = Math.floor((sizes.length - 1) / length);
  const around = places.flatMap((place) => [Math.floor(place / length), Math.floor(place / length) + 1]);
  return new Set(sizes.length > 0 ? [...around, last, Math.max(0, last - 1)] : []);
}

export async function readBytes(file: { readonly arrayBuffer: () => Promise<ArrayBuffer> }): Promise<Bytes> {
  return new Uint8Array(await file.arrayBuffer());
}
