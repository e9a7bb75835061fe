/** Checkpoints: the origin, size and root that a log signs (C2SP tlog-checkpoint v1.0.0). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeText, encodeU32, equalBytes, joinBytes, parseText, readU32 } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { HASH_BYTES } from './hashes.ts';
import { parseInteger } from './lines.ts';
import { EMPTY_ROOT } from './merkle.ts';
import { LIMIT_NOTE_BYTES, type Note, type VerifierKey, encodeNote, parseNote, verifyNote } from './note.ts';

const LIMIT_CHECKPOINT_BYTES = 16_384;
const LIMIT_SIZES_BYTES = 16_777_216;
const LENGTH_BYTES = 4;
/** How many kept checkpoints are asked for at once, so that nobody learns which one of them was wanted. */
export const RUN = 32;
export const LIMIT_RUN_BYTES = RUN * (LENGTH_BYTES + LIMIT_NOTE_BYTES);

/** What a log claims: under `root` stand the first `size` entries of `origin`. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  readonly extensions: readonly string[];
}

export function encodeCheckpoint({ origin, size, root, extensions }: Checkpoint): Bytes {
  return encodeText([origin, String(size), encodeBase64(root), ...extensions, ''].join('\n'));
}

/**
 * The checkpoint in a note text, without trusting it. Throws MalformedError "checkpoint-size", "checkpoint-form",
 * "checkpoint-empty-root" and those of `parseInteger`, `parseBase64`.
 */
export function parseCheckpoint(text: Bytes): Checkpoint {
  if (text.length > LIMIT_CHECKPOINT_BYTES) throw new MalformedError('checkpoint-size');
  const lines = parseText(text, 'checkpoint-form').split('\n');
  const last = lines.pop();
  const [origin, sizeLine, rootLine, ...extensions] = lines;
  if (last !== '' || origin === undefined || sizeLine === undefined || rootLine === undefined || lines.includes('')) {
    throw new MalformedError('checkpoint-form');
  }
  const root = parseBase64(rootLine, HASH_BYTES, HASH_BYTES);
  const size = parseInteger(sizeLine);
  if (size === 0 && !equalBytes(root, EMPTY_ROOT)) throw new MalformedError('checkpoint-empty-root');
  return { origin, size, root, extensions };
}

/**
 * The checkpoint of a note that `log` signed and whose origin is the name of `log`.
 * Throws VerificationError "checkpoint-origin", those of `verifyNote`; MalformedError of `parseCheckpoint`.
 */
export function openCheckpoint(note: Note, log: VerifierKey): Checkpoint {
  verifyNote(note, [log]);
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== log.name) throw new VerificationError('checkpoint-origin');
  return checkpoint;
}

/** The list of sizes at which checkpoints are kept, one in each line. */
export function encodeSizes(sizes: Iterable<number>): Bytes {
  const sorted = [...new Set(sizes)].sort((a, b) => a - b);
  return encodeText(sorted.map((size) => `${size}\n`).join(''));
}

/** The sizes of such a list, strictly ascending. Throws MalformedError "sizes-form" and those of `parseInteger`. */
export function parseSizes(data: Uint8Array): number[] {
  if (data.length > LIMIT_SIZES_BYTES || data.some((byte) => byte > 127) || (data.length && data.at(-1) !== 10)) {
    throw new MalformedError('sizes-form');
  }
  const lines = new TextDecoder().decode(data).split('\n').slice(0, -1);
  const sizes = lines.map((line) => parseInteger(line));
  if (sizes.some((size, i) => i > 0 && size <= (sizes[i - 1] ?? 0))) throw new MalformedError('sizes-form');
  return sizes;
}

/** Kept checkpoints one after the other, each after its length in 32 bits, big-endian. */
export function encodeRun(notes: readonly Note[]): Bytes {
  return joinBytes(...notes.map(encodeNote).flatMap((note) => [encodeU32(note.length), note]));
}

/** The notes of such a run, at most `RUN` of them, without trusting anything in them. Throws "run-form" and those of `parseNote`. */
export function parseRun(data: Bytes): Note[] {
  if (data.length > LIMIT_RUN_BYTES) throw new MalformedError('run-form');
  const notes: Note[] = [];
  for (let at = 0; at < data.length;) {
    const start = at + LENGTH_BYTES;
    if (start > data.length || notes.length === RUN) throw new MalformedError('run-form');
    at = start + readU32(data, at);
    if (at > data.length) throw new MalformedError('run-form');
    notes.push(parseNote(data.subarray(start, at)));
  }
  return notes;
}
