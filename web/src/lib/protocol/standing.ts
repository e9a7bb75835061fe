/**
 * Whether a member's key counted at a logged date: entries of members who have gone stay, later ones do not count.
 * Source: spec/room.md, "Former members".
 */
import { type Bytes, encodeHex, equalBytes } from './bytes.ts';
import type { DirectoryState, MemberState } from './directory_state.ts';

/** Every key that a member's signatures were ever under, that of now first. */
export function listSigningKeys({ member, terms }: MemberState): Bytes[] {
  const keys = [member.sign, ...terms.toReversed().map((term) => term.member.sign)];
  return [...new Map(keys.map((key) => [encodeHex(key), key])).values()];
}

/** The index of every entry that ended what a member or a receipt key was: their dates decide what counted. */
export function listTurns({ members, receipts }: DirectoryState): number[] {
  const ends = [...members.values()].flatMap(({ terms }) => terms.map(({ end }) => end));
  return [...new Set([...ends, ...receipts.map(({ end }) => end)])].sort((a, b) => a - b);
}

/** The dates of `listTurns`. */
export type Turns = ReadonlyMap<number, number | null>;

/**
 * Whether `sign` was an active member's key at the logged date `at`; null means not logged, so by now. The two logs are dated apart: a
 * key may count `slackS` before its entry's date, and never at or after the date of the entry that ended it.
 */
export function wasInForce(found: MemberState, sign: Bytes, at: number | null, dates: Turns, slackS: number): boolean {
  if (at === null) return found.status === 'active' && equalBytes(found.member.sign, sign);
  const { member, status, begin } = found;
  return [...found.terms, { member, status, begin, end: null }].some((term) => {
    const first = dates.get(term.begin) ?? null;
    const last = term.end === null ? Infinity : (dates.get(term.end) ?? -Infinity);
    const began = first === null || at >= first - slackS;
    return equalBytes(term.member.sign, sign) && term.status === 'active' && began && at < last;
  });
}
