/** Due dates as a calendar file, from what this device knows (spec/calendar.md). */
import { type CalendarDate, computeCalendarId, encodeCalendarFile } from '../protocol/calendar_file.ts';
import { encodeText, readHex } from '../protocol/bytes.ts';
import type { CalendarWords, DateView, QueueItem, SavedFile } from './types.ts';

/** The name says nothing of what it is about. */
const CALENDAR_NAME = 'dates.ics';

/** An event of a date; `key` and `room` give it the id that every file of this person gives it. */
export function makeEvent(
  { kind, at, state, duty }: DateView,
  { key, room, summary, warned }: { key: Uint8Array; room: Uint8Array; summary: string; warned: boolean },
): CalendarDate {
  const done = ['met', 'late', 'lapsed'].includes(state);
  const moved = duty !== null && duty.extension !== null;
  return { id: computeCalendarId(key, room, kind), at, summary, done, moved, warned };
}

/** The events of cases that a member reads or watches. */
export function listDeskEvents(
  key: Uint8Array,
  cases: readonly Pick<QueueItem, 'id' | 'due'>[],
  words: CalendarWords,
): CalendarDate[] {
  const say = ({ kind }: DateView) =>
    words[kind === 'acknowledge' || kind === 'feedback' || kind === 'review' ? kind : 'step'];
  return cases.flatMap(({ id, due }) =>
    due.map((one) => makeEvent(one, { key, room: readHex(id), summary: say(one), warned: true })),
  );
}

export function saveCalendar(dates: readonly CalendarDate[]): SavedFile {
  const text = encodeCalendarFile(dates, Date.now() / 1000);
  return { name: CALENDAR_NAME, blob: new Blob([encodeText(text)], { type: 'text/calendar' }) };
}
