/**
 * Who may read a room, as every body that carries a slot set names it, and the roster it is chosen from.
 * Source: spec/slots.md, "Access"; spec/content.md.
 */
import { type Bytes, compareBytes, encodeHex, equalBytes } from './bytes.ts';
import { MalformedError, RefusedError } from './errors.ts';

const LEAST_CHANNEL_GRANTS = 2;
export const WHYS = ['named', 'line', 'chosen'] as const;
export type Why = (typeof WHYS)[number];

/** A member as the directory held them: id (16 bytes), three public keys (32 bytes), and where they belong. */
export interface RosterMember {
  readonly id: Bytes;
  readonly age: Bytes;
  readonly author: Bytes;
  readonly sign: Bytes;
  readonly independent: boolean;
  readonly channel: boolean;
}

/** Both parts sorted by id: `delivered` the channel and the independents, `held` the independents. */
export interface Roster {
  readonly delivered: readonly RosterMember[];
  readonly held: readonly RosterMember[];
}

/** Somebody the author kept out, why, and for `line` and `named`, because of whom. */
export interface Excluded {
  readonly name: string;
  readonly person: string | null;
  readonly member: Bytes | null;
  readonly why: Why;
  readonly of: string | null;
}

/** Sorted member ids; nobody stands in both lists. */
export interface Access {
  readonly granted: readonly Bytes[];
  readonly conflicted: readonly Bytes[];
  readonly excluded: readonly Excluded[];
}

/** Throws MalformedError "access-order", "access-conflict". */
export function checkAccess({ granted, conflicted }: Access): void {
  if (!isSorted(granted) || !isSorted(conflicted)) throw new MalformedError('access-order');
  if (granted.some((id) => includesId(conflicted, id))) throw new MalformedError('access-conflict');
}

/**
 * What counts once each access was named, that of `open` first: who was let in by then, and who is kept out. Nobody is kept out later,
 * and nobody who was let in is left out again: they have the key (docs/adr/0054). Whoever has no place in the roster was given none.
 */
export function listStandingAccesses(named: readonly Access[], { delivered }: Pick<Roster, 'delivered'>): Access[] {
  const [[first], places] = [named, delivered.map(({ id }) => id)];
  let granted: Bytes[] = [];
  return named.map((access) => {
    granted = sortIds([...granted, ...access.granted.filter((id) => includesId(places, id))]);
    const conflicted = first?.conflicted.filter((id) => !includesId(granted, id)) ?? [];
    return { granted, conflicted, excluded: first?.excluded ?? [] };
  });
}

/**
 * Whom a report is granted to: the channel without the conflicted, and the independents if that is too few.
 * Throws RefusedError "access-nobody".
 */
export function computeGranted(roster: Roster, conflicted: readonly Bytes[]): Bytes[] {
  const free = roster.delivered.filter((member) => !includesId(conflicted, member.id));
  const channel = free.filter((member) => member.channel);
  const others = free.filter((member) => member.channel || member.independent);
  const granted = channel.length < LEAST_CHANNEL_GRANTS ? others : channel;
  if (granted.length === 0) throw new RefusedError('access-nobody');
  return sortIds(granted.map((member) => member.id));
}

export function includesId(ids: readonly Uint8Array[], id: Uint8Array): boolean {
  return ids.some((other) => equalBytes(other, id));
}

/** Sorted, each once. */
export function sortIds(ids: readonly Bytes[]): Bytes[] {
  const unique = new Map(ids.map((id) => [encodeHex(id), id]));
  return [...unique.values()].sort(compareBytes);
}

function isSorted(ids: readonly Bytes[]): boolean {
  return ids.every((id, i) => {
    const before = ids[i - 1];
    return before === undefined || compareBytes(before, id) < 0;
  });
}
