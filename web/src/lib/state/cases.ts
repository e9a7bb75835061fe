/** The rooms a member can read, kept open while signed in, grouped into cases. */
import type { Connection } from '../api/connection.ts';
import { createLine } from '../api/line.ts';
import { HASH_BYTES } from '../protocol/hashes.ts';
import { type Bytes, encodeHex, equalBytes, joinBytes, readU64 } from '../protocol/bytes.ts';
import { PlaintError, RefusedError, VerificationError } from '../protocol/errors.ts';
import { type MemberKeys, computeRoomKeys } from '../protocol/keys.ts';
import { LABELS, type Label } from '../protocol/room.ts';
import type { Slot } from '../protocol/slots.ts';
import { dateRoom } from './casework.ts';
import {
  type OpenedRoom,
  belongsTo,
  checkExtends,
  checkLifted,
  listAccess,
  checkTold,
  createMemberEyes,
  isMembersRoom,
  isSigned,
  openRoom,
} from './rooms.ts';
import type { Place, StreamStore } from './stream_store.ts';

const HEADS_AT_ONCE = 256;
const HEAD_BYTES = 8 + HASH_BYTES;

/** A reporter's room and the rooms below it that this member can read. */
export interface Case {
  readonly room: OpenedRoom;
  readonly others: readonly OpenedRoom[];
}

export function listRooms({ room, others }: Case): readonly OpenedRoom[] {
  return [room, ...others];
}

export function findRoom(found: Case, label: Label): OpenedRoom | null {
  return listRooms(found).find(({ manifest }) => manifest.label === label) ?? null;
}

/** What could not be read: the room and the code that says why. */
export interface Unreadable {
  readonly room: Bytes;
  readonly code: string;
}

export class Cases {
  readonly #connection: Connection;
  readonly #keys: MemberKeys;
  readonly #store: StreamStore;
  readonly #rooms = new Map<string, OpenedRoom>();
  /** How many entries the directory had by which each room was judged. */
  readonly #judgedBy = new Map<string, number>();
  readonly #gone = new Set<string>();
  readonly #line = createLine();
  unreadable: readonly Unreadable[] = [];

  constructor(connection: Connection, keys: MemberKeys, store: StreamStore) {
    this.#connection = connection;
    this.#keys = keys;
    this.#store = store;
  }

