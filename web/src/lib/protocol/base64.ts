/** Base64 with one spelling: standard alphabet, padding required, no white space, canonical last bits. */
import type { Bytes } from './bytes.ts';
import { MalformedError } from './errors.ts';

const STEP = 0x8000;

/** Standard base64 with padding. Source: RFC 4648, section 4. */
export function encodeBase64(data: Uint8Array): string {
  let text = '';
  for (let at = 0; at < data.length; at += STEP) text += String.fromCharCode(...data.subarray(at, at + STEP));
  return btoa(text);
}

/** The bytes of canonical standard base64. Throws MalformedError "base64-size", "base64-form". */
export function parseBase64(text: string, limitBytes: number, sizeBytes?: number): Bytes {
  if (text.length > Math.floor((limitBytes + 2) / 3) * 4) throw new MalformedError('base64-size');
  const data = decode(text);
  if (encodeBase64(data) !== text) throw new MalformedError('base64-form');
  if (data.length > limitBytes || (sizeBytes !== undefined && data.length !== sizeBytes)) {
    throw new MalformedError('base64-size');
  }
  return data;
}

function decode(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new MalformedError('base64-form');
  }
}
