import { expect, test } from 'vitest';
import { findLetIn } from './letting_in.ts';
import type { DueState, DueView, DutyFacts } from './types.ts';

const [GRACE, NOW] = [60, 100_000];

function due(kind: DueView['kind'], at: number, state: DueState, doneAt: number | null = null): DueView {
  return { kind, at, state, doneAt, duty: null };
}

function extended(it: DueView, before: number): DueView {
  return { ...it, duty: { extension: { before, at: 0, reason: 'Abroad.' } } as DutyFacts };
}

test.each([
  ['nothing is over', [due('acknowledge', 90_000, 'met', 90_060), due('feedback', 200_000, 'open')], null],
  ['the grace runs', [due('acknowledge', 99_950, 'open')], null],
  ['nobody answered', [due('acknowledge', 90_000, 'missed')], 90_060],
  ['somebody answered late', [due('acknowledge', 90_000, 'late', 95_000), due('feedback', 99_000, 'missed')], 90_060],
  [
    'a step was missed that the server knows nothing of',
    [due('contact', 10, 'missed'), due('inquiry', 9, 'late', 20)],
    null,
  ],
  ['an answer was withheld', [due('feedback', 90_000, 'withheld', 80_000)], null],
  ['more time was given and the promised date is over', [extended(due('feedback', 200_000, 'open'), 99_000)], 99_060],
  ['more time was given and the promised date is ahead', [extended(due('feedback', 200_000, 'open'), 150_000)], null],
  ['more time was given, and used', [extended(due('feedback', 200_000, 'met', 99_500), 99_000)], 99_060],
] as const)('where %s, independents are let in at %j', (_, dues, at) => {
  expect(findLetIn(dues, GRACE, NOW)).toBe(at);
});
