import type { Locale } from '../paraglide/runtime.js';

export const LANGUAGES: readonly { readonly tag: Locale; readonly name: string }[] = [
  { tag: 'en', name: 'English' },
  { tag: 'de', name: 'Deutsch' },
  { tag: 'zh', name: '中文' },
  { tag: 'ar', name: 'العربية' },
];

/** The messages of one client, a table for each language (tools/message_tables.ts). */
export interface Tables {
  readonly load: Readonly<Record<Locale, () => Promise<{ readonly default: readonly string[] }>>>;
  readonly follow: (language: () => Locale) => void;
}

let current = $state<Locale>(findPreferred());
let table = $state.raw<readonly string[]>([]);
let tables: Tables | null = null;

/** The language of the page, kept in memory only: nothing on the device says that somebody was here. */
export function language(): Locale {
  return current;
}

/** Speaks `tag` as soon as its messages are here; every message read in a component follows. */
export async function speak(tag: Locale): Promise<void> {
  if (tables !== null) table = (await tables.load[tag]()).default;
  current = tag;
  document.documentElement.lang = tag;
  document.documentElement.dir = tag === 'ar' ? 'rtl' : 'ltr';
}

/** Makes messages follow `language()`. Called once, before the first page is mounted. */
export async function startLanguage(own: Tables): Promise<void> {
  tables = own;
  own.follow(language);
  await speak(current);
}

/** The message at a place of the table, its {placeholders} filled in: what a built page calls for `m.name`. */
export function say(place: number): (values?: Readonly<Record<string, string | number>>) => string {
  return (values = {}) => (table[place] ?? '').replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

function findPreferred(): Locale {
  const wanted = navigator.languages.map((tag) => tag.split('-')[0]);
  return wanted.flatMap((tag) => LANGUAGES.filter((it) => it.tag === tag))[0]?.tag ?? 'en';
}
