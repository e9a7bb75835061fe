/** Excerpts: the part of the case log that a proof needs, in one file for judging without a server (spec/excerpt.md). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeHex, joinBytes, parseHex } from './bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { HASH_BYTES } from './hashes.ts';
import { LEAF_BYTES, computeContentLeaf, computeTokenHash } from './leaf.ts';
import { type Line, LineReader, encodeLines, parseInteger, parseLines } from './lines.ts';
import { Frontier, computeLeafHash } from './merkle.ts';
import { LIMIT_NOTE_BYTES, type Note, encodeNote, parseNote } from './note.ts';
import { parseProof } from './proof.ts';
import type { Receipt } from './receipt.ts';
import { openTrustedState } from './receipt_keys.ts';
import { encodeHeader } from './room.ts';
import { LeafScan, type Leaves } from './scan.ts';
import type { Trust } from './trust.ts';

const FIRST_LINE = 'plaint/v1/excerpt';
const STEP = 256;
const LIMIT_HEAD_BYTES = 1_048_576;
const LIMIT_LEAVES = 2_000_000;
const LIMIT_KEPT = 64;
export const LIMIT_EXCERPT_BYTES = LIMIT_HEAD_BYTES + 1 + LIMIT_LEAVES * LEAF_BYTES;

/** Leaves from `first` on, the subtrees before them, and the kept checkpoints that date what is found among them. */
export interface Excerpt {
  readonly first: number;
  readonly before: readonly Bytes[];
  /** By size, ascending. */
  readonly notes: ReadonlyMap<number, Note>;
  readonly data: Bytes;
}

/** An excerpt as something a verifier may search. */
export function openExcerpt({ first, before, notes, data }: Excerpt): Leaves {
  const at = (index: number) => (index - first) * LEAF_BYTES;
  return {
    first,
    before,
    size: first + Math.floor(data.length / LEAF_BYTES),
    readLeaf: (index) => data.subarray(at(index), at(index + 1)),
    kept: [...notes.keys()],
    readKept: (size) => {
      const note = notes.get(size);
      if (note === undefined) throw new MalformedError('excerpt-kept');
      return note;
    },
  };
}

export function encodeExcerpt({ first, before, notes, data }: Excerpt): Bytes {
  const pairs: Line[] = [
    ['first', String(first)],
    ...before.map((node): Line => ['before', encodeHex(node)]),
    ['leaves', String(Math.floor(data.length / LEAF_BYTES))],
    ...[...notes.values()].map((note): Line => ['kept', encodeBase64(encodeNote(note))]),
  ];
  return joinBytes(encodeLines(FIRST_LINE, pairs), Uint8Array.of(10), data);
}

/**
 * An excerpt, without trusting it. Throws MalformedError "excerpt-size", "excerpt-form", "excerpt-first", "excerpt-kept",
 * "excerpt-leaves" and those of `lines.ts`, `parseHex`, `parseBase64`, `parseNote`, `parseCheckpoint`.
 */
export function parseExcerpt(data: Bytes): Excerpt {
  if (data.length > LIMIT_EXCERPT_BYTES) throw new MalformedError('excerpt-size');
  const end = findBlank(data.subarray(0, LIMIT_HEAD_BYTES + 1));
  const reader = new LineReader(parseLines(data.subarray(0, end + 1), FIRST_LINE, LIMIT_HEAD_BYTES));
  const first = parseInteger(reader.take('first'));
  const before = reader.takeMany('before').map((node) => parseHex(node, HASH_BYTES));
  const count = parseInteger(reader.take('leaves'), LIMIT_LEAVES + 1);
  const kept = reader.takeMany('kept');
  reader.finish();
  if (first % STEP !== 0 || before.length !== countOnes(first)) throw new MalformedError('excerpt-first');
  if (count === 0 || data.length - end - 2 !== count * LEAF_BYTES) throw new MalformedError('excerpt-leaves');
  if (kept.length > LIMIT_KEPT) throw new MalformedError('excerpt-kept');
  const notes = new Map<number, Note>();
  let last = first;
  for (const encoded of kept) {
    const note = parseNote(parseBase64(encoded, LIMIT_NOTE_BYTES));
    const { size } = parseCheckpoint(note.text);
    if (size <= last) throw new MalformedError('excerpt-kept');
    notes.set((last = size), note);
  }
  if (last !== first + count) throw new MalformedError('excerpt-kept');
  return { first, before, notes, data: data.slice(end + 2) };
}

/**
 * What of a copy of the log a proof about `receipt` needs, up to its last dated checkpoint at `now`: of the checkpoints, those that
 * date the report and what answered it, and the last. Throws VerificationError "leaves-missing" when the copy begins after the
 * report, "leaves-root"; those of `openTrustedState`, `parseProof`.
 */
export function cutExcerpt(leaves: Leaves, receipt: Receipt, trust: Trust, now: number): Excerpt {
  const { state } = openTrustedState(receipt.note, trust);
  const start = receipt.proof === null ? state.size : Math.min(state.size, parseProof(receipt.proof).index);
  const leaf = computeContentLeaf(receipt.opening, encodeHeader(receipt.header));
  const scan = new LeafScan(leaves, trust, now);
  const found = scan.find([computeTokenHash(leaf), ...state.dues.map(({ hash }) => hash)].map(encodeHex), start);
  const first = Math.floor(Math.min(start, scan.size - 1) / STEP) * STEP;
  if (first < (leaves.first ?? 0)) throw new VerificationError('leaves-missing');
  const sizes = new Set([scan.size, ...[...found.values()].flatMap((index) => scan.listDating(index))]);
  const notes = [...sizes].sort((a, b) => a - b).map((size) => [size, leaves.readKept(size)] as const);
  const data = joinBytes(...Array.from({ length: scan.size - first }, (_, i) => leaves.readLeaf(first + i)));
  return { first, before: computeBefore(leaves, first), notes: new Map(notes), data };
}

function computeBefore(leaves: Leaves, first: number): readonly Bytes[] {
  const frontier = new Frontier(leaves.first, leaves.before);
  while (frontier.size < first) frontier.append(computeLeafHash(leaves.readLeaf(frontier.size)));
  return frontier.nodes;
}

function findBlank(head: Bytes): number {
  for (let at = 1; at < head.length; at++) if (head[at] === 10 && head[at - 1] === 10) return at - 1;
  throw new MalformedError('excerpt-form');
}

function countOnes(value: number): number {
  return value.toString(2).replaceAll('0', '').length;
}
