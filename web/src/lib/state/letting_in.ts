/** When the server let the independents in: only the two promised dates do that, and each as it was promised. */
import type { DueView, UnixTime } from './types.ts';

/**
 * When the first promised date was over without its deed, null while none was. An extension moves the date that people keep, not the one
 * that the server goes by; of what the log holds and the room does not (withheld), nobody here knows what the server made of it.
 */
export function findLetIn(due: readonly DueView[], graceS: number, now: UnixTime): UnixTime | null {
  const over = due
    .filter(({ kind, state }) => (kind === 'acknowledge' || kind === 'feedback') && state !== 'withheld')
    .map(({ at, doneAt, duty }) => ({ last: (duty?.extension?.before ?? at) + graceS, until: doneAt ?? now }))
    .filter(({ last, until }) => until > last)
    .map(({ last }) => last);
  return over.length > 0 ? Math.min(...over) : null;
}
