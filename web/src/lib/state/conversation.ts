/** What a report's words open: the conversation, who reads it since when, what became of each date, the receipt. */
import { downloadFile } from '../api/blobs.ts';
import type { Connection, Sent } from '../api/connection.ts';
import { createLine } from '../api/line.ts';
import { sortIds } from '../protocol/access.ts';
import { type Writer, createHolderWriter } from '../protocol/authorship.ts';
import { type Bytes, encodeHex, equalBytes, parseHex } from '../protocol/bytes.ts';
import { type Attachment, type Content, type Granted, NOTHING_SAID, PLAIN_ENTRY } from '../protocol/content.ts';
import { ConflictError, RefusedError, VerificationError } from '../protocol/errors.ts';
import { type HolderKeys, MEMBER_ID_BYTES, computeCheckWords, computeRoomKeys } from '../protocol/keys.ts';
import { computeContentLeaf } from '../protocol/leaf.ts';
import { HEARD_KINDS } from '../protocol/packs.ts';
import { encodeProof } from '../protocol/proof.ts';
import { type Receipt, encodeReceipt } from '../protocol/receipt.ts';
import { encodeHeader } from '../protocol/room.ts';
import { SLOT_BYTES, computeFullMembers, openSlot } from '../protocol/slots.ts';
import type { RoomAnswer, Write } from '../protocol/write.ts';
import { makeEvent, saveCalendar } from './calendar.ts';
import { type DatedRoom, dateRoom, foldRooms, listAlarms, listDueViews, updateLeaves } from './casework.ts';
import { RECEIPT_NAME, createGuard } from './guard.ts';
import {
  type OpenedRoom,
  checkExtends,
  checkGrant,
  createHolderEyes,
  isErasing,
  listAuthors,
  openRoom,
} from './rooms.ts';
import { saveFile, sendFiles, sendPatiently } from './sending.ts';
import type {
  Alarm,
  Conversation,
  ConversationView,
  ReceiptView,
  SavedFile,
  SendOptions,
  WorkOptions,
} from './types.ts';
import { showAccess, showChannel, showClaims, showEntries, showHolds, showExcluded } from './views.ts';
import { sealEntry, sealSlots } from './writing.ts';

const LOCATOR_ANSWER_BYTES = 32 + SLOT_BYTES;
const TRIES = 3;

/** A report as it was read last; `receipt` when this device has it. */
export interface Reading {
  readonly room: OpenedRoom;
  readonly answer: RoomAnswer;
  readonly receipt: Receipt | null;
}

/** The report of these words. Throws RefusedError "not-found" for words without a report: wrong, elsewhere, or never sent. */
export async function openReport(
  connection: Connection,
  keys: HolderKeys,
  options: WorkOptions = {},
): Promise<Conversation> {
  const { room, answer } = await findReport(connection, keys, options.signal);
  const conversation = await createConversation(connection, keys, { room, answer, receipt: null });
  await conversation.refreshLog(options);
  return conversation;
}

interface OpenConversation extends Conversation {
  /** Reads the log only. */
  readonly refreshLog: (options?: WorkOptions) => Promise<ConversationView>;
}

