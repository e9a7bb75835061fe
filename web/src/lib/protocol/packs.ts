/** Deadline packs: which duties follow from a report, and when they are due (spec/directory.md). */
import type { Bytes } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { Fields } from './fields.ts';
import { computeSha256 } from './hashes.ts';
import { type Json, type JsonObject, encodeJson } from './json.ts';
import { DUTIES, type Duty as DutyKind } from './room.ts';

const CODE = 'pack-form';
const DATE = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;
const DAY_S = 86_400;
const LIMIT_TIME = 2 ** 37;
export const ID_PATTERN = /^[a-z0-9-]{1,32}$/;

/** What must follow within `count` of `unit`. */
export interface PackDuty {
  readonly kind: DutyKind;
  readonly unit: 'days' | 'months';
  readonly count: number;
}

/** Duties with their source, under the date on which somebody compared the two. */
export interface Pack {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly duties: readonly PackDuty[];
  readonly source: string;
  readonly checkedOn: string;
}

export interface Due {
  readonly kind: DutyKind;
  readonly at: number;
}

/** The default pack. */
export const EU_INTERNAL: Pack = {
  id: 'eu-internal',
  version: 1,
  title: 'Internal reporting in the European Union',
  duties: [
    { kind: 'acknowledge', unit: 'days', count: 7 },
    { kind: 'feedback', unit: 'months', count: 3 },
  ],
  source: 'Directive (EU) 2019/1937, Article 9(1)(b) and (f); feedback counted from receipt, which is earlier',
  checkedOn: '2026-11-20',
};

export function encodePack(pack: Pack): JsonObject {
  return {
    checked_on: pack.checkedOn,
    duties: pack.duties.map((duty) => ({ kind: duty.kind, [duty.unit]: duty.count })),
    id: pack.id,
    source: pack.source,
    title: pack.title,
    version: pack.version,
  };
}

/** First `acknowledge`, then `feedback`. Throws MalformedError "pack-form". */
export function parsePack(value: Json): Pack {
  const fields = new Fields(value, CODE);
  const pack = {
    id: fields.takeName('id', { pattern: ID_PATTERN }),
    version: fields.takeInteger('version', 1),
    title: fields.takeName('title'),
    duties: fields.takeList('duties', parseDuty, DUTIES.length),
    source: fields.takeName('source', { limit: 500 }),
    checkedOn: fields.takeName('checked_on', { pattern: DATE }),
  };
  fields.finish();
  if (pack.duties.length !== DUTIES.length || pack.duties.some((duty, i) => duty.kind !== DUTIES[i])) {
    throw fields.refuse('duties');
  }
  return pack;
}

/** H(JCS(pack)), by which channels and manifests name it. */
export function computePackDigest(pack: Pack): Bytes {
  return computeSha256(encodeJson(encodePack(pack)));
}

/**
 * When each duty of a report received at `at` is due. Months are those of the UTC calendar, clamped to the month's last day; the
 * time of day stays. Throws MalformedError "pack-time".
 */
export function computeDue(pack: Pack, at: number): Due[] {
  if (!(at >= 0 && at < LIMIT_TIME)) throw new MalformedError('pack-time');
  return pack.duties.map((duty) => ({ kind: duty.kind, at: add(duty, at) }));
}

function add({ unit, count }: PackDuty, at: number): number {
  if (unit === 'days') return at + count * DAY_S;
  const start = new Date(at * 1000);
  const month = start.getUTCMonth() + count;
  const last = new Date(Date.UTC(start.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const due = new Date(start);
  due.setUTCFullYear(start.getUTCFullYear(), month, Math.min(start.getUTCDate(), last));
  return Math.floor(due.getTime() / 1000);
}

function parseDuty(value: Json): PackDuty {
  const fields = new Fields(value, CODE);
  const kind = fields.takeName('kind', { limit: 32 });
  const unit = fields.has('days') ? 'days' : 'months';
  const count = fields.takeInteger(unit, 1, unit === 'days' ? 3_650 : 120);
  fields.finish();
  const known = DUTIES.find((duty) => duty === kind);
  if (known === undefined) throw fields.refuse('duties');
  return { kind: known, unit, count };
}
