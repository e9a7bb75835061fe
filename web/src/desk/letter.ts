import { m } from '../lib/paraglide/messages.js';
import type { Locale } from '../lib/paraglide/runtime.js';
import type { CaseView } from '../lib/state/types.ts';
import { LANGUAGES, language } from '../lib/ui/language.svelte.ts';

/** The language of the report when the desk speaks it, else the language of the page. */
export function letterLanguage(view: CaseView): Locale {
  const written = view.entries.find((entry) => entry.kind === 'open')?.lang?.split('-')[0];
  return LANGUAGES.find(({ tag }) => tag === written)?.tag ?? language();
}

/** A short acknowledgement to start from: who reads the report and which date comes next. */
export function acknowledgementLetter(view: CaseView): string {
  const locale = letterLanguage(view);
  const readers = view.rooms.find((room) => room.label === 'reporter')?.access ?? [];
  const names = readers.filter((reader) => reader.state === 'can-read').map((reader) => reader.name);
  const feedback = view.due.find((due) => due.kind === 'feedback' && due.state === 'open');
  return m.desk_letter(
    {
      names: new Intl.ListFormat(locale === 'en' ? 'en-GB' : locale, { type: 'conjunction' }).format(names),
      feedback: feedback === undefined ? 'none' : 'due',
      date: feedback === undefined ? '' : dayOf(feedback.at, locale),
    },
    { locale },
  );
}

function dayOf(unixS: number, locale: Locale): string {
  return new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(unixS * 1000);
}
