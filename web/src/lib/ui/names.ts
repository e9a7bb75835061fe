import { language } from './language.svelte.ts';

const ISOLATE = '\u2068';
const END = '\u2069';

/** "Ada, Ben and Cai" in the reader's language; each name keeps its own direction of writing. */
export function listNames(names: readonly string[]): string {
  return new Intl.ListFormat(language()).format(names.map((name) => ISOLATE + name + END));
}
