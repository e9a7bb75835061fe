/** People as somebody types them, found on this device; and who will read a report about them. */
import type { View } from '../api/view.ts';
import { type Access, type Roster, includesId } from '../protocol/access.ts';
import { parseHex } from '../protocol/bytes.ts';
import { type Target, computeAccess, computeConflicts, findIndependents } from '../protocol/conflicts.ts';
import type { Person } from '../protocol/content.ts';
import { RefusedError } from '../protocol/errors.ts';
import type { AccessPreview, ChartPersonView, ExcludedView, Exclusion, NamedPerson, ReaderView } from './types.ts';
import { showExcluded, showMember, sortByName } from './views.ts';

const MEMBER_ID_BYTES = 16;

/** Who will read a report, before anything is sealed. */
export interface Plan {
  readonly channel: string;
  readonly roster: Roster;
  readonly access: Access;
  readonly people: readonly Person[];
}

/** Throws RefusedError "channel-unknown", "access-nobody"; MalformedError "conflicts-person". */
export function planAccess(
  view: View,
  channel: string,
  people: readonly NamedPerson[],
  exclusions: readonly Exclusion[],
): Plan {
  const roster = view.roster(view.channel(channel).id, view.size);
  const conflicts = findConflicts(view, people, exclusions);
  const access = computeAccess(roster, conflicts);
  return { channel, roster, access, people: people.map(({ name, person, where }) => ({ name, person, where })) };
}

/** The same as values for the screens; "access-nobody" stands in the result. */
export function previewAccess(
  view: View,
  channel: string,
  people: readonly NamedPerson[],
  exclusions: readonly Exclusion[],
): AccessPreview {
  const conflicts = findConflicts(view, people, exclusions);
  const unmatched = people.filter(({ person }) => person === null);
  const excluded = sortExcluded(conflicts.excluded.map((one) => showExcluded(view, one)));
  try {
    const { roster, access } = planAccess(view, channel, people, exclusions);
    return { readers: listReaders(view, roster, access), excluded, unmatched, refused: null };
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'access-nobody') {
      return { readers: [], excluded, unmatched, refused: 'access-nobody' };
    }
    throw error;
  }
}

/** Those who get the key at once, then those who get it when a date is missed. */
export function listReaders(view: View, { delivered, held }: Roster, { granted, conflicted }: Access): ReaderView[] {
  const now = delivered.filter(({ id }) => includesId(granted, id));
  const later = held.filter(({ id }) => !includesId(granted, id) && !includesId(conflicted, id));
  return [
    ...sortByName(
      now.map(({ id, channel }): ReaderView => {
        return { ...showMember(view, id), when: 'now', why: channel ? 'channel' : 'fallback' };
      }),
    ),
    ...sortByName(
      later.map(({ id }): ReaderView => ({ ...showMember(view, id), when: 'if-late', why: 'independent' })),
    ),
  ];
}

/** At most `limit` people of the chart; accents and case do not matter, every typed word must begin a word of name or title. */
export function searchPeople(view: View, query: string, limit: number): ChartPersonView[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const found: ChartPersonView[] = [];
  for (const { id, name, title, reportsTo } of view.chart?.people.values() ?? []) {
    const parts = fold(`${name} ${title} ${id}`).split(/[\s,.;:/()-]+/);
    const whole = fold(name).replaceAll(' ', '');
    // Names without spaces between them (张伟) are searched within, too.
    const matches = (word: string) => parts.some((part) => part.startsWith(word)) || whole.includes(word);
    if (words.every(matches)) found.push({ id, name, title, reportsTo });
    if (found.length === limit) break;
  }
  return found;
}

function findConflicts(view: View, people: readonly NamedPerson[], exclusions: readonly Exclusion[]) {
  const named = people.map(({ name, person }): Target => ({ name, person, member: null }));
  const chosen = exclusions.map(({ name, person, member }): Target => {
    return { name, person, member: member === null ? null : parseHex(member, MEMBER_ID_BYTES) };
  });
  return computeConflicts(view.chart, named, chosen, findIndependents(view.state));
}

function sortExcluded(excluded: readonly ExcludedView[]): ExcludedView[] {
  return [...excluded].sort((a, b) => Number(a.member === null) - Number(b.member === null));
}

function fold(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
}
