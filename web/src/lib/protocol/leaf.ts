/** The 33-byte leaves of the case log: content, token and dummy, alike to everybody else (spec/leaf.md). */
import { type Bytes, joinBytes } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { HASH_BYTES, computeHmac, computeSha256 } from './hashes.ts';

const PREFIX = Uint8Array.of(1);
export const LEAF_BYTES = 33;
export const TOKEN_KINDS: readonly string[] = [
  'open',
  'acknowledge',
  'feedback',
  'extend',
  'decide',
  'close',
  'reopen',
];

/** 0x01 ‖ HMAC(r, header); `opening` is r, known to the body's readers only. Throws MalformedError "key-length". */
export function computeContentLeaf(opening: Bytes, header: Bytes): Bytes {
  if (opening.length !== HASH_BYTES) throw new MalformedError('key-length');
  return joinBytes(PREFIX, computeHmac(opening, header));
}

/** 0x01 ‖ tok(kind, n). Throws MalformedError "key-length". */
export function computeTokenLeaf(token: Bytes): Bytes {
  if (token.length !== HASH_BYTES) throw new MalformedError('key-length');
  return joinBytes(PREFIX, token);
}

/** H(leaf without its first byte): equal to a `due` hash when the leaf is that event's token. */
export function computeTokenHash(leaf: Uint8Array): Bytes {
  return computeSha256(leaf.subarray(1));
}

/** `leaf` when it has the form of one. Throws MalformedError "leaf-form". */
export function checkLeaf(leaf: Bytes): Bytes {
  if (leaf.length !== LEAF_BYTES || leaf[0] !== 1) throw new MalformedError('leaf-form');
  return leaf;
}
