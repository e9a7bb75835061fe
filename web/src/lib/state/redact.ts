/** Names blacked out of texts by an explicit list; what might still name somebody is found, for people to look at. */
import type { Say } from './export_words.ts';

const LEAST_PART = 3;
const ENDING = 2;
/** Of a long name at least so many first letters stay in every form that a language gives it. */
const LEAST_STEM = 4;
const WORD = String.raw`[\p{L}\p{N}_]`;
const WORDS = new RegExp(`${WORD}+`, 'gu');
/** Letters that nobody sees and that would hide a name from a search: soft hyphen, zero-width spaces and joiners. */
const UNSEEN = /[\u00ad\u200b\u2060\ufeff]/gu;
const SPELT: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', æ: 'ae', ø: 'oe', œ: 'oe' };
/** Scripts that put no space between words: a name there ends where it ends. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u;

/** Replaces each of `names`, in whatever case and with an ending of two letters at most, by its number. */
export class Redactor {
  readonly #names: readonly string[];
  readonly #say: Say;
  readonly #counts = new Map<string, number>();

  constructor(names: readonly string[], say: Say) {
    this.#names = names;
    this.#say = say;
  }

  /** How often a name was replaced. */
  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** The text without the names, of which longer ones go first, in one pass: no mark is read for a name. */
  redact(text: string): string {
    const plain = text.normalize('NFC').replace(UNSEEN, '');
    const order = this.#names.toSorted((a, b) => countLetters(b) - countLetters(a));
    if (order.length === 0) return plain;
    const pattern = new RegExp(order.map((name) => `(${writePattern(name)})`).join('|'), 'giu');
    return plain.replace(pattern, (_whole, ...groups: (string | undefined)[]) => {
      const name = order[groups.findIndex((group) => group !== undefined)] ?? '';
      this.#counts.set(name, this.count(name) + 1);
      return this.#say('redacted', { number: `${this.#names.indexOf(name) + 1}` });
    });
  }

  /** A redacted text without the word of the marks, which is nobody's name. */
  strip(text: string): string {
    return text.replaceAll(this.#say('redacted').split('{')[0] ?? '', '[');
  }
}

/**
 * The words of `texts` that may still be one of `names` or a part of it, but for those of `allowed`. Accents, other spellings of
 * umlauts, letters nobody sees and endings hide nothing; initials and nicknames are not found.
 */
export function findLeft(texts: readonly string[], names: readonly string[], allowed: readonly string[]): string[] {
  const free = new Set(allowed.flatMap(listParts).flatMap(listForms));
  const parts = [...new Set(names.flatMap(listParts).flatMap(listForms))].filter((part) => !free.has(part));
  const words = new Set(texts.flatMap((text) => fold(text).replace(UNSEEN, '').match(WORDS) ?? []));
  return [...words]
    .filter((word) => {
      const forms = listForms(word);
      return !forms.some((form) => free.has(form)) && parts.some((part) => forms.some((form) => isPart(part, form)));
    })
    .sort();
}

/** Whether a whole name stands in one of `texts`. */
export function isNamed(name: string, texts: readonly string[]): boolean {
  return texts.some((text) => fold(text).includes(fold(name)));
}

/** The form in which names are compared: what case folding gives, letter by letter. */
export function fold(text: string): string {
  return Array.from(text.normalize('NFC'), foldLetter).join('');
}

function foldLetter(letter: string): string {
  // Upper case would make an i of it.
  return letter === 'ı' ? letter : letter.toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

function listParts(name: string): string[] {
  return [name, ...splitName(name)];
}

/** How a name may be written: as it is, without accents, and with umlauts spelt out. */
function listForms(part: string): string[] {
  const seen = fold(part).replace(UNSEEN, '');
  const bare = seen.normalize('NFKD').replace(/[\p{Mn}\p{Cf}]/gu, '');
  return [seen, bare, seen.replace(/[äöüåæøœ]/gu, (letter) => SPELT[letter] ?? letter)];
}

/** Whether `word` holds `part`, or begins like it; of a short part only the whole word counts. */
function isPart(part: string, word: string): boolean {
  if (UNSPACED.test(part)) return word.includes(part);
  const letters = Array.from(part);
  if (letters.length < LEAST_PART) return part === word;
  const stem = letters.slice(0, Math.max(LEAST_STEM, letters.length - ENDING)).join('');
  return word.includes(part) || word.startsWith(stem);
}

function countLetters(text: string): number {
  return Array.from(text).length;
}

function splitName(name: string): string[] {
  return name.split(/\s+/u).filter((part) => part !== '');
}

function writePattern(name: string): string {
  const escaped = splitName(name.normalize('NFC'))
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`))
    .join(String.raw`\s+`);
  return UNSPACED.test(name) ? escaped : `(?<!${WORD})${escaped}(?:['’]?${WORD}{0,${ENDING}})?(?!${WORD})`;
}
