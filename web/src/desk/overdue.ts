import type { DateView, QueueItem } from '../lib/state/types.ts';
import { isGrave, riskOf } from './queue.ts';

const SOON_S = 86_400;

/** A date that passed, or will within a day. */
export interface OverdueRow {
  readonly item: QueueItem;
  readonly due: DateView;
}

/** What is overdue and what falls due within a day; in each the gravest case first, then what has been waiting longest. */
export function listOverdue(
  items: readonly QueueItem[],
  nowS: number,
): { readonly late: readonly OverdueRow[]; readonly soon: readonly OverdueRow[] } {
  const rows = items
    .flatMap((item) => item.due.map((due) => ({ item, due })))
    .filter(({ due }) => isGrave(due) || (due.state === 'open' && due.at - nowS < SOON_S))
    .toSorted((a, b) => riskOf(b.item) - riskOf(a.item) || a.due.at - b.due.at);
  const isLate = ({ due }: OverdueRow): boolean => isGrave(due) || due.at <= nowS;
  return { late: rows.filter(isLate), soon: rows.filter((row) => !isLate(row)) };
}

/** The cases with a room about a missed date; those that wait for somebody first. */
export function listHandled(items: readonly QueueItem[]): QueueItem[] {
  const order = ['closing', 'open', 'closed'];
  const rank = ({ handling }: QueueItem): number => order.indexOf(handling?.status ?? '');
  return items
    .filter(({ handling }) => handling !== null)
    .toSorted((a, b) => rank(a) - rank(b) || (a.handling?.at ?? 0) - (b.handling?.at ?? 0));
}
