/** What of the cases a member reads could go, and when, and why: read on the member's device, and nothing else. */
import { encodeHex } from '../protocol/bytes.ts';
import type { Case } from './cases.ts';
import { makeHandle } from './casework.ts';
import { findClosedAt, makeExcerpt } from './desk_views.ts';
import type { FoldedCase } from './folding.ts';
import { blocksErasure } from './holds.ts';
import { type Outcome, type RetentionFacts, type RetentionState, type Rule, planRetention } from './retention.ts';
import type { RetentionItem } from './types.ts';

const ORDER: readonly RetentionState[] = ['due', 'decide', 'held', 'unruled', 'keep', 'open', 'unread'];

/** One case with what the rules say of it. */
export function showRetention(
  found: Case,
  folded: FoldedCase,
  rules: readonly Rule[],
  outcome: Outcome | null,
  now: number,
): RetentionItem {
  const { room } = found;
  const facts = readFacts(folded);
  const held = folded.state.holds.filter(({ type, lifted }) => type === 'legal' && !lifted);
  return {
    id: encodeHex(room.id),
    handle: makeHandle(room.id),
    excerpt: makeExcerpt(room.entries[0]?.content?.text ?? ''),
    ...facts,
    ...planRetention(facts, rules, outcome, now),
    holds: held.map(({ reason }) => reason),
  };
}

/** Those to look at first. */
export function sortRetention(items: readonly RetentionItem[]): RetentionItem[] {
  return [...items].sort(
    (a, b) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
      (a.closedAt ?? 0) - (b.closedAt ?? 0) ||
      (a.id < b.id ? -1 : 1),
  );
}

/** When a case came and was closed, by the log, and whether a member has acknowledged it. */
function readFacts(folded: FoldedCase): RetentionFacts {
  const {
    rooms: [main],
    state,
  } = folded;
  return {
    receivedAt: main.facts[0]?.loggedAt ?? main.room.opening.at,
    closedAt: findClosedAt(folded),
    acknowledged: state.obligations.some(({ kind, metAt }) => kind === 'acknowledge' && metAt !== null),
    held: blocksErasure(state.holds),
  };
}
