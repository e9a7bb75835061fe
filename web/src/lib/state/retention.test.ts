import { expect, test } from 'vitest';
import type { Json } from '../protocol/json.ts';
import { loadVectors } from '../protocol/vectors.test-support.ts';
import { type Outcome, parseRules, planRetention } from './retention.ts';
import { findRules, listJurisdictions } from './retention_rules.ts';

interface Case {
  input: {
    rules: Json;
    facts: { received_at: number; closed_at: number | null; acknowledged: boolean; held: boolean };
    outcome: Outcome | null;
    now: number;
  };
  expect: unknown;
}

test.each(loadVectors<Case>('retention'))('retention %s', (_name, { input, expect: wanted }) => {
  const { received_at: receivedAt, closed_at: closedAt, ...rest } = input.facts;
  const rules = parseRules({ v: 1, rules: input.rules });
  const { state, terms } = planRetention({ receivedAt, closedAt, ...rest }, rules, input.outcome, input.now);
  expect({ state, terms: terms.map(({ rule, until, over }) => ({ id: rule.id, until, over })) }).toEqual(wanted);
});

test('the rules of the command line are those of the page', () => {
  expect(listJurisdictions()).toContain('DE');
  expect(findRules(['DE']).map(({ id, confirmed, checkedOn }) => [id, confirmed, checkedOn])).toEqual([
    ['de-any', true, '2026-11-28'],
  ]);
  expect(findRules(listJurisdictions()).every(({ source }) => source !== '')).toBe(true);
});

test('a rule of another shape is refused', () => {
  expect(() => parseRules({ v: 1, rules: [{ id: 'x' }] })).toThrow('retention-form');
});
