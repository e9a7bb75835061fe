/** Proof of work for anonymous writes that create something (spec/work.md). */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, encodeHex, encodeText } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { computeSha256 } from './hashes.ts';
import { parseInteger } from './lines.ts';

/** The tick it was done for, and the nonce found. */
export interface Work {
  readonly tick: number;
  readonly nonce: number;
}

/** What work is about: H(sealed body) of a room, or a blob id. */
export interface WorkSubject {
  readonly org: Bytes;
  readonly tick: number;
  readonly subject: Bytes;
}

/** Looks at `count` nonces from `start` on; the least that has `bits` zero bits, or null. Call again with the next start. */
export function searchWork(about: WorkSubject, bits: number, start: number, count: number): Work | null {
  const begun = sha256.create().update(encodePrefix(about));
  const [digest, text, encoder] = [new Uint8Array(32), new Uint8Array(20), new TextEncoder()];
  let hash = begun.clone();
  for (let nonce = start; nonce < start + count; nonce++) {
    hash = begun._cloneInto(hash); // nothing is allocated in this loop: it runs a million times
    const { written } = encoder.encodeInto(`${nonce}\n`, text);
    hash.update(text.subarray(0, written)).digestInto(digest);
    if (countZeroBits(digest) >= bits) return { tick: about.tick, nonce };
  }
  return null;
}

/** All at once; for tests and small `bits`. */
export function solveWork(about: WorkSubject, bits: number): Work {
  for (let start = 0; ; start += 1_024) {
    const work = searchWork(about, bits, start, 1_024);
    if (work) return work;
  }
}

/** Checks the zero bits; whether the tick is recent is for who knows the time. Throws VerificationError "work". */
export function verifyWork(work: Work, org: Bytes, subject: Bytes, bits: number): void {
  const digest = computeSha256(encodePrefix({ org, tick: work.tick, subject }), encodeText(`${work.nonce}\n`));
  if (countZeroBits(digest) < bits) throw new VerificationError('work');
}

/** `<tick> <nonce>`. */
export function encodeWork({ tick, nonce }: Work): string {
  return `${tick} ${nonce}`;
}

/** Throws MalformedError "text-value", "text-integer". */
export function parseWork(text: string): Work {
  const space = text.indexOf(' ');
  if (space < 0) throw new MalformedError('text-value', 'work');
  return { tick: parseInteger(text.slice(0, space)), nonce: parseInteger(text.slice(space + 1)) };
}

function encodePrefix({ org, tick, subject }: WorkSubject): Bytes {
  return encodeText(`plaint/v1/work\n${encodeHex(org)}\n${tick}\n${encodeHex(subject)}\n`);
}

function countZeroBits(digest: Bytes): number {
  let bits = 0;
  for (const byte of digest) {
    if (byte !== 0) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
}
