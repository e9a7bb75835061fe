import { expect, test } from 'vitest';
import { findFaults } from './messages.ts';

const base = new Map([['due', 'Due on {date}']]);

test('a translation with the same placeholders is fine', () => {
  expect(findFaults(base, new Map([['due', 'Am {date} fällig']]), 'de')).toEqual([]);
});

test.each([
  ['is missing', new Map<string, string>()],
  ['has other placeholders', new Map([['due', 'Am {datum} fällig']])],
  ['is not in the base language', new Map([...base, ['new', 'Neu']])],
])('a translation that %s is a fault', (fault, other) => {
  expect(findFaults(base, other, 'de')).toEqual([expect.stringContaining(fault)]);
});
