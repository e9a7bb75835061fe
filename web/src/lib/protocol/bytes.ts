/** Byte strings: joining, comparing, numbers and text, each in one spelling. */
import { MalformedError } from './errors.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

const ENCODER = new TextEncoder();

export function joinBytes(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** For public values; secrets are compared with `sameBytes` of hashes.ts. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** UTF-8; a lone surrogate becomes U+FFFD, so check `isWellFormed` where it matters. */
export function encodeText(text: string): Bytes {
  return ENCODER.encode(text);
}

/** Strict UTF-8, keeping a byte order mark. Throws MalformedError `code`. */
export function parseText(data: Uint8Array, code: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw new MalformedError(code);
  }
}

export function encodeU32(value: number): Bytes {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

export function encodeU64(value: number): Bytes {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value));
  return out;
}

export function readU32(data: Uint8Array, at: number): number {
  return new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(at);
}

/** A big-endian 64-bit number; beyond 2^53 it is no longer exact, which callers refuse by range. */
export function readU64(data: Uint8Array, at: number): number {
  return Number(new DataView(data.buffer, data.byteOffset, data.byteLength).getBigUint64(at));
}

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

export function encodeHex(data: Uint8Array): string {
  let text = '';
  for (const byte of data) text += HEX[byte] ?? '';
  return text;
}

/** The bytes of lower-case hex of exactly `sizeBytes`. Throws MalformedError "text-hex". */
export function parseHex(text: string, sizeBytes: number): Bytes {
  if (text.length !== 2 * sizeBytes || !/^[0-9a-f]*$/.test(text)) throw new MalformedError('text-hex');
  return readHex(text);
}

/** The bytes of hex that was checked before. */
export function readHex(text: string): Bytes {
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return out;
}
