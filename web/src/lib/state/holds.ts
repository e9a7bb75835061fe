/** What holds a case up, who is said to have been told before the report, and risk (spec/content.md, "Records"). */
import { DAY_S } from '../protocol/calendars.ts';
import { type Bytes, encodeHex } from '../protocol/bytes.ts';
import { isBlank } from '../protocol/content.ts';
import type { Disclosure, HoldType, RiskLevel } from '../protocol/records.ts';
import { type DatedEntry, doesCount, readMember } from './entries.ts';

const REVIEW_S = 30 * DAY_S;
/** In rooms with these labels a hold counts: where the reporter sees it, or those who could erase. */
const PLACES: Partial<Record<HoldType, readonly DatedEntry['label'][]>> = {
  external: ['reporter'],
  legal: ['reporter', 'internal'],
};

/** Something a case waits for, by a member; `at` its logged date, `liftedAt` that of what ended it. */
export interface HoldState {
  readonly type: HoldType;
  readonly hash: Bytes;
  readonly room: Bytes;
  readonly label: DatedEntry['label'];
  readonly member: Bytes;
  readonly reason: string;
  readonly at: number | null;
  /** When somebody must look at it again, 30 days after its logged date at most; null for a legal hold. */
  readonly review: number | null;
  readonly lifted: boolean;
  readonly liftedAt: number | null;
}

/** Somebody says that others were told on a day; `at` is the date on which the log had this claim. */
export interface Claim extends Disclosure {
  readonly author: Bytes | 'holder';
  readonly at: number | null;
}

/**
 * The holds that members put on a case, in the order of its rooms and entries. A hold for an authority counts only where the reporter
 * sees it, a legal one where those who could erase do. A hold is lifted by a later entry of its own room.
 */
export function foldHolds(entries: readonly DatedEntry[]): HoldState[] {
  const found = new Map<string, HoldState>();
  for (const entry of entries) {
    const [content, member] = [entry.content, readMember(entry)];
    if (content?.kind !== 'entry' || member === null) continue;
    const { room } = entry;
    const waiting = content.lifts && found.get(nameHold({ room, hash: content.lifts }));
    if (waiting && !waiting.lifted) {
      found.set(nameHold(waiting), { ...waiting, lifted: true, liftedAt: entry.loggedAt });
    }
    const { hold } = content;
    if (hold === null || PLACES[hold.type]?.includes(entry.label) === false) continue;
    const { hash, label, loggedAt: at } = entry;
    const review = hold.until === null || at === null ? hold.until : Math.min(hold.until, at + REVIEW_S);
    const state = { type: hold.type, hash, room, label, member, reason: hold.reason, at, review };
    found.set(nameHold(state), { ...state, lifted: false, liftedAt: null });
  }
  return [...found.values()];
}

/** When somebody must next look at the holds of a case again, and whether they are all lifted; null where none ever had such a date. */
export function findReview(holds: readonly HoldState[]): { readonly at: number; readonly lifted: boolean } | null {
  const dates = holds.flatMap(({ review, lifted }) => (review === null ? [] : [{ at: review, lifted }]));
  const waiting = dates.filter(({ lifted }) => !lifted).map(({ at }) => at);
  if (waiting.length > 0) return { at: Math.min(...waiting), lifted: false };
  return dates.length > 0 ? { at: Math.max(...dates.map(({ at }) => at)), lifted: true } : null;
}

/** Whether a legal hold forbids erasing the case. */
export function blocksErasure(holds: readonly HoldState[]): boolean {
  return holds.some(({ type, lifted }) => type === 'legal' && !lifted);
}

/** What tells one hold of a case from another. */
export function nameHold({ room, hash }: Pick<HoldState, 'room' | 'hash'>): string {
  return `${encodeHex(room)}/${encodeHex(hash)}`;
}

/** Who is said to have been told before, in the order of the entries that say so. */
export function foldClaims(entries: readonly DatedEntry[]): Claim[] {
  return entries.filter(doesCount).flatMap(({ content, author, loggedAt: at }) => {
    const told = content?.kind === 'open' || content?.kind === 'entry' ? content.disclosure : null;
    return told && author !== null ? [{ ...told, author, at }] : [];
  });
}

/** How great a member holds the risk of further harm to be, and why; `at` its logged date. */
export interface Risk {
  readonly level: RiskLevel;
  readonly member: Bytes;
  readonly reason: string;
  readonly at: number | null;
}

/** The last word of a member on the risk of further harm; it counts in the internal room alone. */
export function foldRisk(entries: readonly DatedEntry[]): Risk | null {
  const found = entries.flatMap((entry): Risk[] => {
    const [content, member] = [entry.content, readMember(entry)];
    if (content?.kind !== 'entry' || content.risk === null || member === null || entry.label !== 'internal') return [];
    const reason = content.text ?? '';
    return isBlank(reason) ? [] : [{ level: content.risk, member, reason, at: entry.loggedAt }];
  });
  return found.at(-1) ?? null;
}
