/**
 * The case log as a client keeps it: copied from some place on, checked against cosigned roots, searched at home.
 *
 * Asking the server about one leaf would tell which report somebody holds; so all leaves are downloaded, checkpoints in runs of 32,
 * and everything is looked up here.
 */
import { type Bytes, equalBytes, readU32 } from '../protocol/bytes.ts';
import { type Checkpoint, openCheckpoint, parseSizes } from '../protocol/checkpoint.ts';
import { VerificationError } from '../protocol/errors.ts';
import { computeTokenHash } from '../protocol/leaf.ts';
import { Frontier } from '../protocol/merkle.ts';
import { LIMIT_NOTE_BYTES, type Note, parseNote } from '../protocol/note.ts';
import type { LogProof } from '../protocol/proof.ts';
import type { Leaves } from '../protocol/scan.ts';
import { TILE_WIDTH, computeInclusion } from '../protocol/tiles.ts';
import { type Trust, findCasesKey } from '../protocol/trust.ts';
import { DeviceCopy, type Shelf } from './device_copy.ts';
import type { Api } from './http.ts';
import { KeptDates } from './kept_dates.ts';
import { createLine } from './line.ts';
import { LogCopy } from './log_copy.ts';
import { pause } from './pause.ts';
import { type PullOptions, fetchBundleHashes, pullLeaves } from './pulling.ts';

const DATING = 8;
const TILE_HEIGHT = 8;
const PAUSE_LEAVES = 2_048;
const LIMIT_SIZES_BYTES = 16 * 1024 * 1024;

/** A checked copy of the case log; `update` brings it up to now. */
export class CaseLeaves {
  readonly #api: Api;
  readonly #trust: Trust;
  readonly #device: DeviceCopy | null;
  readonly #dates: KeptDates;
  readonly #line = createLine();
  #copy: LogCopy | null = null;
  /** Up to where a checkpoint vouched for the copy when it was whole. */
  #vouched = 0;
  #indexed = 0;
  /** First indexes, by 48 bits of the leaf and of its token hash: small for a log of years, and looked at again when found. */
  readonly #byLeaf = new Map<number, number>();
  readonly #byToken = new Map<number, number>();

  /** With a `shelf` what was read stays on this device. */
  constructor(api: Api, trust: Trust, shelf: Shelf | null = null) {
    this.#api = api;
    this.#trust = trust;
    this.#device = shelf && new DeviceCopy(shelf, findCasesKey(trust.policy));
    this.#dates = new KeptDates((path, limit, signal) => this.#get(path, limit, signal), trust, this.#device);
  }

  get size(): number {
    return this.#copy?.size ?? 0;
  }

  /**
   * Brings the copy to the newest checkpoint; the first time it begins before leaf `since`, which need not be there yet. What was read when it was stopped is
   * not read again. Throws VerificationError "log-fork" when the log is not what it was, grown; those of `openCheckpoint`.
   */
  update(since = 0, options: PullOptions = {}): Promise<Checkpoint> {
    return this.#line(() => this.#update(since, options));
  }

