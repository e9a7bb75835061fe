import { m } from '../paraglide/messages.js';
import type { Hours } from '../protocol/outside.ts';
import { language } from './language.svelte.ts';

const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** A country's name in the language of the page. */
export function nameCountry(code: string): string {
  return new Intl.DisplayNames([language()], { type: 'region' }).of(code) ?? code;
}

/** A language's name in the language of the page. */
export function nameLanguage(tag: string): string {
  return new Intl.DisplayNames([language()], { type: 'language' }).of(tag) ?? tag;
}

/** "Mon–Fri 09:00–15:00", "day and night", or nothing when it is not known. */
export function sayHours(hours: readonly Hours[] | null): string {
  if (hours === null) return '';
  if (hours.length === 0) return m.outside_always();
  return hours.map(({ days, from, to }) => `${days.split('-').map(nameDay).join('–')} ${from}–${to}`).join(', ');
}

function nameDay(number: string): string {
  const day = new Date(MONDAY + (Number(number) - 1) * DAY_MS);
  return new Intl.DateTimeFormat(language(), { weekday: 'short', timeZone: 'UTC' }).format(day);
}
