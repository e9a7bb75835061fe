/** Whom else a person can turn to, by country: what is shipped, and what an organisation adds (spec/outside.md). */
import { MalformedError } from './errors.ts';
import { Fields } from './fields.ts';
import { type Json, parseJson } from './json.ts';

const CODE = 'outside-form';
export const LIMIT_OUTSIDE_BYTES = 65_536;
const LIMIT_ENTRIES = 64;
const KINDS = ['emergency', 'police', 'support', 'authority', 'labour', 'equality', 'advice'] as const;
const COSTS = ['free', 'local', 'paid'] as const;
const BILLS = ['hidden', 'shown'] as const;
const CHECKS = ['own-page', 'other-page'] as const;
const COUNTRY = /^[A-Z]{2}$/;
const ID = /^[a-z]{2}-[a-z0-9-]{1,40}$/;
const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;
const PHONE = /^[+#]?[0-9]{2,15}$/;
const PAGE = /^https:\/\/[!-~À-\u{10ffff}]{4,400}$/u;
const SOURCE = /^https?:\/\/[!-~À-\u{10ffff}]{4,400}$/u;
const TIME = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/;
const DAYS = /^[1-7](?:-[1-7])?$/;
const DATE = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;
const YEAR = /^[0-9]{4}$/;

export type RouteKind = (typeof KINDS)[number];

/** Days of the week (1 is Monday) and the local time from when to when. */
export interface Hours {
  readonly days: string;
  readonly from: string;
  readonly to: string;
}

/** One place to turn to; null where nobody looked it up. `hours` is empty for always open, null when not known. */
export interface Route {
  readonly id: string;
  readonly kinds: readonly RouteKind[];
  readonly local: string;
  readonly lang: string;
  readonly english: string;
  readonly page: string | null;
  readonly phone: string | null;
  readonly hours: readonly Hours[] | null;
  readonly languages: readonly string[];
  readonly interpreters: boolean;
  readonly cost: (typeof COSTS)[number] | null;
  readonly bill: (typeof BILLS)[number] | null;
  readonly law: string | null;
  readonly sources: readonly string[];
  readonly checkedOn: string | null;
  readonly checkedHow: (typeof CHECKS)[number] | null;
  readonly pageDate: string | null;
  readonly note: Readonly<Partial<Record<string, string>>>;
  readonly countries: readonly string[];
  readonly corrects: string | null;
}

/** The routes of one region, or those that an organisation adds. */
export interface Outside {
  readonly region: string | null;
  readonly countries: readonly string[];
  readonly routes: readonly Route[];
}

/** A shipped file. Throws MalformedError "outside-form". */
export function readOutside(value: Json): Outside {
  const fields = open(value, 'outside');
  const region = fields.takeName('region', { pattern: COUNTRY });
  const countries = fields.takeList('countries', parseCountry, LIMIT_ENTRIES);
  const routes = fields.takeList('entries', (item) => parseRoute(item, countries, null), LIMIT_ENTRIES);
  return finish(fields, { region, countries, routes });
}

/** A shipped file from its bytes. Throws MalformedError "outside-form", "outside-size" and those of `parseJson`. */
export function parseOutside(data: Uint8Array): Outside {
  return readOutside(parseSized(data));
}

/**
 * What an organisation adds: shown beside what is shipped, never in its place; its ids begin with `xx-`. Throws MalformedError
 * "outside-form", "outside-size" and those of `parseJson`.
 */
export function parseAdditions(data: Uint8Array): Outside {
  const fields = open(parseSized(data), 'outside-additions');
  const routes = fields.takeList('entries', parseAddition, LIMIT_ENTRIES);
  return finish(fields, { region: null, countries: [], routes });
}

function parseSized(data: Uint8Array): Json {
  if (data.length > LIMIT_OUTSIDE_BYTES) throw new MalformedError('outside-size');
  return parseJson(data, LIMIT_OUTSIDE_BYTES);
}

function open(value: Json, kind: string): Fields {
  const fields = new Fields(value, CODE);
  fields.takeExactly('v', 1);
  fields.takeExactly('type', kind);
  return fields;
}

function finish(fields: Fields, outside: Outside): Outside {
  fields.finish();
  if (new Set(outside.routes.map(({ id }) => id)).size !== outside.routes.length) throw new MalformedError(CODE, 'id');
  return outside;
}

function parseAddition(value: Json): Route {
  const fields = new Fields(value, CODE);
  const countries = fields.takeList('countries', parseCountry, LIMIT_ENTRIES);
  const corrects = fields.takeNull('corrects', (key) => fields.takeName(key, { pattern: ID }));
  const route = parseRoute(fields.takeRest(), countries, corrects);
  if (countries.length === 0 || !route.id.startsWith('xx-')) throw new MalformedError(CODE, 'id');
  return route;
}

function parseRoute(value: Json, covered: readonly string[], corrects: string | null): Route {
  const fields = new Fields(value, CODE);
  const take = (key: string, pattern?: RegExp, limit = 200) =>
    fields.takeNull(key, (name) => fields.takeName(name, { limit, ...(pattern ? { pattern } : {}) }));
  const takeOne = <Value extends string>(key: string, allowed: readonly Value[]) =>
    fields.takeNull(key, (name) => fields.takeOneOf(name, allowed));
  const name = new Fields(fields.take('name'), CODE);
  const route: Route = {
    id: fields.takeName('id', { pattern: ID }),
    kinds: fields.takeList(
      'kinds',
      (item) => new Fields({ kinds: item }, CODE).takeOneOf('kinds', KINDS),
      KINDS.length,
    ),
    local: name.takeName('local'),
    lang: name.takeName('lang', { pattern: LANGUAGE }),
    english: name.takeName('en'),
    page: take('page', PAGE, 408),
    phone: take('phone', PHONE),
    hours: parseHours(fields.take('hours')),
    languages: fields.takeList('languages', (item) => takeOnly(item, 'languages', LANGUAGE), 64),
    interpreters: parseFlag(fields.take('interpreters')),
    cost: takeOne('cost', COSTS),
    bill: takeOne('bill', BILLS),
    law: take('law'),
    sources: fields.takeList('sources', (item) => takeOnly(item, 'sources', SOURCE, 408), 4),
    checkedOn: take('checked_on', DATE),
    checkedHow: takeOne('checked_how', CHECKS),
    pageDate: take('page_date', YEAR),
    note: parseNote(fields.take('note')),
    countries: fields.takeOptional('countries', (key) => fields.takeList(key, parseCountry, LIMIT_ENTRIES)) ?? covered,
    corrects,
  };
  name.finish();
  fields.finish();
  const complete = route.kinds.length > 0 && route.languages.length > 0 && route.sources.length > 0;
  const within = route.countries.length > 0 && route.countries.every((country) => covered.includes(country));
  if (!complete || !within || (route.checkedOn === null) !== (route.checkedHow === null)) {
    throw new MalformedError(CODE, 'entry');
  }
  return route;
}

function parseHours(value: Json): readonly Hours[] | null {
  if (value === null) return null;
  if (value === 'always') return [];
  const spans = new Fields({ hours: value }, CODE).takeList('hours', parseSpan, 7);
  if (spans.length === 0) throw new MalformedError(CODE, 'hours');
  return spans;
}

function parseSpan(value: Json): Hours {
  const fields = new Fields(value, CODE);
  const days = fields.takeName('days', { pattern: DAYS });
  const span = { days, from: fields.takeName('from', { pattern: TIME }), to: fields.takeName('to', { pattern: TIME }) };
  fields.finish();
  return span;
}

function parseNote(value: Json): Route['note'] {
  if (value === null) return {};
  const fields = new Fields(value, CODE);
  const note: Record<string, string> = { en: fields.takeName('en', { limit: 300 }) };
  for (const lang of ['de', 'zh', 'ar']) {
    const text = fields.takeOptional(lang, (key) => fields.takeName(key, { limit: 300 }));
    if (text !== null) note[lang] = text;
  }
  fields.finish();
  return note;
}

function parseFlag(value: Json): boolean {
  if (typeof value !== 'boolean') throw new MalformedError(CODE, 'interpreters');
  return value;
}

function parseCountry(value: Json): string {
  return takeOnly(value, 'countries', COUNTRY);
}

function takeOnly(value: Json, key: string, pattern: RegExp, limit = 200): string {
  return new Fields({ [key]: value }, CODE).takeName(key, { pattern, limit });
}
