/** Directory entries: their bytes, their signatures, the organisation id (spec/directory.md). Start at `parseEntry`. */
import { type Bytes, compareBytes, encodeHex, encodeText, equalBytes, joinBytes } from './bytes.ts';
import { type Content, type Genesis, encodeContent, parseContent } from './directory_contents.ts';
import { CODE } from './directory_server.ts';
import { VerificationError } from './errors.ts';
import { Fields } from './fields.ts';
import { computeSha256 } from './hashes.ts';
import { type Json, type JsonObject, encodeJson, parseCanonicalJson } from './json.ts';
import { type SigningKey, verifySignature } from './signing.ts';

export const LIMIT_ENTRY_BYTES = 65_536;
const LIMIT_SIGNATURES = 256;

/** One member's signature of an entry. */
export interface Signature {
  readonly id: Bytes;
  readonly sig: Bytes;
}

/** One line of the directory log; `by` is sorted by member id. */
export interface Entry<Says extends Content = Content> {
  readonly index: number;
  readonly content: Says;
  readonly by: readonly Signature[];
}

/** The JCS bytes of an entry: one leaf of the directory log. */
export function encodeEntry(entry: Entry): Bytes {
  const by = entry.by.map(({ id, sig }) => ({ id: encodeHex(id), sig: encodeHex(sig) }));
  return encodeJson({ ...encodeUnsigned(entry), by });
}

/**
 * An entry in its one spelling; nothing is verified yet.
 * Throws MalformedError "directory-form" (detail: the key), "pack-form", "json-…", "vkey-…".
 */
export function parseEntry(data: Uint8Array): Entry {
  return parseEntryValue(parseCanonicalJson(data, LIMIT_ENTRY_BYTES));
}

/** The entry of a JSON value. Throws as `parseEntry`. */
export function parseEntryValue(value: Json): Entry {
  const fields = new Fields(value, CODE);
  fields.takeExactly('v', 1);
  const index = fields.takeInteger('index');
  const type = fields.take('type');
  const by = fields.takeList('by', parseSignature, LIMIT_SIGNATURES);
  if (by.some(({ id }, i) => i > 0 && compareBytes(by[i - 1]?.id ?? id, id) >= 0)) throw fields.refuse('by');
  return { index, content: parseContent(type, fields), by };
}

/** The organisation's id: H(JCS of the genesis entry without "by")[:16]. */
export function computeOrg(genesis: Entry<Genesis>): Bytes {
  return computeSha256(encodeJson(encodeUnsigned(genesis))).slice(0, 16);
}

/** The bytes that members sign. */
export function encodeEntryMessage(org: Bytes, entry: Entry): Bytes {
  return joinBytes(encodeText(`plaint/v1/directory\n${encodeHex(org)}\n`), encodeJson(encodeUnsigned(entry)));
}

/** The entry with the signature of `member` added or replaced. */
export function signEntry(org: Bytes, entry: Entry, member: Bytes, key: SigningKey): Entry {
  const signature = { id: member, sig: key.sign(encodeEntryMessage(org, entry)) };
  const others = entry.by.filter((other) => !equalBytes(other.id, member));
  return { ...entry, by: [...others, signature].sort((a, b) => compareBytes(a.id, b.id)) };
}

/** Checks one signature of `entry` under the member's public `sign` key. Throws VerificationError "directory-signature". */
export function verifyEntrySignature(org: Bytes, entry: Entry, signature: Signature, sign: Bytes): void {
  try {
    verifySignature(sign, encodeEntryMessage(org, entry), signature.sig);
  } catch (error) {
    if (error instanceof VerificationError) throw new VerificationError('directory-signature');
    throw error;
  }
}

function encodeUnsigned({ index, content }: Entry): JsonObject {
  return { ...encodeContent(content), index, type: content.type, v: 1 };
}

function parseSignature(value: Json): Signature {
  const fields = new Fields(value, CODE);
  const signature = { id: fields.takeHex('id', 16), sig: fields.takeHex('sig', 64) };
  fields.finish();
  return signature;
}
