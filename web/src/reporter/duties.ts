import { m } from '../lib/paraglide/messages.js';
import { longDate, termName } from '../lib/ui/dates.ts';
import type { ChannelView, DueView, DutyView, EntryView, ExcludedView } from '../lib/state/types.ts';

/** Duties by which she hears from somebody. */
const HEARD: readonly DueView['kind'][] = ['acknowledge', 'feedback', 'contact', 'outcome'];

/** "Within 7 days", "Within 3 months". */
export function dutyTerm({ count, unit }: DutyView): string {
  return m.reporter_within({ term: termName(count, unit) });
}

/** About how many days there are in one of a unit: enough to tell which of two terms ends first. */
const DAYS = { days: 1, working_days: 1.4, months: 30.4 } as const;

/** What a channel promises her the day she reports, the soonest first. */
export interface Promised {
  readonly id: string;
  readonly title: string;
  readonly duties: readonly DutyView[];
}

/** One promise where all channels promise the same. */
export function listPromises(channels: readonly ChannelView[]): Promised[] {
  const all = channels.map(({ id, title, pack }) => {
    const duties = pack.duties.filter(({ kind, from }) => HEARD.includes(kind) && from === 'receipt');
    return { id, title, duties: duties.toSorted((a, b) => a.count * DAYS[a.unit] - b.count * DAYS[b.unit]) };
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

/** Whether she hears from somebody by this duty. */
export function isHeard({ kind }: DueView): boolean {
  return HEARD.includes(kind);
}

/** The next date by which she hears from somebody, and the last that nobody has kept: of those, or else of what is not told her. */
export interface Hearing {
  readonly next: DueView | null;
  readonly missed: DueView | null;
}

export function findHearing(due: readonly DueView[]): Hearing {
  const dated = due.toSorted((a, b) => a.at - b.at);
  // Of what was withheld she heard as little as of what nobody did.
  const missed = dated.filter(({ state }) => state === 'missed' || state === 'withheld');
  return {
    next: dated.find((it) => isHeard(it) && it.state === 'open') ?? null,
    missed: missed.findLast(isHeard) ?? missed.at(-1) ?? null,
  };
}

/**
 * Whether her receipt shows a missed date, for which the server let independents in as well. To both an entry of the right kind is an
 * answer, also one that says nothing: that it was none stands in her room alone.
 */
export function isProved(due: readonly DueView[], entries: readonly Pick<EntryView, 'kind' | 'room'>[]): boolean {
  const answered = (kind: DueView['kind']) => entries.some((it) => it.room === 'reporter' && it.kind === kind);
  return due.some(
    (it) => isInReceipt(it) && (it.state === 'withheld' || (it.state === 'missed' && !answered(it.kind))),
  );
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
