/** Due dates as a calendar file, made on the device of whoever may know them (spec/calendar.md). */
import { type Bytes, compareBytes, encodeHex, encodeText } from './bytes.ts';
import { computeHmac } from './hashes.ts';
import type { DutyKind } from './packs.ts';

const PURPOSE = encodeText('plaint/v1/calendar\n');
const LIMIT_LINE_BYTES = 74;

/** One event: done when nothing is waited for, moved when the date was given more time. */
export interface CalendarDate {
  readonly id: Uint8Array;
  readonly at: number;
  readonly summary: string;
  readonly done: boolean;
  readonly moved: boolean;
  readonly warned: boolean;
}

/** An id that stays the same from file to file and that nobody without the key can tie to a report. */
export function computeCalendarId(key: Uint8Array, room: Uint8Array, kind: DutyKind | 'review'): Bytes {
  return computeHmac(key, PURPOSE, room, encodeText(kind)).subarray(0, 16);
}

/** The file, the earliest date first. */
export function encodeCalendarFile(dates: readonly CalendarDate[], now: number): string {
  const sorted = [...dates].sort((a, b) => a.at - b.at || compareBytes(a.id, b.id));
  const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Dates//EN', 'METHOD:PUBLISH'];
  for (const date of sorted) lines.push(...listLines(date, now));
  return [...lines, 'END:VCALENDAR', ''].map(fold).join('\r\n');
}

function listLines({ id, at, summary, done, moved, warned }: CalendarDate, now: number): string[] {
  const said = summary.replace(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');
  const alarm = ['BEGIN:VALARM', 'ACTION:DISPLAY', `DESCRIPTION:${said}`, 'TRIGGER:-P1D', 'END:VALARM'];
  return [
    'BEGIN:VEVENT',
    `SUMMARY:${said}`,
    `DTSTART:${stamp(at)}`,
    `DTSTAMP:${stamp(now)}`,
    `UID:${encodeHex(id)}`,
    `SEQUENCE:${String(done ? 2 : Number(moved))}`,
    `STATUS:${done ? 'CANCELLED' : 'CONFIRMED'}`,
    'TRANSP:TRANSPARENT',
    ...(warned && !done ? alarm : []),
    'END:VEVENT',
  ];
}

/** "20270115T080000Z". */
function stamp(at: number): string {
  return new Date(Math.floor(at) * 1000).toISOString().replace(/[-:]|\.000/g, '');
}

/** A line of at most 74 bytes; the rest follows on lines that begin with a space, which is not counted. */
function fold(line: string): string {
  let folded = '';
  let size = 0;
  for (const character of line) {
    const bytes = encodeText(character).length;
    if (size + bytes > LIMIT_LINE_BYTES) {
      folded += '\r\n ';
      size = 0;
    }
    folded += character;
    size += bytes;
  }
  return folded;
}
