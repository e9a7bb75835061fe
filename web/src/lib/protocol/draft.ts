/** Drafts: a directory entry on its way from signer to signer and to the server (spec/directory.md, "Draft"). */
import { type Bytes, encodeHex, equalBytes, parseHex } from './bytes.ts';
import { type Chart, LIMIT_CHART_BYTES, encodeChart, parseChartValue, verifyChart } from './chart.ts';
import { type Entry, LIMIT_ENTRY_BYTES, parseEntryValue } from './directory.ts';
import { type Content, type Member, parseContent } from './directory_contents.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { Fields } from './fields.ts';
import { type Json, isObject, parseJson } from './json.ts';
import { SALT_BYTES, computeNameHash } from './request.ts';

const CODE = 'draft-form';
const LIMIT_DRAFT_BYTES = LIMIT_CHART_BYTES + 2 * LIMIT_ENTRY_BYTES;

/** A member's name and the salt that ties it to the directory. */
export interface Name {
  readonly name: string;
  readonly salt: Bytes;
}

/** What an entry will say; `org` and `entry` are null until it has a place. `names` by the hex of member ids. */
export interface Draft {
  readonly content: Content;
  readonly names: ReadonlyMap<string, Name>;
  readonly chart: Chart | null;
  readonly org: Bytes | null;
  readonly entry: Entry | null;
}

/**
 * A draft whose names and chart belong to its entry; signatures are not verified. Throws MalformedError "draft-form",
 * "directory-form", "chart-…", "json-…"; VerificationError "draft-names", "draft-chart".
 */
export function parseDraft(data: Bytes): Draft {
  const fields = new Fields(parseJson(data, LIMIT_DRAFT_BYTES), CODE);
  const org = fields.takeNull('org', (key) => fields.takeHex(key, 16));
  const value = fields.take('entry');
  const entry = org && parseEntryValue(value);
  const content = entry ? entry.content : parseUnplaced(value);
  const chart = fields.takeNull('chart', (key) => parseChartValue(fields.take(key)));
  const names = parseNames(fields.take('names'));
  fields.finish();
  const draft = { content, names, chart, org, entry };
  verifyDraft(draft);
  return draft;
}

/**
 * Names by member id; they prove nothing until compared with the directory (`selectNames`).
 * Throws MalformedError "draft-form".
 */
export function parseNames(value: Json): Map<string, Name> {
  if (!isObject(value)) throw new MalformedError(CODE);
  const names = Object.entries(value).map(([key, item]) => {
    const fields = new Fields(item, CODE);
    const name = { name: fields.takeName('name'), salt: fields.takeHex('salt', SALT_BYTES) };
    fields.finish();
    if (!/^[0-9a-f]{32}$/.test(key)) throw new MalformedError(CODE, 'id');
    return [encodeHex(parseHex(key, 16)), name] as const;
  });
  return new Map(names);
}

/** The names that the directory's hashes confirm; others are left out, as deleted names are. */
export function selectNames(names: ReadonlyMap<string, Name>, members: readonly Member[]): Map<string, string> {
  const confirmed = members.flatMap((member) => {
    const found = names.get(encodeHex(member.id));
    const holds = found && equalBytes(computeNameHash(found.salt, found.name), member.name);
    return holds ? [[encodeHex(member.id), found.name] as const] : [];
  });
  return new Map(confirmed);
}

function verifyDraft({ content, names, chart }: Draft): void {
  const members = listMembers(content);
  if (names.size !== members.length || selectNames(names, members).size !== members.length) {
    throw new VerificationError('draft-names');
  }
  if ((chart === null) === (content.type === 'chart')) throw new VerificationError('draft-chart');
  if (chart === null || content.type !== 'chart') return;
  try {
    verifyChart(encodeChart(chart), content.digest, content.people);
  } catch (error) {
    if (error instanceof VerificationError) throw new VerificationError('draft-chart');
    throw error;
  }
}

function listMembers(content: Content): readonly Member[] {
  if (content.type === 'genesis') return content.members;
  return content.type === 'member' ? [content.member] : [];
}

function parseUnplaced(value: Json): Content {
  const fields = new Fields(value, CODE);
  fields.takeExactly('v', 1);
  return parseContent(fields.take('type'), fields);
}
