import type { QueueItem } from '../lib/state/types.ts';

const WEEK_S = 7 * 86_400;

/** The heading under which a case stands. */
export type Group = 'missed' | 'week' | 'later' | 'none' | 'closed';

const ORDER: readonly Group[] = ['missed', 'week', 'later', 'none', 'closed'];

export function groupOf({ next, status }: QueueItem, nowS: number): Group {
  if (next !== null && next.state !== 'open') return 'missed';
  if (next !== null && next.at <= nowS) return 'missed';
  if (next !== null && next.at - nowS <= WEEK_S) return 'week';
  if (next !== null) return 'later';
  return status === 'closed' ? 'closed' : 'none';
}

/** The groups that hold a case, in the order of their clock; inside a group the nearest date first, or what waits for a second member. */
export function groupByClock(
  items: readonly QueueItem[],
  nowS: number,
): { readonly group: Group; readonly items: readonly QueueItem[] }[] {
  const rank = ({ next, status }: QueueItem): number => next?.at ?? (status === 'closing' ? 0 : 1);
  return ORDER.map((group) => ({
    group,
    items: items.filter((item) => groupOf(item, nowS) === group).toSorted((a, b) => rank(a) - rank(b)),
  })).filter((it) => it.items.length > 0);
}

/** How much of the term is used, in percent; null without a date or a beginning. */
export function usedPercent({ next, openedAt }: QueueItem, nowS: number): number | null {
  if (next === null || openedAt === null || next.at <= openedAt) return null;
  const share = (nowS - openedAt) / (next.at - openedAt);
  return Math.round(100 * Math.min(Math.max(share, 0), 1));
}

/** Lower case, without accents, so that "muller" finds "Müller". */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Whether every word of `query` stands somewhere in `texts`. */
export function matches(texts: readonly string[], query: string): boolean {
  const all = fold(texts.join('\n'));
  return fold(query)
    .split(/\s+/)
    .every((word) => all.includes(word));
}
