/** State notes: promise, head and open duties of a room, signed at every write and read of it (spec/state.md). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeHex, equalBytes, parseHex } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { HASH_BYTES } from './hashes.ts';
import { LEAF_BYTES, checkLeaf } from './leaf.ts';
import { type Line, LineReader, encodeLines, parseInteger, parseLines } from './lines.ts';
import { type VerifierKey, encodeNote, parseNote, signNote, verifyNote } from './note.ts';
import { DUTIES, type Duty, type Header, ORG_BYTES, ZERO_HASH, computeHeaderHash, encodeHeader } from './room.ts';
import type { SigningKey } from './signing.ts';
import { CASES_SUFFIX } from './trust.ts';

const FIRST_LINE = 'plaint/v1/state';
const LIMIT_STATE_BYTES = 4_096;
const LIMIT_LEAVES = 2;
export const LIMIT_SKEW_S = 600;
const RECEIPTS_SUFFIX = '/receipts';
export const LIMIT_NOTE_BYTES = 8_192;

/** A leaf of this write and the time by which the log must hold it. */
export interface PendingLeaf {
  readonly leaf: Bytes;
  readonly includeBy: number;
}

/** A duty that is still open; `hash` is that of the token that meets it. */
export interface Due {
  readonly kind: Duty;
  readonly at: number;
  readonly hash: Bytes;
}

/** What the server says of a room; `at` is the start of the tick, `size` the case log's latest cosigned size. */
export interface State {
  readonly log: string;
  readonly org: Bytes;
  readonly room: Bytes;
  readonly at: number;
  readonly entries: number;
  readonly head: Bytes;
  readonly size: number;
  readonly leaves: readonly PendingLeaf[];
  readonly dues: readonly Due[];
}

/** The text that is signed. */
export function encodeState(state: State): Bytes {
  return encodeLines(FIRST_LINE, [
    ['log', state.log],
    ['org', encodeHex(state.org)],
    ['room', encodeHex(state.room)],
    ['at', String(state.at)],
    ['entries', String(state.entries)],
    ['head', encodeHex(state.head)],
    ['size', String(state.size)],
    ...state.leaves.map(({ leaf, includeBy }): Line => ['leaf', `${encodeBase64(leaf)} ${includeBy}`]),
    ...state.dues.map(({ kind, at, hash }): Line => ['due', `${kind} ${at} ${encodeHex(hash)}`]),
  ]);
}

/** The state in a note's text, without trusting it. Throws MalformedError of `lines.ts`, `parseBase64`, "leaf-form", "text-…". */
export function parseState(text: Bytes): State {
  const reader = new LineReader(parseLines(text, FIRST_LINE, LIMIT_STATE_BYTES));
  const state = {
    log: reader.take('log'),
    org: parseHex(reader.take('org'), ORG_BYTES),
    room: parseHex(reader.take('room'), HASH_BYTES),
    at: parseInteger(reader.take('at')),
    entries: parseInteger(reader.take('entries')),
    head: parseHex(reader.take('head'), HASH_BYTES),
    size: parseInteger(reader.take('size')),
    leaves: reader.takeMany('leaf').map(parseLeaf),
    dues: reader.takeMany('due').map(parseDue),
  };
  reader.finish();
  const kinds = state.dues.map(({ kind }) => kind);
  const ordered = DUTIES.filter((kind) => kinds.includes(kind));
  if (state.leaves.length > LIMIT_LEAVES || state.entries === 0 || kinds.join() !== ordered.join()) {
    throw new MalformedError('text-value');
  }
  return state;
}

/** The bytes of the note; `name` is `<origin>/receipts`. */
export function signState(state: State, key: SigningKey, name: string): Bytes {
  const text = encodeState(state);
  return encodeNote({ text, signatures: [signNote(text, name, key)] });
}

/**
 * The state in a note that the receipt key signed for its own case log. Throws MalformedError "note-size" and those of `parseNote`,
 * `parseState`; VerificationError "state-log" and those of `verifyNote`.
 */
export function openState(data: Bytes, key: VerifierKey): State {
  if (data.length > LIMIT_NOTE_BYTES) throw new MalformedError('note-size');
  const note = parseNote(data);
  verifyNote(note, [key]);
  const state = parseState(note.text);
  const origin = key.name.endsWith(RECEIPTS_SUFFIX) ? key.name.slice(0, -RECEIPTS_SUFFIX.length) : key.name;
  if (state.log !== origin + CASES_SUFFIX) throw new VerificationError('state-log');
  return state;
}

/** Checks that the server's time is ours, give or take ten minutes; `at` is the start of a tick of `tickS`. Throws VerificationError "state-clock". */
export function checkClock(state: State, now: number, tickS = 0): void {
  if (Math.abs(state.at - now) > LIMIT_SKEW_S + tickS) throw new VerificationError('state-clock');
}

/**
 * Checks that exactly the duties no entry of their kind has `met` are listed, with the times the pack gives.
 * Throws VerificationError "state-due".
 */
export function checkDues(state: State, expected: readonly Due[], met: readonly string[]): void {
  const open = expected.filter(({ kind }) => !met.includes(kind));
  const same = state.dues.every((due, i) => {
    const other = open[i];
    return other?.kind === due.kind && other.at === due.at && equalBytes(other.hash, due.hash);
  });
  if (state.dues.length !== open.length || !same) throw new VerificationError('state-due');
}

/**
 * Checks that `headers`, from seq `start` on, extend the entry with hash `prev` up to the state's head; both are what the reader saw
 * before. Throws VerificationError "state-fork": an alarm.
 */
export function verifyHeaders(state: State, headers: readonly Header[], start = 0, prev: Bytes = ZERO_HASH): void {
  let head = prev;
  for (const [i, header] of headers.entries()) {
    const fits = equalBytes(header.org, state.org) && equalBytes(header.room, state.room);
    if (!fits || header.seq !== start + i || !equalBytes(header.prev, head)) throw new VerificationError('state-fork');
    head = computeHeaderHash(encodeHeader(header));
  }
  if (start + headers.length !== state.entries || !equalBytes(head, state.head)) {
    throw new VerificationError('state-fork');
  }
}

function parseLeaf(value: string): PendingLeaf {
  const [encoded, includeBy] = splitOnce(value);
  return { leaf: checkLeaf(parseBase64(encoded, LEAF_BYTES, LEAF_BYTES)), includeBy: parseInteger(includeBy) };
}

function parseDue(value: string): Due {
  const [name, rest] = splitOnce(value);
  const [at, digest] = splitOnce(rest);
  const kind = DUTIES.find((known) => known === name);
  if (kind === undefined) throw new MalformedError('text-value', 'due');
  return { kind, at: parseInteger(at), hash: parseHex(digest, HASH_BYTES) };
}

function splitOnce(value: string): [string, string] {
  const space = value.indexOf(' ');
  return space < 0 ? [value, ''] : [value.slice(0, space), value.slice(space + 1)];
}
