/** What a room is (manifest, never in clear) and what the server sees of each entry (header) (spec/room.md). */
import { type Bytes, encodeHex, encodeText, equalBytes, joinBytes, parseHex } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { HASH_BYTES, computeSha256 } from './hashes.ts';
import { type Line, LineReader, encodeLines, parseInteger, parseLines } from './lines.ts';

const MANIFEST_LINE = 'plaint/v1/room';
const HEADER_LINE = 'plaint/v1/entry';
export const LIMIT_BYTES = 1_024;
const LIMIT_COUNTER = 2 ** 32;
const NOTHING = '-';
export const ORG_BYTES = 16;
export const ZERO_HASH: Bytes = new Uint8Array(HASH_BYTES);
export const LABELS = ['reporter', 'internal', 'respondent', 'witness', 'legal', 'handling'] as const;
export const KINDS = [
  'open',
  'slots',
  'acknowledge',
  'feedback',
  'extend',
  'decide',
  'close',
  'reopen',
  'erase',
  'entry',
] as const;
export const SESSION_KINDS: readonly Kind[] = ['acknowledge', 'feedback', 'extend', 'decide', 'close'];
export const DUTIES = ['acknowledge', 'feedback'] as const;

export type Label = (typeof LABELS)[number];
export type Kind = (typeof KINDS)[number];
export type Duty = (typeof DUTIES)[number];

/** The fixed facts of a room; its hash is the room's id. */
export interface Manifest {
  readonly org: Bytes;
  readonly channel: string;
  readonly roster: number;
  readonly pack: Bytes;
  readonly recipient: Bytes;
  readonly author: Bytes | null;
  readonly holder: Bytes | null;
  readonly parent: Bytes | null;
  readonly label: Label;
}

/** What stands in `open` only. */
export interface OpenFields {
  readonly tally: Bytes;
  readonly acknowledge: Bytes;
  readonly feedback: Bytes;
}

/** The duty that an `extend` moves, and the date it moves it to. */
export interface Until {
  readonly kind: Duty;
  readonly at: number;
}

/** The part of a header that its body commits to. */
export interface HeaderStart {
  readonly org: Bytes;
  readonly room: Bytes;
  readonly seq: number;
  readonly prev: Bytes;
  readonly kind: Kind;
  readonly open: OpenFields | null;
  /** In `extend` only. */
  readonly until?: Until | undefined;
}

/** An entry in clear: no author, time, size or label. */
export interface Header extends HeaderStart {
  readonly body: Bytes;
  readonly slots: Bytes | null;
}

export function encodeManifest(manifest: Manifest): Bytes {
  return encodeLines(MANIFEST_LINE, [
    ['org', encodeHex(manifest.org)],
    ['channel', manifest.channel],
    ['roster', String(manifest.roster)],
    ['pack', encodeHex(manifest.pack)],
    ['recipient', encodeHex(manifest.recipient)],
    ['author', encodeOptional(manifest.author)],
    ['holder', encodeOptional(manifest.holder)],
    ['parent', encodeOptional(manifest.parent)],
    ['label', manifest.label],
  ]);
}

/** A room has both keys of a holder or neither. Throws MalformedError of `lines.ts`, "text-hex", "text-value". */
export function parseManifest(data: Uint8Array): Manifest {
  const reader = new LineReader(parseLines(data, MANIFEST_LINE, LIMIT_BYTES));
  const manifest: Manifest = {
    org: parseHex(reader.take('org'), ORG_BYTES),
    channel: checkChannel(reader.take('channel')),
    roster: parseInteger(reader.take('roster')),
    pack: takeHash(reader, 'pack'),
    recipient: takeHash(reader, 'recipient'),
    author: takeOptional(reader, 'author'),
    holder: takeOptional(reader, 'holder'),
    parent: takeOptional(reader, 'parent'),
    label: checkOneOf(reader.take('label'), LABELS),
  };
  reader.finish();
  if ((manifest.author === null) !== (manifest.holder === null)) throw new MalformedError('text-value', 'holder');
  return manifest;
}

/** H(manifest), 32 bytes. */
export function computeRoomId(manifest: Uint8Array): Bytes {
  return computeSha256(manifest);
}

