/** What goes to a room and what comes back: text object, empty line, bytes (spec/api.md, "Write", "Room answer"). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { LIMIT_SEALED_BYTES } from './body.ts';
import { type Bytes, encodeHex, encodeText, equalBytes, joinBytes, parseHex } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { HASH_BYTES, computeSha256 } from './hashes.ts';
import { LEAF_BYTES, TOKEN_KINDS, checkLeaf } from './leaf.ts';
import { type Line, LineReader, encodeLines, parseInteger, parseLines } from './lines.ts';
import { type Header, LIMIT_BYTES as LIMIT_HEADER_BYTES, checkChannel, encodeHeader, parseHeader } from './room.ts';
import { SLOT_BYTES } from './slots.ts';
import { LIMIT_NOTE_BYTES } from './state.ts';
import { type Work, encodeWork, parseWork } from './work.ts';

const WRITE_LINE = 'plaint/v1/write';
const ANSWER_LINE = 'plaint/v1/room-answer';
const LIMIT_SLOT_SET_BYTES = 4_096 * SLOT_BYTES;
const LIMIT_HEAD_BYTES = 16_384;
const LIMIT_BLOBS = 64;
const LIMIT_ANSWER_BYTES = 2 ** 30;
const LIMIT_ANSWER_HEAD_BYTES = 2 ** 20;
const PARTS = [LIMIT_HEADER_BYTES, LIMIT_SEALED_BYTES, LIMIT_SLOT_SET_BYTES] as const;
export const LIMIT_WRITE_BYTES = LIMIT_HEAD_BYTES + LIMIT_HEADER_BYTES + LIMIT_SEALED_BYTES + LIMIT_SLOT_SET_BYTES;

/** What the server is told of a new room, none of it in the header; H(cap) is the room's for good. */
export interface Opening {
  readonly channel: string;
  readonly pack: Bytes;
  readonly roster: number;
  readonly capHash: Bytes;
  readonly tally: Bytes;
  readonly locatorHash: Bytes | null;
  readonly unique: Bytes | null;
  readonly work: Work | null;
}

/** One entry on its way to the server; also the file a reporter may carry. */
export interface Write {
  readonly header: Header;
  readonly body: Bytes;
  readonly leaves: readonly Bytes[];
  /** Empty when none. */
  readonly slots: Bytes;
  readonly opening: Opening | null;
  readonly blobs: readonly Bytes[];
}

/** One entry as the server gives it out. */
export interface AnsweredEntry {
  readonly header: Header;
  readonly body: Bytes;
}

/** A room from some seq on; `slotsSeq` is the seq of the entry that carried the current slot set. */
export interface RoomAnswer {
  readonly entries: readonly AnsweredEntry[];
  readonly slots: Bytes;
  readonly slotsSeq: number;
  /** The state note that answered the first entry. */
  readonly opening: Bytes;
  readonly note: Bytes;
}

export function encodeWrite({ header, body, leaves, slots, opening, blobs }: Write): Bytes {
  const encoded = encodeHeader(header);
  const pairs: Line[] = [];
  if (opening) {
    const { channel, pack, roster } = opening;
    pairs.push(['channel', channel], ['pack', encodeHex(pack)], ['roster', String(roster)]);
    pairs.push(...encodeOptional('locator', opening.locatorHash));
    pairs.push(['cap', encodeHex(opening.capHash)], ['tally', encodeHex(opening.tally)]);
    pairs.push(...encodeOptional('unique', opening.unique));
  }
  pairs.push(...blobs.map((blob): Line => ['blob', encodeHex(blob)]));
  pairs.push(...leaves.map((leaf): Line => ['leaf', encodeBase64(leaf)]));
  if (opening?.work) pairs.push(['work', encodeWork(opening.work)]);
  pairs.push(['header', String(encoded.length)], ['body', String(body.length)], ['slots', String(slots.length)]);
  return joinBytes(encodeLines(WRITE_LINE, pairs), encodeText('\n'), encoded, body, slots);
}

/**
 * A write whose parts agree with its header; nobody's right to make it is checked. Throws MalformedError "write-size", "write-form",
 * "write-leaves", "write-blobs" and those of `parseLines`, `parseHeader`; VerificationError "write-body",
 * "write-slots", "write-tally".
 */
export function parseWrite(data: Bytes): Write {
  if (data.length > LIMIT_WRITE_BYTES) throw new MalformedError('write-size');
  const [head, rest] = splitHead(data, LIMIT_HEAD_BYTES);
  const reader = new LineReader(parseLines(head, WRITE_LINE, LIMIT_HEAD_BYTES));
  const start = reader.peek() === 'channel' ? takeOpening(reader) : null;
  const blobs = reader.takeMany('blob').map((value) => parseHex(value, HASH_BYTES));
  const leaves = reader.takeMany('leaf').map((value) => checkLeaf(parseBase64(value, LEAF_BYTES, LEAF_BYTES)));
  const work = start && reader.takeOptional('work');
  const sizes = ['header', 'body', 'slots'].map((key) => parseInteger(reader.take(key)));
  reader.finish();
  const [header, body, slots] = splitParts(rest, sizes, PARTS) as [Bytes, Bytes, Bytes];
  const opening = start && { ...start, work: work === null ? null : parseWork(work) };
  const write = { header: parseHeader(header), body, leaves, slots, opening, blobs };
  checkWrite(write);
  return write;
}

