/** What is recorded of a case besides words: holds, who is said to have known before, risk (spec/content.md). */
import { parseDate } from './calendars.ts';
import { Fields } from './fields.ts';
import type { Json, JsonObject } from './json.ts';
import { LIMIT_TIME } from './packs.ts';

const CODE = 'content-form';
const LIMIT_NAME = 512;
export const HOLDS = ['external', 'interview', 'legal'] as const;
export const TOLD = ['manager', 'hr', 'forum', 'police', 'other'] as const;
/** How great the risk of further harm is held to be, the least first. */
export const RISKS = ['low', 'medium', 'high', 'severe'] as const;
export type RiskLevel = (typeof RISKS)[number];
export type HoldType = (typeof HOLDS)[number];

/** Something waits: for an authority, with interviews, or with erasing. No hold moves a date. */
export interface Hold {
  readonly type: HoldType;
  /** When somebody must look at it again; only a legal hold has none. */
  readonly until: number | null;
  readonly reason: string;
}

/** Somebody was told before the report: a claim of whoever writes it, beside the logged date, never instead. */
export interface Disclosure {
  /** "YYYY-MM-DD"; null where the day is not known. */
  readonly on: string | null;
  readonly to: (typeof TOLD)[number];
  readonly name: string;
}

export function encodeHold({ type, until, reason }: Hold): JsonObject {
  return { type, until, reason };
}

/** Throws MalformedError "content-form". */
export function parseHold(value: Json): Hold {
  const fields = new Fields(value, CODE);
  const hold = {
    type: fields.takeOneOf('type', HOLDS),
    until: fields.takeNull('until', (key) => fields.takeInteger(key, 0, LIMIT_TIME - 1)),
    reason: fields.takeText('reason'),
  };
  if ((hold.until === null) !== (hold.type === 'legal')) throw fields.refuse('until');
  return hold;
}

export function encodeDisclosure({ on, to, name }: Disclosure): JsonObject {
  return { on, to, name };
}

/** Throws MalformedError "content-form". */
export function parseDisclosure(value: Json): Disclosure {
  const fields = new Fields(value, CODE);
  return {
    on: fields.takeNull('on', (key) => parseDate(fields.take(key), CODE)),
    to: fields.takeOneOf('to', TOLD),
    name: fields.takeText('name', { limit: LIMIT_NAME, empty: true }),
  };
}
