import { m } from '../lib/paraglide/messages.js';
import { language } from '../lib/ui/language.svelte.ts';
import type { DueView, DutyView, ExcludedView } from '../lib/state/types.ts';

/** "Within 7 days", "Within 3 months". */
export function dutyTerm({ days, months }: DutyView): string {
  const term = new Intl.NumberFormat(language(), {
    style: 'unit',
    unit: days === null ? 'month' : 'day',
    unitDisplay: 'long',
  }).format(days ?? months ?? 0);
  return m.reporter_within({ term });
}

/** "A person has read it", "You have an answer in writing". */
export function dutyName(kind: DueView['kind']): string {
  return kind === 'acknowledge' ? m.reporter_duty_acknowledge() : m.reporter_duty_feedback();
}

/** "A person will have read it by", and what is said once that date was missed. */
export function dueBy({ kind, state }: DueView): string {
  if (state === 'missed') return kind === 'acknowledge' ? m.reporter_read_by_missed() : m.reporter_answer_by_missed();
  return kind === 'acknowledge' ? m.reporter_read_by() : m.reporter_answer_by();
}

/** "Read by", "Answer by": for the receipt. */
export function dutyShort(kind: DueView['kind']): string {
  return kind === 'acknowledge' ? m.reporter_due_acknowledge() : m.reporter_due_feedback();
}

/** The date she should hear from us next: the nearest one still ahead, else the last one missed. */
export function nextDue(due: readonly DueView[]): DueView | null {
  const ahead = due.filter((it) => it.state === 'open').sort((a, b) => a.at - b.at);
  const missed = due.filter((it) => it.state === 'missed').sort((a, b) => b.at - a.at);
  return missed[0] ?? ahead[0] ?? null;
}

/** Why somebody gets no key. */
export function whyShut({ why, of }: ExcludedView): string {
  if (why === 'named') return m.reporter_shut_named();
  return why === 'line' ? m.reporter_shut_line({ name: of ?? '' }) : m.reporter_shut_chosen();
}
