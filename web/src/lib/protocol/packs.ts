/** Deadline packs: which duties follow from a report, and when they are due (spec/directory.md). */
import type { Bytes } from './bytes.ts';
import {
  type Calendar,
  DATE_PATTERN,
  DAY_S,
  addWorkingDays,
  encodeCalendar,
  parseCalendar,
  parseDate,
} from './calendars.ts';
import { MalformedError } from './errors.ts';
import { Fields } from './fields.ts';
import { computeSha256 } from './hashes.ts';
import { type Json, type JsonObject, encodeJson } from './json.ts';
import { DUTIES, type Duty as PromisedKind } from './room.ts';

const CODE = 'pack-form';
const LIMIT_DUTIES = 16;
const LIMIT_SOURCE = 500;
const LIMIT_MET = 4;
export const LIMIT_TIME = 2 ** 37;
export const ID_PATTERN = /^[a-z0-9-]{1,32}$/;
export const STEPS = ['contact', 'respondent-notice', 'respondent-reply', 'inquiry', 'report', 'action'] as const;
export const DUTY_KINDS = [...DUTIES, ...STEPS, 'outcome'] as const;
const EVENTS = [...DUTIES, 'decide', ...STEPS] as const;
const STARTS = ['receipt', ...EVENTS] as const;
const WHOSE = ['organisation', 'respondent'] as const;
const UNITS = { days: 3_650, working_days: 1_000, months: 120 } as const;
const CHAIN = ['case-manager', 'independent', 'outside'] as const;
/** Duties by which the reporter hears from somebody. */
export const HEARD_KINDS: readonly DutyKind[] = [...DUTIES, 'contact', 'outcome'];

export type Step = (typeof STEPS)[number];
export type DutyKind = (typeof DUTY_KINDS)[number];
export type EventName = (typeof EVENTS)[number];
export type Unit = keyof typeof UNITS;
export type EscalatedTo = (typeof CHAIN)[number];

/** Who takes a missed duty up, `days` after its date. */
export interface Escalation {
  readonly to: EscalatedTo;
  readonly days: number;
}

/**
 * What must follow within `count` of `unit` after `start`, and which events do it. `by` is whose duty it is; `extend` the longest it
 * may be given, in the same unit; `checkedOn` when somebody compared `source` with the law.
 */
export interface PackDuty {
  readonly kind: DutyKind;
  readonly unit: Unit;
  readonly count: number;
  readonly start: (typeof STARTS)[number];
  readonly met: readonly EventName[];
  readonly by: (typeof WHOSE)[number];
  readonly extend: number | null;
  readonly escalate: readonly Escalation[];
  readonly source: string;
  readonly checkedOn: string | null;
}

/**
 * Duties of every report of a channel. `base` names the shipped pack whose law it keeps, perhaps itself; `outside` is the law that opens
 * a way outside once a date was missed.
 */
export interface Pack {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly base: string;
  readonly duties: readonly PackDuty[];
  readonly calendar: Calendar | null;
  readonly outside: string | null;
}

export interface Due {
  readonly kind: PromisedKind;
  readonly at: number;
}

/** The first duty that an event meets. */
export function findMeeting(duties: readonly PackDuty[], event: PackDuty['start']): PackDuty | null {
  return duties.find(({ met }) => met.some((name) => name === event)) ?? null;
}

export function encodePack({ calendar, duties, ...rest }: Pack): JsonObject {
  return { ...rest, calendar: calendar && encodeCalendar(calendar), duties: duties.map(encodeDuty) };
}

/**
 * First `acknowledge`, then `feedback`, then what else there is. Throws MalformedError "pack-form"; "pack-rule" (detail: the duty's kind,
 * or "calendar") when no case could keep it.
 */
export function parsePack(value: Json): Pack {
  const fields = new Fields(value, CODE);
  const pack = {
    id: fields.takeName('id', { pattern: ID_PATTERN }),
    version: fields.takeInteger('version', 1),
    title: fields.takeName('title'),
    base: fields.takeName('base', { pattern: ID_PATTERN }),
    duties: fields.takeList('duties', parseDuty, LIMIT_DUTIES),
    calendar: fields.takeNull('calendar', (key) => parseCalendar(fields.take(key))),
    outside: fields.takeNull('outside', (key) => fields.takeName(key, { limit: LIMIT_SOURCE })),
  };
  fields.finish();
  const kinds = pack.duties.map(({ kind }) => kind);
  if (!DUTIES.every((kind, i) => kinds[i] === kind) || new Set(kinds).size !== kinds.length)
    throw fields.refuse('duties');
  pack.duties.forEach((duty, i) => {
    if (!holds(duty, pack.duties.slice(0, i))) throw new MalformedError('pack-rule', duty.kind);
  });
  if ((pack.calendar !== null) !== pack.duties.some(({ unit }) => unit === 'working_days')) {
    throw new MalformedError('pack-rule', 'calendar');
  }
  return pack;
}