/** The header's bytes before its line `body`: what the body commits to. */
export function encodeBind(start: HeaderStart): Bytes {
  const pairs: Line[] = [
    ['org', encodeHex(start.org)],
    ['room', encodeHex(start.room)],
    ['seq', String(start.seq)],
    ['prev', encodeHex(start.prev)],
    ['kind', start.kind],
  ];
  if (start.open !== null) {
    pairs.push(
      ['tally', encodeHex(start.open.tally)],
      ['due', `acknowledge ${encodeHex(start.open.acknowledge)}`],
      ['due', `feedback ${encodeHex(start.open.feedback)}`],
    );
  }
  if (start.until) pairs.push(['until', `${start.until.kind} ${start.until.at}`]);
  return encodeLines(HEADER_LINE, pairs);
}

export function encodeHeader(header: Header): Bytes {
  const end = `body ${encodeHex(header.body)}\nslots ${encodeOptional(header.slots)}\n`;
  return joinBytes(encodeBind(header), encodeText(end));
}

/** A header whose lines agree with its kind. Throws MalformedError of `lines.ts`, "text-hex", "text-value". */
export function parseHeader(data: Uint8Array): Header {
  const reader = new LineReader(parseLines(data, HEADER_LINE, LIMIT_BYTES));
  const org = parseHex(reader.take('org'), ORG_BYTES);
  const room = takeHash(reader, 'room');
  const seq = parseInteger(reader.take('seq'), LIMIT_COUNTER);
  const prev = takeHash(reader, 'prev');
  const kind = checkOneOf(reader.take('kind'), KINDS);
  const open = kind === 'open' ? takeOpenFields(reader) : null;
  const header = {
    org,
    room,
    seq,
    prev,
    kind,
    open,
    until: kind === 'extend' ? takeUntil(reader) : undefined,
    body: takeHash(reader, 'body'),
    slots: takeOptional(reader, 'slots'),
  };
  reader.finish();
  checkHeader(header);
  return header;
}

/** H(header), 32 bytes: the `prev` of the next entry. */
export function computeHeaderHash(header: Uint8Array): Bytes {
  return computeSha256(header);
}

/** `text` when it can be a channel's id. Throws MalformedError "text-value". */
export function checkChannel(text: string): string {
  if (!/^[a-z0-9-]{1,32}$/.test(text)) throw new MalformedError('text-value', 'channel');
  return text;
}

function hasSlots(kind: Kind): boolean {
  return kind === 'open' || kind === 'slots';
}

function checkHeader(header: Header): void {
  const first = header.seq === 0;
  const fits = first === (header.kind === 'open') && first === equalBytes(header.prev, ZERO_HASH);
  if (!fits) throw new MalformedError('text-value', 'kind, seq, prev');
  if ((header.slots !== null) !== hasSlots(header.kind)) throw new MalformedError('text-value', 'slots');
}

function takeOpenFields(reader: LineReader): OpenFields {
  const tally = takeHash(reader, 'tally');
  return { tally, acknowledge: takeDuty(reader, 'acknowledge'), feedback: takeDuty(reader, 'feedback') };
}

function takeHash(reader: LineReader, key: string): Bytes {
  return parseHex(reader.take(key), HASH_BYTES);
}

function takeOptional(reader: LineReader, key: string): Bytes | null {
  const text = reader.take(key);
  return text === NOTHING ? null : parseHex(text, HASH_BYTES);
}

function takeDuty(reader: LineReader, kind: Duty): Bytes {
  const value = reader.take('due');
  if (!value.startsWith(`${kind} `)) throw new MalformedError('text-value', 'due');
  return parseHex(value.slice(kind.length + 1), HASH_BYTES);
}

function takeUntil(reader: LineReader): Until {
  const [kind = '', ...at] = reader.take('until').split(' ');
  return { kind: checkOneOf(kind, DUTIES), at: parseInteger(at.join(' ')) };
}

function encodeOptional(value: Bytes | null): string {
  return value === null ? NOTHING : encodeHex(value);
}

function checkOneOf<Value extends string>(text: string, allowed: readonly Value[]): Value {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new MalformedError('text-value');
  return found;
}
