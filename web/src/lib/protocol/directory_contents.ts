/** What directory entries say: members, channels, clocks and the like, each with its JSON form (spec/directory.md). */
import { type Bytes, compareBytes, encodeHex } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { Fields } from './fields.ts';
import { type Json, type JsonObject, isList } from './json.ts';
import { type Rotate, type VoidKey, encodeRotate, encodeVoidKey, parseRotate, parseVoidKey } from './directory_keys.ts';
import {
  CODE,
  type Cosigners,
  LIMIT_LIST,
  type Origin,
  type Succession,
  encodeCosigners,
  encodeOrigin,
  encodeRelease,
  encodeSuccession,
  parseCosigners,
  parseOrigin,
  parseRelease,
  parseSuccession,
  takeVkey,
} from './directory_server.ts';
import { ED25519, type VerifierKey, encodeVkey } from './note.ts';
import { ID_PATTERN, type Pack, encodePack, parsePack } from './packs.ts';
import type { Release } from './release.ts';

const LIMIT_FOUNDERS = 256;
const LIMIT_PEOPLE = 250_000;
export const ROLES = [
  'administrator',
  'auditor',
  'case-manager',
  'decision-maker',
  'independent',
  'intake-handler',
  'investigator',
  'reviewer',
] as const;
export type Role = (typeof ROLES)[number];

/** Members with these may be granted access later, whatever their channel. */
export const HANDLING_ROLES: readonly Role[] = [
  'case-manager',
  'decision-maker',
  'intake-handler',
  'investigator',
  'reviewer',
];

/** Public keys and roles under an id; `name` is a hash, `pop` the proof that the keys belong together. */
export interface Member {
  readonly id: Bytes;
  readonly name: Bytes;
  readonly age: Bytes;
  readonly author: Bytes;
  readonly sign: Bytes;
  readonly roles: readonly Role[];
  readonly pop: Bytes;
}

/** Where reports arrive: active members with one of the roles, under the deadlines of a pack. */
export interface Channel {
  readonly id: string;
  readonly title: string;
  readonly roles: readonly Role[];
  readonly pack: Bytes;
}

/** How the case log grows; seconds, except batch (positions), cells, grace (ticks) and workBits. */
export interface Clock {
  readonly tick: number;
  readonly batch: number;
  readonly cells: number;
  readonly grace: number;
  readonly window: number;
  readonly workBits: number;
  readonly delay: number;
}

/** Entry 0: the organisation as its founders sign it; in a `demo` all their keys were made on one machine. */
export interface Genesis {
  readonly type: 'genesis';
  readonly name: string;
  readonly members: readonly Member[];
  readonly channels: readonly Channel[];
  readonly packs: readonly Pack[];
  readonly clock: Clock;
  readonly demo: boolean;
  readonly upstream: VerifierKey | null;
}

/** The chart by which people are excluded. */
export interface ChartDigest {
  readonly type: 'chart';
  readonly digest: Bytes;
  readonly people: number;
}

/** What an entry says. `leave` and `suspend` name a member, `effect` the index of an entry whose delay has passed. */
export type Content =
  | Genesis
  | Origin
  | ChartDigest
  | Cosigners
  | Succession
  | { readonly type: 'member'; readonly member: Member }
  | { readonly type: 'channel'; readonly channel: Channel }
  | { readonly type: 'pack'; readonly pack: Pack }
  | { readonly type: 'clock'; readonly clock: Clock }
  | { readonly type: 'upstream'; readonly key: VerifierKey }
  | { readonly type: 'release'; readonly release: Release }
  | { readonly type: 'rotate'; readonly rotate: Rotate }
  | { readonly type: 'key-compromised'; readonly key: VoidKey }
  | { readonly type: 'receipt-key'; readonly key: VerifierKey }
  | { readonly type: 'leave' | 'suspend'; readonly id: Bytes }
  | { readonly type: 'effect'; readonly of: number };

/** Takes every key that is left. Throws as `parseEntry`. */
export function parseContent(type: Json, fields: Fields): Content {
  const content = parseOf(type, fields);
  fields.finish();
  return content;
}

/** The JSON keys of what an entry says, without index, type and signatures. */
export function encodeContent(content: Content): JsonObject {
  switch (content.type) {
    case 'genesis':
      return encodeGenesis(content);
    case 'origin':
      return encodeOrigin(content);
    case 'member':
      return { member: encodeMember(content.member) };
    case 'channel':
      return { channel: encodeChannel(content.channel) };
    case 'chart':
      return { digest: encodeHex(content.digest), people: content.people };
    case 'pack':
      return { pack: encodePack(content.pack) };
    case 'clock':
      return { clock: encodeClock(content.clock) };
    case 'cosigners':
      return encodeCosigners(content);
    case 'succession':
      return encodeSuccession(content);
    case 'upstream':
      return { vkey: encodeVkey(content.key) };
    case 'release':
      return encodeRelease(content.release);
    case 'rotate':
      return encodeRotate(content.rotate);
    case 'key-compromised':
      return encodeVoidKey(content.key);
    case 'receipt-key':
      return { receipts: encodeVkey(content.key) };
    case 'leave':
    case 'suspend':
      return { id: encodeHex(content.id) };
    case 'effect':
      return { of: content.of };
  }
}

