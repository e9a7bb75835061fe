/** Missed dates as somebody saw them who watches without reading: a signed text, checked against the log (spec/missed.md). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeHex, parseHex } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { HASH_BYTES } from './hashes.ts';
import { LineReader, encodeLines, parseInteger, parseLines } from './lines.ts';
import { LIMIT_NOTE_BYTES, type Note, encodeNote, parseNote, signNote } from './note.ts';
import { type Duty } from './room.ts';
import { type SigningKey } from './signing.ts';

const FIRST_LINE = 'plaint/v1/missed';
const KINDS: readonly string[] = ['acknowledge', 'feedback'];
const ID_BYTES = 16;

/**
 * What a watcher's slot says (`open`, `token`, `pack`), what follows (`due`), and what the log showed until when; `cells` is the tick
 * up to which the watcher's stream was read without a key to the room.
 */
export interface Missed {
  readonly org: Bytes;
  readonly member: Bytes;
  readonly pack: Bytes;
  readonly kind: Duty;
  readonly opened: number;
  readonly open: Bytes;
  readonly token: Bytes;
  readonly due: number;
  readonly cells: number;
  readonly checkpoint: Bytes;
}

/** The file, signed by its member. */
export function signMissed(missed: Missed, key: SigningKey): Bytes {
  const text = encodeMissed(missed);
  return encodeNote({ text, signatures: [signNote(text, encodeHex(missed.member), key)] });
}

export function encodeMissed(missed: Missed): Bytes {
  return encodeLines(FIRST_LINE, [
    ['org', encodeHex(missed.org)],
    ['member', encodeHex(missed.member)],
    ['pack', encodeHex(missed.pack)],
    ['kind', missed.kind],
    ['opened', String(missed.opened)],
    ['open', encodeHex(missed.open)],
    ['token', encodeHex(missed.token)],
    ['due', String(missed.due)],
    ['cells', String(missed.cells)],
    ['checkpoint', encodeBase64(missed.checkpoint)],
  ]);
}

/**
 * What a file says and the note it is, without believing either. Throws MalformedError "missed-kind", those of `parseNote`, `lines.ts`,
 * `parseHex`, `parseBase64`.
 */
export function parseMissed(data: Bytes): { missed: Missed; note: Note } {
  const note = parseNote(data);
  const reader = new LineReader(parseLines(note.text, FIRST_LINE, LIMIT_NOTE_BYTES));
  const missed = {
    org: parseHex(reader.take('org'), ID_BYTES),
    member: parseHex(reader.take('member'), ID_BYTES),
    pack: parseHex(reader.take('pack'), HASH_BYTES),
    kind: reader.take('kind') as Duty,
    opened: parseInteger(reader.take('opened')),
    open: parseHex(reader.take('open'), HASH_BYTES),
    token: parseHex(reader.take('token'), HASH_BYTES),
    due: parseInteger(reader.take('due')),
    cells: parseInteger(reader.take('cells')),
    checkpoint: parseBase64(reader.take('checkpoint'), LIMIT_NOTE_BYTES),
  };
  reader.finish();
  if (!KINDS.includes(missed.kind)) throw new MalformedError('missed-kind');
  return { missed, note };
}
