/** Working days of one site, listed date by date, so that everybody counts the same (spec/directory.md, packs). */
import { MalformedError } from './errors.ts';
import { Fields } from './fields.ts';
import type { Json, JsonObject } from './json.ts';

const CODE = 'pack-form';
export const DATE_PATTERN = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;
const SITE_PATTERN = /^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/;
export const DAY_S = 86_400;
const DUE_S = 23 * 3_600 - 1;
const LIMIT_YEARS = 12;
const LIMIT_HOLIDAYS_YEAR = 40;
const LIMIT_DAYS = LIMIT_YEARS * LIMIT_HOLIDAYS_YEAR;
const LIMIT_WEEKEND = 3;
const MOST_OFFSET = 840;
const LEAST_OFFSET = -720;

/**
 * The free days of `site` in the years `first` to `last`; `offset` is its standard time in minutes east of UTC. `weekend` are ISO
 * weekdays (Monday is 1); `workdays` are days of the weekend on which people work all the same. Days are "YYYY-MM-DD".
 */
export interface Calendar {
  readonly site: string;
  readonly offset: number;
  readonly weekend: readonly number[];
  readonly holidays: ReadonlySet<string>;
  readonly workdays: ReadonlySet<string>;
  readonly first: number;
  readonly last: number;
}

/**
 * The second before 23:00, in the site's standard time, of working day `count` after the day of `at`: in summer time the last second of
 * the day that the law means, never the next day. Beyond the listed years only weekends are free.
 */
export function addWorkingDays(calendar: Calendar, at: number, count: number): number {
  const shift = calendar.offset * 60;
  let day = Math.floor((at + shift) / DAY_S);
  for (let left = count; left > 0;) {
    day += 1;
    if (isWorking(calendar, day)) left -= 1;
  }
  return day * DAY_S + DUE_S - shift;
}

export function encodeCalendar({ holidays, workdays, weekend, ...rest }: Calendar): JsonObject {
  return { ...rest, holidays: [...holidays].sort(), workdays: [...workdays].sort(), weekend: [...weekend] };
}

/**
 * Throws MalformedError "pack-form"; "pack-rule" (detail "calendar") for days out of order or outside the years, and for so many free
 * days that no date would come.
 */
export function parseCalendar(value: Json): Calendar {
  const fields = new Fields(value, CODE);
  const site = fields.takeName('site', { pattern: SITE_PATTERN });
  const offset = fields.takeInteger('offset', LEAST_OFFSET, MOST_OFFSET);
  const first = fields.takeInteger('first', 1970, 2999);
  const last = fields.takeInteger('last', 1970, 2999);
  const weekend = fields.takeList('weekend', parseWeekday, LIMIT_WEEKEND);
  const holidays = fields.takeList('holidays', (item) => parseDate(item), LIMIT_DAYS);
  const workdays = fields.takeList('workdays', (item) => parseDate(item), LIMIT_DAYS);
  fields.finish();
  const calendar = { site, offset, weekend, holidays: new Set(holidays), workdays: new Set(workdays), first, last };
  if (![weekend, holidays, workdays].every(isAscending) || !holds(calendar))
    throw new MalformedError('pack-rule', 'calendar');
  return calendar;
}

/** The day of "YYYY-MM-DD". Throws MalformedError with `code`. */
export function parseDate(value: Json, code = CODE): string {
  const text = new Fields({ date: value }, code).takeName('date', { pattern: DATE_PATTERN });
  const time = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(time) || formatDay(time / 1000 / DAY_S) !== text) throw new MalformedError(code, 'date');
  return text;
}

function isWorking({ weekend, workdays, holidays }: Calendar, day: number): boolean {
  const text = formatDay(day);
  return weekend.includes(findWeekday(day)) ? workdays.has(text) : !holidays.has(text);
}

function holds({ weekend, holidays, workdays, first, last }: Calendar): boolean {
  const years = new Map<number, number>();
  for (const day of holidays) years.set(findYear(day), (years.get(findYear(day)) ?? 0) + 1);
  const inside = [...holidays, ...workdays].every((day) => findYear(day) >= first && findYear(day) <= last);
  const extra = [...workdays].every((day) =>
    weekend.includes(findWeekday(Date.parse(`${day}T00:00:00Z`) / 1000 / DAY_S)),
  );
  const span = last - first + 1;
  const few = [...years.values()].every((count) => count <= LIMIT_HOLIDAYS_YEAR);
  return span >= 1 && span <= LIMIT_YEARS && inside && extra && few;
}

function isAscending(days: readonly (string | number)[]): boolean {
  return days.every((day, i) => i === 0 || (days[i - 1] ?? day) < day);
}

function findYear(day: string): number {
  return Number(day.slice(0, 4));
}

/** ISO weekday of a day counted from 1970, which began on a Thursday. */
function findWeekday(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

function formatDay(day: number): string {
  return new Date(day * DAY_S * 1000).toISOString().slice(0, 10);
}

function parseWeekday(value: Json): number {
  return new Fields({ weekend: value }, CODE).takeInteger('weekend', 1, 7);
}

/** When the listed days end: from then on only weekends are free. */
export function computeEnd({ last, offset }: Calendar): number {
  return Date.UTC(last + 1, 0, 1) / 1000 - offset * 60;
}
