/** Rooms that somebody let this member into without the report above them: read and written here, and without a date. */
import type { Connection } from '../api/connection.ts';
import { type Bytes, encodeHex } from '../protocol/bytes.ts';
import { RefusedError } from '../protocol/errors.ts';
import { type Hands, addMessage } from './acting.ts';
import type { Cases } from './cases.ts';
import { type DatedRoom, dateRoom, listAlarms, makeHandle } from './casework.ts';
import type { ErasedRooms } from './erased_rooms.ts';
import { type OpenedRoom, isMembersRoom } from './rooms.ts';
import type { AloneRoomView, SendOptions } from './types.ts';
import { showEntries } from './views.ts';

/** Those that this member reads, as rooms and erased ones were read last. */
export async function showAlone(
  connection: Connection,
  { orphans }: Cases,
  erased: ErasedRooms,
  me: Bytes,
  signal?: AbortSignal,
): Promise<AloneRoomView[]> {
  const found: AloneRoomView[] = [];
  for (const room of listAlone(orphans, erased)) {
    const dated = await dateRoom(connection, room, signal);
    if (isMembersRoom(dated.room)) found.push(await show(connection, dated, me, signal));
  }
  return found;
}

/** Throws RefusedError "not-found"; those of `addMessage`. */
export async function writeAlone(
  hands: Hands,
  erased: ErasedRooms,
  id: string,
  text: string,
  files: readonly File[],
  options: SendOptions,
): Promise<void> {
  const room = listAlone(hands.cases.orphans, erased).find((one) => encodeHex(one.id) === id);
  const dated = room && (await dateRoom(hands.connection, room, options.signal));
  if (!dated || !isMembersRoom(dated.room)) throw new RefusedError('not-found');
  await addMessage(hands, dated.room, text, files, options);
}

function listAlone(orphans: readonly OpenedRoom[], erased: ErasedRooms): OpenedRoom[] {
  return orphans.filter(({ manifest: { parent } }) => parent !== null && !erased.has(encodeHex(parent)));
}

async function show(connection: Connection, dated: DatedRoom, me: Bytes, signal?: AbortSignal): Promise<AloneRoomView> {
  const [{ view }, { room }] = [connection, dated];
  const { parent, label } = room.manifest;
  const author = room.entries[0]?.author;
  return {
    id: encodeHex(room.id),
    handle: makeHandle(room.id),
    label,
    caseHandle: makeHandle(parent ?? room.id),
    by: author?.who === 'member' ? view.name(author.id) : '',
    readers: room.access.granted.map((one) => view.name(one)),
    entries: showEntries(view, dated, me),
    alarms: await listAlarms(connection, dated, null, signal),
  };
}
