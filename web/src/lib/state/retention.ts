/** What rules say of a closed case: that it should go, or must still be kept; nothing is done, and nobody told to. */
import { Fields } from '../protocol/fields.ts';
import { type Json } from '../protocol/json.ts';

export const OUTCOMES = ['no-action', 'no-proceedings', 'followed-up'] as const;
const RULED = ['any', ...OUTCOMES] as const;
const TRIGGERS = ['received', 'closed', 'year-closed'] as const;
const BOUNDS = ['longest', 'shortest', 'usual'] as const;
const LIMIT_RULES = 1_000;
const CODE = 'retention-form';

export type Outcome = (typeof OUTCOMES)[number];
export type Bound = (typeof BOUNDS)[number];
export type RetentionState = 'unread' | 'open' | 'held' | 'keep' | 'decide' | 'due' | 'unruled';

/** How long a case may, must or usually is kept after a trigger; `months` null where no term is fixed. */
export interface Rule {
  readonly id: string;
  readonly jurisdiction: string;
  readonly outcome: (typeof RULED)[number];
  readonly trigger: (typeof TRIGGERS)[number];
  readonly months: number | null;
  readonly bound: Bound;
  readonly source: string;
  /** "YYYY-MM", when somebody looked. */
  readonly checkedOn: string;
  readonly confirmed: boolean;
  readonly note: string | null;
}

/** What of a case counts here; times are logged dates, null while there is none. */
export interface RetentionFacts {
  readonly receivedAt: number;
  readonly closedAt: number | null;
  readonly acknowledged: boolean;
  readonly held: boolean;
}

/** What one rule says of one case: until when, null where it fixes no date; `over` once that is past. */
export interface Term {
  readonly rule: Rule;
  readonly until: number | null;
  readonly over: boolean;
}

/**
 * What all the rules say of a case, side by side. `decide`: they do not agree by now, or what one says depends on an outcome nobody
 * named. `due`: every one that fixes a date says that its time is over.
 */
export interface Plan {
  readonly state: RetentionState;
  readonly terms: readonly Term[];
}

/** What `rules` say of a case with this outcome, null when nobody said how it ended. */
export function planRetention(
  { receivedAt, closedAt, acknowledged, held }: RetentionFacts,
  rules: readonly Rule[],
  outcome: Outcome | null,
  now: number,
): Plan {
  if (!acknowledged) return { state: 'unread', terms: [] };
  if (closedAt === null) return { state: 'open', terms: [] };
  const doesApply = (rule: Rule) => rule.outcome === 'any' || rule.outcome === outcome;
  const terms = rules
    .filter((rule) => outcome === null || doesApply(rule))
    .map((rule) => applyRule(rule, receivedAt, closedAt, now));
  if (held) return { state: 'held', terms };
  const dated = terms.filter(({ until }) => until !== null);
  if (dated.length === 0) return { state: 'unruled', terms };
  if (!dated.some(({ over }) => over)) return { state: 'keep', terms };
  const sure = dated.every(({ over }) => over) && terms.every(({ rule }) => doesApply(rule));
  return { state: sure ? 'due' : 'decide', terms };
}

/** The same time of day so many months later, on the last day of a shorter month (UTC). */
export function addMonths(at: number, months: number): number {
  const start = new Date(at * 1_000);
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth() + months];
  const day = Math.min(start.getUTCDate(), new Date(Date.UTC(year, month + 1, 0)).getUTCDate());
  return Math.floor(Date.UTC(year, month, day) / 1_000) + (at % 86_400);
}

/** The rules in a file. Throws MalformedError "retention-form". */
export function parseRules(value: Json): Rule[] {
  const fields = new Fields(value, CODE);
  fields.takeExactly('v', 1);
  return fields.takeList('rules', parseRule, LIMIT_RULES);
}

function parseRule(value: Json): Rule {
  const fields = new Fields(value, CODE);
  return {
    id: fields.takeText('id', { limit: 64 }),
    jurisdiction: fields.takeText('jurisdiction', { limit: 8 }),
    outcome: fields.takeOneOf('outcome', RULED),
    trigger: fields.takeOneOf('trigger', TRIGGERS),
    months: fields.takeNull('months', (key) => fields.takeInteger(key)),
    bound: fields.takeOneOf('bound', BOUNDS),
    source: fields.takeText('source'),
    checkedOn: fields.takeText('checked_on', { limit: 10 }),
    confirmed: fields.has('confirmed') && fields.take('confirmed') === true,
    note: fields.takeOptional('note', (key) => fields.takeText(key)),
  };
}

function applyRule(rule: Rule, receivedAt: number, closedAt: number, now: number): Term {
  if (rule.months === null) return { rule, until: null, over: false };
  const until = addMonths(findStart(rule, receivedAt, closedAt), rule.months);
  return { rule, until, over: now >= until };
}

function findStart({ trigger }: Rule, receivedAt: number, closedAt: number): number {
  if (trigger === 'received') return receivedAt;
  if (trigger === 'closed') return closedAt;
  return Date.UTC(new Date(closedAt * 1_000).getUTCFullYear() + 1, 0, 1) / 1_000;
}
