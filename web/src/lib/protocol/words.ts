/** Twelve BIP-39 words and the 16 bytes of entropy in them (spec/keys.md, "Words"). */
import { parseBase64 } from './base64.ts';
import type { Bytes } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { computeSha256, randomBytes } from './hashes.ts';
import { LANGUAGES, type Language, type RIVALS, SHARED_WORDS, type WordList, loadWordList } from './wordlists.ts';

const WORDS = 12;
const SHARED_BYTES = 256;
const INDEX_BITS = 11n;
const LIMIT_CHARACTERS = 1_024;
export const ENTROPY_BYTES = 16;
export const QR_PREFIX = 'PLAINT1:';

/** Entropy and the list in which it is written down. */
export interface Words {
  readonly entropy: Bytes;
  readonly language: Language;
}

/** New words, drawn again until they are valid in exactly one list. */
export async function drawWords(language: keyof typeof RIVALS = 'english'): Promise<Words> {
  for (;;) {
    const entropy = randomBytes(ENTROPY_BYTES);
    const typed = (await encodeWords(entropy, language)).split(' ');
    if (!(await mayStandElsewhere(typed, language))) return { entropy, language };
  }
}

async function mayStandElsewhere(typed: readonly string[], language: keyof typeof RIVALS): Promise<boolean> {
  const { positions } = await loadWordList(language);
  const shared = parseBase64(SHARED_WORDS[language], SHARED_BYTES);
  return typed.every((word) => {
    const position = positions.get(word) ?? 0;
    return ((shared[position >> 3] ?? 0) & (0x80 >> (position & 7))) !== 0;
  });
}

/** The words of 16 bytes of entropy. Throws MalformedError "words-language", "words-entropy". Source: BIP-39. */
export async function encodeWords(entropy: Bytes, language: string): Promise<string> {
  if (entropy.length !== ENTROPY_BYTES) throw new MalformedError('words-entropy');
  const { words } = await loadWordList(language);
  const bits = (toNumber(entropy) << 4n) | computeChecksum(entropy);
  return pickWords(words, bits, WORDS);
}

/**
 * The words in `text`, as typed or read from a QR code; the first list in which they are valid wins.
 * Throws MalformedError "words-count", "words-unknown" (detail: position from 1), "words-checksum".
 */
export async function parseWords(text: string): Promise<Words> {
  const typed = splitWords(text);
  for (const language of LANGUAGES) {
    const entropy = read(typed, await loadWordList(language)); // English first: the others are rarely fetched
    if (entropy !== null) return { entropy, language };
  }
  const lists = await Promise.all(LANGUAGES.map(loadWordList));
  const missing = lists.map(({ positions }) => typed.flatMap((word, i) => (positions.has(word) ? [] : [i + 1])));
  const best = missing.reduce((least, list) => (list.length < least.length ? list : least));
  if (best[0] !== undefined) throw new MalformedError('words-unknown', String(best[0]));
  throw new MalformedError('words-checksum');
}

/** Each list's reading of `text` that holds, in the order of the lists. Throws MalformedError "words-count". */
export async function findReadings(text: string): Promise<Words[]> {
  const typed = splitWords(text);
  const lists = await Promise.all(LANGUAGES.map(loadWordList));
  return LANGUAGES.flatMap((language, i) => {
    const entropy = read(typed, lists[i]);
    return entropy === null ? [] : [{ entropy, language }];
  });
}

/** The twelve words of `text` in NFKD and lower case, whatever white space stands between. Throws "words-count". */
export function splitWords(text: string): string[] {
  if (text.length > LIMIT_CHARACTERS) throw new MalformedError('words-count');
  const trimmed = text.trim();
  const bare = trimmed.startsWith(QR_PREFIX) ? trimmed.slice(QR_PREFIX.length) : trimmed;
  const typed = bare.normalize('NFKD').toLowerCase().split(/\s+/).filter(Boolean);
  if (typed.length !== WORDS) throw new MalformedError('words-count');
  return typed;
}

/** What the QR code of words says: never a URL, which histories and clouds would keep. */
export async function encodeWordsQr(words: Words): Promise<string> {
  return QR_PREFIX + (await encodeWords(words.entropy, words.language));
}

/** The first 44 bits of `digest` as four English words, to be compared over the telephone. */
export async function encodeCheckWords(digest: Bytes): Promise<string> {
  const { words } = await loadWordList('english');
  return pickWords(words, toNumber(digest.subarray(0, 6)) >> 4n, 4);
}

function pickWords(words: readonly string[], bits: bigint, count: number): string {
  const places = Array.from({ length: count }, (_, i) =>
    Number((bits >> (INDEX_BITS * BigInt(count - 1 - i))) & 0x7ffn),
  );
  return places.map((place) => words[place] ?? '').join(' ');
}

function read(typed: readonly string[], list: WordList | undefined): Bytes | null {
  let bits = 0n;
  for (const word of typed) {
    const position = list?.positions.get(word);
    if (position === undefined) return null;
    bits = (bits << INDEX_BITS) | BigInt(position);
  }
  const entropy = new Uint8Array(ENTROPY_BYTES);
  for (let i = 0; i < ENTROPY_BYTES; i++)
    entropy[i] = Number((bits >> BigInt(4 + 8 * (ENTROPY_BYTES - 1 - i))) & 0xffn);
  return (bits & 0xfn) === computeChecksum(entropy) ? entropy : null;
}

function toNumber(data: Uint8Array): bigint {
  return data.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function computeChecksum(entropy: Uint8Array): bigint {
  return BigInt((computeSha256(entropy)[0] ?? 0) >> 4);
}
