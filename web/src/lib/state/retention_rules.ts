/** The rules that come with Plaint, each with where it was found and when somebody looked; no legal advice. */
import type { Json } from '../protocol/json.ts';
import { type Rule, parseRules } from './retention.ts';

const FILES = import.meta.glob<Json>('../../../../src/plaint/client/retention/rules.json', {
  eager: true,
  import: 'default',
});
const RULES: readonly Rule[] = Object.values(FILES).flatMap(parseRules);

/** The jurisdictions for which there is a rule. */
export function listJurisdictions(): string[] {
  return [...new Set(RULES.map(({ jurisdiction }) => jurisdiction))].sort();
}

/** Their rules. */
export function findRules(jurisdictions: readonly string[]): Rule[] {
  return RULES.filter(({ jurisdiction }) => jurisdictions.includes(jurisdiction));
}
