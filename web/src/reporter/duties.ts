import { m } from '../lib/paraglide/messages.js';
import { termName } from '../lib/ui/dates.ts';
import type { DueView, DutyView, ExcludedView } from '../lib/state/types.ts';

/** Duties by which she hears from somebody. */
const HEARD: readonly DueView['kind'][] = ['acknowledge', 'feedback', 'contact', 'outcome'];

/** "Within 7 days", "Within 3 months". */
export function dutyTerm({ count, unit }: DutyView): string {
  return m.reporter_within({ term: termName(count, unit) });
}

/** What she is promised the day she reports, the soonest first. */
export function promisedDuties(duties: readonly DutyView[]): DutyView[] {
  return duties.filter(({ kind, from }) => HEARD.includes(kind) && from === 'receipt');
}

/** "A person has read it", "You have an answer in writing". */
export function dutyName(kind: DueView['kind']): string {
  return {
    acknowledge: m.reporter_duty_acknowledge,
    feedback: m.reporter_duty_feedback,
    contact: m.reporter_duty_contact,
    'respondent-notice': m.reporter_duty_respondent_notice,
    'respondent-reply': m.reporter_duty_respondent_reply,
    inquiry: m.reporter_duty_inquiry,
    report: m.reporter_duty_report,
    outcome: m.reporter_duty_outcome,
    action: m.reporter_duty_action,
  }[kind]();
}

/** "A person will have read it by", and what is said once that date was missed. */
export function dueBy({ kind, state }: DueView): string {
  if (kind === 'acknowledge') return state === 'missed' ? m.reporter_read_by_missed() : m.reporter_read_by();
  if (kind === 'feedback') return state === 'missed' ? m.reporter_answer_by_missed() : m.reporter_answer_by();
  return state === 'missed' ? m.reporter_hear_by_missed() : m.reporter_hear_by();
}

/** "Read by", "Answer by": for the receipt. */
export function dutyShort(kind: DueView['kind']): string {
  return kind === 'acknowledge' ? m.reporter_due_acknowledge() : m.reporter_due_feedback();
}

/** The date she should hear from us next: the nearest one still ahead, else the last one missed. */
export function nextDue(due: readonly DueView[]): DueView | null {
  const heard = due.filter(({ kind }) => HEARD.includes(kind));
  const ahead = heard.filter((it) => it.state === 'open').sort((a, b) => a.at - b.at);
  const missed = heard.filter((it) => it.state === 'missed').sort((a, b) => b.at - a.at);
  return missed[0] ?? ahead[0] ?? null;
}

/** Why somebody gets no key. */
export function whyShut({ why, of }: ExcludedView): string {
  if (why === 'named') return m.reporter_shut_named();
  return why === 'line' ? m.reporter_shut_line({ name: of ?? '' }) : m.reporter_shut_chosen();
}
