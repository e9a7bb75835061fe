/** Kept checkpoints of the case log and the dates that a quorum gave them, read in runs and opened one by one. */
import { type Bytes, equalBytes } from '../protocol/bytes.ts';
import { LIMIT_RUN_BYTES, RUN, encodeRun, parseCheckpoint, parseRun } from '../protocol/checkpoint.ts';
import { MalformedError, PlaintError, RefusedError, VerificationError } from '../protocol/errors.ts';
import type { Note } from '../protocol/note.ts';
import { computeDate } from '../protocol/policy.ts';
import { type Trust, findCasesKey } from '../protocol/trust.ts';
import type { DeviceCopy } from './device_copy.ts';
import type { LogCopy } from './log_copy.ts';
import type { Get } from './pulling.ts';

export interface Dated {
  readonly size: number;
  readonly date: number;
  readonly note: Note;
}

/** A note as it came: from the server, or from this device, which nobody vouches for. */
interface Found {
  readonly note: Note;
  readonly kept: boolean;
}

export class KeptDates {
  readonly #get: Get;
  readonly #trust: Trust;
  readonly #device: DeviceCopy | null;
  #sizes: readonly number[] = [];
  readonly #found = new Map<number, Found>();
  readonly #dated = new Map<number, Dated>();

  constructor(get: Get, trust: Trust, device: DeviceCopy | null) {
    this.#get = get;
    this.#trust = trust;
    this.#device = device;
  }

  /** Takes the list of kept checkpoints; those that had no date are asked for again: cosignatures may still come. */
  take(sizes: readonly number[]): void {
    this.#sizes = sizes;
    for (const size of this.#found.keys()) if (!this.#dated.has(size)) this.#found.delete(size);
  }

  /** The sizes after leaf `index` that `copy` reaches. */
  list(copy: LogCopy, index = -1): readonly number[] {
    return this.#sizes.slice(this.#findPlace(index + 1)).filter((size) => size <= copy.size);
  }

  /** The first checkpoint at or after `size` that a quorum has dated. */
  async findDated(copy: LogCopy, size: number, signal?: AbortSignal): Promise<Dated | null> {
    for (let at = this.#findPlace(size); (this.#sizes[at] ?? Infinity) <= copy.size; at++) {
      const dated = await this.read(copy, this.#sizes[at] ?? 0, signal);
      if (dated !== null) return dated;
    }
    return null;
  }

  /** The kept checkpoint of `size`, or null while no quorum has dated it. Throws "log-fork", "run-form"; those of `computeDate`. */
  async read(copy: LogCopy, size: number, signal?: AbortSignal): Promise<Dated | null> {
    const known = this.#dated.get(size);
    if (known !== undefined) return known;
    if (!this.#found.has(size)) await this.#readRun(copy, size, false, signal);
    try {
      const dated = this.#open(copy, size);
      if (dated !== null || this.#found.get(size)?.kept !== true) return dated;
    } catch (error) {
      if (!(error instanceof PlaintError) || this.#found.get(size)?.kept !== true) throw error;
    }
    await this.#readRun(copy, size, true, signal);
    return this.#open(copy, size);
  }

  listDated(copy: LogCopy): Dated[] {
    const found = [...this.#dated.values()].filter(({ size }) => size > copy.base && size <= copy.size);
    return found.sort((a, b) => a.size - b.size);
  }

  #open(copy: LogCopy, size: number): Dated | null {
    const note = this.#found.get(size)?.note;
    if (note === undefined) throw new MalformedError('run-form');
    const { origin, root } = parseCheckpoint(note.text);
    if (origin !== findCasesKey(this.#trust.policy).name) throw new VerificationError('checkpoint-origin');
    // What lies before the copy's beginning can only be compared by those who read it.
    if (size >= copy.base && !equalBytes(copy.rootAt(size), root)) throw new VerificationError('log-fork');
    const date = computeDate(this.#trust.policy, note);
    if (date === null) return null;
    const dated = { size, date, note };
    this.#dated.set(size, dated);
    return dated;
  }

  /** Reads the whole run in which `size` stands, so that nobody learns which one was wanted. */
  async #readRun(copy: LogCopy, size: number, anew: boolean, signal?: AbortSignal): Promise<void> {
    const first = Math.floor(this.#sizes.indexOf(size) / RUN) * RUN;
    const run = this.#sizes.slice(first, first + RUN).filter((one) => one <= copy.size);
    const name = `at/${run[0] ?? size}-${run.at(-1) ?? size}`;
    const held = anew ? null : parseHeld((await this.#device?.readRun(name)) ?? null, run);
    const notes = held ?? (await fetchRun(this.#get, run, signal));
    for (const [i, note] of notes.entries()) this.#found.set(run[i] ?? 0, { note, kept: held !== null });
    // A run that is full stays as it is.
    if (held === null && run.length === RUN) await this.#device?.writeRun(name, encodeRun(notes));
  }

  /** The place of the first checkpoint of at least `size`. */
  #findPlace(size: number): number {
    let [low, high] = [0, this.#sizes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sizes[middle] ?? 0) < size) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * The kept checkpoints of the sizes in `run`; others that were dated since they were listed may stand in between. Throws "run-form", those
 * of `parseNote` and of the line.
 */
export async function fetchRun(get: Get, run: readonly number[], signal?: AbortSignal): Promise<Note[]> {
  try {
    return checkRun(await get(`at/${run[0] ?? 0}-${run.at(-1) ?? 0}`, LIMIT_RUN_BYTES, signal), run);
  } catch (error) {
    const middle = Math.floor(run.length / 2);
    if (!(error instanceof RefusedError) || error.code !== 'not-found' || middle === 0) throw error;
    // So many stand there that they are no run.
    const parts = [run.slice(0, middle), run.slice(middle)];
    return (await Promise.all(parts.map((part) => fetchRun(get, part, signal)))).flat();
  }
}

function checkRun(data: Bytes, run: readonly number[]): Note[] {
  const found = new Map(parseRun(data).map((note) => [parseCheckpoint(note.text).size, note]));
  return run.map((size) => {
    const note = found.get(size);
    if (note === undefined) throw new MalformedError('run-form');
    return note;
  });
}

/** What this device holds of a run, or null when it is of no use. */
function parseHeld(data: Bytes | null, run: readonly number[]): Note[] | null {
  try {
    return data === null ? null : checkRun(data, run);
  } catch (error) {
    if (error instanceof PlaintError) return null;
    throw error;
  }
}
