import { expect, test } from 'vitest';
import type { ChannelView, DueState, DueView, DutyFacts, DutyView } from '../lib/state/types.ts';
import { findHearing, isProved, listPromises, moveRule, moveWords } from './duties.ts';

const DAY = 86_400;
const NOW = 1_790_000_000;
const ACKNOWLEDGE: DutyView = {
  ...{ kind: 'acknowledge', count: 7, unit: 'days', from: 'receipt', extend: null },
  ...{ source: 'A law', checkedOn: null },
};
const FEEDBACK: DutyView = { ...ACKNOWLEDGE, kind: 'feedback', count: 3, unit: 'months' };
const AUTHORITY: DutyView = { ...FEEDBACK, extend: 6 };

function due(duty: DutyView, days: number, state: DueState, more: Partial<DutyFacts> = {}): DueView {
  const facts: DutyFacts = {
    ...{ ...duty, start: NOW, begun: true, met: [], by: 'organisation', extension: null, escalated: null },
    ...{ most: duty.extend === null ? null : NOW + 180 * DAY, ...more },
  };
  return { kind: duty.kind, at: NOW + days * DAY, state, doneAt: null, duty: facts };
}

function channel(id: string, duties: readonly DutyView[]): ChannelView {
  return { id, title: `Channel ${id}`, pack: { title: id, outside: null, duties } };
}

test('the next date is the first that is open, once another is met', () => {
  const dues = [due(FEEDBACK, 90, 'open'), due(ACKNOWLEDGE, 7, 'open')];
  expect(findHearing(dues)).toEqual({ next: dues[1], missed: null });
  expect(findHearing([due(ACKNOWLEDGE, 7, 'met'), due(FEEDBACK, 90, 'open')]).next?.kind).toBe('feedback');
});

test('a missed date stands beside the next one, until somebody has done it, however late', () => {
  const feedback = due(FEEDBACK, 90, 'open');
  const missed = due(ACKNOWLEDGE, -1, 'missed');
  expect(findHearing([missed, feedback])).toEqual({ next: feedback, missed });
  expect(findHearing([due(ACKNOWLEDGE, -1, 'late'), feedback])).toEqual({ next: feedback, missed: null });
});

test('of several missed dates the last is told, and none is promised that is past', () => {
  const last = due(FEEDBACK, -1, 'missed');
  expect(findHearing([due(ACKNOWLEDGE, -80, 'missed'), last])).toEqual({ next: null, missed: last });
});

test('what was withheld from her is missed as well', () => {
  const [withheld, feedback] = [due(ACKNOWLEDGE, -1, 'withheld'), due(FEEDBACK, 90, 'open')];
  expect(findHearing([withheld, feedback])).toEqual({ next: feedback, missed: withheld });
});

test('what she does not hear of is no date to hear from anybody', () => {
  const inquiry = due({ ...FEEDBACK, kind: 'inquiry' }, 5, 'open');
  expect(findHearing([inquiry])).toEqual({ next: null, missed: null });
});

test('a step that nobody took is told when nothing else was missed, and proves no silence', () => {
  const inquiry = due({ ...FEEDBACK, kind: 'inquiry' }, -1, 'missed');
  const contact = due({ ...FEEDBACK, kind: 'contact' }, -20, 'missed');
  expect(findHearing([inquiry]).missed).toBe(inquiry);
  expect(findHearing([contact, inquiry]).missed).toBe(contact);
  expect(isProved([contact, inquiry, due(FEEDBACK, 9, 'open'), due(ACKNOWLEDGE, -9, 'late')], [])).toBe(false);
  expect(isProved([contact, due(FEEDBACK, -2, 'missed')], [])).toBe(true);
  expect(isProved([due(ACKNOWLEDGE, -2, 'withheld')], [])).toBe(true);
});

test('an answer that says nothing is missed, and the receipt does not show it', () => {
  const blank = [{ kind: 'feedback', room: 'reporter' }] as const;
  expect(isProved([due(FEEDBACK, -2, 'missed')], blank)).toBe(false);
  expect(isProved([due(ACKNOWLEDGE, -80, 'missed'), due(FEEDBACK, -2, 'missed')], blank)).toBe(true);
  expect(isProved([due(FEEDBACK, -2, 'missed')], [{ kind: 'feedback', room: 'internal' }])).toBe(true);
});

test('a date is called unmovable only under a law that moves none', () => {
  expect(moveWords(due(FEEDBACK, 90, 'open'))).toBe('Nobody can move this date.');
  expect(moveWords(due(ACKNOWLEDGE, 7, 'open'))).toBe('Nobody can move this date.');
  expect(moveWords(due(AUTHORITY, 90, 'open'))).toMatch(/^It can be moved once, to .+ at most, with reasons/);
});

test('a date that was moved, or counts from one that may be, is called nothing', () => {
  const extension = { before: NOW, at: NOW, reason: 'Abroad.' };
  expect(moveWords(due(AUTHORITY, 120, 'open', { extension }))).toBe('');
  const outcome: DutyView = { ...FEEDBACK, kind: 'outcome', from: 'feedback' };
  expect(moveWords(due(outcome, 120, 'open', { begun: false }))).toBe('');
  expect(moveWords(due(outcome, 120, 'open'))).toBe('Nobody can move this date.');
});

test('before there is a report, the rule of each channel is told as its law has it', () => {
  expect(moveRule([ACKNOWLEDGE, FEEDBACK])).toBe('Nobody can move them.');
  expect(moveRule([ACKNOWLEDGE, AUTHORITY])).toContain('can be moved once, to 6 months after your report at most');
  expect(moveRule([])).toBe('');
});

test('channels that promise the same are told once, others each by its name', () => {
  const [one, two] = [channel('a', [ACKNOWLEDGE, FEEDBACK]), channel('b', [ACKNOWLEDGE, FEEDBACK])];
  expect(listPromises([one, two]).map(({ id }) => id)).toEqual(['a']);
  expect(listPromises([one, channel('c', [ACKNOWLEDGE, AUTHORITY])]).map(({ id }) => id)).toEqual(['a', 'c']);
  expect(listPromises([])).toEqual([]);
});

test('what is promised stands in the order of its terms', () => {
  const contact: DutyView = { ...ACKNOWLEDGE, kind: 'contact', count: 10, unit: 'working_days' };
  const [promised] = listPromises([channel('a', [ACKNOWLEDGE, FEEDBACK, contact])]);
  expect(promised?.duties.map(({ kind }) => kind)).toEqual(['acknowledge', 'contact', 'feedback']);
});