/** A room answer, without trusting it. Throws MalformedError "answer-size", "write-form" and those of `parseLines`, `parseHeader`. */
export function parseRoomAnswer(data: Bytes): RoomAnswer {
  if (data.length > LIMIT_ANSWER_BYTES) throw new MalformedError('answer-size');
  const [head, rest] = splitHead(data, LIMIT_ANSWER_HEAD_BYTES);
  const reader = new LineReader(parseLines(head, ANSWER_LINE, LIMIT_ANSWER_HEAD_BYTES));
  const sizes = reader.takeMany('entry').flatMap(parsePair);
  const [slotsSize, slotsSeq] = parsePair(reader.take('slots'));
  const noteSizes = ['opening', 'note'].map((key) => parseInteger(reader.take(key)));
  reader.finish();
  const limits = sizes.map((_, i) => (i % 2 ? LIMIT_SEALED_BYTES : LIMIT_HEADER_BYTES));
  const lastLimits = [LIMIT_SLOT_SET_BYTES, LIMIT_NOTE_BYTES, LIMIT_NOTE_BYTES];
  const parts = splitParts(rest, [...sizes, slotsSize, ...noteSizes], [...limits, ...lastLimits]);
  const [slots, opening, note] = parts.splice(-3) as [Bytes, Bytes, Bytes];
  const entries: AnsweredEntry[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    entries.push({ header: parseHeader(parts[i] as Bytes), body: parts[i + 1] as Bytes });
  }
  return { entries, slots, slotsSeq, opening, note };
}

export function encodeRoomAnswer({ entries, slots, slotsSeq, opening, note }: RoomAnswer): Bytes {
  const parts = entries.map(({ header, body }) => [encodeHeader(header), body] as const);
  const head = encodeLines(ANSWER_LINE, [
    ...parts.map(([header, body]): Line => ['entry', `${header.length} ${body.length}`]),
    ['slots', `${slots.length} ${slotsSeq}`],
    ['opening', String(opening.length)],
    ['note', String(note.length)],
  ]);
  return joinBytes(head, encodeText('\n'), ...parts.flat(), slots, opening, note);
}

function checkWrite({ header, body, leaves, slots, opening, blobs }: Write): void {
  if ((header.kind === 'open') !== (opening !== null)) throw new MalformedError('write-form', 'open');
  if (leaves.length !== (TOKEN_KINDS.includes(header.kind) ? 2 : 1)) throw new MalformedError('write-leaves');
  if (blobs.length > LIMIT_BLOBS || new Set(blobs.map(encodeHex)).size !== blobs.length) {
    throw new MalformedError('write-blobs');
  }
  if (!equalBytes(computeSha256(body), header.body)) throw new VerificationError('write-body');
  const digest = slots.length ? computeSha256(slots) : null;
  const same = digest && header.slots ? equalBytes(digest, header.slots) : digest === header.slots;
  if (!same || slots.length % SLOT_BYTES) throw new VerificationError('write-slots');
  if (opening && header.open && !equalBytes(computeSha256(opening.tally), header.open.tally)) {
    throw new VerificationError('write-tally');
  }
}

function takeOpening(reader: LineReader): Omit<Opening, 'work'> {
  return {
    channel: checkChannel(reader.take('channel')),
    pack: takeHash(reader, 'pack'),
    roster: parseInteger(reader.take('roster')),
    locatorHash: takeOptional(reader, 'locator'),
    capHash: takeHash(reader, 'cap'),
    tally: takeHash(reader, 'tally'),
    unique: takeOptional(reader, 'unique'),
  };
}

function splitHead(data: Bytes, limitBytes: number): [Bytes, Bytes] {
  const end = data.subarray(0, limitBytes + 2).findIndex((byte, i) => byte === 10 && data[i + 1] === 10);
  if (end < 0 || end + 2 > limitBytes + 2) throw new MalformedError('write-form', 'no empty line');
  return [data.slice(0, end + 1), data.subarray(end + 2)];
}

function splitParts(data: Bytes, sizes: readonly number[], limits: readonly number[]): Bytes[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== data.length || sizes.some((size, i) => size > (limits[i] ?? 0))) {
    throw new MalformedError('write-form', 'sizes');
  }
  let at = 0;
  return sizes.map((size) => data.slice(at, (at += size)));
}

function parsePair(value: string): [number, number] {
  const space = value.indexOf(' ');
  const [left, right] = space < 0 ? [value, ''] : [value.slice(0, space), value.slice(space + 1)];
  return [parseInteger(left), parseInteger(right)];
}

function takeHash(reader: LineReader, key: string): Bytes {
  return parseHex(reader.take(key), HASH_BYTES);
}

function takeOptional(reader: LineReader, key: string): Bytes | null {
  const value = reader.takeOptional(key);
  return value === null ? null : parseHex(value, HASH_BYTES);
}

function encodeOptional(key: string, value: Bytes | null): Line[] {
  return value === null ? [] : [[key, encodeHex(value)]];
}
