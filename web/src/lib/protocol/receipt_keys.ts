/** Which key signed a state note, and whether that still counts (spec/receipt.md, "Former keys"). */
import type { Bytes } from './bytes.ts';
import type { FormerReceipts } from './directory_state.ts';
import { MalformedError, PlaintError, VerificationError } from './errors.ts';
import { type Note, type VerifierKey, encodeVkey, parseNote, verifyNote } from './note.ts';
import { type DirectoryCopy, DirectoryPast } from './signers.ts';
import { LIMIT_NOTE_BYTES, type State, openState } from './state.ts';
import { type FormerKey, type Trust, addFormer, findCasesKey, findDirectoryKey } from './trust.ts';

const SLACK_TICKS = 2;

/**
 * A receipt key that ended by an entry of that date, as a trust file says it. A retired key signs on until the server has come to the entry,
 * and notes begin with their tick: they have two ticks. A void key has none, it may be in other hands.
 */
export function dateFormer({ key, void: isVoid }: FormerReceipts, date: number, tickS: number): FormerKey {
  return { key, until: isVoid ? date : date + SLACK_TICKS * tickS, void: isVoid };
}

/** `former` is the former receipt key that signed the note, null for the key of now. */
export interface TrustedState {
  readonly state: State;
  readonly former: FormerKey | null;
}

/**
 * `trust` with the receipt keys that the newest directory of a copy names, where it is of the same logs. A copy that does not hold changes
 * nothing, nor does one that never heard of the trust file's receipt key: it is of other logs, or older.
 */
export function learnReceiptKeys(trust: Trust, directory: DirectoryCopy | undefined, now: number): Trust {
  if (directory === undefined) return trust;
  try {
    const past = new DirectoryPast(directory, trust);
    const { origin, receipts, clock } = past.findLast(now);
    const found = receipts.map((known) => dateFormer(known, past.computeDate(known.end, now), clock.tick));
    const logs = [findCasesKey(trust.policy), findDirectoryKey(trust.policy)];
    if (origin === null || !logs.every((key, i) => isSame(key, [origin.cases, origin.directory][i]))) return trust;
    if (![origin.receipts, ...found.map(({ key }) => key)].some((key) => isSame(key, trust.receipts))) return trust;
    return addFormer({ ...trust, receipts: origin.receipts }, found);
  } catch (error) {
    if (error instanceof PlaintError) return trust;
    throw error;
  }
}

function isSame(one: VerifierKey, other: VerifierKey | undefined): boolean {
  return other !== undefined && encodeVkey(one) === encodeVkey(other);
}

/** Throws VerificationError "receipt-retired" when a retired key signed it after its time; those of `openState`. */
export function openTrustedState(data: Bytes, trust: Trust): TrustedState {
  if (data.length > LIMIT_NOTE_BYTES) throw new MalformedError('note-size');
  const signer = findSigner(parseNote(data), [trust.receipts, ...trust.former.map(({ key }) => key)]);
  const former = trust.former.find(({ key }) => encodeVkey(key) === encodeVkey(signer)) ?? null;
  const state = openState(data, signer);
  if (former !== null && !former.void && state.at >= former.until) throw new VerificationError('receipt-retired');
  return { state, former };
}

/**
 * The first key that signed, and the first of all when none did: it says what is wrong. A line that announces a key and is not that
 * key's signature hides no other.
 */
export function findSigner(note: Note, keys: readonly [VerifierKey, ...VerifierKey[]]): VerifierKey {
  return keys.find((key) => isSigned(note, key)) ?? keys[0];
}

function isSigned(note: Note, key: VerifierKey): boolean {
  try {
    verifyNote(note, [key]);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return false;
  }
  return true;
}
