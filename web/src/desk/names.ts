// Words for the values of the facade, where more than one part of the desk says them.
import { m } from '../lib/paraglide/messages.js';
import type {
  AccessView,
  CaseStatus,
  DateView,
  DutyFacts,
  EntryKind,
  EntryView,
  ExcludedView,
  HandlingView,
  HistoryItem,
  Role,
  RoomLabel,
} from '../lib/state/types.ts';
import { stepWords } from '../lib/ui/deeds.ts';
import { language } from '../lib/ui/language.svelte.ts';
import { roleName } from '../lib/ui/roles.ts';

export function statusName(status: CaseStatus): string {
  return {
    received: m.desk_status_received,
    acknowledged: m.desk_status_acknowledged,
    feedback: m.desk_status_feedback,
    closing: m.desk_status_closing,
    closed: m.desk_status_closed,
    reopened: m.desk_status_reopened,
    erasing: m.desk_status_erasing,
  }[status]();
}

export function handlingStatus(status: HandlingView['status']): string {
  return { open: m.desk_handling_is_open, closing: m.desk_status_closing, closed: m.desk_status_closed }[status]();
}

export function dutyName(kind: DateView['kind']): string {
  return {
    acknowledge: m.desk_duty_acknowledge,
    feedback: m.desk_duty_feedback,
    contact: m.desk_duty_contact,
    'respondent-notice': m.desk_duty_respondent_notice,
    'respondent-reply': m.desk_duty_respondent_reply,
    inquiry: m.desk_duty_inquiry,
    report: m.desk_duty_report,
    outcome: m.desk_duty_outcome,
    action: m.desk_duty_action,
    review: m.desk_duty_review,
  }[kind]();
}

/** What does a duty, in words. */
export function eventName(event: DutyFacts['met'][number]): string {
  if (event === 'acknowledge') return m.desk_event_acknowledge();
  if (event === 'feedback') return m.desk_event_feedback();
  return event === 'decide' ? m.desk_event_decide() : stepWords(event);
}

/** Any of these does it. */
export function eventNames(events: DutyFacts['met']): string {
  return new Intl.ListFormat(language(), { type: 'disjunction' }).format(events.map(eventName));
}

/**
 * Whose a missed date is by now. The server lets independents in for the two promised dates; of any other they learn from whoever lets
 * them in, and `read` says that somebody did.
 */
export function escalatedNames({ kind, duty }: DateView, read: boolean): string[] {
  const to = duty?.escalated ?? null;
  if (to === null) return [];
  if (to === 'case-manager') return [m.desk_escalated_case_manager()];
  const told = read || kind === 'acknowledge' || kind === 'feedback';
  const outside = to === 'outside' ? [m.desk_escalated_outside()] : [];
  if (!told) return [m.desk_escalated_untold(), ...outside];
  return to === 'outside' ? outside : [m.desk_escalated_independent()];
}

export function roomName(label: RoomLabel | 'other'): string {
  return {
    reporter: m.desk_room_reporter,
    internal: m.desk_room_internal,
    respondent: m.desk_room_respondent,
    witness: m.desk_room_witness,
    legal: m.desk_room_legal,
    handling: m.desk_room_handling,
    other: m.desk_room_other,
  }[label]();
}

/** The heading above what was said in a room. */
export function roomHeading(label: RoomLabel | 'other'): string {
  return label === 'other' ? m.desk_room_false() : roomName(label);
}

/** A word above what is more than a message; empty for a message. */
export function kindName(kind: EntryKind): string {
  return {
    open: m.desk_kind_open,
    slots: () => '',
    acknowledge: m.desk_kind_acknowledge,
    feedback: m.desk_kind_feedback,
    extend: m.desk_kind_extend,
    decide: m.desk_kind_decide,
    close: m.desk_kind_close,
    reopen: m.desk_kind_reopen,
    erase: m.desk_kind_erase,
    entry: () => '',
  }[kind]();
}

/** The word above one entry: only the first of the reporter's room is the report. */
export function entryKind({ kind, room }: EntryView): string {
  return kind === 'open' && room !== 'reporter' ? '' : kindName(kind);
}

/** Inside a sentence: the name keeps its own direction. */
export function authorInSentence(entry: EntryView): string {
  return isolate(authorName(entry));
}

export function authorName({ author }: EntryView): string {
  if (author.you) return m.desk_you();
  if (author.who === 'member') return author.name;
  return author.who === 'reporter' ? m.desk_reporter() : m.desk_unknown_author();
}

export function exclusionReason({ why, of }: ExcludedView): string {
  if (why === 'named') return m.desk_why_named();
  if (why === 'line' && of !== null) return m.desk_why_line({ of: isolate(of) });
  return why === 'line' ? m.desk_why_line_any() : m.desk_why_chosen();
}

/** Keeps a name in its own direction inside a sentence of another one. */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`;
}

/** The names of those in `state`, `me` last and as "you". */
export function readerNames(access: readonly AccessView[], me: string, state: AccessView['state']): string[] {
  const those = access.filter((reader) => reader.state === state);
  const others = those.filter((reader) => reader.id !== me).map((reader) => reader.name);
  return those.some((reader) => reader.id === me) ? [...others, m.desk_you_in_list()] : others;
}

/** "Reviewer, auditor" in the reader's language. */
export function roleNames(roles: readonly Role[]): string {
  return new Intl.ListFormat(language(), { type: 'unit', style: 'short' }).format(roles.map(roleName));
}

/** What an entry of the directory says, and how it concerns the member who reads it. */
export function historyWords({ index, signed, what, name }: HistoryItem): string {
  const who = name ?? '';
  const say =
    {
      genesis: m.desk_history_genesis,
      member: () => m.desk_history_member({ name: who }),
      rotate: () => m.desk_history_rotate({ name: who }),
      suspend: () => m.desk_history_suspend({ name: who }),
      leave: () => m.desk_history_leave({ name: who }),
      'key-compromised': () => (name === null ? m.desk_history_receipts() : m.desk_history_key({ name })),
      release: m.desk_history_release,
    }[what] ?? (() => m.desk_history_rules({ what }));
  return signed ? m.desk_history_signed({ index, what: say() }) : m.desk_history_about({ index, what: say() });
}
