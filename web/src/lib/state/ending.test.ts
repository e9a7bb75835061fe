import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { encodeText, readHex } from '../protocol/bytes.ts';
import { DAY_S } from '../protocol/calendars.ts';
import type { DirectoryState } from '../protocol/directory_state.ts';
import { foldDirectory } from '../protocol/fold.ts';
import { listEnding } from './ending.ts';

interface Grown {
  readonly entries: string[];
}

const path = resolve(import.meta.dirname, '../../../../vectors/directory/fold-grown.json');
const { input } = JSON.parse(readFileSync(path, 'utf-8')) as { input: Grown };
const state = foldDirectory(input.entries.map((entry) => encodeText(entry)));
const END = Date.UTC(2027, 0, 1) / 1000 - 330 * 60;

/** The directory with a calendar under all its deadlines. */
function putCalendar(before: DirectoryState): DirectoryState {
  const calendar = {
    ...{ site: 'IN-MH', offset: 330, weekend: [7], first: 2026, last: 2026 },
    ...{ holidays: new Set<string>(), workdays: new Set<string>() },
  };
  return { ...before, packs: new Map([...before.packs].map(([digest, pack]) => [digest, { ...pack, calendar }])) };
}

const find = (role: string) =>
  readHex([...state.members].find(([, { member }]) => member.roles.some((one) => one === role))?.[0] ?? '');

test('administrators and independents read 400 days before it until when holidays are known', () => {
  const dated = putCalendar(state);
  for (const role of ['administrator', 'independent']) {
    expect(listEnding(dated, END - 400 * DAY_S, find(role))).toEqual([]);
    const sites = listEnding(dated, END - 400 * DAY_S + 1, find(role)).map(({ site, last }) => [site, last]);
    expect(new Set(sites.map(String))).toEqual(new Set(['IN-MH,2026-12-31']));
    expect(listEnding(dated, END + DAY_S, find(role))).toHaveLength(state.channels.size);
  }
});

test('nobody else is told, and nothing is said of deadlines without a calendar', () => {
  expect(listEnding(putCalendar(state), END, find('case-manager'))).toEqual([]);
  expect(listEnding(state, END, find('administrator'))).toEqual([]);
});
