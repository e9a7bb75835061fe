/** What is said inside a body: JCS objects, one shape for each kind of entry (spec/content.md). */
import { type Access, type Excluded, WHYS, checkAccess } from './access.ts';
import { type Bytes, encodeHex, encodeText } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { Fields } from './fields.ts';
import { HASH_BYTES } from './hashes.ts';
import { type Json, type JsonObject, encodeJson, parseCanonicalJson } from './json.ts';
import { STEPS, type Step } from './packs.ts';
import {
  type Disclosure,
  type Hold,
  RISKS,
  type RiskLevel,
  encodeDisclosure,
  encodeHold,
  parseDisclosure,
  parseHold,
} from './records.ts';
import { KINDS, type Kind } from './room.ts';

const LIMIT_ATTACHMENTS = 64;
const LIMIT_PEOPLE = 4_096;
const LIMIT_NAME = 512;
const MEMBER_ID_BYTES = 16;
const CODE = 'content-form';
export const LIMIT_CONTENT_BYTES = 262_144;
export const WHERES = ['inside', 'outside'] as const;
export const GROUNDS = ['retention', 'irrelevant', 'request', 'order'] as const;
export type Ground = (typeof GROUNDS)[number];

/** A blob, the identity that opens it and the truth about the file in it. */
export interface Attachment {
  readonly id: Bytes;
  readonly key: Bytes;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: Bytes;
  readonly sealed: number;
}

/** Somebody a report is about: an id of the chart, or only a name. */
export interface Person {
  readonly name: string;
  readonly person: string | null;
  readonly where: (typeof WHERES)[number];
}

/** The member whom a new slot set lets in, by the name the granter saw. */
export interface Granted {
  readonly member: Bytes;
  readonly name: string;
}

/** Told in the reporter's room: somebody was let into another room of the case. */
export interface Notice {
  readonly type: 'access';
  readonly room: Bytes;
  readonly label: string;
  readonly member: Bytes;
  readonly name: string;
}

/** What every kind may say; `extra` keeps unknown keys, which are not shown. */
interface Common {
  readonly text: string | null;
  readonly lang: string | null;
  readonly attachments: readonly Attachment[];
  readonly extra: JsonObject;
}

interface OpenOwn {
  readonly kind: 'open';
  /** The manifest. */
  readonly room: Bytes;
  readonly access: Access;
  readonly people: readonly Person[];
  readonly disclosure: Disclosure | null;
}

interface SlotsOwn {
  readonly kind: 'slots';
  readonly access: Access;
  readonly granted: Granted | null;
}

interface EntryOwn {
  readonly kind: 'entry';
  readonly confirms: Bytes | null;
  readonly notice: Notice | null;
  /** An event that duties wait for. */
  readonly step: Step | null;
  /** A machine wrote this and no person. */
  readonly automatic: boolean;
  readonly hold: Hold | null;
  /** The hash of the header of an entry in this room whose hold ends. */
  readonly lifts: Bytes | null;
  readonly disclosure: Disclosure | null;
  /** How great the risk of further harm is held to be. */
  readonly risk: RiskLevel | null;
}

interface FeedbackOwn {
  readonly kind: 'feedback';
  readonly action: string;
  readonly grounds: string;
}

interface CloseOwn {
  readonly kind: 'close';
  readonly reason: string;
}

interface ReopenOwn {
  readonly kind: 'reopen';
  readonly reason: string | null;
}

/** One signature of two: the first gives the ground, the second confirms that very entry. */
interface EraseOwn {
  readonly kind: 'erase';
  readonly ground: Ground | null;
  readonly confirms: Bytes | null;
}

interface PlainOwn {
  readonly kind: 'acknowledge' | 'extend' | 'decide';
}

type Own = OpenOwn | SlotsOwn | EntryOwn | FeedbackOwn | CloseOwn | ReopenOwn | EraseOwn | PlainOwn;

export type OpenContent = Common & OpenOwn;
export type SlotsContent = Common & SlotsOwn;
export type Content = Common & Own;

/** A content that says nothing but its own kind's facts. */
export const NOTHING_SAID = { text: null, lang: null, attachments: [], extra: {} } as const satisfies Common;

/** An entry that says nothing. */
export const PLAIN_ENTRY = {
  ...NOTHING_SAID,
  kind: 'entry',
  confirms: null,
  notice: null,
  step: null,
  automatic: false,
  hold: null,
  lifts: null,
  disclosure: null,
  risk: null,
} as const satisfies Common & EntryOwn;

/** Whether a text says nothing: no character in it but spaces, controls and what nobody sees (content.md). */
export function isBlank(text: string): boolean {
  return !/[^\p{Cc}\p{Cf}\p{Z}]/u.test(text);
}