  /** Every case that this member can read; only rooms that changed are read again. */
  async list(signal?: AbortSignal, onProgress?: (done: number, total: number) => void): Promise<Case[]> {
    const groups = this.#store.listOpen().filter(([slot]) => slot && !this.#gone.has(encodeHex(slot.room)));
    const slots = await this.#choose(groups, signal);
    const stale = await this.#findStale(slots, signal);
    const unreadable: Unreadable[] = [];
    let done = 0;
    for (const slot of stale) {
      try {
        await this.#readSlot(slot, signal);
      } catch (error) {
        if (!(error instanceof PlaintError) || error.family === 'unavailable' || error.code === 'cancelled')
          throw error;
        // A room that is gone or was sealed wrongly is one room's trouble; nobody else's suffers from it. What was read of it before
        // must not pass for what it is now.
        this.#rooms.delete(encodeHex(slot.room));
        unreadable.push({ room: slot.room, code: error.code });
      }
      onProgress?.(++done, stale.length);
    }
    const strange = [...this.#rooms.values()].filter((room) => !this.#hasPlace(room));
    this.unreadable = [...unreadable, ...strange.map(({ id }) => ({ room: id, code: 'room-child' }))];
    return this.#group();
  }

  /**
   * The case of a reporter's room, its rooms read anew. Throws RefusedError "not-found"; VerificationError with the code of what does not
   * hold in the room as it is given out now, such as "state-fork".
   */
  async open(id: string, signal?: AbortSignal): Promise<Case> {
    const known = await this.list(signal);
    const found = known.find(({ room }) => encodeHex(room.id) === id);
    const code = this.unreadable.find(({ room }) => encodeHex(room) === id)?.code ?? 'not-found';
    if (found === undefined) throw code === 'not-found' ? new RefusedError(code) : new VerificationError(code);
    return this.date(found, signal);
  }

  /** The case by the log as it was last read: a room is no members' that one opened, and nobody is told of by a notice signed, with a key that had ended. */
  async date(found: Case, signal?: AbortSignal): Promise<Case> {
    if (found.others.length === 0) return found;
    const { room } = await dateRoom(this.#connection, found.room, signal);
    const others: OpenedRoom[] = [];
    for (const other of found.others) others.push((await dateRoom(this.#connection, other, signal)).room);
    const strange = others.filter((other) => !belongsTo(room, other));
    this.unreadable = [...this.unreadable, ...strange.map(({ id }) => ({ room: id, code: 'room-child' }))];
    const own = others.filter((other) => belongsTo(room, other));
    return { room, others: own.map((other) => withProblems(room, other)) };
  }

  /** Reads a room again. Throws VerificationError "state-fork" when something seen before is gone: an alarm. */
  async reread(room: OpenedRoom, signal?: AbortSignal): Promise<OpenedRoom> {
    return this.#read(room.id, room.secret, signal);
  }

  /** Reads the room of a slot. Throws as `reread`; RefusedError "not-found". */
  async readRoom(id: Bytes, signal?: AbortSignal): Promise<OpenedRoom | null> {
    const groups = this.#store.listOpen().filter(([slot]) => slot !== undefined && equalBytes(slot.room, id));
    const [slot] = await this.#choose(groups, signal);
    return slot ? this.#readSlot(slot, signal) : null;
  }

  /** The rooms that opened when they were listed last, by the hex of their ids. */
  get readable(): ReadonlySet<string> {
    const unreadable = new Set(this.unreadable.map(({ room }) => encodeHex(room)));
    return new Set([...this.#rooms.keys()].filter((room) => !unreadable.has(room)));
  }

  /** Rooms that members opened below a report that is not open here. */
  get orphans(): readonly OpenedRoom[] {
    const below = [...this.#rooms.values()].filter(isMembersRoom);
    return below.filter(({ manifest: { parent } }) => parent !== null && !this.#rooms.has(encodeHex(parent)));
  }

  /** What a room was when this device read it, or is by a notice in a case or a room below it; null when nobody told. */
  findPlace(room: string): Place | null {
    return this.#store.places.get(room) ?? this.#listTold().get(room) ?? null;
  }

  /** Leaves out a room from now on: it was erased, and that was checked. */
  drop(room: Bytes): void {
    this.#gone.add(encodeHex(room));
    this.#rooms.delete(encodeHex(room));
    this.unreadable = this.unreadable.filter((one) => !equalBytes(one.room, room));
  }

  forget(): void {
    this.#rooms.clear();
  }

  /** One slot of each group: the one whose key is the room's, by one question for all of them; false ones may be many. */
  async #choose(groups: readonly Slot[][], signal?: AbortSignal): Promise<Slot[]> {
    const several = groups.filter((group) => group.length > 1).flat();
    const right = new Set<Slot>();
    for (let at = 0; at < several.length; at += HEADS_AT_ONCE) {
      const group = several.slice(at, at + HEADS_AT_ONCE);
      const asked = group.map(({ room, secret }) => ({ id: room, cap: computeRoomKeys(secret ?? room).cap }));
      const heads = await this.#fetchHeads(asked, signal);
      for (const [i, slot] of group.entries()) if (heads[i]?.entries) right.add(slot);
    }
    return groups.flatMap((group) => group.find((slot) => right.has(slot)) ?? group[0] ?? []);
  }

  #readSlot({ room, secret }: Slot, signal?: AbortSignal): Promise<OpenedRoom> {
    if (secret === null) throw new RefusedError('not-found');
    return this.#read(room, secret, signal);
  }

  #read(id: Bytes, secret: Bytes, signal?: AbortSignal): Promise<OpenedRoom> {
    return this.#line(() => this.#readNow(id, secret, signal));
  }

  async #readNow(id: Bytes, secret: Bytes, signal?: AbortSignal): Promise<OpenedRoom> {
    const { view } = this.#connection;
    const { answer, state } = await this.#connection.readRoom(id, computeRoomKeys(secret).cap, signal);
    const room = openRoom({ answer, state, secret }, createMemberEyes(this.#keys.id, this.#keys, view), view);
    const name = encodeHex(id);
    const seen = this.#store.heads.get(name);
    if (seen) checkExtends(room, seen.entries, seen.hash);
    this.#store.heads.set(name, { entries: state.entries, hash: state.head });
    this.#rooms.set(name, room);
    this.#judgedBy.set(name, view.size);
    const { parent, label } = room.manifest;
    if (parent === null || isMembersRoom(room)) {
      this.#store.places.set(name, { parent: parent && encodeHex(parent), label });
    }
    return room;
  }

  #listTold(): Map<string, Place> {
    const above = this.orphans.flatMap(({ manifest: { parent } }) => (parent ? [encodeHex(parent)] : []));
    const tops = [...this.#rooms.values()].filter(({ manifest }) => manifest.parent === null);
    return new Map<string, Place>([
      ...tops.flatMap((top) =>
        listTold(top).map(({ id, label }) => [id, { parent: encodeHex(top.id), label }] as const),
      ),
      ...above.map((id) => [id, { parent: null, label: 'reporter' }] as const),
    ]);
  }

  /** Rooms that are not open yet, were read long ago or by an older directory, or have another head than when they were read. */
  async #findStale(slots: readonly Slot[], signal?: AbortSignal): Promise<Slot[]> {
    const open = slots.flatMap((slot) => {
      const name = encodeHex(slot.room);
      const room = this.#rooms.get(name);
      // A directory that has grown may know a key that it did not.
      const isJudged = this.#judgedBy.get(name) === this.#connection.view.size;
      const known = room && isJudged && !this.#connection.isOld(room.state);
      return known ? [{ slot, room }] : [];
    });
    const changed = new Set<Slot>(slots);
    for (let at = 0; at < open.length; at += HEADS_AT_ONCE) {
      const group = open.slice(at, at + HEADS_AT_ONCE);
      const heads = await this.#fetchHeads(
        group.map(({ room }) => room),
        signal,
      );
      for (const [i, { slot, room }] of group.entries()) {
        const head = heads[i];
        if (head?.entries === room.state.entries && equalBytes(head.hash, room.head)) changed.delete(slot);
      }
    }
    return [...changed];
  }

  async #fetchHeads(rooms: readonly { readonly id: Bytes; readonly cap: Bytes }[], signal?: AbortSignal) {
    const body = joinBytes(...rooms.flatMap(({ id, cap }) => [id, cap]));
    const answer = await this.#connection.api.send('POST', 'heads', body, { signal });
    if (answer.length !== rooms.length * HEAD_BYTES) throw new VerificationError('heads-size');
    return rooms.map((_, i) => ({
      entries: readU64(answer, i * HEAD_BYTES),
      hash: answer.slice(i * HEAD_BYTES + 8, (i + 1) * HEAD_BYTES),
    }));
  }

  /** Whether a room is a report, or may stand below the one above it. */
  #hasPlace(room: OpenedRoom): boolean {
    const { parent } = room.manifest;
    const above = parent && this.#rooms.get(encodeHex(parent));
    return parent === null || (above ? belongsTo(above, room) : isMembersRoom(room));
  }

  #group(): Case[] {
    const rooms = [...this.#rooms.values()];
    const tops = rooms.filter(({ manifest }) => manifest.parent === null && manifest.label === 'reporter');
    return tops.map((room) => {
      const below = rooms.filter(({ manifest }) => manifest.parent !== null && equalBytes(manifest.parent, room.id));
      const own = below.filter((other) => belongsTo(room, other));
      return { room, others: own.map((other) => withProblems(room, other)) };
    });
  }
}

/** The rooms besides the report of which members told the reporter in it. */
export function listTold({ entries }: OpenedRoom): { readonly id: string; readonly label: Label }[] {
  return entries.filter(isSigned).flatMap(({ content }) => {
    const notice = content?.kind === 'entry' ? content.notice : null;
    // Whoever gives a room a name that is none hides it from nobody.
    const label = LABELS.find((one) => one === notice?.label) ?? 'internal';
    return notice ? [{ id: encodeHex(notice.room), label }] : [];
  });
}

/** Whom the report keeps out, every other room keeps out too, and who else reads one is told of. */
function withProblems(main: OpenedRoom, other: OpenedRoom): OpenedRoom {
  const first = main.entries[0]?.content;
  if (first?.kind !== 'open') return other;
  const known = new Set(other.problems.map(({ code, detail }) => `${code} ${detail}`));
  const found = [...checkLifted(first.access, listAccess(other.entries)), ...checkTold(main, other)];
  const fresh = found.filter(({ code, detail }) => !known.has(`${code} ${detail}`));
  return fresh.length ? { ...other, problems: [...other.problems, ...fresh] } : other;
}
