/** Signed notes and the verifier keys they are checked with (C2SP signed-note v1.0.0). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeHex, encodeText, equalBytes, joinBytes, parseHex, parseText } from './bytes.ts';
import { encodeCosignature, makeCosignature, parseCosignature, verifyCosignature } from './cosignature.ts';
import { MalformedError, PlaintError, VerificationError } from './errors.ts';
import { computeSha256 } from './hashes.ts';
import { type SigningKey, verifySignature } from './signing.ts';

const LIMIT_SIGNATURES = 64;
const LIMIT_SIGNATURE_BYTES = 8_192;
const LIMIT_NAME_CHARACTERS = 255;
// The White_Space property of Unicode, written out so that every implementation refuses the same names.
const NAME = /^[^+\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/u;
export const LIMIT_NOTE_BYTES = 131_072;
export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;

/** A public key, the name its owner signs with and the kind of signature it makes. */
export interface VerifierKey {
  readonly name: string;
  readonly type: number;
  readonly public: Bytes;
}

/** One signature line; `signature` is what follows the key id. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: Bytes;
  readonly signature: Bytes;
}

/** A text, with its final newline, and the signatures under it; parsed does not mean verified. */
export interface Note {
  readonly text: Bytes;
  readonly signatures: readonly NoteSignature[];
}

/** SHA-256(name ‖ 0x0A ‖ type ‖ public key), its first 4 bytes. */
export function computeKeyId(key: VerifierKey): Bytes {
  return computeSha256(encodeText(`${key.name}\n`), Uint8Array.of(key.type), key.public).slice(0, 4);
}

/** `name+hex key id+base64(type ‖ public key)`. */
export function encodeVkey(key: VerifierKey): string {
  return `${key.name}+${encodeHex(computeKeyId(key))}+${encodeBase64(joinBytes(Uint8Array.of(key.type), key.public))}`;
}

/**
 * The key of a vkey line: Ed25519 note keys (0x01) and cosigner keys (0x04) only.
 * Throws MalformedError "vkey-form", "vkey-name", "vkey-type", "vkey-id" and those of `parseBase64`, `parseHex`.
 */
export function parseVkey(text: string): VerifierKey {
  const [name = '', keyId = '', ...rest] = text.split('+');
  if (countCharacters(text) > LIMIT_NAME_CHARACTERS + 64 || rest.length === 0) throw new MalformedError('vkey-form');
  if (!isKeyName(name)) throw new MalformedError('vkey-name');
  const data = parseBase64(rest.join('+'), 33, 33);
  const type = data[0] ?? 0;
  if (type !== ED25519 && type !== COSIGNATURE) throw new MalformedError('vkey-type');
  const key = { name, type, public: data.slice(1) };
  if (!equalBytes(parseHex(keyId, 4), computeKeyId(key))) throw new MalformedError('vkey-id');
  return key;
}

/** Signs `text` as `name` with an Ed25519 note key (0x01). */
export function signNote(text: Bytes, name: string, key: SigningKey): NoteSignature {
  return { name, keyId: computeKeyId({ name, type: ED25519, public: key.public }), signature: key.sign(text) };
}

/** Cosigns the checkpoint `text` as `name` at `timestamp` (0x04). */
export function cosignNote(text: Bytes, name: string, key: SigningKey, timestamp: number): NoteSignature {
  const signature = encodeCosignature(makeCosignature(key, text, timestamp));
  return { name, keyId: computeKeyId({ name, type: COSIGNATURE, public: key.public }), signature };
}

/** The bytes of a note: text, blank line, signature lines. */
export function encodeNote(note: Note): Bytes {
  const lines = note.signatures.map((s) => `— ${s.name} ${encodeBase64(joinBytes(s.keyId, s.signature))}\n`);
  return joinBytes(note.text, encodeText(`\n${lines.join('')}`));
}

/**
 * Splits a note at its last blank line, without trusting anything in it. Throws MalformedError "note-size", "note-utf8",
 * "note-control", "note-form", "note-signature", "note-signatures" and those of `parseBase64`.
 */
export function parseNote(data: Bytes): Note {
  if (data.length > LIMIT_NOTE_BYTES) throw new MalformedError('note-size');
  if (data.some((byte) => byte < 32 && byte !== 10)) throw new MalformedError('note-control');
  const blank = findLastBlank(data);
  if (blank < 0) throw new MalformedError('note-form');
  parseText(data.subarray(0, blank), 'note-utf8');
  return { text: data.slice(0, blank + 1), signatures: parseSignatures(data.subarray(blank + 2)) };
}

/** Signature lines as they stand under a note. Throws as `parseNote`. */
export function parseSignatures(data: Bytes): NoteSignature[] {
  if (data.length > LIMIT_NOTE_BYTES) throw new MalformedError('note-size');
  const lines = parseText(data, 'note-utf8').split('\n');
  if (lines.pop() !== '' || lines.length === 0) throw new MalformedError('note-signature');
  if (lines.length > LIMIT_SIGNATURES) throw new MalformedError('note-signatures');
  return lines.map(parseSignature);
}

/**
 * Checks that at least one of `keys` signed, and that no signature announcing one of them is false. Throws VerificationError
 * "note-known-key" (one false signature spoils the note), "note-no-known-key". Source: C2SP signed-note v1.0.0, "Signatures".
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): void {
  let found = false;
  for (const signature of note.signatures) {
    const key = keys.find((candidate) => isAnnounced(signature, candidate));
    if (key === undefined) continue;
    verifyOne(note.text, key, signature);
    found = true;
  }
  if (!found) throw new VerificationError('note-no-known-key');
}

/** The signatures that announce `key`; they mean something only after `verifyNote` with it. */
export function findSignatures(note: Note, key: VerifierKey): NoteSignature[] {
  return note.signatures.filter((signature) => isAnnounced(signature, key));
}

function isAnnounced(signature: NoteSignature, key: VerifierKey): boolean {
  return signature.name === key.name && equalBytes(signature.keyId, computeKeyId(key));
}

function verifyOne(text: Bytes, key: VerifierKey, { signature }: NoteSignature): void {
  try {
    if (key.type === COSIGNATURE) verifyCosignature(key.public, text, parseCosignature(signature));
    else verifySignature(key.public, text, signature);
  } catch (error) {
    if (error instanceof PlaintError) throw new VerificationError('note-known-key');
    throw error;
  }
}

function parseSignature(line: string): NoteSignature {
  const [dash, name = '', ...rest] = line.split(' ');
  const encoded = rest.join(' ');
  if (dash !== '—' || !encoded || !isKeyName(name)) throw new MalformedError('note-signature');
  const data = parseBase64(encoded, LIMIT_SIGNATURE_BYTES);
  if (data.length < 5) throw new MalformedError('note-signature');
  return { name, keyId: data.slice(0, 4), signature: data.slice(4) };
}

function findLastBlank(data: Bytes): number {
  for (let at = data.length - 2; at >= 0; at--) if (data[at] === 10 && data[at + 1] === 10) return at;
  return -1;
}

function isKeyName(name: string): boolean {
  return countCharacters(name) <= LIMIT_NAME_CHARACTERS && NAME.test(name);
}

function countCharacters(text: string): number {
  return Array.from(text).length;
}
