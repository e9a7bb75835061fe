/** Proofs that travel alone: index, inclusion proof and checkpoint in one file (C2SP tlog-proof, without `extra`). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeText, joinBytes } from './bytes.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { MalformedError } from './errors.ts';
import { HASH_BYTES } from './hashes.ts';
import { parseInteger } from './lines.ts';
import { computeLeafHash, verifyInclusion } from './merkle.ts';
import { LIMIT_NOTE_BYTES, type Note, type VerifierKey, encodeNote, parseNote } from './note.ts';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
const LIMIT_PROOF_HASHES = 53;

/** Where an entry stands and why; `note` is the signed checkpoint, verbatim. */
export interface LogProof {
  readonly index: number;
  readonly hashes: readonly Bytes[];
  readonly note: Note;
}

/** The bytes of a `.tlog-proof` file. */
export function encodeProof({ index, hashes, note }: LogProof): Bytes {
  const lines = [FIRST_LINE, `index ${index}`, ...hashes.map(encodeBase64), '', ''];
  return joinBytes(encodeText(lines.join('\n')), encodeNote(note));
}

/**
 * Splits a proof; `extra` is refused, because nothing vouches for it. Throws MalformedError "proof-size", "proof-first-line",
 * "proof-extra", "proof-form" and those of `parseNote`, `parseInteger`, `parseBase64`.
 */
export function parseProof(data: Bytes): LogProof {
  if (data.length > LIMIT_NOTE_BYTES + 64 * (LIMIT_PROOF_HASHES + 3)) throw new MalformedError('proof-size');
  const blank = data.findIndex((byte, i) => byte === 10 && data[i + 1] === 10);
  if (blank < 0 || data.subarray(0, blank).some((byte) => byte > 127)) throw new MalformedError('proof-form');
  const [first, ...lines] = new TextDecoder().decode(data.subarray(0, blank)).split('\n');
  if (first !== FIRST_LINE) throw new MalformedError('proof-first-line');
  const [place, ...hashes] = lines;
  if (place?.startsWith('extra ')) throw new MalformedError('proof-extra');
  if (!place?.startsWith('index ') || lines.length > LIMIT_PROOF_HASHES + 1) throw new MalformedError('proof-form');
  const parsed = hashes.map((line) => parseBase64(line, HASH_BYTES, HASH_BYTES));
  return { index: parseInteger(place.slice('index '.length)), hashes: parsed, note: parseNote(data.slice(blank + 2)) };
}

/** The checkpoint signed by `log` whose tree holds `entry` at the proof's index; dates are the policy's task. */
export function openProof(proof: LogProof, entry: Bytes, log: VerifierKey): Checkpoint {
  const checkpoint = openCheckpoint(proof.note, log);
  const { size, root } = checkpoint;
  verifyInclusion(computeLeafHash(entry), { index: proof.index, size, proof: proof.hashes, root });
  return checkpoint;
}
