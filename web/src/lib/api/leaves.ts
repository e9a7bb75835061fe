/**
 * The case log as a client keeps it: copied from some place on, checked against cosigned roots, searched at home.
 *
 * Asking the server about one leaf would tell which report somebody holds; so all leaves are downloaded, checkpoints in runs of 32,
 * and everything is looked up here.
 */
import { type Bytes, equalBytes, readU32 } from '../protocol/bytes.ts';
import { type Checkpoint, openCheckpoint, parseSizes } from '../protocol/checkpoint.ts';
import { VerificationError } from '../protocol/errors.ts';
import { LEAF_BYTES, checkLeaf, computeTokenHash } from '../protocol/leaf.ts';
import { Frontier } from '../protocol/merkle.ts';
import { LIMIT_NOTE_BYTES, type Note, parseNote } from '../protocol/note.ts';
import { computeDate } from '../protocol/policy.ts';
import type { LogProof } from '../protocol/proof.ts';
import type { Leaves } from '../protocol/scan.ts';
import { TILE_WIDTH, computeInclusion, encodeTilePath, parseBundle, parseHashes } from '../protocol/tiles.ts';
import { type Trust, findCasesKey } from '../protocol/trust.ts';
import { type Api, mapParallel } from './http.ts';
import { createLine } from './line.ts';
import { LogCopy } from './log_copy.ts';

const RUN = 32;
const DATING = 8;
const TILE_HEIGHT = 8;
const PAUSE_LEAVES = 2_048;
const WIDTH = 6;
const LIMIT_BUNDLE_BYTES = TILE_WIDTH * (LEAF_BYTES + 2);
const LIMIT_SIZES_BYTES = 16 * 1024 * 1024;

export interface UpdateOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of leaves read so far, and all that are to be read. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

interface Dated {
  readonly date: number;
  readonly note: Note;
}

/** A checked copy of the case log; `update` brings it up to now. */
export class CaseLeaves {
  readonly #api: Api;
  readonly #trust: Trust;
  readonly #line = createLine();
  #copy: LogCopy | null = null;
  #sizes: number[] = [];
  /** Kept checkpoints that a quorum has dated, by size. */
  readonly #dated = new Map<number, Dated>();
  /** Those that had no date since the last update; cosignatures may still come. */
  readonly #undated = new Set<number>();
  /** First indexes, by 48 bits of the leaf and of its token hash: small for a log of years, and looked at again when found. */
  readonly #byLeaf = new Map<number, number>();
  readonly #byToken = new Map<number, number>();

  constructor(api: Api, trust: Trust) {
    this.#api = api;
    this.#trust = trust;
  }

  get size(): number {
    return this.#copy?.size ?? 0;
  }

  /**
   * Brings the copy to the newest checkpoint; the first time it begins at or before leaf `since`. Throws VerificationError "log-fork"
   * when the log is not what it was, grown; those of `openCheckpoint`.
   */
  update(since = 0, options: UpdateOptions = {}): Promise<Checkpoint> {
    return this.#line(() => this.#update(since, options));
  }

