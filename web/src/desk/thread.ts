import { m } from '../lib/paraglide/messages.js';
import type { CaseView, EntryView, RoomLabel } from '../lib/state/types.ts';
import { authorInSentence, isolate, roomName } from './names.ts';

const TITLE_CHARACTERS = 80;

/** An entry that a person wrote, or a line that only says what happened. */
export type ThreadLine =
  | { readonly is: 'message'; readonly entry: EntryView; readonly fresh: boolean }
  | { readonly is: 'event'; readonly entry: EntryView; readonly fresh: boolean; readonly words: string };

/** What happened, where nobody wrote anything; null for what somebody wrote. */
export function eventWords(entry: EntryView): string | null {
  const name = authorInSentence(entry);
  if (entry.problem !== null) return null;
  if (entry.grant !== null) {
    const { member, name: other, room } = entry.grant;
    const herself = entry.author.who === 'member' && entry.author.id === member;
    if (herself) return m.desk_did_enter({ name, room: roomName(room) });
    return m.desk_did_grant({ name, other: isolate(other), room: roomName(room) });
  }
  if (entry.kind === 'open' && entry.room !== 'reporter' && entry.text === '') return m.desk_did_open({ name });
  if (entry.confirmsClose) return m.desk_did_confirm({ name });
  if (entry.kind === 'slots') return m.desk_did_slots({ name });
  return null;
}

/** What stands in one room, oldest first; `fresh` are the keys of entries that this member has not seen. */
export function threadOf(view: CaseView, label: RoomLabel | 'other', fresh: ReadonlySet<string>): ThreadLine[] {
  return view.entries
    .filter((entry) => entry.room === label)
    .map((entry) => {
      const words = eventWords(entry);
      const isFresh = fresh.has(entry.key);
      return words === null ? { is: 'message', entry, fresh: isFresh } : { is: 'event', entry, fresh: isFresh, words };
    });
}

/** The keys of the last `count` entries that others wrote. */
export function freshKeys(view: CaseView, count: number): Set<string> {
  const others = view.entries.filter((entry) => !entry.author.you);
  return new Set(count === 0 ? [] : others.slice(-count).map((entry) => entry.key));
}

/** The first line of the report, cut between words; empty when there is no text. */
export function titleOf(view: CaseView): string {
  const text = view.entries.find((entry) => entry.kind === 'open' && entry.room === 'reporter')?.text ?? '';
  const line = text.trim().split('\n')[0] ?? '';
  if (line.length <= TITLE_CHARACTERS) return line;
  const cut = line
    .slice(0, TITLE_CHARACTERS)
    .toWellFormed()
    .replace(/\ufffd$/u, '');
  return `${(/\s/u.test(cut) ? cut.replace(/\s+\S*$/u, '') : cut).replace(/[\s\p{P}]+$/u, '')}…`;
}
