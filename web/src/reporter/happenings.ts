import { m } from '../lib/paraglide/messages.js';
import type { ConversationView, DeedView, DueView, EntryView, GrantView } from '../lib/state/types.ts';
import { deedWords } from '../lib/ui/deeds.ts';
import { dutyName } from './duties.ts';

/** One line of the reporter's timeline. */
export interface Happening {
  readonly key: string;
  readonly at: number | null;
  readonly is: 'met' | 'late' | 'due' | 'later';
  readonly words: string;
  /** Why it does not count; empty when it does. */
  readonly doubt: string;
  readonly due: DueView | null;
}

/** "You", or who proved to have written it. */
export function authorName(entry: EntryView): string {
  if (entry.authorship === 'unproved') return m.reporter_somebody();
  if (entry.author.who === 'member') return entry.author.name;
  return entry.author.who === 'reporter' ? m.reporter_you() : m.reporter_somebody();
}

function grantWords(entry: EntryView, { member, name: other, room }: GrantView, name: string): string {
  const herself = entry.author.who === 'member' && entry.author.id === member;
  if (room === 'handling') {
    return herself ? m.reporter_did_open_handling({ name }) : m.reporter_did_grant_handling({ name, other });
  }
  if (room !== 'reporter') return m.reporter_did_grant_internal({ name, other });
  return herself ? m.reporter_let_in({ name: other }) : m.reporter_did_grant({ name, other });
}

/** Why what its author says and does counts for nothing; empty when it counts. */
export function doubtWords({ authorship }: EntryView): string {
  if (authorship === 'unproved') return m.reporter_unproved();
  if (authorship === 'unadmitted') return m.reporter_unadmitted();
  return authorship === 'former' ? m.reporter_former() : '';
}

/** What was done, to her who was contacted. */
export function ownDeedWords(deed: DeedView): string {
  return deed.is === 'step' && deed.step === 'contact' ? m.reporter_step_contact() : deedWords(deed);
}

/** What an entry did, in a line. */
export function entryWords(entry: EntryView): string {
  const name = authorName(entry);
  if (entry.grant !== null) return grantWords(entry, entry.grant, name);
  if (entry.kind === 'open') return m.reporter_did_open();
  if (entry.kind === 'acknowledge') return m.reporter_did_acknowledge({ name });
  if (entry.kind === 'feedback') return m.reporter_did_feedback({ name });
  if (entry.kind === 'close') return m.reporter_did_close({ name });
  if (entry.confirmsClose) return m.reporter_did_confirm({ name });
  if (entry.kind === 'reopen') return m.reporter_did_reopen({ name });
  if (entry.deed !== null) return `${name}: ${ownDeedWords(entry.deed)}`;
  return entry.author.who === 'reporter' ? m.reporter_did_write_you() : m.reporter_did_write({ name });
}

/** Handing the keys out anew without letting anybody in is housekeeping. */
export function isNews(entry: EntryView): boolean {
  return entry.kind !== 'slots' || entry.grant !== null || entry.problem !== null;
}

/** What has happened and what is still to come, in the order of its dates; a missed date stays for ever. */
export function happenings(view: ConversationView, now: number): Happening[] {
  const kept = view.due.filter((due) => due.state === 'met');
  const past = view.entries.filter(isNews).map((entry, at, all): Happening => {
    const doubt = doubtWords(entry);
    const first = all.findIndex((other) => other.kind === entry.kind && doubtWords(other) === '') === at;
    const due = first ? kept.find((it) => it.kind === entry.kind) : undefined;
    const is = doubt === '' ? 'met' : 'later';
    return { key: entry.key, at: entry.loggedAt, is, words: entryWords(entry), doubt, due: due ?? null };
  });
  const dates = view.due
    .filter((due) => due.state !== 'met')
    .map((due): Happening => {
      const is = due.state === 'open' ? 'due' : due.state === 'lapsed' ? 'later' : 'late';
      return { key: `due-${due.kind}`, at: due.at, is, words: dutyName(due.kind), doubt: '', due };
    });
  return [...past, ...dates].sort((a, b) => (a.at ?? now) - (b.at ?? now));
}
