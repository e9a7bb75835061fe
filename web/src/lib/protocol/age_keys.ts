/** The text forms of age keys, `age1…` and `AGE-SECRET-KEY-1…`, so that stock tools can use ours. Source: BIP-173. */
import type { Bytes } from './bytes.ts';

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** `age1…` for a 32-byte X25519 public key. */
export function encodeAgeRecipient(publicKey: Bytes): string {
  return encodeBech32('age', publicKey);
}

/** `AGE-SECRET-KEY-1…` for a 32-byte X25519 private key. */
export function encodeAgeIdentity(secret: Bytes): string {
  return encodeBech32('age-secret-key-', secret).toUpperCase();
}

function encodeBech32(prefix: string, data: Bytes): string {
  const codes = Array.from(prefix, (character) => character.charCodeAt(0));
  const spread = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  const values = splitBits(data);
  const check = computePolymod([...spread, ...values, 0, 0, 0, 0, 0, 0]) ^ 1;
  const tail = [5, 4, 3, 2, 1, 0].map((i) => (check >> (5 * i)) & 31);
  return `${prefix}1${[...values, ...tail].map((value) => ALPHABET[value] ?? '').join('')}`;
}

function splitBits(data: Bytes): number[] {
  const values: number[] = [];
  let [bits, count] = [0, 0];
  for (const byte of data) {
    bits = ((bits & 31) << 8) | byte;
    for (count += 8; count >= 5; count -= 5) values.push((bits >> (count - 5)) & 31);
  }
  if (count) values.push((bits << (5 - count)) & 31);
  return values;
}

function computePolymod(values: readonly number[]): number {
  let check = 1;
  for (const value of values) {
    const top = check >> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (const [i, generator] of GENERATOR.entries()) check ^= (top >> i) & 1 ? generator : 0;
  }
  return check;
}
