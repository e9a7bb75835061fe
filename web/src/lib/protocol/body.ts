/** Sealed bodies: content and proof, padded so that its size says little (spec/room.md, "Body"). */
import { type AgeSecrets, computeSealedBytes, openAge, sealAge } from './age.ts';
import type { AgreementKey } from './agreement.ts';
import { type Author, type Writer, encodeMessage } from './authorship.ts';
import { type Bytes, encodeHex, encodeText, encodeU32, equalBytes, joinBytes, readU32 } from './bytes.ts';
import { LIMIT_CONTENT_BYTES } from './content.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { Fields } from './fields.ts';
import { HASH_BYTES, computeSha256, randomBytes } from './hashes.ts';
import { type Json, type JsonObject, encodeJson, isObject, parseCanonicalJson } from './json.ts';
import { computePadme } from './padme.ts';
import { type Header, type HeaderStart, encodeBind } from './room.ts';

const LIMIT_PLAINTEXT_BYTES = 1_048_576;
const LIMIT_TAGS = 4_096;
const MEMBER_ID_BYTES = 16;
const CODE = 'body-form';
export const LIMIT_SEALED_BYTES = computeSealedBytes(LIMIT_PLAINTEXT_BYTES);

/** Who wrote it, the header it belongs to, `opening` (r) of its leaf and the salt of the content's hash. */
export interface Proof {
  readonly author: Author;
  readonly bind: Bytes;
  readonly opening: Bytes;
  readonly salt: Bytes;
}

/** An opened body; `content` is parsed by `parseContent`, the author is judged by a reader (authorship). */
export interface Body {
  readonly content: Bytes;
  readonly proof: Proof;
}

/** Everything random in a body; drawn afresh unless a vector fixes it. */
export interface BodyRandom extends AgeSecrets {
  readonly opening: Bytes;
  readonly salt: Bytes;
}

export function drawBodyRandom(): BodyRandom {
  const [opening, salt, esk] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  return { opening, salt, esk, fileKey: randomBytes(16), nonce: randomBytes(16) };
}

/** What the author's signature or tags are over. */
export function encodeBodyMessage({ content, proof }: Body): Bytes {
  return encodeMessage(proof.bind, proof.salt, content);
}

/**
 * `content` sealed to the room's recipient and bound to the header; the leaf's opening is `random.opening`.
 * Throws MalformedError "content-size", "body-size"; VerificationError "key-agreement".
 */
export function sealBody(
  recipient: Bytes,
  start: HeaderStart,
  content: Bytes,
  writer: Writer,
  random: BodyRandom = drawBodyRandom(),
): Bytes {
  if (content.length > LIMIT_CONTENT_BYTES) throw new MalformedError('content-size');
  const bind = encodeBind(start);
  const { opening, salt } = random;
  const author = writer(encodeMessage(bind, salt, content));
  return sealAge(recipient, encodeBody({ content, proof: { author, bind, opening, salt } }), random);
}

/**
 * The body that `header` names, after checking that they belong together. Throws MalformedError "body-size", "body-form", those
 * of `openAge`; VerificationError "body-hash", "body-bind".
 */
export function openBody(identity: AgreementKey, header: Header, sealed: Bytes): Body {
  if (sealed.length > LIMIT_SEALED_BYTES) throw new MalformedError('body-size');
  if (!equalBytes(computeSha256(sealed), header.body)) throw new VerificationError('body-hash');
  const body = parseBody(openAge(identity, sealed));
  if (!equalBytes(body.proof.bind, encodeBind(header))) throw new VerificationError('body-bind');
  return body;
}

/** The header with the hashes of its body and slot set filled in. */
export function withBody(start: HeaderStart, sealed: Bytes, slotSet: Bytes | null): Header {
  return { ...start, body: computeSha256(sealed), slots: slotSet && computeSha256(slotSet) };
}

/** The padded plaintext of a body. Throws MalformedError "body-size". */
export function encodeBody({ content, proof }: Body): Bytes {
  const encoded = encodeJson(encodeProof(proof));
  const data = joinBytes(encodeU32(content.length), content, encodeU32(encoded.length), encoded);
  const padded = computePadme(data.length);
  if (padded > LIMIT_PLAINTEXT_BYTES) throw new MalformedError('body-size');
  return joinBytes(data, new Uint8Array(padded - data.length));
}

/** The content and proof in a padded plaintext. Throws MalformedError "body-size", "body-form", those of JSON. */
export function parseBody(plaintext: Bytes): Body {
  if (plaintext.length > LIMIT_PLAINTEXT_BYTES) throw new MalformedError('body-size');
  const [content, middle] = take(plaintext, 0);
  const [proof, end] = take(plaintext, middle);
  const padding = plaintext.subarray(end);
  if (plaintext.length !== computePadme(end) || padding.some(Boolean) || content.length > LIMIT_CONTENT_BYTES) {
    throw new MalformedError(CODE);
  }
  return { content, proof: parseProof(parseCanonicalJson(proof, LIMIT_PLAINTEXT_BYTES)) };
}

function take(data: Bytes, at: number): [Bytes, number] {
  const start = at + 4;
  if (start > data.length) throw new MalformedError(CODE);
  const end = start + readU32(data, at);
  if (end > data.length) throw new MalformedError(CODE);
  return [data.slice(start, end), end];
}

function encodeProof({ author, bind, opening, salt }: Proof): JsonObject {
  return {
    author: encodeAuthor(author),
    bind: new TextDecoder().decode(bind),
    r: encodeHex(opening),
    salt: encodeHex(salt),
  };
}

function encodeAuthor(author: Author): JsonObject {
  if (author.who === 'member') return { id: encodeHex(author.id), sig: encodeHex(author.signature) };
  return { tags: Object.fromEntries([...author.tags].map(([id, tag]) => [id, encodeHex(tag)])) };
}

function parseProof(value: Json): Proof {
  const fields = new Fields(value, CODE);
  const proof = {
    author: parseAuthor(fields.take('author')),
    bind: encodeText(fields.takeText('bind', { limit: 1_024 })),
    opening: fields.takeHex('r', HASH_BYTES),
    salt: fields.takeHex('salt', HASH_BYTES),
  };
  fields.finish();
  return proof;
}

function parseAuthor(value: Json): Author {
  const fields = new Fields(value, CODE);
  const author: Author = fields.has('tags')
    ? { who: 'holder', tags: parseTags(fields.take('tags')) }
    : { who: 'member', id: fields.takeHex('id', MEMBER_ID_BYTES), signature: fields.takeHex('sig', 64) };
  fields.finish();
  return author;
}

function parseTags(value: Json): Map<string, Bytes> {
  if (!isObject(value)) throw new MalformedError(CODE, 'tags');
  const ids = Object.keys(value);
  if (ids.length > LIMIT_TAGS || !ids.every((id) => /^[0-9a-f]{32}$/.test(id))) throw new MalformedError(CODE, 'tags');
  const tags = new Fields(value, CODE);
  return new Map(ids.map((id) => [id, tags.takeHex(id, HASH_BYTES)]));
}
