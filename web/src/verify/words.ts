import { m } from '../lib/paraglide/messages.js';
import type { ErasureVerdict } from '../lib/protocol/erasure.ts';
import type { MissedVerdict } from '../lib/protocol/missed.ts';
import type { Kind } from '../lib/protocol/room.ts';
import type { Verdict, VerdictName } from '../lib/protocol/verify.ts';

type Words = Readonly<Record<VerdictName, () => string>>;

const TITLES: Words = {
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

const PROOFS: Words = {
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

const ADVICE: Words = {
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

/** What a verdict says: its title, what it proves, what to do. */
export interface Said {
  readonly title: string;
  readonly proves: string;
  readonly advice: string;
}

/** Of a receipt; one under a void key may be as it was signed, and counts for nothing all the same. */
export function describeReceipt({ verdict, reasons }: Pick<Verdict, 'verdict' | 'reasons'>): Said {
  const isVoid = verdict === 'invalid' && reasons.includes('receipt-void');
  return isVoid
    ? say(TITLES.invalid, m.verify_proof_void, m.verify_do_void)
    : say(TITLES[verdict], PROOFS[verdict], ADVICE[verdict]);
}

/** Of a file about a missed date. */
export function describeMissed(verdict: MissedVerdict['verdict']): Said {
  switch (verdict) {
    case 'silent':
      return say(m.verify_missed_silent, m.verify_missed_proof_silent, m.verify_missed_do_failure);
    case 'late':
      return say(m.verify_missed_late, m.verify_missed_proof_late, m.verify_missed_do_failure);
    case 'former':
      return say(m.verify_missed_former, m.verify_missed_proof_former, m.verify_missed_do_former);
    case 'holds':
      return say(m.verify_missed_holds, m.verify_missed_proof_holds, m.verify_missed_do_holds);
    case 'invalid':
      return say(m.verify_missed_invalid, m.verify_proof_invalid, m.verify_do_invalid);
    case 'cannot-judge':
      return say(m.verify_missed_unknown, m.verify_missed_proof_unknown, m.verify_missed_do_unknown);
  }
}

export function describeErasure(verdict: ErasureVerdict['verdict']): Said {
  switch (verdict) {
    case 'holds':
      return say(m.verify_erased_holds, m.verify_erased_proof_holds, m.verify_erased_do_holds);
    case 'invalid':
      return say(m.verify_erased_invalid, m.verify_proof_invalid, m.verify_do_invalid);
    case 'cannot-judge':
      return say(m.verify_erased_unknown, m.verify_erased_proof_unknown, m.verify_erased_do_unknown);
  }
}

function say(title: () => string, proves: () => string, advice: () => string): Said {
  return { title: title(), proves: proves(), advice: advice() };
}

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
  'erasure-chain': m.verify_why_erasure_chain,
  'erasure-confirms': m.verify_why_erasure_confirms,
  'erasure-same': m.verify_why_erasure_same,
  'erasure-unlogged': m.verify_why_erasure_unlogged,
  'inclusion-root': m.verify_why_inclusion,
  'leaf-late': m.verify_why_leaf_late,
  'leaf-missing': m.verify_why_leaf_missing,
  'leaves-missing': m.verify_why_leaves_missing,
  'leaves-root': m.verify_why_copy,
  'log-fork': m.verify_why_fork,
  'missed-due': m.verify_why_missed_due,
  'missed-early': m.verify_why_missed_early,
  'missed-former': m.verify_why_missed_former,
  'missed-member': m.verify_why_missed_member,
  'missed-open': m.verify_why_missed_open,
  'missed-org': m.verify_why_room,
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
