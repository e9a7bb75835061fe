/** Checkpoints: the origin, size and root that a log signs (C2SP tlog-checkpoint v1.0.0). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeText, equalBytes, parseText } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { HASH_BYTES } from './hashes.ts';
import { parseInteger } from './lines.ts';
import { EMPTY_ROOT } from './merkle.ts';
import { type Note, type VerifierKey, verifyNote } from './note.ts';

const LIMIT_CHECKPOINT_BYTES = 16_384;
const LIMIT_SIZES_BYTES = 16_777_216;

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