/** H(JCS(pack)), by which channels and manifests name it. */
export function computePackDigest(pack: Pack): Bytes {
  return computeSha256(encodeJson(encodePack(pack)));
}

/** When the promised duties of a report received at `at` are due. Throws MalformedError "pack-time". */
export function computeDue(pack: Pack, at: number): Due[] {
  if (!(at >= 0 && at < LIMIT_TIME)) throw new MalformedError('pack-time');
  return DUTIES.flatMap((kind, i) => {
    const duty = pack.duties[i];
    return duty ? [{ kind, at: computeLimit(pack, duty, at) }] : [];
  });
}

/**
 * When a duty that starts at `at` is due; `count` in place of the duty's own. Days are 86,400 seconds. Months are those of the UTC
 * calendar, clamped to the month's last day; the time of day stays. Working days end a second before 23:00, standard time.
 */
export function computeLimit({ calendar }: Pack, { unit, count: own }: PackDuty, at: number, count = own): number {
  if (unit === 'days') return at + count * DAY_S;
  if (unit === 'months') return addMonths(at, count);
  if (calendar === null) throw new MalformedError('pack-rule', 'calendar');
  return addWorkingDays(calendar, at, count);
}

function addMonths(at: number, count: number): number {
  const start = new Date(at * 1000);
  const month = start.getUTCMonth() + count;
  const last = new Date(Date.UTC(start.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const due = new Date(start);
  due.setUTCFullYear(start.getUTCFullYear(), month, Math.min(start.getUTCDate(), last));
  return Math.floor(due.getTime() / 1000);
}

/** Whether a duty can be kept: it starts, something does it, and nothing but an extension makes it later. */
function holds(duty: PackDuty, earlier: readonly PackDuty[]): boolean {
  const { kind, unit, count, start, met, by, extend, escalate } = duty;
  const promised = DUTIES.some((one) => one === kind);
  if (promised && (start !== 'receipt' || by !== 'organisation' || met.length !== 1 || met[0] !== kind)) return false;
  if (start !== 'receipt') {
    const origin = findMeeting(earlier, start);
    // A month from a later day can end earlier: only what starts with the report is counted in months.
    if (origin === null || origin.by === 'respondent' || unit === 'months') return false;
  }
  if (met.length === 0 || new Set(met).size !== met.length || met.some((name) => name === start)) return false;
  if (by === 'respondent' && (escalate.length > 0 || start === 'receipt')) return false;
  // Only a promised date can be extended so that anybody can check it (room.md, `until`).
  if (extend !== null && (!promised || extend <= count)) return false;
  return escalate.every(({ to, days }, i) => {
    const before = escalate[i - 1];
    return before === undefined || (CHAIN.indexOf(before.to) < CHAIN.indexOf(to) && before.days <= days);
  });
}

function encodeDuty({ unit, count, start, met, extend, escalate, checkedOn, ...rest }: PackDuty): JsonObject {
  const value = { ...rest, [unit]: count, from: start, met: [...met], checked_on: checkedOn };
  const steps = escalate.map(({ to, days }) => ({ to, days }));
  return { ...value, escalate: steps, ...(extend === null ? {} : { extend }) };
}

function parseDuty(value: Json): PackDuty {
  const fields = new Fields(value, CODE);
  const unit = (['days', 'working_days', 'months'] as const).find((one) => fields.has(one)) ?? 'days';
  const checkedOn = fields.takeNull('checked_on', (key) => fields.takeName(key, { pattern: DATE_PATTERN }));
  const duty = {
    kind: fields.takeOneOf('kind', DUTY_KINDS),
    unit,
    count: fields.takeInteger(unit, 1, UNITS[unit]),
    start: fields.takeOneOf('from', STARTS),
    met: fields.takeList('met', (item) => new Fields({ met: item }, CODE).takeOneOf('met', EVENTS), LIMIT_MET),
    by: fields.takeOneOf('by', WHOSE),
    extend: fields.takeOptional('extend', (key) => fields.takeInteger(key, 1, UNITS[unit])),
    escalate: fields.takeList('escalate', parseEscalation, CHAIN.length),
    source: fields.takeName('source', { limit: LIMIT_SOURCE }),
    checkedOn: checkedOn === null ? null : parseDate(checkedOn),
  };
  fields.finish();
  return duty;
}

function parseEscalation(value: Json): Escalation {
  const fields = new Fields(value, CODE);
  const step = { to: fields.takeOneOf('to', CHAIN), days: fields.takeInteger('days', 0, 365) };
  fields.finish();
  return step;
}
