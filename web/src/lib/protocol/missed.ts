/** Missed dates as somebody saw them who watches without reading: a signed text, checked against the log (spec/missed.md). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeHex, equalBytes, parseHex } from './bytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { type DirectoryState, hasRole } from './directory_state.ts';
import { MalformedError, PlaintError, VerificationError } from './errors.ts';
import { HASH_BYTES } from './hashes.ts';
import { LineReader, encodeLines, parseInteger, parseLines } from './lines.ts';
import { ED25519, LIMIT_NOTE_BYTES, type Note, encodeNote, parseNote, signNote, verifyNote } from './note.ts';
import { computeDue } from './packs.ts';
import { computeDate } from './policy.ts';
import { DUTIES, type Duty } from './room.ts';
import { LeafScan, type Leaves } from './scan.ts';
import { type DirectoryCopy, DirectoryPast } from './signers.ts';
import { type SigningKey } from './signing.ts';
import { type Trust, findCasesKey } from './trust.ts';
import type { JudgedDue, Verdict } from './verify.ts';

export const MISSED_LINE = 'plaint/v1/missed';
const ID_BYTES = 16;
const UNTOLD = ['missed-early', 'leaves-missing', 'leaves-root', 'counter-directory', 'directory-root'];

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
  return encodeLines(MISSED_LINE, [
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
  const reader = new LineReader(parseLines(note.text, MISSED_LINE, LIMIT_NOTE_BYTES));
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
  if (!DUTIES.includes(missed.kind)) throw new MalformedError('missed-kind');
  return { missed, note };
}

/** Copies of both logs; nothing in them need be true. */
export interface MissedFacts {
  readonly trust: Trust;
  readonly now: number;
  readonly leaves: Leaves | undefined;
  readonly directory: DirectoryCopy | undefined;
}

/**
 * What a file about a missed date proves. It is the log's: a leaf with the hash `open` at its date, and none with the hash `token` by
 * its own. That both belong to one report is the member's signed word, until somebody who reads the room shows its header.
 */
export function judgeMissed(data: Bytes, facts: MissedFacts): Verdict {
  const nothing = { date: null, dues: [], counters: [] };
  try {
    const due = openDue(data, facts);
    const verdict = due.date === null ? 'silent' : due.state === 'met' ? 'holds' : 'late';
    return { ...nothing, verdict, reasons: [], dues: [due] };
  } catch (error) {
    if (!(error instanceof PlaintError)) throw error;
    return { ...nothing, verdict: UNTOLD.includes(error.code) ? 'cannot-judge' : 'invalid', reasons: [error.code] };
  }
}

function openDue(data: Bytes, { trust, now, leaves, directory }: MissedFacts): JudgedDue {
  const { missed, note } = parseMissed(data);
  if (!equalBytes(missed.org, trust.org)) throw new VerificationError('missed-org');
  if (leaves === undefined) throw new VerificationError('leaves-missing');
  if (directory === undefined) throw new VerificationError('counter-directory');
  const checkpoint = parseNote(missed.checkpoint);
  const { size } = openCheckpoint(checkpoint, findCasesKey(trust.policy));
  const seen = computeDate(trust.policy, checkpoint);
  if (seen === null || seen > now) throw new VerificationError('missed-early');
  const past = new DirectoryPast(directory, trust);
  const state = past.findLast(seen);
  verifyWatcher(missed, note, state, past.findLast(now));
  checkDue(missed, state);
  const last = missed.due + trust.graceS;
  if (seen < last) throw new VerificationError('missed-early');
  return searchDue(missed, size, new LeafScan(leaves, trust, now), last);
}

/** Checks that an independent signed, when the log was seen, with a key that nobody else may have by now. */
function verifyWatcher({ member }: Missed, note: Note, state: DirectoryState, newest: DirectoryState): void {
  const name = encodeHex(member);
  const found = state.members.get(name);
  const known = newest.members.get(name);
  if (found?.status !== 'active' || !hasRole(found.member, ['independent']))
    throw new VerificationError('missed-member');
  if (known === undefined || known.status === 'compromised') throw new VerificationError('missed-member');
  verifyNote(note, [{ name, type: ED25519, public: found.member.sign }]);
}

/** Checks that the date follows from a pack of the directory. */
function checkDue({ pack: digest, kind, opened, due }: Missed, { packs }: DirectoryState): void {
  const pack = packs.get(encodeHex(digest));
  if (!pack || !computeDue(pack, opened).some((promise) => promise.kind === kind && promise.at === due)) {
    throw new VerificationError('missed-due');
  }
}

function searchDue(missed: Missed, size: number, scan: LeafScan, last: number): JudgedDue {
  if (scan.date < last) throw new VerificationError('missed-early');
  const found = scan.find([missed.open, missed.token].map(encodeHex), 0);
  const opened = found.get(encodeHex(missed.open));
  if (opened === undefined || opened >= size || scan.computeDate(opened) !== missed.opened) {
    throw new VerificationError('missed-open');
  }
  const index = found.get(encodeHex(missed.token));
  const date = index === undefined ? null : scan.computeDate(index);
  const state = date === null ? 'silent' : date <= last ? 'met' : 'late';
  return { kind: missed.kind, at: missed.due, state, date, until: null, countered: false };
}
