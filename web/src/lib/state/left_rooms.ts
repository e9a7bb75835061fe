/** Rooms of a case whose report was erased by two who could not both read them: they stay until two who can erase them. */
import { type Bytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import { type Ground, NOTHING_SAID } from '../protocol/content.ts';
import { ConflictError, RefusedError } from '../protocol/errors.ts';
import type { Connection } from '../api/connection.ts';
import type { View } from '../api/view.ts';
import type { Hands } from './acting.ts';
import type { Cases } from './cases.ts';
import { type DatedRoom, dateRoom, listDated, makeHandle } from './casework.ts';
import type { ErasedRooms } from './erased_rooms.ts';
import { type Wish, findRefusal, findWish, readWish, sendOnce, showWish } from './erasing.ts';
import { blocksErasure, foldHolds } from './holds.ts';
import { type OpenedRoom, isMembersRoom } from './rooms.ts';
import type { LeftRoomView, SendOptions } from './types.ts';
import { showEntries } from './views.ts';

/** Those that this member reads, as rooms and erased ones were read last. */
export async function showLeft(
  connection: Connection,
  { orphans }: Cases,
  erased: ErasedRooms,
  me: Bytes,
  signal?: AbortSignal,
): Promise<LeftRoomView[]> {
  const found: LeftRoomView[] = [];
  for (const room of listLeft(orphans, erased)) {
    const dated = await dateRoom(connection, room, signal);
    if (isMembersRoom(dated.room)) found.push(show(connection, dated, me));
  }
  return found;
}

/** Signs the first half. Throws RefusedError "not-found", "erase-held", "erase-waiting"; "erase-alone" where nobody else can sign. */
export async function askLeft(
  hands: Hands,
  erased: ErasedRooms,
  id: string,
  ground: Ground,
  text: string | null,
  options: SendOptions,
): Promise<void> {
  const dated = await find(hands, erased, id, options);
  checkAsk(dated, hands.keys.id, hands.connection.view);
  await sendOnce(hands, dated.room, { ...NOTHING_SAID, kind: 'erase', ground, confirms: null, text }, options);
  await hands.cases.reread(dated.room, options.signal);
  await hands.store.save();
}

/**
 * Signs the second half: the room is gone with that. `seen` is the hash of the wish that was read. Throws RefusedError "not-found",
 * "erase-held", "erase-nothing", "erase-same"; ConflictError "entry-conflict" when the wish is another one by now.
 */
export async function agreeLeft(
  hands: Hands,
  erased: ErasedRooms,
  id: string,
  seen: string,
  options: SendOptions,
): Promise<void> {
  const dated = await find(hands, erased, id, options);
  const { hash: confirms } = checkAgree(dated, hands.keys.id);
  if (encodeHex(confirms) !== seen) throw new ConflictError('entry-conflict');
  await sendOnce(hands, dated.room, { ...NOTHING_SAID, kind: 'erase', ground: null, confirms }, options);
}

function listLeft(orphans: readonly OpenedRoom[], erased: ErasedRooms): OpenedRoom[] {
  return orphans.filter(({ manifest: { parent } }) => parent !== null && erased.has(encodeHex(parent)));
}

async function find({ connection, cases }: Hands, erased: ErasedRooms, id: string, { signal }: SendOptions) {
  const room = listLeft(cases.orphans, erased).find((one) => encodeHex(one.id) === id);
  if (room === undefined) throw new RefusedError('not-found');
  const dated = await dateRoom(connection, await cases.reread(room, signal), signal);
  if (!isMembersRoom(dated.room)) throw new RefusedError('not-found');
  return dated;
}

function show({ view }: Connection, dated: DatedRoom, me: Bytes): LeftRoomView {
  const { room } = dated;
  const { parent, label } = room.manifest;
  const top = parent ?? room.id;
  const wish = readWish(room.keptOut, dated);
  return {
    id: encodeHex(room.id),
    handle: makeHandle(room.id),
    label,
    case: encodeHex(top),
    caseHandle: makeHandle(top),
    readers: room.access.granted.map((id) => view.name(id)),
    entries: showEntries(view, dated, me),
    erasing: wish && showWish(view, wish, me, true),
    erase: { ask: findRefusal(() => checkAsk(dated, me, view)), agree: findRefusal(() => checkAgree(dated, me)) },
  };
}

export function checkAsk(dated: DatedRoom, me: Bytes, view: Pick<View, 'active'>): void {
  checkHeld(dated);
  const { room } = dated;
  if (room.access.granted.every((id) => equalBytes(id, me) || !view.active(id))) throw new RefusedError('erase-alone');
  if (findWish(room.keptOut, dated) !== null) throw new RefusedError('erase-waiting');
}

function checkAgree(dated: DatedRoom, me: Bytes): Wish {
  checkHeld(dated);
  const wish = findWish(dated.room.keptOut, dated);
  if (wish === null) throw new RefusedError('erase-nothing');
  if (equalBytes(wish.member, me)) throw new RefusedError('erase-same');
  return wish;
}

function checkHeld(dated: DatedRoom): void {
  if (blocksErasure(foldHolds(listDated(dated)))) throw new RefusedError('erase-held');
}
