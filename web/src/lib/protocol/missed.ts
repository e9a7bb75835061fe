/** Missed dates as somebody saw them who watches without reading: a signed text, checked against the log (spec/missed.md). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeHex, equalBytes, parseHex } from './bytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { type DirectoryState, hasRole } from './directory_state.ts';
import { MalformedError, PlaintError, VerificationError } from './errors.ts';
import { HASH_BYTES } from './hashes.ts';
import { LineReader, encodeLines, parseInteger, parseLines } from './lines.ts';
import {
  ED25519,
  LIMIT_NOTE_BYTES,
  type Note,
  type VerifierKey,
  encodeNote,
  parseNote,
  signNote,
  verifyNote,
} from './note.ts';
import { computeDue } from './packs.ts';
import { computeDate } from './policy.ts';
import { findSigner } from './receipt_keys.ts';
import { DUTIES, type Duty } from './room.ts';
import { LeafScan, type Leaves } from './scan.ts';
import { type DirectoryCopy, DirectoryPast } from './signers.ts';
import { type SigningKey } from './signing.ts';
import { listSigningKeys } from './standing.ts';
import { type Trust, findCasesKey } from './trust.ts';
import type { JudgedDue } from './verify.ts';

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
 * What a file proves; `due` is what the log says, `until` when the key that signed it stopped counting, if it did. "former" is a silent
 * or late date by such a key: the log's part stands, and nobody can say when the file was signed.
 */
export interface MissedVerdict {
  readonly verdict: 'invalid' | 'cannot-judge' | 'silent' | 'late' | 'former' | 'holds';
  readonly reasons: readonly string[];
  readonly due: JudgedDue | null;
  readonly until: number | null;
}

/** The number with which `plaint verify` ends. */
export function computeMissedExit({ verdict }: MissedVerdict): number {
  return { holds: 0, invalid: 1, 'cannot-judge': 2, silent: 3, late: 3, former: 4 }[verdict];
}

/**
 * What a file about a missed date proves. It is the log's: a leaf with the hash `open` at its date, and none with the hash `token` by
 * its own. That both belong to one report is the member's signed word, until somebody who reads the room shows its header.
 */
export function judgeMissed(data: Bytes, facts: MissedFacts): MissedVerdict {
  try {
    const { due, until } = openDue(data, facts);
    const state = due.date === null ? 'silent' : due.state === 'met' ? 'holds' : 'late';
    const former = until !== null && state !== 'holds';
    return { verdict: former ? 'former' : state, reasons: former ? ['missed-former'] : [], due, until };
  } catch (error) {
    if (!(error instanceof PlaintError)) throw error;
    const verdict = UNTOLD.includes(error.code) ? 'cannot-judge' : 'invalid';
    return { verdict, reasons: [error.code], due: null, until: null };
  }
}

function openDue(
  data: Bytes,
  { trust, now, leaves, directory }: MissedFacts,
): { readonly due: JudgedDue; readonly until: number | null } {
  const { missed, note } = parseMissed(data);
  if (!equalBytes(missed.org, trust.org)) throw new VerificationError('missed-org');
  if (leaves === undefined) throw new VerificationError('leaves-missing');
  if (directory === undefined) throw new VerificationError('counter-directory');
  const checkpoint = parseNote(missed.checkpoint);
  const { size } = openCheckpoint(checkpoint, findCasesKey(trust.policy));
  const seen = computeDate(trust.policy, checkpoint);
  if (seen === null || seen > now) throw new VerificationError('missed-early');
  const past = new DirectoryPast(directory, trust);
  const until = verifyWatcher(missed, note, past, seen, now);
  checkDue(missed, past.findLast(seen));
  const last = missed.due + trust.graceS;
  if (seen < last) throw new VerificationError('missed-early');
  return { due: searchDue(missed, size, new LeafScan(leaves, trust, now), last), until };
}

/**
 * Checks that an independent's key signed; gives when that stopped to be one, null while it has not. The file is no older than the
 * checkpoint in it, and nobody dates it: what counts is that the key was an active independent's then or later. A stolen key opens all
 * that the member had before it, so it takes their word along.
 */
function verifyWatcher({ member }: Missed, note: Note, past: DirectoryPast, seen: number, now: number): number | null {
  const name = encodeHex(member);
  const found = past.findLast(now).members.get(name);
  if (found === undefined || found.status === 'compromised') throw new VerificationError('missed-member');
  const keys = listSigningKeys(found).map((key): VerifierKey => ({ name, type: ED25519, public: key }));
  const signer = findSigner(note, keys as [VerifierKey, ...VerifierKey[]]);
  verifyNote(note, [signer]);
  const last = [...found.terms, { ...found, end: null }].findLast(
    (term) =>
      equalBytes(term.member.sign, signer.public) && term.status === 'active' && hasRole(term.member, ['independent']),
  );
  if (last === undefined) throw new VerificationError('missed-member');
  const until = last.end === null ? null : past.computeDate(last.end, now);
  if (until !== null && until <= seen) throw new VerificationError('missed-member');
  return until;
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
