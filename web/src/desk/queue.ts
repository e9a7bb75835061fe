import type { DateView, QueueItem, Role } from '../lib/state/types.ts';

const WEEK_S = 7 * 86_400;
const GRAVE: readonly DateView['state'][] = ['missed', 'withheld', 'unreleased'];

/** The heading under which a case stands. */
export type Group = 'undated' | 'missed' | 'today' | 'week' | 'later' | 'none' | 'closed';

/** Whether a date was missed, or what met it was held back. */
export function isGrave({ state }: DateView): boolean {
  return GRAVE.includes(state);
}

const ORDER: readonly Group[] = ['missed', 'today', 'week', 'later', 'none', 'closed'];

export function groupOf({ next, status }: QueueItem, nowS: number): Group {
  if (next !== null && (next.state !== 'open' || next.at <= nowS)) return 'missed';
  if (next !== null && next.at <= endOfDay(nowS)) return 'today';
  if (next !== null && next.at - nowS <= WEEK_S) return 'week';
  if (next !== null) return 'later';
  return status === 'closed' ? 'closed' : 'none';
}

/** Midnight where the reader is. */
function endOfDay(nowS: number): number {
  return new Date(nowS * 1000).setHours(24, 0, 0, 0) / 1000;
}

const HARM = { severe: 3, high: 2, medium: 1, low: 0 } as const;

/**
 * How grave a case is: what does not check, then the risk of further harm as members hold it to be, then dates missed, and how far up
 * they went.
 */
export function riskOf({ alarms, due, risk }: QueueItem): number {
  const missed = due.filter((one) => isGrave(one) && one.kind !== 'review');
  const up = missed.map(({ duty }) => (duty?.escalated === 'outside' ? 2 : duty?.escalated === 'independent' ? 1 : 0));
  const harm = HARM[risk ?? 'medium']; // what nobody assessed may be anything
  return 10_000 * alarms.length + 1_000 * harm + 10 * Math.min(missed.length, 99) + Math.max(0, ...up);
}

/** Whether this member is a case manager and a date was missed that goes up the line: they are the first in it. */
export function isHandedUp({ due }: QueueItem, roles: readonly Role[]): boolean {
  return roles.includes('case-manager') && due.some(({ duty }) => (duty?.escalated ?? null) !== null);
}

/**
 * The groups that hold a case, in the order of their clock; inside a group the gravest first, then the nearest date, or what waits for a
 * second member.
 */
export function groupByClock(
  items: readonly QueueItem[],
  nowS: number,
): { readonly group: Group; readonly items: readonly QueueItem[] }[] {
  const rank = ({ next, status }: QueueItem): number => next?.at ?? (status === 'closing' ? 0 : 1);
  return ORDER.map((group) => ({
    group,
    items: items
      .filter((item) => groupOf(item, nowS) === group)
      .toSorted((a, b) => riskOf(b) - riskOf(a) || rank(a) - rank(b)),
  })).filter((it) => it.items.length > 0);
}

/** Whether an independent only watches it and nothing of it was missed, or does not check. */
export function isQuiet(item: QueueItem, nowS: number): boolean {
  return item.mode === 'watch' && item.alarms.length === 0 && groupOf(item, nowS) !== 'missed';
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
