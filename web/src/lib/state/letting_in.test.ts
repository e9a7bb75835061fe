import { expect, test } from 'vitest';
import { type Answers, findLetIn } from './letting_in.ts';
import type { DueState, DueView, DutyFacts } from './types.ts';

const [GRACE, NOW] = [60, 100_000];

function due(kind: DueView['kind'], at: number, state: DueState): DueView {
  return { kind, at, state, doneAt: null, duty: null };
}

function extended(at: number, before: number): DueView {
  return { ...due('feedback', at, 'open'), duty: { extension: { before, at: 0, reason: 'Abroad.' } } as DutyFacts };
}

const acknowledged = (loggedAt: number | null): Answers => [{ kind: 'acknowledge', loggedAt }];
const answered = (loggedAt: number): Answers => [{ kind: 'feedback', loggedAt }];

test.each([
  [
    'nothing is over',
    [due('acknowledge', 90_000, 'met'), due('feedback', 200_000, 'open')],
    acknowledged(90_060),
    null,
  ],
  ['the grace runs', [due('acknowledge', 99_950, 'open')], [], null],
  ['nobody answered', [due('acknowledge', 90_000, 'missed')], [], 90_060],
  ['somebody answered late', [due('acknowledge', 90_000, 'late')], acknowledged(95_000), 90_060],
  ['an answer waits for the log', [due('acknowledge', 90_000, 'missed')], acknowledged(null), null],
  ['an answer of blanks came in time', [due('feedback', 90_000, 'missed')], answered(80_000), null],
  ['the server knows nothing of what was missed', [due('contact', 10, 'missed'), due('inquiry', 9, 'late')], [], null],
  ['an answer was withheld', [due('feedback', 90_000, 'withheld')], [], null],
  ['more time was given and the promised date is over', [extended(200_000, 99_000)], [], 99_060],
  ['more time was given and the promised date is ahead', [extended(200_000, 150_000)], [], null],
  ['more time was given, and used', [extended(200_000, 99_000)], answered(99_500), 99_060],
] as const)('where %s, independents are let in at %4$j', (_, dues, answers, at) => {
  expect(findLetIn(dues, answers, GRACE, NOW)).toBe(at);
});