/** The conversation around a room that was just read, without a look at the log. */
export async function createConversation(
  connection: Connection,
  keys: HolderKeys,
  first: Reading,
): Promise<OpenConversation> {
  let reading = first;
  let logAlarms: readonly Alarm[] = [];
  let view = await show(connection, reading, logAlarms);
  const guard = createGuard();
  const line = createLine();

  const readAgain = (signal?: AbortSignal) =>
    line(async () => {
      const { entries, head } = reading.room.state;
      const found = await findReport(connection, keys, signal);
      checkExtends(found.room, entries, head);
      reading = { ...found, receipt: reading.receipt };
    });

  const refreshLog = async ({ onProgress, signal }: WorkOptions = {}) => {
    const report = (done: number, total: number) => onProgress?.({ step: 'checking', done, total });
    logAlarms = await updateLeaves(connection, reading.room.opening.size, report, signal);
    view = await show(connection, reading, logAlarms, signal);
    return view;
  };

  const refresh = async (options: WorkOptions = {}) => {
    await readAgain(options.signal);
    return refreshLog(options);
  };

  /** What is handed over is judged by the room as it is now; of one that is gone, as it was read last. */
  const readNewest = async (options: WorkOptions) => {
    try {
      await readAgain(options.signal);
    } catch (error) {
      if (!(error instanceof RefusedError && error.code === 'not-found')) throw error;
    }
    await refreshLog(options);
  };

  const write = async (
    make: (attachments: readonly Attachment[]) => Content,
    list: readonly File[],
    options: SendOptions,
  ) => {
    const { id, cap } = reading.room;
    const files = await sendFiles(connection, list, connection.admitByRoom(id, cap), options);
    try {
      options.onProgress?.({ step: 'sealing' });
      await sendEntry(make(files.attachments), options);
    } catch (error) {
      await files.discard();
      throw error;
    }
    return refresh({ ...(options.signal ? { signal: options.signal } : {}) });
  };

  const writerFor = ({ manifest, roster, access }: OpenedRoom) =>
    createHolderWriter(keys.author, listAuthors(computeFullMembers(manifest, roster, access)));

  const sendEntry = (content: Content, options: SendOptions): Promise<Sent> =>
    sendSealed((room) => sealEntry(room, content, writerFor(room)).write, options);

  const letIn = async (id: string, options: SendOptions) => {
    const member = parseHex(id, MEMBER_ID_BYTES);
    const granted = { member, name: connection.view.name(member) };
    await sendSealed((room) => {
      checkGrant(room, member, connection.view);
      return sealLetIn(room, granted, writerFor);
    }, options);
    return refresh({ ...(options.signal ? { signal: options.signal } : {}) });
  };

  /** One that somebody else's entry overtook is sealed again behind it. */
  const sendSealed = async (seal: (room: OpenedRoom) => Write, options: SendOptions): Promise<Sent> => {
    for (let tries = 1; ; tries++) {
      const { room } = reading;
      const sealed = seal(room);
      // The locator says that it is hers, and only where the server must know.
      const locator = isErasing(room) ? keys.locator : null;
      const send = (one: Write) => connection.send(one, { cap: room.cap, locator, signal: options.signal });
      try {
        return await sendPatiently(sealed, () => Promise.resolve(sealed), send, options, connection);
      } catch (error) {
        const overtaken = error instanceof ConflictError && error.code === 'entry-conflict';
        if (!overtaken || tries === TRIES) throw error;
        await readAgain(options.signal);
      }
    }
  };

  return {
    view: () => guard.check(() => view),
    refresh: (options) => guard.run(() => refresh(options)),
    refreshLog: (options) => guard.run(() => refreshLog(options)),
    reply: (text, files, options = {}) =>
      guard.run(() => write((attachments) => ({ ...PLAIN_ENTRY, text, attachments }), files, options)),
    reopen: (reason, options = {}) =>
      guard.run(() => write(() => ({ ...NOTHING_SAID, kind: 'reopen', reason: reason || null }), [], options)),
    letIn: (id, options = {}) => guard.run(() => letIn(id, options)),
    downloadAttachment: (id, options = {}) =>
      guard.run(() => downloadAttachment(connection, [reading.room], id, options)),
    buildReceipt: (options = {}) =>
      guard.run(async () => {
        await readNewest(options);
        const receipt = reading.receipt ?? recoverReceipt(reading);
        const built = await completeReceipt(connection, receipt, options.signal);
        reading = { ...reading, receipt: built.receipt };
        view = await show(connection, reading, logAlarms, options.signal);
        return built.view;
      }),
    buildProof: (options = {}) =>
      guard.run(async () => {
        await readNewest(options);
        const receipt = reading.receipt ?? recoverReceipt(reading);
        const built = await completeReceipt(connection, receipt, options.signal);
        reading = { ...reading, receipt: built.receipt };
        const { buildProof } = await import('./proof.ts');
        return buildProof(connection, built.receipt, reading.answer.note, options.signal);
      }),
    buildCalendar: (summary) =>
      guard.check(() => {
        const owner = { key: keys.locator, room: new Uint8Array(), summary, warned: false };
        const heard = view.due.filter(({ kind }) => HEARD_KINDS.includes(kind));
        return saveCalendar(heard.map((due) => makeEvent(due, owner)));
      }),
    lock: guard.lock,
  };
}

/** A slot set with one reader more, proved to all who can read then. */
function sealLetIn(room: OpenedRoom, granted: Granted, writerFor: (room: OpenedRoom) => Writer): Write {
  const access = { ...room.access, granted: sortIds([...room.access.granted, granted.member]) };
  const content = { ...NOTHING_SAID, kind: 'slots', access, granted } as const;
  return sealSlots(room, content, writerFor({ ...room, access })).write;
}

