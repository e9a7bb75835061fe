import { m } from '../lib/paraglide/messages.js';
import { longDate, termName } from '../lib/ui/dates.ts';
import type { ChannelView, DueView, DutyView, ExcludedView } from '../lib/state/types.ts';

/** Duties by which she hears from somebody. */
const HEARD: readonly DueView['kind'][] = ['acknowledge', 'feedback', 'contact', 'outcome'];

/** "Within 7 days", "Within 3 months". */
export function dutyTerm({ count, unit }: DutyView): string {
  return m.reporter_within({ term: termName(count, unit) });
}

/** What a channel promises her the day she reports, the soonest first. */
export interface Promised {
  readonly id: string;
  readonly title: string;
  readonly duties: readonly DutyView[];
}

/** One promise where all channels promise the same. */
export function listPromises(channels: readonly ChannelView[]): Promised[] {
  const all = channels.map(({ id, title, pack }) => {
    return { id, title, duties: pack.duties.filter(({ kind, from }) => HEARD.includes(kind) && from === 'receipt') };
  });
  const spoken = (one: Promised) => one.duties.map(dutyTerm).join() + moveRule(one.duties);
  const [first, ...others] = all;
  return first !== undefined && others.every((one) => spoken(one) === spoken(first)) ? [first] : all;
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

/** The two dates that a receipt carries. */
export function isInReceipt({ kind }: DueView): boolean {
  return kind === 'acknowledge' || kind === 'feedback';
}

/** "Read by", "Answer by": for the receipt. */
export function dutyShort(kind: DueView['kind']): string {
  return kind === 'acknowledge' ? m.reporter_due_acknowledge() : m.reporter_due_feedback();
}

/** The next date by which she hears from somebody, and the last of those that nobody has kept. */
export interface Hearing {
  readonly next: DueView | null;
  readonly missed: DueView | null;
}

export function findHearing(due: readonly DueView[]): Hearing {
  const heard = due.filter(({ kind }) => HEARD.includes(kind));
  const find = (...states: DueView['state'][]) =>
    heard.filter(({ state }) => states.includes(state)).sort((a, b) => a.at - b.at);
  // Of what was withheld she heard as little as of what nobody did.
  return { next: find('open')[0] ?? null, missed: find('missed', 'withheld').at(-1) ?? null };
}

/** Whether a date still ahead can be moved under the law it was promised by. */
export function moveWords({ duty }: DueView): string {
  if (duty === null || duty.extension !== null) return '';
  if (duty.most !== null) return m.reporter_moves_once({ when: longDate(duty.most) });
  // A date counted from something still to come moves with it.
  return duty.from === 'receipt' || duty.begun ? m.reporter_nobody_moves() : '';
}

/** The same before there is a report; nothing when there are no duties to speak of. */
export function moveRule(duties: readonly DutyView[]): string {
  const [longest] = duties.filter(({ extend }) => extend !== null);
  if (longest !== undefined) {
    return m.reporter_moves_once_any({ term: termName(longest.extend ?? longest.count, longest.unit) });
  }
  return duties.length === 0 ? '' : m.reporter_nobody_moves_any();
}

/** Why somebody gets no key. */
export function whyShut({ why, of }: ExcludedView): string {
  if (why === 'named') return m.reporter_shut_named();
  return why === 'line' ? m.reporter_shut_line({ name: of ?? '' }) : m.reporter_shut_chosen();
}
