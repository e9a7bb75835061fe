import { expect, test } from 'vitest';
import type { Connection } from '../api/connection.ts';
import type { Pack, PackDuty } from '../protocol/packs.ts';
import { watchResult } from './watching.ts';

const DAY = 86_400;
const OPENED = 1_800_000_000;
const LATEST = OPENED + 65 * DAY;
const GRACE = 3_600;
const TOKEN = new Uint8Array(32);

const duty = (kind: PackDuty['kind'], count: number, start: PackDuty['start'], met: PackDuty['met']): PackDuty => ({
  ...{ kind, count, start, met, unit: 'days', by: 'organisation', extend: null, escalate: [], source: '' },
  checkedOn: null,
});

const DUTIES = [
  duty('acknowledge', 1, 'receipt', ['acknowledge']),
  duty('feedback', 65, 'receipt', ['feedback']),
  duty('contact', 2, 'receipt', ['contact', 'feedback', 'decide']),
  duty('inquiry', 45, 'receipt', ['inquiry']),
  duty('report', 10, 'inquiry', ['report']),
  duty('outcome', 10, 'report', ['decide']),
];

function watch(now: number, decided: number | null, duties: readonly PackDuty[] = DUTIES): Promise<unknown[]> {
  const leaves = { findToken: () => (decided === null ? null : 7), computeDate: () => Promise.resolve(decided) };
  const connection = { leaves, trust: { graceS: GRACE }, now: () => now } as unknown as Connection;
  const pack: Pack = { id: 'x', version: 1, title: 'X', base: 'x', duties, calendar: null, outside: null };
  return watchResult(connection, pack, OPENED, TOKEN);
}

test.each([
  ['open', LATEST + GRACE, null],
  ['missed', LATEST + GRACE + 1, null],
  ['met', LATEST + DAY, LATEST + GRACE],
  ['late', LATEST + DAY, LATEST + GRACE + 1],
] as const)('a written result is %s by its latest date, whatever comes before it', async (state, now, decided) => {
  expect(await watch(now, decided)).toEqual([{ kind: 'outcome', at: LATEST, state, doneAt: decided, duty: null }]);
});

test('where there is none, or more time can be given, nothing is said', async () => {
  expect(await watch(LATEST + DAY, null, DUTIES.slice(0, 5))).toEqual([]);
  const [first, ...rest] = DUTIES;
  expect(await watch(LATEST + DAY, null, first ? [{ ...first, extend: 9 }, ...rest] : [])).toEqual([]);
});
