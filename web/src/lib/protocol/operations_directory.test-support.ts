/** What the vectors of directory, roster, chart, packs, conflicts, requests and drafts say: JSON in, JSON out. */
import { verifyDelays } from '../api/delays.ts';
import type { Excluded, Roster, RosterMember } from './access.ts';
import { type Bytes, encodeHex, encodeText, readHex } from './bytes.ts';
import { openCarry } from './carry.ts';
import {
  type Chart,
  computeChartDigest,
  encodeChart,
  findAncestors,
  findDescendants,
  linkMembers,
  parseChart,
  verifyChart,
} from './chart.ts';
import { parseChartCsv } from './chart_csv.ts';
import { type Target, computeAccess, computeConflicts } from './conflicts.ts';
import { encodeAccess } from './content.ts';
import { type Entry, computeOrg, encodeEntry, parseEntry, signEntry } from './directory.ts';
import type { Genesis } from './directory_contents.ts';
import type { Final } from './directory_server.ts';
import { parseDraft, parseNames } from './draft.ts';
import { type DirectoryState, type MemberState, type Past, type Released } from './directory_state.ts';
import { applyEntry, foldDirectory } from './fold.ts';
import { computeSha256 } from './hashes.ts';
import { listEvents } from './history.ts';
import { type Json, encodeJson, parseJson } from './json.ts';
import { computeMemberCheckWords, computeMemberKeys } from './keys.ts';
import { type Operation, type Value, decode, expectSame, h, n, s, text } from './operations_keys.test-support.ts';
import { encodeVkey, parseVkey } from './note.ts';
import { computeDue, computeLimit, computePackDigest, encodePack, parsePack } from './packs.ts';
import { openReleaseNote, verifyRelease } from './release.ts';
import { encodeRequest, makeRequest, parseRequest } from './request.ts';
import { findFormerOwner, findOwner, identifyKeys } from './ring.ts';
import { computeRoster } from './roster.ts';
import { listSigningKeys, listTurns, wasInForce } from './standing.ts';
import { SigningKey } from './signing.ts';

const entryOf = (value: Value) => parseEntry(encodeText(s(value, 'text')));
const chartOf = (value: Value) => parseChart(encodeText(s(value, 'text')));
const byId = <Item>(items: ReadonlyMap<string, Item>) => [...items].sort(([a], [b]) => (a < b ? -1 : 1));

function showState(state: DirectoryState): Value {
  const { workBits, ...clock } = state.clock;
  return {
    size: state.size,
    org: encodeHex(state.org),
    name: state.name,
    members: byId(state.members).map(([id, found]) => showMemberState(id, found)),
    channels: byId(state.channels).map(([id, { title, roles, pack }]) => ({ id, title, roles, pack: encodeHex(pack) })),
    packs: [...state.packs.keys()].sort(),
    clock: { ...clock, work_bits: workBits },
    origin: state.origin?.origin ?? null,
    chart: state.chart && { digest: encodeHex(state.chart.digest), people: state.chart.people },
    cosigners: state.cosigners && {
      names: state.cosigners.cosigners.map(({ name }) => name),
      quorum: state.cosigners.quorum,
    },
    pending: state.pending.map(({ index }) => index),
    void: state.void,
    ...(state.receipts.length ? { receipts: showReceipts(state) } : {}),
    ...(state.upstream ? { upstream: encodeVkey(state.upstream) } : {}),
    ...(state.releases.length ? { releases: state.releases.map(showReleased) } : {}),
    ...(state.past.length ? { past: state.past.map(showPast) } : {}),
  };
}

function showMemberState(id: string, { member, status, begin, terms, carries }: MemberState): Value {
  const now = { id, roles: member.roles, status };
  if (terms.length === 0) return now;
  return {
    ...now,
    sign: encodeHex(member.sign),
    begin,
    terms: terms.map((term) => ({
      sign: encodeHex(term.member.sign),
      status: term.status,
      begin: term.begin,
      end: term.end,
    })),
    carries: carries.map((carry) => encodeHex(computeSha256(carry))),
  };
}

function showReceipts({ origin, receipts }: DirectoryState): Value {
  const former = receipts.map(({ key, end, void: isVoid }) => ({ key: encodeVkey(key), end, void: isVoid }));
  return { now: origin && encodeVkey(origin.receipts), former };
}

