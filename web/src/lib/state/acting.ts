/** Everything a member writes: sealed behind the newest entry, and again when somebody else was first. */
import type { Connection, Sent } from '../api/connection.ts';
import type { SessionSource } from '../api/session.ts';
import { includesId, sortIds } from '../protocol/access.ts';
import { type Writer, createMemberWriter } from '../protocol/authorship.ts';
import { equalBytes, parseHex } from '../protocol/bytes.ts';
import { type Attachment, type Content, type Granted, NOTHING_SAID, PLAIN_ENTRY } from '../protocol/content.ts';
import { ConflictError, RefusedError, UnavailableError, VerificationError } from '../protocol/errors.ts';
import { HASH_BYTES, randomBytes } from '../protocol/hashes.ts';
import { listRing } from '../protocol/ring.ts';
import { type MemberKeys, computeRoomKeys } from '../protocol/keys.ts';
import { type Label, SESSION_KINDS, type Until } from '../protocol/room.ts';
import { openSlot, splitSlotSet } from '../protocol/slots.ts';
import type { Write } from '../protocol/write.ts';
import { type Case, type Cases, findRoom } from './cases.ts';
import { dateRoom } from './casework.ts';
import { type OpenedRoom, belongsTo, checkGrant, isErasing, isMembersRoom, isUntold } from './rooms.ts';
import { sendFiles, sendPatiently } from './sending.ts';
import type { StreamStore } from './stream_store.ts';
import type { SendOptions } from './types.ts';
import { type NewRoom, type SealedWrite, makeManifest, sealEntry, sealOpen, sealSlots } from './writing.ts';

const TRIES = 3;

export interface Hands {
  readonly connection: Connection;
  readonly keys: MemberKeys;
  readonly session: SessionSource;
  readonly cases: Cases;
  readonly store: StreamStore;
}

/** Adds one entry to a room. Throws as `sendPatiently`; ConflictError "entry-conflict" when others are always faster. */
export async function addEntry(
  hands: Hands,
  room: OpenedRoom,
  content: Content,
  options: SendOptions,
  until?: Until,
): Promise<void> {
  await send(hands, room, (fresh, writer) => sealEntry(fresh, content, writer, until), options);
}

/** Adds a message with files, which go up first under the room's capability. */
export async function addMessage(
  hands: Hands,
  room: OpenedRoom,
  text: string,
  list: readonly File[],
  options: SendOptions,
): Promise<void> {
  const { connection } = hands;
  const files = await sendFiles(connection, list, connection.admitByRoom(room.id, room.cap), options);
  try {
    await addEntry(hands, room, makeMessage(text, files.attachments), options);
  } catch (error) {
    await files.discard();
    throw error;
  }
}

/**
 * Lets a member into the room with this label and, where the reporter cannot see that room, tells her; where only that was cut off, it
 * tells her. Throws RefusedError "grant-conflict" for somebody excluded, "grant-roster" for somebody without a place in the slot set, "grant-left", "grant-already".
 */
export async function grantAccess(
  hands: Hands,
  found: Case,
  label: Label | 'other',
  id: string,
  options: SendOptions,
): Promise<void> {
  const room = label === 'other' ? null : findRoom(found, label);
  if (room === null || label === 'other') throw new RefusedError('not-found');
  const member = parseHex(id, 16);
  const name = hands.connection.view.name(member);
  if (!isUntold(found.room, room, member)) {
    checkGrant(room, member, hands.connection.view);
    await sendGrant(hands, room, { member, name }, options);
  }
  if (equalBytes(room.id, found.room.id)) return;
  const notice = { type: 'access', room: room.id, label, member, name } as const;
  await addEntry(hands, found.room, { ...PLAIN_ENTRY, notice }, options);
}

async function sendGrant(hands: Hands, room: OpenedRoom, granted: Granted, options: SendOptions): Promise<void> {
  await send(
    hands,
    room,
    (fresh, writer) => {
      const access = { ...fresh.access, granted: sortIds([...fresh.access.granted, granted.member]) };
      return sealSlots(fresh, { ...NOTHING_SAID, kind: 'slots', access, granted }, writer);
    },
    options,
  );
}

