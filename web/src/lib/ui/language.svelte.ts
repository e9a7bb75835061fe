import { getLocale, overwriteGetLocale, type Locale } from '../paraglide/runtime.js';

export const LANGUAGES: readonly { readonly tag: Locale; readonly name: string }[] = [
  { tag: 'en', name: 'English' },
  { tag: 'de', name: 'Deutsch' },
  { tag: 'zh', name: '中文' },
  { tag: 'ar', name: 'العربية' },
];

let current = $state<Locale>(getLocale());

/** The language of the page, kept in memory only: nothing on the device says that somebody was here. */
export function language(): Locale {
  return current;
}

/** Speaks `tag` from now on; every message read in a component follows. */
export function speak(tag: Locale): void {
  current = tag;
  document.documentElement.lang = tag;
  document.documentElement.dir = tag === 'ar' ? 'rtl' : 'ltr';
}

/** Makes messages follow `language()`. Called once, before the first page is mounted. */
export function startLanguage(): void {
  overwriteGetLocale(() => current);
  speak(current);
}
