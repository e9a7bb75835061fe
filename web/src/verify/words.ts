import { m } from '../lib/paraglide/messages.js';
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
