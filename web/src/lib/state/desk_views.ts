/** Cases as the desk shows them: a line of the queue, and one case with its rooms. */
import type { Connection } from '../api/connection.ts';
import { includesId } from '../protocol/access.ts';
import { type Bytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import { computeCheckWords } from '../protocol/keys.ts';
import type { Slot } from '../protocol/slots.ts';
import { type Case, type Unreadable, listRooms } from './cases.ts';
import { type DatedRoom, makeHandle } from './casework.ts';
import type { CaseState } from './docket.ts';
import { showErasing } from './erasing.ts';
import type { FoldedCase } from './folding.ts';
import { findReview } from './holds.ts';
import { findHandling, mayHandle, showHandling } from './handling_rooms.ts';
import { type OpenedRoom, isSigned, isUntold } from './rooms.ts';
import type { Alarm, CaseView, DateView, DueState, EntryView, NamedPerson, QueueItem, RoomView } from './types.ts';
import {
  showAccess,
  showChannel,
  showClaims,
  showEntries,
  showHolds,
  showRisk,
  showExcluded,
  showMember,
  sortByName,
} from './views.ts';
import type { Watched } from './watching.ts';

const LIMIT_EXCERPT = 120;
const GRAVE: readonly DueState[] = ['missed', 'unreleased', 'withheld'];

export function showQueueItem(
  connection: Connection,
  found: Case,
  folded: FoldedCase,
  looked: number,
  me: Bytes,
): QueueItem {
  const early = showEarly(connection, found, looked);
  const [main] = folded.rooms;
  const due = showDates(folded, connection.now());
  return {
    ...early,
    status: folded.state.status,
    due,
    next: findNext(due),
    openedAt: main.facts[0]?.loggedAt ?? null,
    last: early.last && { ...early.last, at: main.facts.at(-1)?.loggedAt ?? null },
    risk: folded.state.risk?.level ?? null,
    handling: showHandling(connection.view, folded, me),
    mayHandle: mayHandle(folded, me),
    alarms: folded.alarms,
  };
}

/** A case before the log is read: what was said, and nothing that depends on a date. */
export function showEarly({ view }: Connection, found: Case, looked: number): QueueItem {
  const { room } = found;
  const last = room.entries.at(-1);
  const total = listRooms(found).reduce((sum, { entries }) => sum + entries.length, 0);
  return {
    ...makeBare(room.id, 'read'),
    channel: view.state.channels.get(room.manifest.channel)?.title ?? room.manifest.channel,
    excerpt: makeExcerpt(room.entries[0]?.content?.text ?? ''),
    last: last ? { who: last.author?.who === 'holder' ? 'reporter' : 'us', at: null } : null,
    entries: total,
    unread: Math.max(0, total - looked),
  };
}

export function showEarlyWatched([slot]: readonly Slot[]): QueueItem[] {
  return slot === undefined ? [] : [makeBare(slot.room, 'watch')];
}

/** A line of the queue of which nothing is known yet. */
function makeBare(room: Bytes, mode: QueueItem['mode']): QueueItem {
  return {
    id: encodeHex(room),
    handle: makeHandle(room),
    mode,
    channel: null,
    status: null,
    excerpt: '',
    due: [],
    next: null,
    openedAt: null,
    last: null,
    entries: 0,
    unread: 0,
    risk: null,
    handling: null,
    mayHandle: false,
    alarms: [],
  };
}

/** An independent member's watch: dates only, read off the public log. */
export function showWatched({ slot, opened, due }: Watched): QueueItem {
  const unreleased = due.some(({ state }) => state === 'unreleased');
  const alarms: Alarm[] = unreleased ? [{ code: 'unreleased', detail: '', room: 'reporter' }] : [];
  return { ...makeBare(slot.room, 'watch'), due, next: findNext(due), openedAt: opened, alarms };
}

/** A room whose key this member holds and that the server no longer gives as it was. */
export function showUnreadable({ room, code }: Unreadable): QueueItem {
  const alarms: Alarm[] = [{ code, detail: '', room: 'reporter' }];
  return { ...makeBare(room, 'read'), alarms };
}

/** Missed first, then open, each with the nearest date first; then the rest, newest first. */
export function sortQueue(items: readonly QueueItem[]): QueueItem[] {
  const rank = ({ next }: QueueItem) => (next === null ? 2 : GRAVE.includes(next.state) ? 0 : 1);
  return [...items].sort((a, b) => {
    const order = rank(a) - rank(b);
    if (order !== 0) return order;
    return a.next && b.next ? a.next.at - b.next.at : (b.openedAt ?? 0) - (a.openedAt ?? 0);
  });
}

export async function showCase(
  connection: Connection,
  found: Case,
  folded: FoldedCase,
  me: Bytes,
): Promise<Omit<CaseView, 'erased'>> {
  const { view } = connection;
  const { room } = found;
  const [open] = room.entries;
  const { channel } = room.manifest;
  const people = open?.content?.kind === 'open' ? open.content.people : [];
  const slots = open?.header.slots ?? room.id;
  return {
    id: encodeHex(room.id),
    handle: makeHandle(room.id),
    channel: view.state.channels.has(channel) ? showChannel(view, channel) : null,
    status: folded.state.status,
    checkWords: (await computeCheckWords(room.id, slots)).split(' '),
    people: people.map(({ name, person, where }): NamedPerson => ({ name, person, where })),
    excluded: room.access.excluded.map((one) => showExcluded(view, one)),
    rooms: folded.rooms.map((dated) => showRoom(connection, dated, folded)),
    entries: orderEntries(
      folded.rooms.map((dated) => {
        const room = showLabel(dated.room, folded);
        return showEntries(view, dated, me).map((entry) => ({ ...entry, room }));
      }),
    ),
    handling: showHandling(view, folded, me),
    mayHandle: mayHandle(folded, me),
    due: showDates(folded, connection.now()),
    holds: showHolds(folded.state),
    claims: showClaims(folded.state),
    risk: showRisk(view, folded.state),
    closing: showClosing(connection, folded.state, me),
    ...showErasing(view, folded, me),
    closedAt: findClosedAt(folded),
    alarms: folded.alarms,
  };
}

/** When the log first held the second signature of the closing that counts. */
export function findClosedAt({ rooms: [main], state: { closing } }: FoldedCase): number | null {
  if (!closing?.second) return null;
  const [{ hash }, second] = [closing, closing.second];
  const index = main.room.entries.findIndex((entry) => {
    const { content, author } = entry;
    const confirms = content?.kind === 'entry' && isSigned(entry) ? content.confirms : null;
    return confirms && author?.who === 'member' && equalBytes(confirms, hash) && equalBytes(author.id, second);
  });
  return main.facts[index]?.loggedAt ?? null;
}

/** What a room is called: one about a handling failure that no independent opened is none. */
function showLabel({ id, manifest: { label } }: OpenedRoom, folded: FoldedCase): RoomView['label'] {
  if (label !== 'handling') return label;
  const known = findHandling(folded);
  return known && equalBytes(known.room, id) ? label : 'other';
}

function showRoom(connection: Connection, dated: DatedRoom, folded: FoldedCase): RoomView {
  const [{ view }, { room }, { state, due }] = [connection, dated, folded];
  const label = showLabel(room, folded);
  const told = room.access.granted.filter((id) => !isUntold(folded.rooms[0].room, room, id));
  const barred = [...told, ...room.keptOut];
  const free = room.roster.delivered.filter(({ id }) => {
    const active = view.state.members.get(encodeHex(id))?.status === 'active';
    return active && !includesId(barred, id);
  });
  return {
    id: encodeHex(room.id),
    label,
    access: showAccess(view, dated, state.grants, due, connection.now()),
    grantable: label === 'other' ? [] : sortByName(free.map(({ id }) => showMember(view, id))),
  };
}

function showClosing({ view }: Connection, { status, closing }: CaseState, me: Bytes): CaseView['closing'] {
  if (status !== 'closing' || closing === null) return null;
  return { by: view.name(closing.first), reason: closing.reason, mayConfirm: !equalBytes(closing.first, me) };
}

/** By date across rooms, never against the order of one room; what waits for its date comes last. */
function orderEntries(rooms: readonly (readonly EntryView[])[]): EntryView[] {
  const placed = rooms.flatMap((entries) => {
    let next = Infinity;
    // The log draws lots: a later entry may be dated before an earlier one, which then was certainly written before that.
    return entries
      .toReversed()
      .map((entry) => ({ entry, at: (next = Math.min(next, entry.loggedAt ?? Infinity)) }))
      .reverse();
  });
  return placed.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map(({ entry }) => entry);
}

/** The promised dates of a case, and when somebody must look at what it waits for again: when that is missed nobody is let in. */
function showDates({ due, state }: FoldedCase, now: number): DateView[] {
  const review = findReview(state.holds);
  if (review === null) return [...due];
  const missed = review.at < now ? 'missed' : 'open';
  return [...due, { kind: 'review', at: review.at, state: review.lifted ? 'met' : missed, doneAt: null, duty: null }];
}

function findNext(due: readonly DateView[]): DateView | null {
  const waiting = due.filter(({ state }) => state !== 'met' && state !== 'late' && state !== 'lapsed');
  return waiting.reduce<DateView | null>((first, one) => (first === null || one.at < first.at ? one : first), null);
}

/** The first line that says something, cut to a length. */
export function makeExcerpt(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '') ?? '';
  const characters = Array.from(line.trim());
  return characters.length > LIMIT_EXCERPT
    ? `${characters
        .slice(0, LIMIT_EXCERPT - 1)
        .join('')
        .replace(/[\s\p{P}]+$/u, '')}…`
    : characters.join('');
}