function showReleased({ index, release: { version, manifest }, upstream }: Released): Value {
  return { index, version, manifest: encodeHex(manifest), upstream: encodeVkey(upstream) };
}

function showPast({ origin, succession: { cases, directory } }: Past): Value {
  const show = ({ size, root }: Final) => ({ size, root: encodeHex(root) });
  return { origin: origin.origin, cases: show(cases), directory: show(directory) };
}

function showMember(member: RosterMember): Value {
  return {
    id: encodeHex(member.id),
    age: encodeHex(member.age),
    author: encodeHex(member.author),
    sign: encodeHex(member.sign),
    independent: member.independent,
    channel: member.channel,
  };
}

function showExcluded({ name, person, member, why, of }: Excluded): Value {
  return { name, person, member: text(member), why, of };
}

function showChart(chart: Chart): Value {
  return { text: decode(encodeChart(chart)), digest: encodeHex(computeChartDigest(chart)) };
}

function readTarget(value: Value): Target {
  return {
    name: s(value, 'name'),
    person: value['person'] as string | null,
    member: value['member'] === null ? null : h(value, 'member'),
  };
}

function readRoster(value: Value): Roster {
  const delivered = (value['delivered'] as Value[]).map((member) => ({
    id: h(member, 'id'),
    age: h(member, 'age'),
    author: h(member, 'author'),
    sign: h(member, 'sign'),
    independent: member['independent'] as boolean,
    channel: member['channel'] as boolean,
  }));
  const held = value['held'] as string[];
  return { delivered, held: delivered.filter(({ id }) => held.includes(encodeHex(id))) };
}

