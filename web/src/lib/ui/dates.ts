import { m } from '../paraglide/messages.js';
import type { Unit } from '../protocol/packs.ts';
import { language } from './language.svelte.ts';

const NO_BREAK = '\u00a0';

const HOME = { en: 'en-GB', de: 'de-DE', zh: 'zh-CN', ar: 'ar' } as const;

/** The way dates and numbers are written where the reader lives, in the language of the page; digits as in the words' list. */
function locale(): string {
  const tag = language();
  const own = navigator.languages.find((it) => it.startsWith(`${tag}-`)) ?? HOME[tag];
  return tag === 'ar' ? `${own}-u-nu-latn` : own;
}

function format(unixS: number, options: Intl.DateTimeFormatOptions): string {
  const at = new Date(unixS * 1000);
  const year = at.getFullYear() === new Date().getFullYear() ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(locale(), { ...options, ...year })
    .format(at)
    .replace(/(\d+\.?) (\p{L})/u, `$1${NO_BREAK}$2`);
}

/** "Tuesday 24 November at 01:12", in the reader's language and time zone; with the year when it is another one. */
export function longDate(unixS: number): string {
  return format(unixS, { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' });
}

/** "Tue 24 Nov, 01:12". */
export function shortDate(unixS: number): string {
  return format(unixS, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}

/** "24 Nov", for a date so far away that its hour does not matter. */
export function dayDate(unixS: number): string {
  return format(unixS, { day: 'numeric', month: 'short' });
}

/** "24 November 2026" of "2026-11-24": a day of the calendar, the same in every time zone. */
export function dayWords(day: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeZone: 'UTC' }).format(
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

/** "7 days", "2 working days", "3 months". */
export function termName(count: number, unit: Unit): string {
  if (unit === 'working_days') return m.common_working_days({ count });
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
