/** Directory entries by which keys change or become void (spec/directory.md, "Rotation", "Compromised keys"). */
import { type Bytes, encodeHex, encodeText, joinBytes } from './bytes.ts';
import { CARRY_BYTES } from './carry.ts';
import { takeVkey } from './directory_server.ts';
import { VerificationError } from './errors.ts';
import type { Fields } from './fields.ts';
import { computeSha256 } from './hashes.ts';
import type { JsonObject } from './json.ts';
import { ED25519, type VerifierKey, encodeVkey } from './note.ts';
import { type SigningKey, verifySignature } from './signing.ts';

/** A member's next keys; `carry` opens to the entropy before them, for whoever has the new ones. */
export interface Rotate {
  readonly id: Bytes;
  readonly age: Bytes;
  readonly author: Bytes;
  readonly sign: Bytes;
  readonly pop: Bytes;
  readonly proof: Bytes;
  readonly carry: Bytes;
}

/** A key that somebody else may hold: a member's, by the member's id, or the server's receipt key. */
export type VoidKey = { readonly id: Bytes } | { readonly receipts: VerifierKey };

/** The proof of the new `sign` key that it takes the place of the old one, here and for this member. */
export function signRotation(org: Bytes, rotate: Omit<Rotate, 'proof'>, key: SigningKey): Bytes {
  return key.sign(encodeMessage(org, rotate));
}

/** Checks that proof. Throws VerificationError "directory-rotate". */
export function verifyRotation(org: Bytes, rotate: Rotate): void {
  try {
    verifySignature(rotate.sign, encodeMessage(org, rotate), rotate.proof);
  } catch (error) {
    if (error instanceof VerificationError) throw new VerificationError('directory-rotate', 'proof');
    throw error;
  }
}

export function encodeRotate(rotate: Rotate): JsonObject {
  return {
    id: encodeHex(rotate.id),
    age: encodeHex(rotate.age),
    author: encodeHex(rotate.author),
    sign: encodeHex(rotate.sign),
    pop: encodeHex(rotate.pop),
    proof: encodeHex(rotate.proof),
    carry: encodeHex(rotate.carry),
  };
}

/** A rotation of which nothing is verified yet. */
export function parseRotate(fields: Fields): Rotate {
  return {
    id: fields.takeHex('id', 16),
    age: fields.takeHex('age', 32),
    author: fields.takeHex('author', 32),
    sign: fields.takeHex('sign', 32),
    pop: fields.takeHex('pop', 64),
    proof: fields.takeHex('proof', 64),
    carry: fields.takeHex('carry', CARRY_BYTES),
  };
}

export function encodeVoidKey(key: VoidKey): JsonObject {
  return 'receipts' in key ? { receipts: encodeVkey(key.receipts) } : { id: encodeHex(key.id) };
}

/** What says which key is void: a member's or the server's. */
export function parseVoidKey(fields: Fields): VoidKey {
  return fields.has('receipts')
    ? { receipts: takeVkey(fields, 'receipts', ED25519) }
    : { id: fields.takeHex('id', 16) };
}

function encodeMessage(org: Bytes, { id, age, author, sign, carry }: Omit<Rotate, 'proof'>): Bytes {
  return joinBytes(encodeText('plaint/v1/rotate\n'), org, id, age, author, sign, computeSha256(carry));
}