/** The internal room of a case, made if need be; two members can never make two. Throws as `openOnly`. */
export async function openInternal(hands: Hands, found: Case, options: SendOptions): Promise<OpenedRoom> {
  const known = findRoom(found, 'internal');
  if (known !== null) return known;
  const room = await openOnly(hands, prepareInternal(hands, found), options);
  if (!belongsTo(found.room, room)) throw new VerificationError('room-child');
  return room;
}

/**
 * Opens a room of which a case has one, or reads the one that somebody else opened first. Throws UnavailableError "room-pending" when this
 * member's slot of that is still on its way; VerificationError "room-child" when it is no room that a member opened.
 */
export async function openOnly(hands: Hands, fresh: NewRoom, options: SendOptions): Promise<OpenedRoom> {
  const { connection, keys, store, cases, session } = hands;
  const { write } = sealOpen(fresh, createMemberWriter(keys.id, keys.sign));
  const post = async (one: Write) =>
    connection.send(one, { session: await session(options.signal), signal: options.signal });
  let id = write.header.room;
  try {
    await sendPatiently(write, () => Promise.resolve(write), post, options, connection);
    const slots = splitSlotSet(write.slots);
    const own = listRing(keys).flatMap(({ age }) => slots.map((slot) => openSlot(age, slot, keys.id)));
    store.add(own.filter((slot) => slot !== null));
    await store.save();
  } catch (error) {
    if (!(error instanceof ConflictError) || error.code !== 'room-unique') throw error;
    id = parseHex(error.detail, HASH_BYTES);
  }
  const found = await cases.readRoom(id, options.signal);
  if (found === null) throw new UnavailableError('room-pending');
  const { room } = await dateRoom(connection, found, options.signal);
  if (!isMembersRoom(room)) throw new VerificationError('room-child');
  return room;
}

export function makeMessage(text: string, attachments: readonly Attachment[] = []): Content {
  return { ...PLAIN_ENTRY, text: text || null, attachments };
}

function prepareInternal({ connection: { view }, keys }: Hands, { room: parent }: Case): NewRoom {
  const { channel } = parent.manifest;
  const secret = randomBytes(32);
  const manifest = makeManifest(view, { channel, secret, label: 'internal', holder: null, parent: parent.id });
  const roster = view.roster(channel, manifest.roster);
  const places = roster.delivered.map(({ id }) => id).filter((id) => !includesId(parent.keptOut, id));
  // An independent who was let in by a missed date stands in no list of the parent.
  const granted = sortIds([...parent.access.granted, keys.id]).filter((id) => includesId(places, id));
  const access = { granted, conflicted: parent.keptOut, excluded: [] };
  const unique = computeRoomKeys(parent.secret).computeChild('internal');
  return {
    secret,
    manifest,
    roster,
    access,
    text: null,
    lang: null,
    people: [],
    attachments: [],
    unique,
    holder: null,
  };
}

/** Seals behind the newest entry and sends; when somebody else was first, reads and seals again. */
async function send(
  { connection, keys, session, cases, store }: Hands,
  first: OpenedRoom,
  seal: (room: OpenedRoom, writer: Writer) => SealedWrite,
  options: SendOptions,
): Promise<Sent> {
  const writer = createMemberWriter(keys.id, keys.sign);
  let room = first;
  for (let tries = 1; ; tries++) {
    options.onProgress?.({ step: 'sealing' });
    const { write } = seal(room, writer);
    const signed = SESSION_KINDS.includes(write.header.kind) || isErasing(room);
    const { cap } = room;
    const post = async (one: Write) =>
      connection.send(one, { cap, session: signed ? await session(options.signal) : null, signal: options.signal });
    try {
      const sent = await sendPatiently(write, () => Promise.resolve(write), post, options, connection);
      await cases.reread(room, options.signal);
      await store.save();
      return sent;
    } catch (error) {
      const overtaken = error instanceof ConflictError && error.code === 'entry-conflict';
      if (!overtaken || tries === TRIES) throw error;
      room = await cases.reread(room, options.signal);
    }
  }
}
