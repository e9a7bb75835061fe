/** One signed-in member: the queue, cases, everything written. Start at `signIn`. */
import { type Connection, connect } from '../api/connection.ts';
import type { Engine } from '../api/engine.ts';
import type { Api } from '../api/http.ts';
import { createSession, findMember } from '../api/session.ts';
import { createLine } from '../api/line.ts';
import { followTicks, readStream } from '../api/stream.ts';
import { ConflictError, RefusedError } from '../protocol/errors.ts';
import { NOTHING_SAID, PLAIN_ENTRY, isBlank } from '../protocol/content.ts';
import { encodeHex } from '../protocol/bytes.ts';
import { type MemberKeys, computeMemberKeys } from '../protocol/keys.ts';
import { parseWords } from '../protocol/words.ts';
import { type Hands, addEntry, addMessage, grantAccess, openInternal } from './acting.ts';
import { listDeskEvents, saveCalendar } from './calendar.ts';
import { type Case, Cases, listRooms } from './cases.ts';
import { updateLeaves } from './casework.ts';
import { downloadAttachment } from './conversation.ts';
import {
  showCase,
  showEarly,
  showEarlyWatched,
  showQueueItem,
  showUnreadable,
  showWatched,
  sortQueue,
} from './desk_views.ts';
import { ErasedRooms } from './erased_rooms.ts';
import { confirmErasure, proposeErasure } from './erasing.ts';
import { makeExport, showExport } from './exporting.ts';
import { foldDesk } from './folding.ts';
import { listEnding } from './ending.ts';
import { createGuard } from './guard.ts';
import { closeHandling, keepTrue, openHandling } from './handling_rooms.ts';
import { History } from './history.ts';
import { showAlone, writeAlone } from './alone_rooms.ts';
import { agreeLeft, askLeft, showLeft } from './left_rooms.ts';
import { fetchMailWish, setMailAddress } from './mail_wish.ts';
import { redraw } from './picture.ts';
import { recordDeed } from './recording.ts';
import { fetchManifestDigest } from './release.ts';
import { showRetention, sortRetention } from './retention_preview.ts';
import { findRules } from './retention_rules.ts';
import type { Shelf } from './shelf.ts';
import { StreamStore } from './stream_store.ts';
import type {
  Alarm,
  CaseView,
  DeskSession,
  QueueItem,
  QueueOptions,
  QueueView,
  RetentionItem,
  RetentionQuestion,
  SendOptions,
  WorkOptions,
} from './types.ts';
import { showMember, showOrganisation } from './views.ts';
import { judgeWatched, signEvidence } from './watching.ts';

const OLD_VIEW_S = 600;
/** Says nothing of what it is about. */
const MISSED_NAME = 'missed.txt';
/** The desk is served by the organisation alone. */
const OWN_PAGE = { pinned: false, copied: false, single: false };

export interface DeskMeans {
  readonly api: Api;
  readonly engine: Engine;
  readonly shelf: Shelf;
  readonly now: () => number;
}

/**
 * Throws MalformedError "words-…" before anything is sent; RefusedError "member-unknown" when the directory knows no such keys,
 * "member-inactive"; VerificationError "member-keys" and those of the view.
 */
export async function signIn(
  { api, engine, shelf, now }: DeskMeans,
  words: string,
  { onProgress, signal }: WorkOptions,
): Promise<DeskSession> {
  const own = computeMemberKeys((await parseWords(words)).entropy);
  const report = (done: number, total: number) => onProgress?.({ step: 'checking', done, total });
  const digest = fetchManifestDigest();
  const connection = await connect(api, engine, { now, shelf, signal, onProgress: report });
  const keys = checkMember(connection, own);
  const session = createSession(connection, keys, keys.id);
  await session(signal);
  const store = new StreamStore(shelf, keys.cache);
  await store.load();
  const cases = new Cases(connection, keys, store);
  const history = new History(connection, keys, shelf);
  return createDeskSession({ connection, keys, session, cases, store }, history, await digest);
}