/** The file of an attachment in one of `rooms`. Throws RefusedError "not-found" and as `downloadFile`. */
export async function downloadAttachment(
  { api, engine }: Connection,
  rooms: readonly OpenedRoom[],
  id: string,
  { onProgress, signal }: WorkOptions,
): Promise<SavedFile> {
  const all = rooms.flatMap(({ entries }) => entries.flatMap(({ content }) => content?.attachments ?? []));
  const item = all.find((attachment) => encodeHex(attachment.id) === id);
  if (item === undefined) throw new RefusedError('not-found');
  const report = (done: number) =>
    onProgress?.({ step: 'file', name: item.name, index: 0, count: 1, done, total: item.size });
  return { name: item.name, blob: await downloadFile(api, engine, item, { signal, onProgress: report }) };
}

/** Where the report of these words is. Throws RefusedError "not-found". */
export async function locateReport(
  connection: Connection,
  keys: HolderKeys,
  signal?: AbortSignal,
): Promise<{ room: Bytes; secret: Bytes }> {
  const headers = { 'plaint-locator': encodeHex(keys.locator) };
  const { body } = await connection.api.get('locator', { headers, limitBytes: LOCATOR_ANSWER_BYTES, signal });
  const id = body.slice(0, 32);
  const slot = openSlot(keys.age, body.slice(32));
  const found = slot && equalBytes(slot.room, id) && equalBytes(slot.org, connection.view.org);
  if (!found || slot.secret === null) throw new RefusedError('not-found');
  return { room: id, secret: slot.secret };
}

/** The room of these words as it is now. Throws RefusedError "not-found"; those of `readRoom`, `openRoom`. */
export async function findReport(
  connection: Connection,
  keys: HolderKeys,
  signal?: AbortSignal,
): Promise<{ room: OpenedRoom; answer: RoomAnswer }> {
  const { room: id, secret } = await locateReport(connection, keys, signal);
  const { answer, state } = await connection.readRoom(id, computeRoomKeys(secret).cap, signal);
  const eyes = createHolderEyes(keys, connection.view);
  return { room: openRoom({ answer, state, secret }, eyes, connection.view), answer };
}

async function show(
  connection: Connection,
  { room, receipt }: Reading,
  logAlarms: readonly Alarm[],
  signal?: AbortSignal,
): Promise<ConversationView> {
  const { view } = connection;
  const begin = receipt && connection.openNote(receipt.note, room.id, { past: true }).at;
  const dated: DatedRoom = await dateRoom(connection, room, signal);
  const state = foldRooms(connection, [dated], begin);
  const due = await listDueViews(connection, room, state, signal);
  const alarms = connection.leaves.size ? await listAlarms(connection, dated, begin, signal) : [];
  const slots = room.entries[0]?.header.slots ?? room.id;
  return {
    organisation: view.state.name,
    channel: view.state.channels.has(room.manifest.channel) ? showChannel(view, room.manifest.channel) : null,
    status: state.status,
    checkWords: (await computeCheckWords(room.id, slots)).split(' '),
    entries: showEntries(view, dated, 'holder'),
    access: showAccess(view, dated, state.grants, due, connection.now()),
    excluded: room.access.excluded.map((one) => showExcluded(view, one)),
    due,
    holds: showHolds(state),
    claims: showClaims(state),
    receivedAt: room.opening.at,
    alarms: [...logAlarms, ...alarms],
  };
}

/** A lost receipt made again: the room still says how its first entry was answered. */
function recoverReceipt({ room, answer }: Reading): Receipt {
  const entry = room.entries[0];
  if (!entry?.opening) throw new VerificationError('room-manifest');
  return { header: entry.header, opening: entry.opening, note: answer.opening, proof: null };
}

/** The receipt with its proof, when the log holds the leaf and a quorum has dated it, else as it was. */
async function completeReceipt(
  connection: Connection,
  receipt: Receipt,
  signal?: AbortSignal,
): Promise<{ receipt: Receipt; view: ReceiptView }> {
  const leaf = computeContentLeaf(receipt.opening, encodeHeader(receipt.header));
  const index = connection.leaves.find(leaf);
  const proved = index === null ? null : await connection.leaves.prove(index, signal);
  const state = connection.openNote(receipt.note, receipt.header.room, { past: true });
  const promised = state.leaves.find((pending) => equalBytes(pending.leaf, leaf));
  const complete = proved ? { ...receipt, proof: encodeProof(proved.proof) } : receipt;
  const view: ReceiptView = {
    state: proved ? 'complete' : 'provisional',
    file: saveFile(RECEIPT_NAME, encodeReceipt(complete)),
    loggedAt: proved?.date ?? null,
    includeBy: proved ? null : (promised?.includeBy ?? null),
  };
  return { receipt: complete, view };
}
