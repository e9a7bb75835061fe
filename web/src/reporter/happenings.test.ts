import { expect, test } from 'vitest';
import type { ConversationView, DueView, EntryView } from '../lib/state/types.ts';
import { happenings } from './happenings.ts';

const HOUR = 3600;
const NOW = 1_790_000_000;

function entry(
  seq: number,
  kind: EntryView['kind'],
  loggedAt: number | null,
  more: Partial<EntryView> = {},
): EntryView {
  const author = kind === 'open' ? { who: 'reporter', you: true } : { who: 'member', you: false, id: 'a', name: 'Ada' };
  return {
    key: `room/${seq}`,
    room: 'reporter',
    seq,
    kind,
    author: author as EntryView['author'],
    authorship: 'proved',
    loggedAt,
    tokenLogged: true,
    text: '',
    lang: null,
    attachments: [],
    feedback: null,
    reason: null,
    grant: null,
    deed: null,
    confirmsClose: false,
    problem: null,
    ...more,
  };
}

function view(entries: EntryView[], due: DueView[]): ConversationView {
  return {
    organisation: 'Aurora Invented',
    channel: null,
    status: 'received',
    checkWords: [],
    entries,
    access: [],
    excluded: [],
    due,
    holds: [],
    claims: [],
    receivedAt: NOW,
    alarms: [],
  };
}

test('what does not count meets no date', () => {
  const met: DueView = { kind: 'acknowledge', at: NOW + 9 * HOUR, state: 'met', doneAt: NOW - HOUR, duty: null };
  const entries = (['unproved', 'unadmitted', 'former', 'proved'] as const).map((authorship, seq) =>
    entry(seq, 'acknowledge', NOW + seq, { authorship }),
  );
  const lines = happenings(view(entries, [met]), NOW + HOUR);
  expect(lines.map(({ words, doubt, is, due }) => [words.split(' ')[0], doubt === '', is, due])).toEqual([
    ['Somebody', false, 'later', null],
    ['Ada', false, 'later', null],
    ['Ada', false, 'later', null],
    ['Ada', true, 'met', met],
  ]);
});

test('a date that was met stands with the deed that met it', () => {
  const met: DueView = { kind: 'acknowledge', at: NOW + 9 * HOUR, state: 'met', doneAt: NOW - HOUR, duty: null };
  const lines = happenings(view([entry(0, 'open', NOW - 2 * HOUR), entry(1, 'acknowledge', NOW - HOUR)], [met]), NOW);
  expect(lines.map(({ key, due }) => [key, due])).toEqual([
    ['room/0', null],
    ['room/1', met],
  ]);
});

test('a missed date keeps its place, also after the deed was done late', () => {
  const late: DueView = { kind: 'acknowledge', at: NOW - 5 * HOUR, state: 'late', doneAt: NOW - HOUR, duty: null };
  const lines = happenings(view([entry(0, 'open', NOW - 9 * HOUR), entry(1, 'acknowledge', NOW - HOUR)], [late]), NOW);
  expect(lines.map(({ key, is }) => [key, is])).toEqual([
    ['room/0', 'met'],
    ['due-acknowledge', 'late'],
    ['room/1', 'met'],
  ]);
});

test('what waits for its place in the log stands before the dates that are still ahead', () => {
  const open: DueView = { kind: 'feedback', at: NOW + HOUR, state: 'open', doneAt: null, duty: null };
  const lines = happenings(view([entry(0, 'open', null)], [open]), NOW);
  expect(lines.map(({ key }) => key)).toEqual(['room/0', 'due-feedback']);
});

test('handing the keys out anew is no news, letting somebody in is', () => {
  const grant = { member: 'b', name: 'Ben', room: 'reporter' } as const;
  const lines = happenings(view([entry(0, 'slots', NOW), entry(1, 'slots', NOW, { grant })], []), NOW);
  expect(lines.map(({ key }) => key)).toEqual(['room/1']);
});

test('nobody lets herself in: who opens the room about how it was handled is said to have opened it', () => {
  const grants = ['a', 'b'].map(
    (member) => ({ member, name: member === 'a' ? 'Ada' : 'Ben', room: 'handling' }) as const,
  );
  const entries = grants.map((grant, seq) => entry(seq + 1, 'entry', NOW + seq, { grant }));
  expect(happenings(view(entries, []), NOW).map(({ words }) => words)).toEqual([
    'Ada opened a room about how this was handled',
    'Ada let Ben into a room about how this was handled',
  ]);
});

test('whoever was contacted reads it of herself', () => {
  const step = { is: 'step', step: 'contact' } as const;
  const lines = happenings(view([entry(1, 'entry', NOW - HOUR, { deed: step })], []), NOW);
  expect(lines.map(({ words }) => words)).toEqual(['Ada: You were contacted']);
});
