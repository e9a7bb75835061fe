import { m } from '../lib/paraglide/messages.js';
import type { Kind } from '../lib/protocol/room.ts';
import type { VerdictName } from '../lib/protocol/verify.ts';

type Words = Readonly<Record<VerdictName, () => string>>;

export const TITLES: Words = {
  invalid: m.verify_title_invalid,
  breach: m.verify_title_breach,
  withheld: m.verify_title_withheld,
  silent: m.verify_title_silent,
  'silent-admitted': m.verify_title_admitted,
  late: m.verify_title_late,
  'cannot-judge': m.verify_title_unknown,
  provisional: m.verify_title_provisional,
  holds: m.verify_title_holds,
};

export const PROOFS: Words = {
  invalid: m.verify_proof_invalid,
  breach: m.verify_proof_breach,
  withheld: m.verify_proof_withheld,
  silent: m.verify_proof_silent,
  'silent-admitted': m.verify_proof_admitted,
  late: m.verify_proof_late,
  'cannot-judge': m.verify_proof_unknown,
  provisional: m.verify_proof_provisional,
  holds: m.verify_proof_holds,
};

export const ADVICE: Words = {
  invalid: m.verify_do_invalid,
  breach: m.verify_do_failure,
  withheld: m.verify_do_failure,
  silent: m.verify_do_failure,
  'silent-admitted': m.verify_do_failure,
  late: m.verify_do_failure,
  'cannot-judge': m.verify_do_unknown,
  provisional: m.verify_do_provisional,
  holds: m.verify_do_holds,
};

const COUNTERS: Readonly<Partial<Record<Kind, () => string>>> = {
  acknowledge: m.verify_counter_acknowledge,
  feedback: m.verify_counter_feedback,
  extend: m.verify_counter_extend,
  decide: m.verify_counter_decide,
  close: m.verify_counter_close,
  entry: m.verify_counter_entry,
  reopen: m.verify_counter_reopen,
};

export function nameCounter(kind: Kind | null): string {
  return ((kind && COUNTERS[kind]) ?? m.verify_counter_unreadable)();
}

const REASONS: Readonly<Record<string, () => string>> = {
  'author-signature': m.verify_why_signature,
  'checkpoint-origin': m.verify_why_key,
  'counter-close': m.verify_why_counter_close,
  'counter-directory': m.verify_why_counter_directory,
  'counter-extend': m.verify_why_counter_extend,
  'counter-fork': m.verify_why_counter_fork,
  'counter-key': m.verify_why_counter_key,
  'counter-kind': m.verify_why_counter_kind,
  'counter-tokens': m.verify_why_counter_tokens,
  'directory-org': m.verify_why_room,
  'directory-root': m.verify_why_copy,
  'inclusion-root': m.verify_why_inclusion,
  'leaf-late': m.verify_why_leaf_late,
  'leaf-missing': m.verify_why_leaf_missing,
  'leaves-missing': m.verify_why_leaves_missing,
  'leaves-root': m.verify_why_copy,
  'log-fork': m.verify_why_fork,
  'note-known-key': m.verify_why_signature,
  'note-no-known-key': m.verify_why_key,
  'proof-quorum': m.verify_why_quorum,
  'receipt-due': m.verify_why_note,
  'receipt-retired': m.verify_why_retired,
  'receipt-void': m.verify_why_void,
  'receipt-head': m.verify_why_note,
  'receipt-kind': m.verify_why_note,
  'receipt-leaf': m.verify_why_note,
  'receipt-room': m.verify_why_room,
  'state-log': m.verify_why_key,
};

/** Why, for a person; what has no sentence of its own does not have the form it should. */
export function describeReason(code: string): string {
  return (REASONS[code] ?? m.verify_why_form)();
}
