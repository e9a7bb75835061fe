import { m } from '../paraglide/messages.js';
import type { Unit } from '../protocol/packs.ts';
import { language } from './language.svelte.ts';

const NO_BREAK = '\u00a0';

const HOME = { en: 'en-GB', de: 'de-DE', zh: 'zh-CN', ar: 'ar' } as const;

/** The languages of the reader's device, without what is no tag: some systems put their own names in, "en-US@posix" or "C". */
function listTags(): string[] {
  return navigator.languages.filter((tag) => /^[a-z]{2,3}(-\w+)*$/i.test(tag));
}

/** The way dates and numbers are written where the reader lives, in the language of the page; digits as in the words' list. */
function locale(): string {
  const tag = language();
  const own = listTags().find((it) => it === tag || it.startsWith(`${tag}-`)) ?? HOME[tag];
  return new Intl.Locale(own, tag === 'ar' ? { numberingSystem: 'latn' } : {}).toString();
}

/** The calendar of the device's first language, also where the page cannot speak that. */
function calendar(): Intl.DateTimeFormatOptions {
  return { calendar: new Intl.DateTimeFormat(listTags()[0]).resolvedOptions().calendar };
}

function format(unixS: number, wanted: Intl.DateTimeFormatOptions): string {
  const options = { ...wanted, ...calendar() };
  const yearOf = new Intl.DateTimeFormat(locale(), { year: 'numeric', ...calendar() });
  const year = yearOf.format(unixS * 1000) === yearOf.format() ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(locale(), { ...options, ...year })
    .format(unixS * 1000)
    .replace(/(\d+\.?) (\p{L})/u, `$1${NO_BREAK}$2`);
}

/**
 * "Tuesday 24 November at 01:12", in the reader's language, calendar and time zone; with the year when it is another one, and with the
 * zone's name where a date is promised: a private browser may be set to another than hers.
 */
export function longDate(unixS: number, zone = false): string {
  const day = { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' } as const;
  return format(unixS, zone ? { ...day, timeZoneName: 'short' } : day);
}

/** "Tue 24 Nov, 01:12". */
export function shortDate(unixS: number): string {
  return format(unixS, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}

/** "24 Nov", for a date so far away that its hour does not matter. */
export function dayDate(unixS: number): string {
  return format(unixS, { day: 'numeric', month: 'short' });
}

/** "08:00 and 17:00" for hours of the day in UTC: when they are today where the reader is. */
export function dayHours(hours: readonly number[], nowS: number): string {
  const clock = new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' });
  const midnight = nowS - (nowS % 86400);
  return new Intl.ListFormat(locale()).format(hours.map((hour) => clock.format((midnight + hour * 3600) * 1000)));
}

/** "24 November 2026" of "2026-11-24": the same day in every time zone, in the reader's calendar. */
export function dayWords(day: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeZone: 'UTC', ...calendar() }).format(
    Date.parse(`${day}T00:00:00Z`),
  );
}

/** "in 6 days", "3 hours ago". */
export function relativeDate(unixS: number, nowS: number): string {
  const away = unixS - nowS;
  const size = Math.abs(away);
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  if (size < 5400) return words.format(Math.round(away / 60), 'minute');
  if (size < 36 * 3600) return words.format(Math.round(away / 3600), 'hour');
  return words.format(Math.round(away / 86400), 'day');
}

/** "17,440". */
export function amount(count: number): string {
  return new Intl.NumberFormat(locale()).format(count);
}

function workingDays(count: number): string {
  const form = new Intl.PluralRules(language()).select(count);
  if (form === 'one') return m.common_working_days_one();
  if (form === 'two') return m.common_working_days_two();
  return form === 'few' ? m.common_working_days_few({ count }) : m.common_working_days_other({ count });
}

/** "7 days", "2 working days", "3 months". */
export function termName(count: number, unit: Unit): string {
  if (unit === 'working_days') return workingDays(count);
  const one = unit === 'days' ? 'day' : 'month';
  return new Intl.NumberFormat(locale(), { style: 'unit', unit: one, unitDisplay: 'long' }).format(count);
}

/** Machine form for `<time datetime>`. */
export function machineDate(unixS: number): string {
  return new Date(unixS * 1000).toISOString();
}

/** "412 kB", "1.8 MB". */
export function fileSize(bytes: number): string {
  const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  let value = bytes;
  let step = 0;
  while (value >= 1000 && step < steps.length - 1) {
    value /= 1000;
    step += 1;
  }
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: steps[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value);
}

/** The day it is where this device says it is, as a date field has it: "2026-11-28". */
export function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}