export const DIRECTORY: Record<string, Operation> = {
  directory_parse(value) {
    const entry = entryOf(value);
    expectSame(encodeEntry(entry), encodeText(s(value, 'text')));
    return { index: entry.index, type: entry.content.type, by: entry.by.map(({ id }) => encodeHex(id)) };
  },
  directory_org(value) {
    return { org: encodeHex(computeOrg(entryOf(value) as Entry<Genesis>)) };
  },
  directory_sign(value) {
    const key = new SigningKey(h(value, 'seed'));
    return { text: decode(encodeEntry(signEntry(h(value, 'org'), entryOf(value), h(value, 'member'), key))) };
  },
  directory_fold(value) {
    const entries = (value['entries'] as string[]).map(encodeText);
    return showState(foldDirectory(entries, 'org' in value ? h(value, 'org') : undefined));
  },
  roster_compute(value) {
    const entries = (value['entries'] as string[]).slice(0, n(value, 'size')).map(encodeText);
    const { delivered, held } = computeRoster(foldDirectory(entries), s(value, 'channel'));
    return { delivered: delivered.map(showMember), held: held.map(({ id }) => encodeHex(id)) };
  },
  release_open(value) {
    const key = parseVkey(s(value, 'key'));
    const release = openReleaseNote(encodeText(s(value, 'note')), key);
    verifyRelease(release, key);
    const { version, manifest, upstream } = release;
    return { version, manifest: encodeHex(manifest), upstream: encodeHex(upstream) };
  },
  carry_open(value) {
    const keys = computeMemberKeys(h(value, 'entropy'));
    return { entropy: encodeHex(openCarry(keys.age, h(value, 'carry'))) };
  },
  carry_ring(value) {
    const state = foldDirectory((value['entries'] as string[]).map(encodeText));
    const keys = computeMemberKeys(h(value, 'entropy'));
    const found = findOwner(state, keys);
    if (found === null) return { id: null, former: text(findFormerOwner(state, keys)?.member.id ?? null) };
    const ring = identifyKeys(found, keys);
    return { id: encodeHex(ring.id), earlier: ring.earlier.map(({ sign }) => encodeHex(sign.public)) };
  },
  standing_compute(value) {
    const state = foldDirectory((value['entries'] as string[]).map(encodeText));
    const found = state.members.get(s(value, 'member'));
    if (found === undefined) throw new Error('no such member');
    const dates = new Map(Object.entries(value['dates'] as Record<string, number>).map(([i, at]) => [Number(i), at]));
    const at = value['at'] as number | null;
    return {
      counted: wasInForce(found, h(value, 'sign'), at, dates, n(value, 'slack')),
      keys: listSigningKeys(found).map(encodeHex),
      turns: listTurns(state),
    };
  },
  history_list(value) {
    const entries = (value['entries'] as string[]).map(encodeText);
    const { org } = foldDirectory(entries.slice(0, 1));
    const independent = value['independent'] as boolean;
    const events = listEvents(entries, { org, member: h(value, 'member'), independent });
    return {
      events: events.map(({ entry, digest, signed }) => ({ index: entry.index, digest: encodeHex(digest), signed })),
    };
  },
  async delays_verify(value) {
    const entries = (value['entries'] as string[]).map(encodeText);
    const dates = value['dates'] as Record<string, number>;
    const states: DirectoryState[] = [];
    for (const entry of entries) states.push(applyEntry(states.at(-1) ?? null, parseEntry(entry)));
    const given = {
      compute: (index: number) => Promise.resolve(dates[String(index)] ?? null),
      beganBefore: (index: number) => Promise.resolve(value['began'] === true && String(index) in dates),
    };
    await verifyDelays(given, entries, states);
    return {};
  },
  chart_parse(value) {
    const chart = chartOf(value);
    return { digest: encodeHex(computeChartDigest(chart)), people: chart.people.size };
  },
  chart_verify(value) {
    return { people: verifyChart(encodeText(s(value, 'text')), h(value, 'digest'), n(value, 'people')).people.size };
  },
  chart_csv(value) {
    return showChart(parseChartCsv(s(value, 'csv')));
  },
  chart_link(value) {
    return showChart(linkMembers(chartOf(value), new Map(Object.entries(value['names'] as Record<string, string>))));
  },
  chart_line(value) {
    const [chart, person] = [chartOf(value), s(value, 'person')];
    return { ancestors: findAncestors(chart, person), descendants: findDescendants(chart, person).sort() };
  },
  packs_digest(value) {
    const pack = parsePack(value['pack'] as Json);
    expectSame(encodeJson(encodePack(pack)), encodeJson(value['pack'] as Json));
    return { digest: encodeHex(computePackDigest(pack)) };
  },
  packs_limit(value) {
    const pack = parsePack(value['pack'] as Json);
    const duty = pack.duties.find(({ kind }) => kind === value['kind']);
    if (duty === undefined) throw new Error(`no duty ${s(value, 'kind')}`);
    return { limits: (value['starts'] as number[]).map((at) => computeLimit(pack, duty, at)) };
  },
  packs_due(value) {
    return { due: computeDue(parsePack(value['pack'] as Json), n(value, 'at')) };
  },
  conflicts_compute(value) {
    const chart = value['chart'] === null ? null : parseChart(encodeText(s(value, 'chart')));
    const [named, chosen] = ['named', 'chosen'].map((key) => (value[key] as Value[]).map(readTarget));
    const independents = (value['independents'] as string[]).map(readHex);
    const found = computeConflicts(chart, named ?? [], chosen ?? [], independents);
    if ('roster' in value) return { access: encodeAccess(computeAccess(readRoster(value['roster'] as Value), found)) };
    return { conflicted: found.conflicted.map(encodeHex), excluded: found.excluded.map(showExcluded) };
  },
  async request_make(value) {
    const request = makeRequest(computeMemberKeys(h(value, 'entropy')), s(value, 'name'), h(value, 'salt'));
    return { text: decode(encodeRequest(request)), check_words: await checkWords(request) };
  },
  async request_parse(value) {
    const request = parseRequest(encodeText(s(value, 'text')));
    return { id: encodeHex(request.id), name: request.name, check_words: await checkWords(request) };
  },
  draft_parse(value) {
    const { content, org, entry, names, chart } = parseDraft(encodeText(s(value, 'text')));
    const shown = [...names].map(([id, { name, salt }]) => [id, { name, salt: encodeHex(salt) }] as const);
    return {
      type: content.type,
      org: text(org),
      index: entry?.index ?? null,
      names: Object.fromEntries(shown),
      people: chart?.people.size ?? null,
    };
  },
  draft_names(value) {
    return { names: [...parseNames(parseJson(encodeText(s(value, 'text')), 65_536)).keys()].sort() };
  },
};

function checkWords(request: { age: Bytes; author: Bytes; sign: Bytes }): Promise<string> {
  return computeMemberCheckWords(request.age, request.author, request.sign);
}
