/** Names blacked out of texts by an explicit list; what might still name somebody is found, for people to look at. */
import { compareBytes, encodeText } from '../protocol/bytes.ts';
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
/** Scripts that put no space between words: a name there ends where it ends. Thai to Myanmar, Khmer, then East Asia. */
const UNSPACED = new RegExp(
  String.raw`[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029` +
    String.raw`\u3038-\u303b\u3041-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u9fff\ua960-\ua97f\ua9e0-\ua9ff\uaa60-\uaa7f` +
    String.raw`\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\u{1b000}-\u{1b16f}\u{20000}-\u{3ffff}]`,
  'u',
);
const EDGES = Array.from(`,.;:()[]/"'“”„«»‹›、，。（）`);
/** What Python and browsers both take for space is not the same everywhere, so it is said. */
const SPACE = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const SPACES = new RegExp(SPACE, 'u');

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
    const order = this.#names
      .filter((name) => splitName(name).length > 0)
      .toSorted((a, b) => countLetters(b) - countLetters(a));
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
    .sort(compareLetters);
}

/** The pieces of a name as somebody typed it, but for small words: of "the buyer of Teldane", Teldane. */
export function listPieces(name: string): string[] {
  return splitName(name)
    .map(trimEdges)
    .filter((piece) => {
      const [first = ''] = piece;
      return piece !== '' && !(first === first.toLowerCase() && first !== first.toUpperCase());
    });
}

function trimEdges(part: string): string {
  const letters = Array.from(part);
  const isEdge = (letter: string) => EDGES.includes(letter);
  const start = letters.findIndex((letter) => !isEdge(letter));
  return start < 0 ? '' : letters.slice(start, letters.findLastIndex((letter) => !isEdge(letter)) + 1).join('');
}

/** The order of code points, as Python has it. */
export function compareLetters(a: string, b: string): number {
  return compareBytes(encodeText(a), encodeText(b));
}

/** Whether a whole name stands in one of `texts`. */
export function isNamed(name: string, texts: readonly string[]): boolean {
  return texts.some((text) => fold(text).includes(fold(name)));
}

/** The form in which names are compared, letter by letter: ẞ is ss, ς is σ, İ and ı are i. */
export function fold(text: string): string {
  const letters = Array.from(text.normalize('NFC'), (letter) => letter.toLowerCase().toUpperCase().toLowerCase());
  return letters.join('').replaceAll('ς', 'σ');
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
  return name.split(SPACES).filter((part) => part !== '');
}

function writePattern(name: string): string {
  const escaped = splitName(name.normalize('NFC'))
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`))
    .join(`${SPACE}+`)
    // Python takes these four for one letter.
    .replace(/[iIıİ]/gu, '[iIıİ]');
  return UNSPACED.test(name) ? escaped : `(?<!${WORD})${escaped}(?:['’]?${WORD}{0,${ENDING}})?(?!${WORD})`;
}
