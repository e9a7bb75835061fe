/** Opened rooms, dated by the log and folded: status, due dates, who reads since when. Needs an updated case log. */
import type { Connection } from '../api/connection.ts';
import { includesId } from '../protocol/access.ts';
import { type Bytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import { PlaintError, VerificationError } from '../protocol/errors.ts';
import { type Pack, computeDue, computeLimit } from '../protocol/packs.ts';
import { DUTIES, type Duty } from '../protocol/room.ts';
import { checkClock, checkDues } from '../protocol/state.ts';
import { type CaseState, type Grant, foldCase } from './docket.ts';
import type { DatedEntry } from './entries.ts';
import type { Obligation } from './obligations.ts';
import type { OpenedEntry, OpenedRoom } from './rooms.ts';
import type { Alarm, DueView } from './types.ts';

/** What the log says of one entry. */
export interface LogFacts {
  readonly loggedAt: number | null;
  /** The date of each of its leaves, null for one that has none yet. */
  readonly dates: readonly (number | null)[];
  /** Whether the token leaf stands in the log; null for kinds without one and while the entry itself waits. */
  readonly tokenLogged: boolean | null;
}

/** A room with the dates of its entries, in their order. */
export interface DatedRoom {
  readonly room: OpenedRoom;
  readonly facts: readonly LogFacts[];
}

export async function dateRoom(connection: Connection, room: OpenedRoom, signal?: AbortSignal): Promise<DatedRoom> {
  const facts: LogFacts[] = [];
  for (const entry of room.entries) facts.push(await dateEntry(connection, entry, signal));
  const entries = room.entries.map((entry, i) => dateAuthor(connection, entry, facts[i]?.loggedAt ?? null));
  return { room: { ...room, entries }, facts };
}

/** The entry, as a former member's when its key had ended at its logged date. */
function dateAuthor({ view }: Connection, entry: OpenedEntry, loggedAt: number | null): OpenedEntry {
  const { author, signer, authorship } = entry;
  if (author?.who !== 'member' || signer === null || (authorship !== 'proved' && authorship !== 'own')) return entry;
  return view.counted(author.id, signer, loggedAt) ? entry : { ...entry, authorship: 'former' };
}

async function dateEntry({ leaves }: Connection, entry: OpenedEntry, signal?: AbortSignal): Promise<LogFacts> {
  const dates: (number | null)[] = [];
  const found = entry.leaves.map((leaf) => leaves.find(leaf));
  for (const index of found) dates.push(index === null ? null : await leaves.computeDate(index, signal));
  const [content = null, token] = found;
  return {
    loggedAt: dates[0] ?? null,
    dates,
    tokenLogged: content === null || token === undefined ? null : token !== null,
  };
}

/** The entries of a room as the docket folds them. */
export function listDated({ room, facts }: DatedRoom): DatedEntry[] {
  return room.entries.map((entry, i) => mix(room, entry, facts[i]));
}

/**
 * The state of the case in `rooms`, the reporter's first; `begin` is when the report arrived, if known. Whoever is named as let in and
 * has no place in a room's slot set was given no key to it.
 */
export function foldRooms(
  connection: Connection,
  rooms: readonly [DatedRoom, ...DatedRoom[]],
  begin: number | null,
): CaseState {
  const [main] = rooms;
  const state = foldCase(rooms.flatMap(listDated), {
    pack: connection.view.pack(main.room.manifest.pack),
    begin: begin ?? main.room.opening.at,
    now: connection.now(),
    graceS: connection.trust.graceS,
  });
  const isPlaced = ({ room: id, member }: Grant) =>
    rooms.some(
      ({ room }) => equalBytes(room.id, id) && room.roster.delivered.some((one) => equalBytes(one.id, member)),
    );
  return { ...state, grants: state.grants.filter(isPlaced) };
}

/** Every date of a case; what the log holds and the room, read after date and grace, does not is *withheld* (spec/receipt.md). */
export async function listDueViews(
  { leaves, trust, view }: Connection,
  room: OpenedRoom,
  { obligations }: CaseState,
  signal?: AbortSignal,
): Promise<DueView[]> {
  const pack = view.pack(room.manifest.pack);
  const views: DueView[] = [];
  for (const duty of obligations) {
    const { kind, at, state, metAt } = duty;
    const promised = DUTIES.find((one) => one === kind);
    const shown = room.entries.some(({ header, content }) => header.kind === kind && content !== null);
    const open = promised !== undefined && (state === 'open' || state === 'missed') && !shown;
    const index = open ? leaves.findToken(readDueHash(room, promised)) : null;
    const date = index === null ? null : await leaves.computeDate(index, signal);
    const withheld = isWithheld(date, at + trust.graceS, room.state.at);
    const facts = showDuty(pack, duty);
    views.push({ kind, at, state: withheld ? 'withheld' : state, doneAt: withheld ? date : metAt, duty: facts });
  }
  return views;
}

/** Whether a room read at `readAt` must show what was logged at `date`: what was read before proves nothing about the server. */
export function isWithheld(date: number | null, last: number, readAt: number): date is number {
  return date !== null && readAt >= Math.max(date, last);
}

function showDuty(pack: Pack, { kind, start, begun, extension, escalated }: Obligation): DueView['duty'] {
  const rule = pack.duties.find((duty) => duty.kind === kind);
  if (rule === undefined) return null;
  const { count, unit, met, by, extend, source, checkedOn } = rule;
  const most = rule.extend === null ? null : computeLimit(pack, rule, start, rule.extend);
  return {
    ...{ kind, start, begun, extension, escalated, most },
    ...{ count, unit, from: rule.start, met, by, extend, source, checkedOn },
  };
}

/** H(token) that meets a duty, from the header of `open`. */
export function readDueHash({ entries }: OpenedRoom, kind: Duty): Bytes {
  const open = entries[0]?.header.open;
  if (!open) throw new VerificationError('room-manifest');
  return open[kind];
}

/** Whether of the independents to whom a report promised itself none is left: nobody is let in by a missed date. */
function isUnwatched({ view }: Connection, { manifest, roster, keptOut }: OpenedRoom): boolean {
  const promised = roster.held.filter(({ id }) => !includesId(keptOut, id));
  return manifest.label === 'reporter' && promised.length > 0 && !promised.some(({ id }) => view.active(id));
}

/** Everything that does not hold in one room and is shown: clocks apart, a log that stands still, moved dates, lying slots. */
export async function listAlarms(
  connection: Connection,
  { room, facts }: DatedRoom,
  begin: number | null,
  signal?: AbortSignal,
): Promise<Alarm[]> {
  const { label } = room.manifest;
  const alarms: Alarm[] = room.problems.map(({ code, detail }) => ({ code, detail, room: label }));
  if (isUnwatched(connection, room)) alarms.push({ code: 'room-unwatched', detail: '', room: label });
  const note = async (check: () => void | Promise<void>) => {
    try {
      await check();
    } catch (error) {
      if (!isJudged(error)) throw error;
      alarms.push({ code: error.code, detail: error.detail, room: label });
    }
  };
  await note(() => {
    checkClock(room.state, connection.findReadAt(room.state), connection.view.state.clock.tick);
  });
  await note(() => connection.checkFresh(room.state, signal));
  await note(() => {
    checkPromise(connection, room, begin ?? room.opening.at);
    checkBegin(room.opening.at, facts[0]?.loggedAt ?? null, computePatience(connection));
  });
  const missing = findMissing(facts, room.opening.at, connection.now() - computePatience(connection));
  if (missing !== null) alarms.push({ code: 'leaf-missing', detail: String(missing), room: label });
  return alarms;
}

/** For how long a leaf may wait for the log and its cosigners, however the clock was set. */
function computePatience({ view, trust }: Connection): number {
  return Math.max(...view.listWindows(view.size)) + trust.graceS;
}

/** Checks that the report was logged soon after it arrived, by the server's own word. Throws VerificationError "state-due". */
export function checkBegin(begin: number, loggedAt: number | null, patienceS: number): void {
  if (loggedAt !== null && (loggedAt < begin || loggedAt > begin + patienceS)) throw new VerificationError('state-due');
}

/**
 * The seq of an entry with a leaf that must be there by now and is not, or null: one that was written before `last`, because a later
 * entry was logged before that, or because the report arrived before that.
 */
export function findMissing(facts: readonly Pick<LogFacts, 'dates'>[], begin: number, last: number): number | null {
  let writtenBy = Infinity;
  for (const [seq, { dates }] of [...facts.entries()].reverse()) {
    const known = dates.filter((date) => date !== null);
    writtenBy = Math.min(writtenBy, ...known, seq === 0 ? begin : Infinity);
    if (known.length < dates.length && writtenBy < last) return seq;
  }
  return null;
}

/** Checks that the dates in the state note are those of the channel's pack. Throws VerificationError "state-due". */
export function checkPromise(connection: Connection, room: OpenedRoom, begin: number): void {
  if (begin !== room.opening.at) throw new VerificationError('state-due');
  const due = computeDue(connection.view.pack(room.manifest.pack), begin);
  const expected = due.map(({ kind, at }) => ({ kind, at, hash: readDueHash(room, kind) }));
  const met = room.entries.map(({ header }) => header.kind);
  checkDues(room.state, expected, met);
}

/** Brings the log up to now; what does not hold there is an alarm, and dates stay unknown. */
export async function updateLeaves(
  connection: Connection,
  since: number,
  onProgress?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<Alarm[]> {
  try {
    await connection.leaves.update(since, { onProgress, signal });
    return [];
  } catch (error) {
    if (!isJudged(error)) throw error;
    return [{ code: error.code, detail: error.detail, room: 'reporter' }];
  }
}

/** Whether an error says that what came does not hold, and not that nothing came. */
function isJudged(error: unknown): error is PlaintError {
  return error instanceof PlaintError && ['malformed', 'verification'].includes(error.family);
}

function mix(room: OpenedRoom, entry: OpenedEntry, facts: LogFacts | undefined): DatedEntry {
  const { header, hash, content, author, authorship } = entry;
  return {
    room: room.id,
    label: room.manifest.label,
    seq: header.seq,
    kind: header.kind,
    hash,
    author: author && (author.who === 'holder' ? 'holder' : author.id),
    proved: authorship,
    loggedAt: facts?.loggedAt ?? null,
    content,
    until: header.until ?? null,
  };
}

/** The short form of a room's id for people. */
export function makeHandle(room: Bytes): string {
  return encodeHex(room).slice(0, 6).toUpperCase();
}