  async #update(since: number, { signal, onProgress }: UpdateOptions): Promise<Checkpoint> {
    const note = parseNote(await this.#get('checkpoint', LIMIT_NOTE_BYTES, signal));
    const checkpoint = openCheckpoint(note, findCasesKey(this.#trust.policy));
    const copy = (this.#copy ??= await this.#begin(Math.min(since, checkpoint.size), signal));
    if (checkpoint.size < copy.size) throw new VerificationError('log-fork');
    const before = copy.size;
    try {
      await this.#append(copy, checkpoint.size, { signal, onProgress });
      if (!equalBytes(copy.rootAt(checkpoint.size), checkpoint.root)) throw new VerificationError('log-fork');
    } catch (error) {
      copy.truncate(before);
      throw error;
    }
    await this.#index(copy, before);
    this.#undated.clear();
    this.#sizes = parseSizes(await this.#get('at', LIMIT_SIZES_BYTES, signal));
    return checkpoint;
  }

  /** Throws away what was read, so that the next `update` may begin earlier. */
  restart(): void {
    this.#copy = null;
    this.#byLeaf.clear();
    this.#byToken.clear();
  }

  /** The first index of a leaf of 33 bytes, or null. */
  find(leaf: Bytes): number | null {
    return this.#find(this.#byLeaf, leaf.subarray(1), (found) => equalBytes(found, leaf));
  }

  /** The first index of the leaf whose 32 bytes hash to `digest`, or null. */
  findToken(digest: Bytes): number | null {
    return this.#find(this.#byToken, digest, (found) => equalBytes(computeTokenHash(found), digest));
  }

  /** The least time by which a quorum had vouched for leaf `index`, or null when none has yet. */
  async computeDate(index: number, signal?: AbortSignal): Promise<number | null> {
    for await (const { dated } of this.#listDated(index, signal)) return dated.date;
    return null;
  }

  /** The proof with the earliest date for leaf `index` and that date, or null while no quorum has vouched for it. */
  async prove(index: number, signal?: AbortSignal): Promise<{ proof: LogProof; date: number } | null> {
    const copy = this.#copy;
    for await (const { size, dated } of this.#listDated(index, signal)) {
      if (copy === null) return null;
      const hashes = computeInclusion(copy.read, index, size);
      return { proof: { index, hashes, note: dated.note }, date: dated.date };
    }
    return null;
  }

  /** This copy as something a verifier may search, with the checkpoints after each of `indexes` and the last ones. */
  async openCopy(indexes: readonly number[], signal?: AbortSignal): Promise<Leaves> {
    const copy = this.#copy;
    if (copy === null) throw new VerificationError('leaves-missing');
    const sizes = this.#sizes.filter((size) => size <= copy.size);
    const places = indexes.map((index) => sizes.findIndex((size) => size > index)).filter((place) => place >= 0);
    const wanted = [...places.flatMap((place) => sizes.slice(place, place + DATING)), ...sizes.slice(-DATING)];
    for (const size of wanted) await this.#readKept(size, signal);
    const kept = [...this.#dated.keys()].filter((size) => size > copy.base && size <= copy.size).sort((a, b) => a - b);
    const before = new Frontier();
    for (const hash of copy.read(1, 0, copy.base / TILE_WIDTH)) before.append(hash, TILE_HEIGHT);
    return {
      first: copy.base,
      before: before.nodes,
      size: copy.size,
      readLeaf: (index) => copy.leaf(index),
      kept,
      readKept: (size) => {
        const found = this.#dated.get(size);
        if (found === undefined) throw new VerificationError('leaves-missing');
        return found.note;
      },
    };
  }

  /** The date of the first kept checkpoint at or after `size`, or null. */
  async computeDateOfSize(size: number, signal?: AbortSignal): Promise<number | null> {
    const found = this.#sizes.find((kept) => kept >= size && kept <= this.size);
    return found === undefined ? null : ((await this.#readKept(found, signal))?.date ?? null);
  }

  async *#listDated(index: number, signal?: AbortSignal): AsyncGenerator<{ size: number; dated: Dated }> {
    for (const size of this.#sizes) {
      if (size <= index || size > this.size) continue;
      const dated = await this.#readKept(size, signal);
      if (dated) yield { size, dated };
    }
  }

  async #readKept(size: number, signal?: AbortSignal): Promise<Dated | null> {
    if (!this.#dated.has(size) && !this.#undated.has(size)) await this.#fetchRun(size, signal);
    return this.#dated.get(size) ?? null;
  }

  async #fetchRun(size: number, signal?: AbortSignal): Promise<void> {
    const first = Math.floor(this.#sizes.indexOf(size) / RUN) * RUN;
    const run = this.#sizes.slice(first, first + RUN).filter((one) => one <= this.size && !this.#dated.has(one));
    await mapParallel(run, WIDTH, async (one) => {
      const note = parseNote(await this.#get(`at/${one}`, LIMIT_NOTE_BYTES, signal));
      const checkpoint = openCheckpoint(note, findCasesKey(this.#trust.policy));
      if (checkpoint.size !== one || !this.#agrees(checkpoint)) throw new VerificationError('log-fork');
      const date = computeDate(this.#trust.policy, note);
      if (date === null) this.#undated.add(one);
      else this.#dated.set(one, { date, note });
    });
  }

  /** What lies before the copy's beginning can only be compared by those who read it. */
  #agrees({ size, root }: Checkpoint): boolean {
    const copy = this.#copy;
    return copy === null || size < copy.base || equalBytes(copy.rootAt(size), root);
  }

  /** Begins in the tile that holds leaf `since`, with the hashes of all full tiles before it. */
  async #begin(since: number, signal?: AbortSignal): Promise<LogCopy> {
    const tiles = Math.floor(since / TILE_WIDTH);
    const hashes: Bytes[] = [];
    for (let index = 0; index * TILE_WIDTH < tiles; index++) {
      const width = Math.min(TILE_WIDTH, tiles - index * TILE_WIDTH);
      const data = await this.#get(encodeTilePath({ level: 1, index, width }), LIMIT_BUNDLE_BYTES, signal);
      hashes.push(...parseHashes(data, width));
    }
    return new LogCopy(tiles * TILE_WIDTH, hashes);
  }

  async #append(copy: LogCopy, size: number, { signal, onProgress }: UpdateOptions): Promise<void> {
    const [start, first] = [copy.size, Math.floor(copy.size / TILE_WIDTH)];
    const bundles = Array.from({ length: Math.ceil(size / TILE_WIDTH) - first }, (_, i) => first + i);
    const widthOf = (index: number) => Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    for (let at = 0; at < bundles.length; at += WIDTH) {
      const group = bundles.slice(at, at + WIDTH);
      const parts = await mapParallel(group, WIDTH, async (index) => {
        const path = encodeTilePath({ level: null, index, width: widthOf(index) });
        return parseBundle(await this.#get(path, LIMIT_BUNDLE_BYTES, signal), widthOf(index));
      });
      const leaves = parts.flat().slice(at === 0 ? start - first * TILE_WIDTH : 0);
      for (const leaf of leaves) copy.append(checkLeaf(leaf));
      onProgress?.(copy.size - start, size - start);
    }
  }

  async #index(copy: LogCopy, from: number): Promise<void> {
    for (let index = from; index < copy.size; index++) {
      const leaf = copy.leaf(index);
      const [name, token] = [readKey(leaf.subarray(1)), readKey(computeTokenHash(leaf))];
      if (!this.#byLeaf.has(name)) this.#byLeaf.set(name, index);
      if (!this.#byToken.has(token)) this.#byToken.set(token, index);
      if (index % PAUSE_LEAVES === 0) await pause();
    }
  }

  #find(places: ReadonlyMap<number, number>, value: Bytes, is: (leaf: Bytes) => boolean): number | null {
    const [copy, first] = [this.#copy, places.get(readKey(value))];
    if (copy === null || first === undefined) return null;
    // Another leaf may begin alike and stand before it.
    for (let index = first; index < copy.size; index++) if (is(copy.leaf(index))) return index;
    return null;
  }

  async #get(path: string, limitBytes: number, signal?: AbortSignal): Promise<Bytes> {
    return (await this.#api.get(`log/cases/${path}`, { limitBytes, signal })).body;
  }
}

function readKey(data: Bytes): number {
  return readU32(data, 0) * 65_536 + (data[4] ?? 0) * 256 + (data[5] ?? 0);
}

/** Lets the screen draw. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
