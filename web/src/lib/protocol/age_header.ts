/** Headers of age v1 files: ours with one X25519 stanza, and anybody's read strictly. Source: C2SP age.md, "Header". */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import type { AgreementKey } from './agreement.ts';
import { encodeBase64 } from './base64.ts';
import { type Bytes, encodeText, joinBytes } from './bytes.ts';
import { MalformedError, PlaintError, VerificationError } from './errors.ts';
import { computeHmac, expand, extract, sameBytes } from './hashes.ts';

const FIRST_LINE = 'age-encryption.org/v1\n';
const OWN = /^age-encryption\.org\/v1\n-> X25519 ([A-Za-z0-9+/]{43})\n([A-Za-z0-9+/]{43})\n--- ([A-Za-z0-9+/]{43})\n$/;
const ZERO_NONCE = new Uint8Array(12);
const EMPTY = new Uint8Array(0);
export const HEADER_BYTES = 168;
export const LIMIT_HEADER_BYTES = 16_384;

/** The 168 bytes of a header with one X25519 stanza. Throws VerificationError "key-agreement"; MalformedError "key-length". */
export function encodeHeader(recipient: Uint8Array, ephemeral: AgreementKey, fileKey: Uint8Array): Bytes {
  const wrapKey = computeWrapKey(ephemeral.agree(recipient), ephemeral.public, recipient);
  const head = encodeHead(ephemeral.public, chacha20poly1305(wrapKey, ZERO_NONCE).encrypt(fileKey));
  return joinBytes(head, encodeText(` ${encode(computeHmac(computeMacKey(fileKey), head))}\n`));
}

/** A header of these three 32-byte fields, whatever they hold: the form of a cell for nobody. */
export function encodeFields(share: Uint8Array, body: Uint8Array, mac: Uint8Array): Bytes {
  return joinBytes(encodeHead(share, body), encodeText(` ${encode(mac)}\n`));
}

/** Where the payload's nonce begins, or null when the header is not complete. Throws MalformedError "age-form". */
export function findHeaderEnd(data: Uint8Array): number | null {
  const text = latin(data.subarray(0, LIMIT_HEADER_BYTES));
  if (!text.startsWith(FIRST_LINE.slice(0, text.length))) throw new MalformedError('age-form');
  const match = /\n--- [^\n]*\n/.exec(text);
  return match ? match.index + match[0].length : null;
}

/**
 * The file key of a header with an X25519 stanza for `identity`.
 * Throws MalformedError "age-form"; VerificationError "age-no-identity", "age-payload" for a false MAC.
 */
export function openHeader(identity: AgreementKey, header: Uint8Array): Bytes {
  const text = latin(header);
  const at = text.indexOf('\n---') + 4;
  const mac = decode(text.slice(at + 1, -1), 32);
  for (const [words, body] of parseStanzas(text.slice(FIRST_LINE.length, at - 3))) {
    if (words[0] !== 'X25519') continue;
    if (words.length !== 2 || body.length !== 32) throw new MalformedError('age-form');
    const fileKey = unwrap(identity, decode(words[1] ?? '', 32), body);
    if (fileKey === null) continue;
    checkMac(fileKey, header.subarray(0, at), mac);
    return fileKey;
  }
  throw new VerificationError('age-no-identity');
}

export interface OwnHeader {
  readonly share: Bytes;
  readonly body: Bytes;
  readonly mac: Bytes;
}

/** The three fields of a header in our own form, or null for any other form. Throws MalformedError "age-form". */
export function parseOwnHeader(header: Uint8Array): OwnHeader | null {
  const match = OWN.exec(latin(header));
  if (match === null) return null;
  const [share, body, mac] = match.slice(1).map((field) => decode(field, 32));
  return share && body && mac ? { share, body, mac } : null;
}

/** The file key under the shared secret of `recipient` with the header's share, or null when it is for somebody else. */
export function unwrapOwnHeader(
  header: Uint8Array,
  own: OwnHeader,
  shared: Uint8Array,
  recipient: Uint8Array,
): Bytes | null {
  const fileKey = decrypt(computeWrapKey(shared, own.share, recipient), own.body);
  if (fileKey !== null) checkMac(fileKey, header.subarray(0, HEADER_BYTES - 45), own.mac);
  return fileKey;
}

function encodeHead(share: Uint8Array, body: Uint8Array): Bytes {
  return encodeText(`${FIRST_LINE}-> X25519 ${encode(share)}\n${encode(body)}\n---`);
}

function checkMac(fileKey: Bytes, head: Uint8Array, mac: Bytes): void {
  if (!sameBytes(computeHmac(computeMacKey(fileKey), head), mac)) throw new VerificationError('age-payload');
}

function unwrap(identity: AgreementKey, share: Bytes, body: Bytes): Bytes | null {
  try {
    return decrypt(computeWrapKey(identity.agree(share), share, identity.public), body);
  } catch (error) {
    if (error instanceof PlaintError) throw new MalformedError('age-form');
    throw error;
  }
}

function decrypt(key: Bytes, body: Uint8Array): Bytes | null {
  try {
    return chacha20poly1305(key, ZERO_NONCE).decrypt(body);
  } catch {
    return null;
  }
}

function computeWrapKey(shared: Uint8Array, share: Uint8Array, recipient: Uint8Array): Bytes {
  return expand(extract(joinBytes(share, recipient), shared), 'age-encryption.org/v1/X25519');
}

function computeMacKey(fileKey: Uint8Array): Bytes {
  return expand(extract(EMPTY, fileKey), 'header');
}

function parseStanzas(text: string): [string[], Bytes][] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new MalformedError('age-form');
  const stanzas: [string[], Bytes][] = [];
  let at = 0;
  while (at < lines.length) {
    const head = lines[at] ?? '';
    if (!/^->(?: [!-~]+)+$/.test(head)) throw new MalformedError('age-form');
    let end = at + 1;
    while (lines[end]?.length === 64) end++;
    const last = lines[end];
    if (last === undefined || last.length > 64) throw new MalformedError('age-form'); // a body ends with a short line
    stanzas.push([head.slice(3).split(' '), decode(lines.slice(at + 1, end + 1).join(''))]);
    at = end + 1;
  }
  return stanzas;
}

function latin(data: Uint8Array): string {
  return String.fromCharCode(...data);
}

function encode(data: Uint8Array): string {
  return encodeBase64(data).replace(/=+$/, '');
}

function decode(text: string, sizeBytes?: number): Bytes {
  const data = tryDecode(text);
  if (encode(data) !== text || (sizeBytes !== undefined && data.length !== sizeBytes)) {
    throw new MalformedError('age-form');
  }
  return data;
}

function tryDecode(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new MalformedError('age-form');
  }
}
