/** What the docket folds: entries that a client opened, judged and dated. */
import type { Authorship } from '../protocol/authorship.ts';
import type { Bytes } from '../protocol/bytes.ts';
import type { Content } from '../protocol/content.ts';
import type { Kind, Label, Until } from '../protocol/room.ts';

const HOLDER_COUNTS: readonly Authorship[] = ['proved', 'own', 'earlier'];

/** A member's id, "holder", or null when the body did not open. */
export type Who = Bytes | 'holder' | null;

/** One entry of one room of a case, opened, judged and dated; `hash` is H(header). */
export interface DatedEntry {
  readonly room: Bytes;
  readonly label: Label;
  readonly seq: number;
  readonly kind: Kind;
  readonly hash: Bytes;
  readonly author: Who;
  readonly proved: Authorship;
  /** The date a quorum gave its leaf, null while it has none. */
  readonly loggedAt: number | null;
  readonly content: Content | null;
  /** What an `extend` asks for. */
  readonly until: Until | null;
}

/** The member who certainly wrote it, else null. */
export function readMember({ author, proved }: DatedEntry): Bytes | null {
  return author !== null && author !== 'holder' && (proved === 'proved' || proved === 'own') ? author : null;
}

/**
 * Whether it may change the case: a member's when proved, a holder's unless it is shown to be another's. A holder's entry from before
 * the reader was let in cannot be proved to this reader; it counts, because all who could read then could check it.
 */
export function doesCount(entry: DatedEntry): boolean {
  return readMember(entry) !== null || (entry.author === 'holder' && HOLDER_COUNTS.includes(entry.proved));
}
