/** When the server let the independents in: only the two promised dates do that, and each as it was promised. */
import type { DatedRoom } from './casework.ts';
import type { DueView, UnixTime } from './types.ts';

/** Kind and logged date of each entry of the reporter's room. */
export type Answers = readonly { readonly kind: string; readonly loggedAt: number | null }[];

/**
 * When the first promised date was over without an answer, null while none was. The server goes by the date that was promised, whatever
 * more time was given, and by the kind of an entry, whatever it says. Where an answer waits for the log, or the log holds one that the room
 * lacks (withheld), nobody here knows: that counts as none.
 */
export function findLetIn(due: readonly DueView[], answers: Answers, graceS: number, now: UnixTime): UnixTime | null {
  const over = due
    .filter(({ kind, state }) => (kind === 'acknowledge' || kind === 'feedback') && state !== 'withheld')
    .filter(({ kind }) => !answers.some((entry) => entry.kind === kind && entry.loggedAt === null))
    .map(({ kind, at, duty }) => ({
      last: (duty?.extension?.before ?? at) + graceS,
      until: Math.min(now, ...answers.filter((entry) => entry.kind === kind).map(({ loggedAt }) => loggedAt ?? now)),
    }))
    .filter(({ last, until }) => until > last)
    .map(({ last }) => last);
  return over.length > 0 ? Math.min(...over) : null;
}

export function listAnswers({ room, facts }: DatedRoom): Answers {
  return room.entries.map(({ header }, i) => ({ kind: header.kind, loggedAt: facts[i]?.loggedAt ?? null }));
}