/** The JCS bytes of a content. Throws MalformedError "content-size", "json-value". */
export function encodeContent(content: Content): Bytes {
  const { text, lang, attachments, extra } = content;
  const said: Record<string, Json> = { ...extra, v: 1, ...encodeOwn(content), text, lang };
  if (attachments.length) said['attachments'] = attachments.map(encodeAttachment);
  const kept = Object.entries(said).filter(([key, value]) => value !== null || Object.hasOwn(extra, key));
  const data = encodeJson(Object.fromEntries(kept));
  if (data.length > LIMIT_CONTENT_BYTES) throw new MalformedError('content-size');
  return data;
}

/**
 * The content of an entry of `kind`. Throws MalformedError "content-size", "content-form" (detail: the key), those of
 * `parseCanonicalJson` and `checkAccess`.
 */
export function parseContent(kind: Kind, data: Bytes): Content {
  if (data.length > LIMIT_CONTENT_BYTES) throw new MalformedError('content-size');
  const fields = new Fields(parseCanonicalJson(data, LIMIT_CONTENT_BYTES), CODE);
  if (fields.takeInteger('v') !== 1 || !KINDS.includes(kind)) throw new MalformedError(CODE, 'v');
  const own = parseOwn(kind, fields);
  const text = fields.takeOptional('text', (key) => fields.takeText(key, { empty: true }));
  const lang = fields.takeOptional('lang', (key) => fields.takeText(key, { limit: 64 }));
  const attachments = takeSome(fields, 'attachments', parseAttachment, LIMIT_ATTACHMENTS);
  return { ...own, text, lang, attachments, extra: fields.takeRest() };
}

/** Throws MalformedError "content-form" and those of `checkAccess`. */
export function parseAccess(value: Json): Access {
  const fields = new Fields(value, CODE);
  const access = {
    granted: fields.takeHexList('granted', MEMBER_ID_BYTES, LIMIT_PEOPLE),
    conflicted: fields.takeHexList('conflicted', MEMBER_ID_BYTES, LIMIT_PEOPLE),
    excluded: fields.takeList('excluded', parseExcluded, LIMIT_PEOPLE),
  };
  checkAccess(access);
  return access;
}

export function encodeAccess({ granted, conflicted, excluded }: Access): JsonObject {
  return {
    granted: granted.map(encodeHex),
    conflicted: conflicted.map(encodeHex),
    excluded: excluded.map((e) => ({ ...pick(e), member: e.member && encodeHex(e.member) })),
  };
}

/** Throws MalformedError "content-form". */
export function parseAttachment(value: Json): Attachment {
  const fields = new Fields(value, CODE);
  return {
    id: fields.takeHex('id', HASH_BYTES),
    key: fields.takeHex('key', HASH_BYTES),
    name: fields.takeText('name', { limit: LIMIT_NAME }),
    type: fields.takeText('type', { limit: LIMIT_NAME, empty: true }),
    size: fields.takeInteger('size'),
    sha256: fields.takeHex('sha256', HASH_BYTES),
    sealed: fields.takeInteger('sealed'),
  };
}

export function encodeAttachment({ id, key, name, type, size, sha256, sealed }: Attachment): JsonObject {
  return { id: encodeHex(id), key: encodeHex(key), name, type, size, sha256: encodeHex(sha256), sealed };
}

function pick({ name, person, why, of }: Excluded): JsonObject {
  return { name, person, why, of };
}

/** True, the one value of a flag: what is not so is left out. */
function takeFlag(fields: Fields, key: string): true {
  if (fields.take(key) !== true) throw fields.refuse(key);
  return true;
}

function takeSome<Value>(fields: Fields, key: string, parse: (item: Json) => Value, limit: number): Value[] {
  return fields.takeOptional(key, (found) => fields.takeList(found, parse, limit)) ?? [];
}

