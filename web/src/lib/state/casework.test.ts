import { describe, expect, test } from 'vitest';
import type { Connection } from '../api/connection.ts';
import { PlaintError } from '../protocol/errors.ts';
import { type DatedRoom, checkBegin, findMissing, foldRooms, isWithheld } from './casework.ts';

const BEGIN = 1_000;
const LAST = 5_000;

const entries = (...dates: (number | null)[][]) => dates.map((each) => ({ dates: each }));

describe('a leaf is missing', () => {
  test.each([
    ['of a report that arrived before', entries([null, null]), 0],
    ['of which one is there', entries([1_200, null]), 0],
    ['of an entry before one that was logged in time', entries([1_200, 1_200], [null], [4_000]), 1],
    ['the last of them all', entries([1_200, 1_200], [null], [4_000], [null, 4_100]), 3],
  ])('%s', (_, facts, seq) => {
    expect(findMissing(facts, BEGIN, LAST)).toBe(seq);
  });

  test.each([
    ['all are there', entries([1_200, 1_200], [4_000])],
    ['the newest may still wait', entries([1_200, 1_200], [4_000], [null])],
    ['what came after was logged too lately to tell', entries([1_200, 1_200], [null], [5_000])],
    ['an entry did not open, so nobody knows its leaf', entries([1_200, 1_200], [], [4_000])],
    ['there is nothing', entries()],
  ])('not when %s', (_, facts) => {
    expect(findMissing(facts, BEGIN, LAST)).toBeNull();
  });

  test('not of a report that just arrived', () => {
    expect(findMissing(entries([null, null]), LAST, LAST)).toBeNull();
  });
});

test.each([BEGIN - 1, BEGIN + 501])('a report logged at %i was not received when the server says', (loggedAt) => {
  expect(() => {
    checkBegin(BEGIN, loggedAt, 500);
  }).toThrow(expect.objectContaining({ code: 'state-due' }) as PlaintError);
});

test.each([null, BEGIN, BEGIN + 500])('a report logged at %s may have been', (loggedAt) => {
  checkBegin(BEGIN, loggedAt, 500);
});

test.each([
  ['was logged, and the room was read past both', 900, 2_000, true],
  ['was logged late, before the room was read', 1_500, 1_500, true],
  ['was logged after the room was read', 2_001, 2_000, false],
  ['is not due yet', 900, 999, false],
  ['is not in the log', null, 2_000, false],
])('an answer that %s', (_, date, readAt, withheld) => {
  expect(isWithheld(date, 1_000, readAt)).toBe(withheld);
});

test('who is named as let in without a place in the slot set is no reader', () => {
  const [room, ben, ada] = [32, 16, 16].map((size, i) => new Uint8Array(size).fill(i)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const entry = (seq: number, granted: Uint8Array[]) => ({
    header: { seq, kind: 'slots' },
    content: { kind: 'slots', access: { granted } },
    author: null,
    authorship: 'unproved',
  });
  const main = {
    room: {
      id: room,
      manifest: { label: 'reporter' },
      opening: { at: BEGIN },
      roster: { delivered: [{ id: ben }] },
      entries: [entry(0, [ben]), entry(1, [ben, ada])],
    },
    facts: [{ loggedAt: BEGIN + 1 }],
  } as unknown as DatedRoom;
  const connection = { view: { pack: () => ({ duties: [] }) }, now: () => LAST, trust: { graceS: 0 } };
  expect(foldRooms(connection as unknown as Connection, [main], null).grants).toEqual([
    { room, label: 'reporter', member: ben, since: BEGIN + 1, told: true },
  ]);
});