  async #update(since: number, options: PullOptions): Promise<Checkpoint> {
    const { signal } = options;
    const note = parseNote(await this.#get('checkpoint', LIMIT_NOTE_BYTES, signal));
    const checkpoint = openCheckpoint(note, findCasesKey(this.#trust.policy));
    const copy = (this.#copy ??= await this.#begin(Math.max(0, Math.min(since, checkpoint.size) - 1), signal));
    if (checkpoint.size < this.#vouched) throw new VerificationError('log-fork');
    if (checkpoint.size < copy.size) this.#cut(copy);
    let whole = false;
    try {
      await this.#pull(copy, checkpoint, options);
      whole = true;
    } finally {
      await this.#device?.save(copy, whole ? note : null);
    }
    this.#vouched = checkpoint.size;
    await this.#index(copy);
    this.#dates.take(parseSizes(await this.#get('at', LIMIT_SIZES_BYTES, signal)));
    return checkpoint;
  }

  /** Pulls; what no whole copy stood under before and does not fit is thrown away and read again, once. */
  async #pull(copy: LogCopy, checkpoint: Checkpoint, options: PullOptions): Promise<void> {
    const pull = async () => {
      await pullLeaves((path, limit, signal) => this.#get(path, limit, signal), copy, checkpoint, options);
      if (!equalBytes(copy.rootAt(checkpoint.size), checkpoint.root)) throw new VerificationError('log-fork');
    };
    try {
      await pull();
    } catch (error) {
      const begun = copy.size > Math.max(this.#vouched, copy.base);
      if (!(error instanceof VerificationError && error.code === 'log-fork' && begun)) throw error;
      this.#cut(copy);
      await pull();
    }
  }

  #cut(copy: LogCopy): void {
    copy.truncate(Math.max(this.#vouched, copy.base));
    this.#device?.cut(copy.size);
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
    return this.computeDateOfSize(index + 1, signal);
  }

  /** The proof with the earliest date for leaf `index` and that date, or null while no quorum has vouched for it. */
  async prove(index: number, signal?: AbortSignal): Promise<{ proof: LogProof; date: number } | null> {
    const copy = this.#copy;
    const dated = copy && (await this.#dates.findDated(copy, index + 1, signal));
    if (!copy || !dated) return null;
    const hashes = computeInclusion(copy.read, index, dated.size);
    return { proof: { index, hashes, note: dated.note }, date: dated.date };
  }

  /** This copy as something a verifier may search, with the checkpoints after each of `indexes` and the last ones. */
  async openCopy(indexes: readonly number[], signal?: AbortSignal): Promise<Leaves> {
    const copy = this.#copy;
    if (copy === null) throw new VerificationError('leaves-missing');
    const wanted = indexes.flatMap((index) => this.#dates.list(copy, index).slice(0, DATING));
    for (const size of [...wanted, ...this.#dates.list(copy).slice(-DATING)])
      await this.#dates.read(copy, size, signal);
    const notes = new Map<number, Note>(this.#dates.listDated(copy).map(({ size, note }) => [size, note]));
    const before = new Frontier();
    for (const hash of copy.read(1, 0, copy.base / TILE_WIDTH)) before.append(hash, TILE_HEIGHT);
    return {
      first: copy.base,
      before: before.nodes,
      size: copy.size,
      readLeaf: (index) => copy.leaf(index),
      kept: [...notes.keys()],
      readKept: (size) => {
        const found = notes.get(size);
        if (found === undefined) throw new VerificationError('leaves-missing');
        return found;
      },
    };
  }

  /** The date of the first checkpoint at or after `size` that has one, or null. */
  async computeDateOfSize(size: number, signal?: AbortSignal): Promise<number | null> {
    const dated = this.#copy && (await this.#dates.findDated(this.#copy, size, signal));
    return dated?.date ?? null;
  }

  /** What this device kept, or the tile that holds leaf `since`, with the hashes of all full tiles before it. */
  async #begin(since: number, signal?: AbortSignal): Promise<LogCopy> {
    const held = await this.#device?.load();
    this.#vouched = held?.vouched ?? 0;
    if (held) return held.copy;
    const tiles = Math.floor(since / TILE_WIDTH);
    const get = (path: string, limit: number) => this.#get(path, limit, signal);
    return new LogCopy(tiles * TILE_WIDTH, await fetchBundleHashes(get, 0, tiles, signal));
  }

  async #index(copy: LogCopy): Promise<void> {
    for (; this.#indexed < copy.size; this.#indexed++) {
      if (this.#indexed < copy.base) this.#indexed = copy.base;
      const leaf = copy.leaf(this.#indexed);
      const [name, token] = [readKey(leaf.subarray(1)), readKey(computeTokenHash(leaf))];
      if (!this.#byLeaf.has(name)) this.#byLeaf.set(name, this.#indexed);
      if (!this.#byToken.has(token)) this.#byToken.set(token, this.#indexed);
      if (this.#indexed % PAUSE_LEAVES === 0) await pause();
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
