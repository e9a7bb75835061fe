/** The rooms this member could read that two members erased; nothing is believed of a room that is merely not shown. */
import type { Connection } from '../api/connection.ts';
import { type Bytes, encodeHex } from '../protocol/bytes.ts';
import { PlaintError } from '../protocol/errors.ts';
import type { Cases } from './cases.ts';
import { makeHandle } from './casework.ts';
import { readErased } from './erased.ts';
import type { StreamStore } from './stream_store.ts';
import type { ErasedRoomView } from './types.ts';

/** Kept while signed in. A room whose two signatures were checked never comes back, so it is not asked for again. */
export class ErasedRooms {
  readonly #connection: Connection;
  readonly #cases: Cases;
  readonly #store: StreamStore;
  readonly #known = new Map<string, ErasedRoomView>();

  constructor(connection: Connection, cases: Cases, store: StreamStore) {
    this.#connection = connection;
    this.#cases = cases;
    this.#store = store;
  }

  /** Those whose signatures were checked, the latest first. */
  list(): ErasedRoomView[] {
    return [...this.#known.values()].sort((a, b) => (b.loggedAt ?? Infinity) - (a.loggedAt ?? Infinity));
  }

  ids(): Iterable<string> {
    return this.#known.keys();
  }

  has(id: string): boolean {
    return this.#known.has(id);
  }

  /**
   * Looks what became of rooms that are not found, and of those whose certificate lacks a proof. Throws UnavailableError and
   * RefusedError "cancelled"; whatever else does not check leaves the room as one that cannot be read.
   */
  async update(signal?: AbortSignal): Promise<void> {
    const missing = new Set(
      this.#cases.unreadable.filter(({ code }) => code === 'not-found').map(({ room }) => encodeHex(room)),
    );
    for (const [id, { complete }] of this.#known) if (!complete) missing.add(id);
    for (const slots of this.#store.listOpen()) {
      const [first] = slots;
      if (first === undefined || !missing.has(encodeHex(first.room))) continue;
      for (const { room, epoch, secret } of slots) {
        if (secret !== null && (await this.#look(room, epoch, secret, signal))) break;
      }
    }
  }

  async #look(room: Bytes, epoch: number, secret: Bytes, signal?: AbortSignal): Promise<boolean> {
    try {
      const found = await readErased(this.#connection, { room, epoch, secret }, signal);
      if (found === null) return false;
      this.#known.set(encodeHex(room), { ...found, id: encodeHex(room), handle: makeHandle(room) });
      this.#cases.drop(room);
      return true;
    } catch (error) {
      if (!(error instanceof PlaintError) || error.family === 'unavailable' || error.code === 'cancelled') throw error;
      return false;
    }
  }
}
