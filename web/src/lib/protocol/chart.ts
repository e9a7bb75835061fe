/** The chart: who reports to whom, so that a named person's line can be kept out (spec/directory.md, "Chart"). */
import { type Bytes, encodeHex, equalBytes, readHex } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { Fields } from './fields.ts';
import { computeSha256 } from './hashes.ts';
import { type Json, encodeJson, parseJson } from './json.ts';

const CODE = 'chart-form';
export const LIMIT_CHART_BYTES = 64 * 1024 * 1024;
const LIMIT_PEOPLE = 250_000;
const ID_PATTERN = /^[A-Za-z0-9._@-]{1,64}$/;

/** Somebody in the organisation; `member` (hex of the id) is set when they hold keys. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly reportsTo: string | null;
  readonly member: string | null;
}

/** Everybody by id, in the order of ids; `reports` are the direct reports of each id that has any. */
export interface Chart {
  readonly people: ReadonlyMap<string, Person>;
  readonly reports: ReadonlyMap<string, readonly string[]>;
}

/**
 * The chart of `people`, sorted by id. Throws MalformedError "chart-size", "chart-id" (used twice), "chart-reports-to" (to nobody
 * known), "chart-cycle", "chart-member" (linked twice); the detail is a person's id.
 */
export function makeChart(people: readonly Person[]): Chart {
  const found = new Map<string, Person>();
  for (const person of [...people].sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)))) {
    if (found.has(person.id)) throw new MalformedError('chart-id', person.id);
    found.set(person.id, person);
  }
  if (found.size > LIMIT_PEOPLE) throw new MalformedError('chart-size');
  const reports = new Map<string, string[]>();
  const linked = new Set<string>();
  for (const { id, reportsTo, member } of found.values()) {
    if (reportsTo !== null) {
      if (!found.has(reportsTo)) throw new MalformedError('chart-reports-to', id);
      const direct = reports.get(reportsTo) ?? [];
      direct.push(id);
      reports.set(reportsTo, direct);
    }
    if (member !== null) {
      if (linked.has(member)) throw new MalformedError('chart-member', id);
      linked.add(member);
    }
  }
  const chart = { people: found, reports };
  checkCycles(chart);
  return chart;
}

/** The JCS bytes of a chart. */
export function encodeChart(chart: Chart): Bytes {
  const people = [...chart.people.values()].map(({ id, member, name, reportsTo, title }) => ({
    id,
    member,
    name,
    reports_to: reportsTo,
    title,
  }));
  return encodeJson({ people, v: 1 });
}

/** A chart in its one spelling. Throws MalformedError "chart-form", "json-…" and those of `makeChart`. */
export function parseChart(data: Bytes): Chart {
  const chart = parseChartValue(parseJson(data, LIMIT_CHART_BYTES));
  if (!equalBytes(encodeChart(chart), data)) throw new MalformedError('json-canonical');
  return chart;
}

/** The chart of a JSON value. Throws as `parseChart`. */
export function parseChartValue(value: Json): Chart {
  const fields = new Fields(value, CODE);
  fields.takeExactly('v', 1);
  const people = fields.takeList('people', parsePerson, LIMIT_PEOPLE);
  fields.finish();
  return makeChart(people);
}

/** H(bytes of the chart), which the directory logs. */
export function computeChartDigest(chart: Chart): Bytes {
  return computeSha256(encodeChart(chart));
}

/**
 * The chart in `data` after checking it against what the directory logs.
 * Throws VerificationError "chart-digest"; MalformedError of `parseChart`.
 */
export function verifyChart(data: Bytes, digest: Bytes, people: number): Chart {
  if (!equalBytes(computeSha256(data), digest)) throw new VerificationError('chart-digest');
  const chart = parseChart(data);
  if (chart.people.size !== people) throw new VerificationError('chart-digest', 'people');
  return chart;
}

/**
 * The chart with members linked to the people who alone bear exactly their name; links that stand already are kept. A name borne
 * by two people or two members links nobody. `names` by the hex of the members' ids.
 */
export function linkMembers(chart: Chart, names: ReadonlyMap<string, string>): Chart {
  const linked = new Set([...chart.people.values()].flatMap(({ member }) => (member === null ? [] : [member])));
  const bearers = count([...chart.people.values()].map(({ name }) => name));
  const wanted = count([...names.values()]);
  const free = [...names].filter(([member]) => !linked.has(member));
  const memberOf = new Map(free.map(([member, name]) => [compose(name), member]));
  const link = (person: Person): Person => {
    const name = compose(person.name);
    const alone = bearers.get(name) === 1 && wanted.get(name) === 1 && person.member === null;
    const member = alone ? memberOf.get(name) : undefined;
    return member === undefined ? person : { ...person, member };
  };
  return { ...chart, people: new Map([...chart.people].map(([id, person]) => [id, link(person)])) };
}

/** The ids above `person`, nearest first. */
export function findAncestors(chart: Chart, person: string): string[] {
  const found: string[] = [];
  let above = chart.people.get(person)?.reportsTo ?? null;
  while (above !== null) {
    found.push(above);
    above = chart.people.get(above)?.reportsTo ?? null;
  }
  return found;
}

/** The ids below `person`. */
export function findDescendants(chart: Chart, person: string): string[] {
  const found: string[] = [];
  const waiting = [...(chart.reports.get(person) ?? [])];
  for (let below = waiting.pop(); below !== undefined; below = waiting.pop()) {
    found.push(below);
    for (const report of chart.reports.get(below) ?? []) waiting.push(report);
  }
  return found;
}

/** The person with this id, else everybody with exactly this name, upper and lower case alike. */
export function findPeople(chart: Chart, nameOrId: string): Person[] {
  const person = chart.people.get(nameOrId);
  if (person) return [person];
  const wanted = compose(nameOrId.trim()).toLowerCase();
  return [...chart.people.values()].filter(({ name }) => compose(name).toLowerCase() === wanted);
}

function checkCycles({ people, reports }: Chart): void {
  const reached = new Set<string>();
  const below = [...people.values()].filter(({ reportsTo }) => reportsTo === null).map(({ id }) => id);
  for (let id = below.pop(); id !== undefined; id = below.pop()) {
    reached.add(id);
    for (const report of reports.get(id) ?? []) below.push(report);
  }
  for (const id of people.keys()) if (!reached.has(id)) throw new MalformedError('chart-cycle', id);
}

/** Throws MalformedError "chart-form". */
export function parsePerson(value: Json): Person {
  const fields = new Fields(value, CODE);
  const takeId = (key: string) => fields.takeName(key, { limit: 64, pattern: ID_PATTERN });
  const person = {
    id: takeId('id'),
    name: fields.takeName('name'),
    title: fields.takeName('title', { least: 0 }),
    reportsTo: fields.takeNull('reports_to', takeId),
    member: fields.takeNull('member', (key) => encodeHex(fields.takeHex(key, 16))),
  };
  fields.finish();
  return person;
}

/** The id of a linked member. */
export function readMember(person: Person): Bytes | null {
  return person.member === null ? null : readHex(person.member);
}

function count(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names.map(compose)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function compose(text: string): string {
  return text.normalize('NFC');
}