function parseOf(type: Json, fields: Fields): Content {
  switch (type) {
    case 'genesis':
      return parseGenesis(fields);
    case 'origin':
      return parseOrigin(fields);
    case 'member':
      return { type, member: parseMember(fields.take('member')) };
    case 'channel':
      return { type, channel: parseChannel(fields.take('channel')) };
    case 'chart':
      return { type, digest: fields.takeHex('digest', 32), people: fields.takeInteger('people', 0, LIMIT_PEOPLE) };
    case 'pack':
      return { type, pack: parsePack(fields.take('pack')) };
    case 'clock':
      return { type, clock: parseClock(fields.take('clock')) };
    case 'cosigners':
      return parseCosigners(fields);
    case 'succession':
      return parseSuccession(fields);
    case 'upstream':
      return { type, key: takeVkey(fields, 'vkey', ED25519) };
    case 'release':
      return { type, release: parseRelease(fields) };
    case 'rotate':
      return { type, rotate: parseRotate(fields) };
    case 'key-compromised':
      return { type, key: parseVoidKey(fields) };
    case 'receipt-key':
      return { type, key: takeVkey(fields, 'receipts', ED25519) };
    case 'leave':
    case 'suspend':
      return { type, id: fields.takeHex('id', 16) };
    case 'effect':
      return { type, of: fields.takeInteger('of') };
    default:
      throw new MalformedError(CODE, 'type');
  }
}

function encodeMember(member: Member): JsonObject {
  return {
    age: encodeHex(member.age),
    author: encodeHex(member.author),
    id: encodeHex(member.id),
    name: encodeHex(member.name),
    pop: encodeHex(member.pop),
    roles: [...member.roles],
    sign: encodeHex(member.sign),
  };
}

function encodeChannel({ id, pack, roles, title }: Channel): JsonObject {
  return { id, pack: encodeHex(pack), roles: [...roles], title };
}

function encodeClock({ workBits, ...rest }: Clock): JsonObject {
  return { ...rest, work_bits: workBits };
}

function encodeGenesis(genesis: Genesis): JsonObject {
  return {
    channels: genesis.channels.map(encodeChannel),
    clock: encodeClock(genesis.clock),
    ...(genesis.demo ? { demo: true } : {}),
    members: genesis.members.map(encodeMember),
    name: genesis.name,
    packs: genesis.packs.map(encodePack),
    ...(genesis.upstream ? { upstream: encodeVkey(genesis.upstream) } : {}),
  };
}

/** True; a flag that does not hold is left out. */
function takeFlag(fields: Fields, key: string): true {
  if (fields.take(key) !== true) throw fields.refuse(key);
  return true;
}

function parseRoles(fields: Fields): Role[] {
  const given = fields.take('roles');
  if (!isList(given) || given.length === 0 || given.length > ROLES.length) throw fields.refuse('roles');
  const roles = given.map((item) => {
    const role = ROLES.find((known) => known === item);
    if (role === undefined) throw fields.refuse('roles');
    return role;
  });
  if (!isAscending(roles, compareText)) throw fields.refuse('roles');
  return roles;
}

function parseMember(value: Json): Member {
  const fields = new Fields(value, CODE);
  const member = {
    id: fields.takeHex('id', 16),
    name: fields.takeHex('name', 32),
    age: fields.takeHex('age', 32),
    author: fields.takeHex('author', 32),
    sign: fields.takeHex('sign', 32),
    roles: parseRoles(fields),
    pop: fields.takeHex('pop', 64),
  };
  fields.finish();
  return member;
}

function parseChannel(value: Json): Channel {
  const fields = new Fields(value, CODE);
  const channel = {
    id: fields.takeName('id', { pattern: ID_PATTERN }),
    title: fields.takeName('title'),
    roles: parseRoles(fields),
    pack: fields.takeHex('pack', 32),
  };
  fields.finish();
  return channel;
}

function parseClock(value: Json): Clock {
  const fields = new Fields(value, CODE);
  const tick = fields.takeInteger('tick', 1, 86_400);
  const clock = {
    tick,
    batch: fields.takeInteger('batch', 1, 4_096),
    cells: fields.takeInteger('cells', 1, 64),
    grace: fields.takeInteger('grace', 1, 1_000),
    window: fields.takeInteger('window', tick, 2_592_000),
    workBits: fields.takeInteger('work_bits', 0, 40),
    delay: fields.takeInteger('delay', 0, 31_536_000),
  };
  fields.finish();
  return clock;
}

function parseGenesis(fields: Fields): Genesis {
  const genesis: Genesis = {
    type: 'genesis',
    name: fields.takeName('name'),
    members: fields.takeList('members', parseMember, LIMIT_FOUNDERS),
    channels: fields.takeList('channels', parseChannel, LIMIT_LIST),
    packs: fields.takeList('packs', parsePack, LIMIT_LIST),
    clock: parseClock(fields.take('clock')),
    demo: fields.has('demo') && takeFlag(fields, 'demo'),
    upstream: fields.has('upstream') ? takeVkey(fields, 'upstream', ED25519) : null,
  };
  if (!isAscending(genesis.members, (a, b) => compareBytes(a.id, b.id))) throw fields.refuse('members');
  if (!isAscending(genesis.channels, (a, b) => compareText(a.id, b.id))) throw fields.refuse('channels');
  return genesis;
}

function isAscending<Item>(items: readonly Item[], compare: (a: Item, b: Item) => number): boolean {
  return items.every((item, i) => {
    const before = items[i - 1];
    return before === undefined || compare(before, item) < 0;
  });
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
