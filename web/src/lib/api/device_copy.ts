/**
 * The case log as this device keeps it between visits, so that nobody reads it twice. Everybody may read the log: it is not sealed.
 *
 * Nothing here is believed: leaves count once they stand under a signed root, notes once their signatures are checked.
 */
import { type Bytes, encodeHex, equalBytes, joinBytes } from '../protocol/bytes.ts';
import { openCheckpoint } from '../protocol/checkpoint.ts';
import { PlaintError } from '../protocol/errors.ts';
import { computeSha256 } from '../protocol/hashes.ts';
import { LEAF_BYTES } from '../protocol/leaf.ts';
import { type Note, type VerifierKey, encodeNote, parseNote } from '../protocol/note.ts';
import { TILE_WIDTH } from '../protocol/tiles.ts';
import { LogCopy } from './log_copy.ts';
import { pause } from './pause.ts';

/** A place on this device for bytes. */
export interface Shelf {
  readonly read: (name: string) => Promise<Bytes | null>;
  readonly write: (name: string, data: Bytes) => Promise<void>;
}

const PART_LEAVES = 64 * TILE_WIDTH;
const PAUSE_LEAVES = 2_048;

/** What was kept: leaves, and how many of them the last checkpoint seen vouched for. */
export interface Held {
  readonly copy: LogCopy;
  readonly vouched: number;
}

export class DeviceCopy {
  readonly #shelf: Shelf;
  readonly #log: VerifierKey;
  readonly #name: string;
  /** How many leaves are kept. */
  #size = 0;

  constructor(shelf: Shelf, log: VerifierKey) {
    this.#shelf = shelf;
    this.#log = log;
    this.#name = `log-${encodeHex(computeSha256(log.public)).slice(0, 32)}`;
  }

  /** What is kept and whole, or null: then the log is read from its beginning. */
  async load(): Promise<Held | null> {
    const parts: Bytes[] = [];
    for (;;) {
      const part = await this.#shelf.read(`${this.#name}/${parts.length}`);
      if (part !== null) parts.push(part);
      if (part?.length !== PART_LEAVES * LEAF_BYTES) break;
    }
    const data = joinBytes(...parts);
    if (data.length === 0 || data.length % LEAF_BYTES !== 0) return null;
    const copy = new LogCopy();
    for (let at = 0; at < data.length; at += LEAF_BYTES) {
      copy.append(data.slice(at, at + LEAF_BYTES));
      if (copy.size % PAUSE_LEAVES === 0) await pause();
    }
    this.#size = copy.size;
    return { copy, vouched: await this.#findVouched(copy) };
  }

  /** Keeps the leaves, once enough came, and the checkpoint that vouches for all of them, if one does. */
  async save(copy: LogCopy, note: Note | null): Promise<void> {
    if (copy.base > 0 || Math.floor(copy.size / TILE_WIDTH) === Math.floor(this.#size / TILE_WIDTH)) return;
    for (let part = Math.floor(this.#size / PART_LEAVES); part * PART_LEAVES < copy.size; part++) {
      const end = Math.min(copy.size, (part + 1) * PART_LEAVES);
      await this.#shelf.write(`${this.#name}/${part}`, copy.leaves(part * PART_LEAVES, end));
    }
    this.#size = copy.size;
    if (note !== null) await this.#shelf.write(`${this.#name}/checkpoint`, encodeNote(note));
  }

  /** What was kept after `size` did not fit, and is written anew. */
  cut(size: number): void {
    this.#size = Math.min(this.#size, size);
  }

  readRun(name: string): Promise<Bytes | null> {
    return this.#shelf.read(`${this.#name}/${name}`);
  }

  writeRun(name: string, data: Bytes): Promise<void> {
    return this.#shelf.write(`${this.#name}/${name}`, data);
  }

  /** The size of the kept checkpoint, if the log signed it over these very leaves; what was damaged here accuses nobody. */
  async #findVouched(copy: LogCopy): Promise<number> {
    const data = await this.#shelf.read(`${this.#name}/checkpoint`);
    try {
      if (data === null) return 0;
      const { size, root } = openCheckpoint(parseNote(data), this.#log);
      return size <= copy.size && equalBytes(copy.rootAt(size), root) ? size : 0;
    } catch (error) {
      if (error instanceof PlaintError) return 0;
      throw error;
    }
  }
}
