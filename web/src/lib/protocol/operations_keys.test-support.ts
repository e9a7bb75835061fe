/** What the vectors of words, keys, age and leaf say that Plaint does: JSON in, JSON out. */
import { computeSealedBytes, openAge, sealAge } from './age.ts';
import { encodeAgeIdentity, encodeAgeRecipient } from './age_keys.ts';
import { AgreementKey } from './agreement.ts';
import { type Bytes, encodeHex, encodeText, equalBytes, readHex } from './bytes.ts';
import { computeSha256 } from './hashes.ts';
import {
  computeCheckWords,
  computeHolderKeys,
  computeMemberCheckWords,
  computeMemberKeys,
  computeRoomKeys,
} from './keys.ts';
import { checkLeaf, computeContentLeaf, computeTokenHash, computeTokenLeaf } from './leaf.ts';
import { encodeWords, findReadings, parseWords } from './words.ts';

export type Value = Record<string, unknown>;
export type Operation = (value: Value) => Value | Promise<Value>;

export const h = (value: Value, key: string): Bytes => readHex(value[key] as string);
export const s = (value: Value, key: string): string => value[key] as string;
export const n = (value: Value, key: string): number => value[key] as number;
export const decode = (data: Bytes): string => new TextDecoder().decode(data);
export const text = (value: Bytes | null): string | null => value && encodeHex(value);

export function expectSame(left: Bytes, right: Bytes): void {
  if (!equalBytes(left, right)) throw new Error('encoded otherwise than it was read');
}

const secretOf = (key: AgreementKey) => key.withSecret(encodeHex);

/** `plaintext`, or `size` bytes of the repeated counter 0…250. */
function fill(value: Value): Bytes {
  if ('plaintext' in value) return h(value, 'plaintext');
  return Uint8Array.from({ length: n(value, 'size') }, (_, i) => i % 251);
}

export const KEYS: Record<string, Operation> = {
  async words_encode(value) {
    return { words: await encodeWords(h(value, 'entropy'), s(value, 'language')) };
  },
  async words_parse(value) {
    const words = await parseWords(s(value, 'text'));
    const readings = await findReadings(s(value, 'text'));
    const validIn = readings.map(({ language }) => language);
    return { entropy: encodeHex(words.entropy), language: words.language, valid_in: validIn };
  },
  keys_holder(value) {
    const keys = computeHolderKeys(h(value, 'entropy'));
    return {
      locator: encodeHex(keys.locator),
      age_secret: secretOf(keys.age),
      age: encodeHex(keys.age.public),
      author_secret: secretOf(keys.author),
      author: encodeHex(keys.author.public),
      room: encodeHex(keys.room),
      draft_locator: encodeHex(keys.draftLocator),
      draft_key: encodeHex(keys.draftKey),
    };
  },
  async keys_member(value) {
    const keys = computeMemberKeys(h(value, 'entropy'));
    return {
      id: encodeHex(keys.id),
      age_secret: secretOf(keys.age),
      age: encodeHex(keys.age.public),
      author_secret: secretOf(keys.author),
      author: encodeHex(keys.author.public),
      sign_seed: keys.sign.withSeed(encodeHex),
      sign: encodeHex(keys.sign.public),
      cache: encodeHex(keys.cache),
      check_words: await computeMemberCheckWords(keys.age.public, keys.author.public, keys.sign.public),
    };
  },
  keys_room(value) {
    const keys = computeRoomKeys(h(value, 'secret'));
    const kinds = [
      ['open', 1],
      ['acknowledge', 1],
      ['feedback', 1],
      ['feedback', 2],
      ['decide', 12],
    ] as const;
    return {
      identity: secretOf(keys.identity),
      recipient: encodeHex(keys.identity.public),
      cap: encodeHex(keys.cap),
      cap_hash: encodeHex(computeSha256(keys.cap)),
      slots_key: encodeHex(keys.slots),
      tally: encodeHex(keys.tally),
      tokens: kinds.map(([kind, count]) => ({ kind, count, token: encodeHex(keys.computeToken(kind, count)) })),
      children: {
        internal: encodeHex(keys.computeChild('internal')),
        respondent: encodeHex(keys.computeChild('respondent')),
      },
    };
  },
  async keys_check(value) {
    return { words: await computeCheckWords(h(value, 'room'), h(value, 'slots')) };
  },
  keys_agree(value) {
    return { shared: encodeHex(new AgreementKey(h(value, 'secret')).agree(h(value, 'public'))) };
  },
  keys_text(value) {
    const key = new AgreementKey(h(value, 'secret'));
    return { identity: key.withSecret(encodeAgeIdentity), recipient: encodeAgeRecipient(key.public) };
  },
  age_seal(value) {
    const secrets = { esk: h(value, 'esk'), fileKey: h(value, 'file_key'), nonce: h(value, 'nonce') };
    const sealed = sealAge(h(value, 'recipient'), fill(value), secrets);
    if (sealed.length > 1_024) return { size: sealed.length, sha256: encodeHex(computeSha256(sealed)) };
    return { size: sealed.length, sealed: encodeHex(sealed) };
  },
  age_open(value) {
    return { plaintext: encodeHex(openAge(new AgreementKey(h(value, 'identity')), h(value, 'sealed'))) };
  },
  age_size(value) {
    return { size: computeSealedBytes(n(value, 'size')) };
  },
  leaf_content(value) {
    return { leaf: encodeHex(computeContentLeaf(h(value, 'opening'), encodeText(s(value, 'header')))) };
  },
  leaf_token(value) {
    const { computeToken } = computeRoomKeys(h(value, 'secret'));
    const leaf = computeTokenLeaf(computeToken(s(value, 'kind'), n(value, 'count')));
    return { leaf: encodeHex(leaf), hash: encodeHex(computeTokenHash(leaf)) };
  },
  leaf_check(value) {
    return { leaf: encodeHex(checkLeaf(h(value, 'leaf'))) };
  },
};
