/** What the vectors of calendar say that a file of dates holds. */
import { readHex } from './bytes.ts';
import { type CalendarDate, computeCalendarId, encodeCalendarFile } from './calendar_file.ts';
import { type Operation, type Value, h, s, text } from './operations_keys.test-support.ts';
import type { DutyKind } from './packs.ts';

interface Written {
  id: string;
  at: number;
  summary: string;
  done?: boolean;
  moved?: boolean;
  warned?: boolean;
}

function readDate({ id, at, summary, done = false, moved = false, warned = false }: Written): CalendarDate {
  return { id: readHex(id), at, summary, done, moved, warned };
}

export const CALENDAR: Record<string, Operation> = {
  calendar_id: (value) => ({
    id: text(computeCalendarId(h(value, 'key'), h(value, 'room'), s(value, 'kind') as DutyKind)),
  }),
  calendar_encode: (value: Value) => ({
    text: encodeCalendarFile((value['dates'] as Written[]).map(readDate), value['now'] as number),
  }),
};