function createDeskSession(hands: Hands, history: History, digest: Uint8Array | null): DeskSession {
  const { connection, keys, session, cases, store } = hands;
  const stopAll = new AbortController();
  const guard = createGuard(() => {
    stopAll.abort();
    cases.forget();
    connection.engine.close();
  });
  const line = createLine();
  const erased = new ErasedRooms(connection, cases, store);
  let viewAt = connection.now();
  let logAlarms: readonly Alarm[] = [];

  /** The stream and, now and then, the directory: everything up to now. */
  const readOn = (signal?: AbortSignal) => line(() => readStreamOn(signal));

  const readStreamOn = async (signal?: AbortSignal) => {
    if (connection.now() - viewAt > OLD_VIEW_S) {
      await connection.refreshView(signal);
      checkMember(connection, keys);
      viewAt = connection.now();
    }
    const read = await readStream(connection, keys, session, store.tick, { signal });
    store.add(read.slots);
    store.tick = read.tick;
  };

  const readLog = async ({ onProgress, signal }: WorkOptions) => {
    const report = (done: number, total: number) => onProgress?.({ step: 'log', done, total });
    logAlarms = await updateLeaves(connection, 0, report, signal);
  };

  const loadQueue = async ({ onEarly, ...options }: QueueOptions = {}): Promise<QueueView> => {
    const { onProgress, signal } = options;
    await readOn(signal);
    const report = (done: number, total: number) => onProgress?.({ step: 'checking', done, total });
    const found = await cases.list(signal, report);
    await store.save();
    const findLooked = ({ room }: Case) => store.looked.get(encodeHex(room.id)) ?? 0;
    const times = { readAt: connection.now(), tick: store.tick };
    const early = found.map((one) => showEarly(connection, one, findLooked(one)));
    const seen = store.listWatched(new Set([...cases.readable, ...erased.ids()]));
    onEarly?.({
      items: [...early, ...seen.flatMap(showEarlyWatched)],
      erased: erased.list(),
      left: [],
      alone: [],
      ...times,
      dated: false,
    });
    await readLog(options);
    await erased.update(signal);
    const items: QueueItem[] = [];
    for (const [i, known] of found.entries()) {
      report(i, found.length);
      if (erased.has(encodeHex(known.room.id))) continue;
      const one = await cases.date(known, signal);
      const folded = await foldDesk(connection, one, signal);
      const item = showQueueItem(connection, one, folded, findLooked(one), keys.id);
      items.push({ ...item, alarms: [...item.alarms, ...erased.listAlarms(item.id)] });
    }
    items.push(...cases.unreadable.map(showUnreadable));
    const watched = store.listWatched(new Set([...cases.readable, ...erased.ids()]));
    const own = store.listOpen().flat();
    for (const slots of watched) items.push(showWatched(await judgeWatched(connection, slots, own, signal)));
    const left = await showLeft(connection, cases, erased, keys.id, signal);
    const alone = await showAlone(connection, cases, erased, keys.id, signal);
    return { items: sortQueue(items), erased: erased.list(), left, alone, ...times, dated: true };
  };

  const show = async (id: string, signal?: AbortSignal): Promise<CaseView> => {
    const found = await cases.open(id, signal);
    if (cases.unreadable.length > 0) await erased.update(signal);
    if (erased.has(id)) throw new RefusedError('not-found');
    const view = await showCase(connection, found, await foldDesk(connection, found, signal), keys.id);
    store.looked.set(id, view.entries.length);
    await store.save();
    const gone = erased.listBelow(id);
    return {
      ...view,
      staying: view.staying.filter((room) => !erased.has(room.id)),
      erased: gone,
      alarms: [...logAlarms, ...view.alarms, ...erased.listAlarms(id)],
    };
  };

  /** Reads the case, does something about it, and shows it again. */
  const act = (id: string, options: SendOptions, work: (found: Case) => Promise<void>): Promise<CaseView> =>
    guard.run(async () => {
      await work(await cases.open(id, options.signal));
      logAlarms = await updateLeaves(connection, 0, undefined, options.signal);
      return show(id, options.signal);
    });

  const previewRetention = async ({ under, outcome }: RetentionQuestion, options: WorkOptions) => {
    const { onProgress, signal } = options;
    await readOn(signal);
    await readLog(options);
    const found = await cases.list(signal, (done, total) => onProgress?.({ step: 'checking', done, total }));
    const [rules, now, items] = [findRules(under), connection.now(), [] as RetentionItem[]];
    for (const one of found) {
      const folded = await foldDesk(connection, await cases.date(one, signal), signal);
      items.push(showRetention(one, folded, rules, outcome, now));
    }
    await erased.update(signal);
    const left = (await showLeft(connection, cases, erased, keys.id, signal)).length;
    return { items: sortRetention(items), left, readAt: now };
  };

  const agreeErasure = async (id: string, wish: string, options: SendOptions) => {
    const found = await cases.open(id, options.signal);
    const rooms = new Set(listRooms(found).map(({ id: room }) => encodeHex(room)));
    await confirmErasure(hands, await foldDesk(connection, found, options.signal), wish, options);
    logAlarms = await updateLeaves(connection, 0, undefined, options.signal);
    await cases.list(options.signal);
    await erased.update(options.signal);
    return erased.list().filter((one) => rooms.has(one.id));
  };

  const download = async (id: string, attachment: string, options: WorkOptions) => {
    const left = cases.orphans.filter((room) => encodeHex(room.id) === id);
    const rooms = left.length > 0 ? left : listRooms(await cases.open(id, options.signal));
    return downloadAttachment(connection, rooms, attachment, options);
  };

  return {
    me: showMember(connection.view, keys.id),
    organisation: showOrganisation(connection.view, connection.api.base, OWN_PAGE, digest),
    listEnding: () => guard.check(() => listEnding(connection.view.state, connection.now(), keys.id)),
    loadQueue: (options) => guard.run(() => loadQueue(options)),
    onTick: (listener) => {
      const stop = new AbortController();
      const signal = AbortSignal.any([stop.signal, stopAll.signal]);
      if (!guard.locked()) void followTicks(connection, session, listener, signal);
      return () => {
        stop.abort();
      };
    },
    openCase: (id, options = {}) =>
      guard.run(async () => {
        await readOn(options.signal);
        await readLog(options);
        return show(id, options.signal);
      }),
    acknowledge: (id, text, options = {}) =>
      act(id, options, ({ room }) =>
        addEntry(hands, room, { ...NOTHING_SAID, kind: 'acknowledge', text: text || null }, options),
      ),
    feedback: (id, action, grounds, options = {}) =>
      act(id, options, ({ room }) => {
        if (isBlank(action) || isBlank(grounds)) throw new RefusedError('feedback-blank');
        return addEntry(hands, room, { ...NOTHING_SAID, kind: 'feedback', action, grounds }, options);
      }),
    reply: (id, text, files, options = {}) =>
      act(id, options, ({ room }) => addMessage(hands, room, text, files, options)),
    note: (id, text, files, options = {}) =>
      act(id, options, async (found) => {
        await addMessage(hands, await openInternal(hands, found, options), text, files, options);
      }),
    writeAlone: (id, text, files, options = {}) => guard.run(() => writeAlone(hands, erased, id, text, files, options)),
    grant: (id, label, member, options = {}) =>
      act(id, options, async (found) => {
        const known = keepTrue(found, await foldDesk(connection, found, options.signal));
        await grantAccess(hands, known, label, member, options);
      }),
    record: (id, record, options = {}) =>
      act(id, options, async (found) => {
        const { state } = await foldDesk(connection, found, options.signal);
        await recordDeed(hands, found, state, record, options);
      }),
    close: (id, reason, options = {}) =>
      act(id, options, ({ room }) => addEntry(hands, room, { ...NOTHING_SAID, kind: 'close', reason }, options)),
    confirmClose: (id, options = {}) =>
      act(id, options, async (found) => {
        const { closing } = (await foldDesk(connection, found, options.signal)).state;
        if (closing?.second !== null) throw new ConflictError('close-none');
        const confirms = closing.hash;
        await addEntry(hands, found.room, { ...PLAIN_ENTRY, confirms }, options);
      }),
    reopen: (id, reason, options = {}) =>
      act(id, options, ({ room }) =>
        addEntry(hands, room, { ...NOTHING_SAID, kind: 'reopen', reason: reason || null }, options),
      ),
    openHandling: (id, text, besides, options = {}) =>
      act(id, options, (found) => openHandling(hands, found, text, besides, options)),
    closeHandling: (id, reason, options = {}) =>
      act(id, options, (found) => closeHandling(hands, found, reason, options)),
    signMissed: (id, kind, options = {}) =>
      guard.run(async () => {
        await readOn(options.signal);
        await readLog(options);
        await cases.list(options.signal); // where a key came meanwhile there is nothing to sign
        return { name: MISSED_NAME, blob: new Blob([await signEvidence(hands, id, kind, options.signal)]) };
      }),
    previewRetention: (question, options = {}) => guard.run(() => previewRetention(question, options)),
    askErasure: (id, ground, text, options = {}) =>
      act(id, options, async (found) => {
        const folded = await foldDesk(connection, found, options.signal);
        await proposeErasure(hands, folded, ground, text.trim() || null, options);
      }),
    agreeErasure: (id, wish, options = {}) => guard.run(() => agreeErasure(id, wish, options)),
    askLeft: (id, ground, text, options = {}) =>
      guard.run(() => askLeft(hands, erased, id, ground, text.trim() || null, options)),
    agreeLeft: (id, wish, options = {}) => guard.run(() => agreeLeft(hands, erased, id, wish, options)),
    saveDates: (dated, words) =>
      guard.run(() => Promise.resolve(saveCalendar(listDeskEvents(keys.cache, dated, words)))),
    loadMailWish: () => guard.run(() => fetchMailWish(hands)),
    setMailAddress: (address) => guard.run(() => setMailAddress(hands, address)),
    makeExport: (id, choice, options = {}) =>
      guard.run(async () => {
        const { rooms } = await foldDesk(connection, await cases.open(id, options.signal), options.signal);
        return showExport(makeExport(connection.view, rooms, choice));
      }),
    downloadAttachment: (id, attachment, options = {}) => guard.run(() => download(id, attachment, options)),
    showImage: (id, attachment, options = {}) =>
      guard.run(async () => redraw((await download(id, attachment, options)).blob)),
    listHistory: () => guard.run(() => history.listUnknown()),
    rememberHistory: () => guard.run(() => history.remember()),
    voidKey: () => guard.run(() => history.voidKey()),
    lock: guard.lock,
  };
}

/** Throws as `findMember`, with "member-unknown" for words that are nobody's here. */
function checkMember({ view }: Connection, keys: MemberKeys): MemberKeys {
  try {
    return findMember(view, keys);
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'not-found') throw new RefusedError('member-unknown');
    throw error;
  }
}
