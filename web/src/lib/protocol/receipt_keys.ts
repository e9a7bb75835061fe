/** Which key of a trust file signed a state note, and whether that still counts (spec/receipt.md, "Former keys"). */
import type { Bytes } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { type Note, type VerifierKey, encodeVkey, parseNote, verifyNote } from './note.ts';
import { LIMIT_NOTE_BYTES, type State, openState } from './state.ts';
import type { FormerKey, Trust } from './trust.ts';

/** `former` is the former receipt key that signed the note, null for the key of now. */
export interface TrustedState {
  readonly state: State;
  readonly former: FormerKey | null;
}

/** Throws VerificationError "receipt-retired" when a retired key signed it after its time; those of `openState`. */
export function openTrustedState(data: Bytes, trust: Trust): TrustedState {
  if (data.length > LIMIT_NOTE_BYTES) throw new MalformedError('note-size');
  const signer = findSigner(parseNote(data), trust);
  const former = trust.former.find(({ key }) => encodeVkey(key) === encodeVkey(signer)) ?? null;
  const state = openState(data, signer);
  if (former !== null && !former.void && state.at >= former.until) throw new VerificationError('receipt-retired');
  return { state, former };
}

/** The key of now when it signed, else the former one that did; a line that is not its key's hides neither. */
function findSigner(note: Note, { receipts, former }: Trust): VerifierKey {
  return [receipts, ...former.map(({ key }) => key)].find((key) => isSigned(note, key)) ?? receipts;
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