function parseOwn(kind: Kind, fields: Fields): Own {
  switch (kind) {
    case 'open':
      return {
        kind,
        room: encodeText(fields.takeText('room', { limit: 1_024 })),
        access: parseAccess(fields.take('access')),
        people: takeSome(fields, 'people', parsePerson, LIMIT_PEOPLE),
        disclosure: fields.takeOptional('disclosure', (key) => parseDisclosure(fields.take(key))),
      };
    case 'slots':
      return {
        kind,
        access: parseAccess(fields.take('access')),
        granted: fields.takeOptional('granted', (key) => parseGranted(fields.take(key))),
      };
    case 'entry':
      return {
        kind,
        confirms: fields.takeOptional('confirms', (key) => fields.takeHex(key, HASH_BYTES)),
        notice: fields.takeOptional('notice', (key) => parseNotice(fields.take(key))),
        step: fields.takeOptional('step', (key) => fields.takeOneOf(key, STEPS)),
        automatic: fields.takeOptional('automatic', (key) => takeFlag(fields, key)) ?? false,
        hold: fields.takeOptional('hold', (key) => parseHold(fields.take(key))),
        lifts: fields.takeOptional('lifts', (key) => fields.takeHex(key, HASH_BYTES)),
        disclosure: fields.takeOptional('disclosure', (key) => parseDisclosure(fields.take(key))),
        risk: fields.takeOptional('risk', (key) => fields.takeOneOf(key, RISKS)),
      };
    case 'feedback':
      return { kind, action: fields.takeText('action'), grounds: fields.takeText('grounds') };
    case 'close':
      return { kind, reason: fields.takeText('reason', { empty: true }) };
    case 'reopen':
      return { kind, reason: fields.takeOptional('reason', (key) => fields.takeText(key, { empty: true })) };
    case 'erase':
      return parseErase(fields);
    case 'acknowledge':
    case 'extend':
    case 'decide':
      return { kind };
  }
}

function parseErase(fields: Fields): EraseOwn {
  const ground = fields.takeOptional('ground', (key) => fields.takeOneOf(key, GROUNDS));
  const confirms = fields.takeOptional('confirms', (key) => fields.takeHex(key, HASH_BYTES));
  if ((ground === null) === (confirms === null)) throw new MalformedError(CODE, 'ground');
  return { kind: 'erase', ground, confirms };
}

function encodeOwn(content: Content): Record<string, Json> {
  switch (content.kind) {
    case 'open':
      return {
        room: new TextDecoder().decode(content.room),
        access: encodeAccess(content.access),
        people: content.people.map(({ name, person, where }) => ({ name, person, where })),
        disclosure: content.disclosure && encodeDisclosure(content.disclosure),
      };
    case 'slots':
      return {
        access: encodeAccess(content.access),
        granted: content.granted && { member: encodeHex(content.granted.member), name: content.granted.name },
      };
    case 'entry':
      return {
        confirms: content.confirms && encodeHex(content.confirms),
        notice: content.notice && encodeNotice(content.notice),
        step: content.step,
        automatic: content.automatic || null,
        hold: content.hold && encodeHold(content.hold),
        lifts: content.lifts && encodeHex(content.lifts),
        disclosure: content.disclosure && encodeDisclosure(content.disclosure),
        risk: content.risk,
      };
    case 'feedback':
      return { action: content.action, grounds: content.grounds };
    case 'close':
    case 'reopen':
      return { reason: content.reason };
    case 'erase':
      return { ground: content.ground, confirms: content.confirms && encodeHex(content.confirms) };
    case 'acknowledge':
    case 'extend':
    case 'decide':
      return {};
  }
}

function parseExcluded(value: Json): Excluded {
  const fields = new Fields(value, CODE);
  return {
    name: fields.takeText('name', { limit: LIMIT_NAME }),
    person: fields.takeNull('person', (key) => fields.takeText(key, { limit: LIMIT_NAME })),
    member: fields.takeNull('member', (key) => fields.takeHex(key, MEMBER_ID_BYTES)),
    why: fields.takeOneOf('why', WHYS),
    of: fields.takeNull('of', (key) => fields.takeText(key, { limit: LIMIT_NAME })),
  };
}

function parsePerson(value: Json): Person {
  const fields = new Fields(value, CODE);
  return {
    name: fields.takeText('name', { limit: LIMIT_NAME }),
    person: fields.takeNull('person', (key) => fields.takeText(key, { limit: LIMIT_NAME })),
    where: fields.takeOneOf('where', WHERES),
  };
}

function parseGranted(value: Json): Granted {
  const fields = new Fields(value, CODE);
  return { member: fields.takeHex('member', MEMBER_ID_BYTES), name: fields.takeText('name', { limit: LIMIT_NAME }) };
}

function parseNotice(value: Json): Notice {
  const fields = new Fields(value, CODE);
  return {
    type: fields.takeOneOf('type', ['access']),
    room: fields.takeHex('room', HASH_BYTES),
    label: fields.takeText('label', { limit: LIMIT_NAME }),
    member: fields.takeHex('member', MEMBER_ID_BYTES),
    name: fields.takeText('name', { limit: LIMIT_NAME }),
  };
}

function encodeNotice({ type, room, label, member, name }: Notice): JsonObject {
  return { type, room: encodeHex(room), label, member: encodeHex(member), name };
}
