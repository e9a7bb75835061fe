import type { CaseRecord, DateView } from '../lib/state/types.ts';

/** What a member can record so that a duty is done. */
export type Recordable = Extract<CaseRecord, { is: 'step' }>['step'] | 'decide';

/** The step, or the written result, that does a duty which waits; null where it has a form of its own or is done. */
export function doneBy({ doneAt, duty }: DateView): Recordable | null {
  if (doneAt !== null || duty === null) return null;
  const [first] = duty.met;
  return first === undefined || first === 'acknowledge' || first === 'feedback' ? null : first;
}
