/** Which key of a trust file signed a state note, and whether that still counts (spec/receipt.md, "Former keys"). */
import type { Bytes } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { findSignatures, parseNote } from './note.ts';
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
  const note = parseNote(data);
  const former = trust.former.find(({ key }) => findSignatures(note, key).length > 0) ?? null;
  const state = openState(data, former?.key ?? trust.receipts);
  if (former !== null && !former.void && state.at >= former.until) throw new VerificationError('receipt-retired');
  return { state, former };
}
