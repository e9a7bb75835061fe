/** The rooms this member could read that two members erased; nothing is believed of a room that is merely not shown. */
import type { Connection } from '../api/connection.ts';
import { type Bytes, encodeHex, parseHex } from '../protocol/bytes.ts';
import { PlaintError } from '../protocol/errors.ts';
import { HASH_BYTES } from '../protocol/hashes.ts';
import type { Cases } from './cases.ts';
import { makeHandle } from './casework.ts';
import { readErased } from './erased.ts';
import type { StreamStore } from './stream_store.ts';
import type { Alarm, ErasedRoomView } from './types.ts';

/** Kept while signed in. A room whose two signatures were checked never comes back, so it is not asked for again. */
export class ErasedRooms {
  readonly #connection: Connection;
  readonly #cases: Cases;
  readonly #store: StreamStore;
  readonly #known = new Map<string, Omit<ErasedRoomView, 'place'>>();

  constructor(connection: Connection, cases: Cases, store: StreamStore) {
    this.#connection = connection;
    this.#cases = cases;
    this.#store = store;
  }

  /** Those whose signatures were checked, the latest first. */
  list(): ErasedRoomView[] {
    const all = [...this.#known.values()].sort((a, b) => (b.loggedAt ?? Infinity) - (a.loggedAt ?? Infinity));
    return all.map((room) => ({ ...room, place: this.#showPlace(room.id) }));
  }

  /** Rooms of a case that were erased, whether or not its report was. */
  listBelow(id: string): ErasedRoomView[] {
    return this.list().filter((room) => room.id !== id && room.place?.case === id);
  }

  /** What does not hold in a case whose report is there: rooms of it are gone, by two signatures or by nobody's. */
  listAlarms(id: string): Alarm[] {
    const erased = this.listBelow(id).map((room): Alarm => {
      return { code: 'room-erased', detail: room.id, room: room.place?.label ?? 'internal' };
    });
    const missing = this.#cases.unreadable.flatMap(({ room, code }): Alarm[] => {
      const place = this.#cases.findPlace(encodeHex(room));
      if (code !== 'not-found' || place?.parent !== id) return [];
      return [{ code: 'room-missing', detail: encodeHex(room), room: place.label }];
    });
    return [...erased, ...missing];
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
      for (const { room, secret } of slots) {
        if (secret !== null && (await this.#look(room, secret, signal))) break;
      }
    }
  }

  #showPlace(room: string): ErasedRoomView['place'] {
    const place = this.#cases.findPlace(room);
    const top = place?.parent ?? room;
    return place && { label: place.label, case: top, handle: makeHandle(parseHex(top, HASH_BYTES)) };
  }

  async #look(room: Bytes, secret: Bytes, signal?: AbortSignal): Promise<boolean> {
    try {
      const found = await readErased(this.#connection, { room, secret }, signal);
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
