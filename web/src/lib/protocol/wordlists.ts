/** The BIP-39 word lists, in NFKD, in the order in which they are tried; each is fetched when it is first needed. */
import { MalformedError } from './errors.ts';

interface ListModule {
  readonly wordlist: readonly string[];
}

const LOADERS = {
  english: () => import('@scure/bip39/wordlists/english.js'),
  chinese_simplified: () => import('@scure/bip39/wordlists/simplified-chinese.js'),
  chinese_traditional: () => import('@scure/bip39/wordlists/traditional-chinese.js'),
  french: () => import('@scure/bip39/wordlists/french.js'),
  italian: () => import('@scure/bip39/wordlists/italian.js'),
  japanese: () => import('@scure/bip39/wordlists/japanese.js'),
  korean: () => import('@scure/bip39/wordlists/korean.js'),
  portuguese: () => import('@scure/bip39/wordlists/portuguese.js'),
  spanish: () => import('@scure/bip39/wordlists/spanish.js'),
  czech: () => import('@scure/bip39/wordlists/czech.js'),
} satisfies Record<string, () => Promise<ListModule>>;

export type Language = keyof typeof LOADERS;

export const LANGUAGES = Object.keys(LOADERS) as readonly Language[];

/**
 * The only other lists in which twelve words of this one can stand, for the two languages that new words are drawn in; a test
 * compares all lists.
 */
export const RIVALS = {
  english: ['french'],
  chinese_simplified: ['chinese_traditional'],
} as const satisfies Partial<Record<Language, readonly Language[]>>;

/**
 * Which words of a list stand in its rivals too: one bit for each, the first word's highest, in base64. It shows that twelve new
 * words are of one list only without fetching another; a test compares it with the lists.
 */
export const SHARED_WORDS: Readonly<Record<keyof typeof RIVALS, string>> = {
  english:
    'gAAAAAAAAAQCgAAAABAAAAAQAAAAAQAAABAAIAAAAAAAgQAABAAAAAAIAgAAAAQACAQAABgAAhAAAAAAAAEABAAEgAAAAAQAAAAA' +
    'AAAgIIAAAAAKAECAAAAAAAgQAgAAAAAAIAAAAAgAAAAAAAABAAAqAAAICABAAEAAAEAAAIAAAAAACAgAAAAAAAAEMBAAAAgAMAAE' +
    'CAAAAAASAAAIUAAAAAKABAAAEAAAgACAAQgAAAAAACAAAAAABAgAAAgAAQAAAUAAAAAAgAAAAAEAAIgAAAIAAAAAAABSAAAQAAAA' +
    'AAAAAAAAgAAACAAACAAIBIAAAIiCoAAAAAAAAAAAAA==',
  chinese_simplified:
    '/7Ty91r6O73PX/nJHzf/34cf7z5L1/2fvve01YHxS22Lfjl4zWvJ+rXUKWj2Wv/T5xirrj1vq2Dv/uxQ4xB9Vpv5d8i+5/yD5fd/' +
    'JL1XDhm7O1XXjdsPvIFN793e///ux1h5jhTdr1bgX7PoDXv/Gze/Fn/eaGdcqfu7EJHWs+eNZxnw/f7af8/0ve664/emTSvrZfCa' +
    'VZ/3dS7VmnzfrXfsf+8W7vO6D9b/ldOIH67S59ZV8552v/0yps7ym5zhnNxKsmv51j3Zt9/430Zy9wtwHn+z8r6nHS9e3ff7/+Fg' +
    '2Nk4433KqEu5XPf5Pi5+9wsl5JMdhmj92vjD8Ep69w==',
};

export interface WordList {
  readonly words: readonly string[];
  readonly positions: ReadonlyMap<string, number>;
}

const loaded = new Map<Language, Promise<WordList>>();

/** Throws MalformedError "words-language". */
export async function loadWordList(language: string): Promise<WordList> {
  if (!isLanguage(language)) throw new MalformedError('words-language');
  const list = loaded.get(language) ?? load(language);
  loaded.set(language, list);
  return list;
}

async function load(language: Language): Promise<WordList> {
  try {
    const { wordlist }: ListModule = await LOADERS[language]();
    const words = wordlist.map((word) => word.normalize('NFKD'));
    return { words, positions: new Map(words.map((word, i) => [word, i])) };
  } catch (error) {
    loaded.delete(language); // a broken connection must not last
    throw error;
  }
}

function isLanguage(language: string): language is Language {
  return Object.hasOwn(LOADERS, language);
}
