/**
 * What became of each duty of a case: a pure function of its pack, the dates of its events, and now (spec/content.md, "Duties").
 *
 * The rules that no input can break: a date never moves later but by one valid extension; what is met stays met; what began stays
 * begun, whatever is closed or reopened after it.
 */
import { isBlank } from '../protocol/content.ts';
import { DAY_S } from '../protocol/calendars.ts';
import {
  type DutyKind,
  type EscalatedTo,
  type EventName,
  type Pack,
  type PackDuty,
  computeLimit,
  findMeeting,
} from '../protocol/packs.ts';
import { type DatedEntry, readMember } from './entries.ts';

export type ObligationState = 'open' | 'met' | 'late' | 'missed' | 'lapsed';

/** A date that was given more time; `at` is when the log had it, `before` the date until then. */
export interface Extension {
  readonly before: number;
  readonly at: number;
  readonly reason: string;
}

/** A duty of `kind` that runs from `start` and is due `at`; `metAt` is the logged date of what first did it. */
export interface Obligation {
  readonly kind: DutyKind;
  readonly start: number;
  readonly at: number;
  readonly state: ObligationState;
  readonly metAt: number | null;
  /** Whether what starts it has happened; until then it runs from the last day on which that should have. */
  readonly begun: boolean;
  readonly extension: Extension | null;
  /** Who takes it up now that it was missed, null while it is with the handlers. */
  readonly escalated: EscalatedTo | null;
}

/** A member's request for more time, as the log dated it. */
export interface Wish {
  readonly kind: DutyKind;
  readonly until: number;
  readonly reason: string;
  readonly at: number;
}

export interface Moment {
  readonly now: number;
  readonly graceS: number;
}

/**
 * Every duty of a case received at `begin`, in the pack's order, with what became of it by `now`. `entries` are those of the reporter's
 * room. Only a member's proved entry with a logged date does anything; one that waits for the log does not yet. As in receipts, the
 * log's own slowness (`graceS`) is not held against anybody.
 */
export function computeObligations(
  pack: Pack,
  begin: number,
  entries: readonly DatedEntry[],
  moment: Moment,
): Obligation[] {
  const found = entries.filter((entry) => readMember(entry) !== null);
  return judgeDuties(pack, begin, listEvents(found), listWishes(found), moment);
}

/** The obligations that follow from the first date of each event and from what was asked for. */
export function judgeDuties(
  pack: Pack,
  begin: number,
  events: ReadonlyMap<EventName, number>,
  wishes: readonly Wish[],
  { now, graceS }: Moment,
): Obligation[] {
  const judged = new Map<DutyKind, Obligation>();
  for (const duty of pack.duties) {
    const origin = duty.start === 'receipt' ? null : findMeeting(pack.duties, duty.start);
    const happened = duty.start === 'receipt' ? begin : (events.get(duty.start) ?? null);
    // Too late, or not at all, moves nothing: the next duty runs from when this one should have been done.
    const latest = origin && duty.by !== 'respondent' ? (judged.get(origin.kind)?.at ?? null) : null;
    const start = happened === null || latest === null ? (happened ?? latest) : Math.min(happened, latest);
    if (start === null) continue;
    const due = computeLimit(pack, duty, start);
    const extended = findExtension(pack, duty, start, due, wishes, graceS);
    const at = extended?.until ?? due;
    const dates = duty.met.flatMap((name) => events.get(name) ?? []);
    const metAt = dates.length === 0 ? null : Math.min(...dates);
    const state = judge(duty, at + graceS, metAt, now);
    judged.set(duty.kind, {
      kind: duty.kind,
      start,
      at,
      state,
      metAt,
      begun: happened !== null,
      extension: extended && { before: due, at: extended.at, reason: extended.reason },
      escalated: state === 'missed' ? findEscalated(duty, at + graceS, now) : null,
    });
  }
  return [...judged.values()];
}

function listEvents(entries: readonly DatedEntry[]): Map<EventName, number> {
  const events = new Map<EventName, number>();
  for (const entry of entries) {
    const [name, at] = [nameEvent(entry), entry.loggedAt];
    if (name !== null && at !== null) events.set(name, Math.min(at, events.get(name) ?? at));
  }
  return events;
}

/** What was asked for, in the order of the entries; the reason is the entry's text. */
function listWishes(entries: readonly DatedEntry[]): Wish[] {
  return [...entries]
    .sort((a, b) => a.seq - b.seq)
    .flatMap(({ until, content, loggedAt }) =>
      until && loggedAt !== null
        ? [{ kind: until.kind, until: until.at, reason: content?.text ?? '', at: loggedAt }]
        : [],
    );
}

/** The event that a member's entry is; null for one that says too little, or was not opened. */
export function nameEvent({ kind, content }: DatedEntry): EventName | null {
  if (content === null) return null;
  if (content.kind === 'entry') return content.automatic || isBlank(content.text ?? '') ? null : content.step;
  if (content.kind === 'feedback') return isBlank(content.action) || isBlank(content.grounds) ? null : 'feedback';
  if (kind === 'decide') return isBlank(content.text ?? '') ? null : 'decide';
  return kind === 'acknowledge' ? kind : null;
}

/** The first wish in time, with reasons and within bounds. */
function findExtension(
  pack: Pack,
  duty: PackDuty,
  start: number,
  due: number,
  wishes: readonly Wish[],
  graceS: number,
): Wish | null {
  if (duty.extend === null) return null;
  const last = computeLimit(pack, duty, start, duty.extend);
  const fits = ({ kind, at, until, reason }: Wish) =>
    kind === duty.kind && at <= due + graceS && until > due && until <= last && !isBlank(reason);
  return wishes.find(fits) ?? null;
}

function judge(duty: PackDuty, last: number, metAt: number | null, now: number): ObligationState {
  if (metAt !== null) return metAt <= last ? 'met' : 'late';
  if (now <= last) return 'open';
  return duty.by === 'respondent' ? 'lapsed' : 'missed';
}

function findEscalated({ escalate }: PackDuty, last: number, now: number): EscalatedTo | null {
  return escalate.findLast(({ days }) => now > last + days * DAY_S)?.to ?? null;
}
