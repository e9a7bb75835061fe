/** SHA-256, HMAC and HKDF, under the names the specification uses (H, HMAC, X). */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, encodeText, joinBytes } from './bytes.ts';

export const HASH_BYTES = 32;

/** SHA-256 that takes its input in parts. */
export interface Hasher {
  update(part: Uint8Array): unknown;
  digest(): Bytes;
}

export function createHasher(): Hasher {
  return sha256.create();
}

export function computeSha256(...parts: readonly Uint8Array[]): Bytes {
  const hasher = sha256.create();
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}

export function computeHmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Bytes {
  const mac = hmac.create(sha256, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** HKDF-Extract-SHA256. Source: RFC 5869, section 2.2. */
export function extract(salt: Uint8Array | string, ikm: Uint8Array): Bytes {
  return computeHmac(typeof salt === 'string' ? encodeText(salt) : salt, ikm);
}

/** HKDF-Expand-SHA256. Source: RFC 5869, section 2.3. */
export function expand(prk: Uint8Array, info: Uint8Array | string, lengthBytes: number = HASH_BYTES): Bytes {
  const label = typeof info === 'string' ? encodeText(info) : info;
  let block: Bytes = new Uint8Array(0);
  let out: Bytes = block;
  for (let counter = 1; out.length < lengthBytes; counter++) {
    block = computeHmac(prk, block, label, Uint8Array.of(counter));
    out = joinBytes(out, block);
  }
  return out.slice(0, lengthBytes);
}

/** X(key, label): 32 bytes for one purpose. Source: spec/keys.md. */
export function derive(key: Uint8Array, label: string): Bytes {
  return expand(key, `plaint/v1/${label}`);
}

/** Compares two secrets in a time that does not depend on where they differ. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= (left[i] ?? 0) ^ (right[i] ?? 0);
  return difference === 0;
}

export function randomBytes(count: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(count));
}
