/** What directory entries say about the server: its keys, cosigners and releases (spec/directory.md). */
import { type Bytes, encodeHex } from './bytes.ts';
import { Fields } from './fields.ts';
import type { Json, JsonObject } from './json.ts';
import { COSIGNATURE, ED25519, type VerifierKey, encodeVkey, parseVkey } from './note.ts';
import { ID_PATTERN } from './packs.ts';
import { type Release, VERSION_PATTERN } from './release.ts';
import { CASES_SUFFIX, DIRECTORY_SUFFIX } from './trust.ts';

export const CODE = 'directory-form';
export const LIMIT_LIST = 64;
const RECEIPTS_SUFFIX = '/receipts';
const ORIGIN_PATTERN = /^[!-*,-~]{1,200}$/;
const URL_PATTERN = /^https?:\/\/[!-~]{1,500}$/;

/** An outside party that countersigns and mirrors the logs. */
export interface Cosigner {
  readonly name: string;
  readonly key: VerifierKey;
  readonly url: string;
}

/** Entry 1: the server's keys, vouched for by the trust file alone. */
export interface Origin {
  readonly type: 'origin';
  readonly origin: string;
  readonly cases: VerifierKey;
  readonly directory: VerifierKey;
  readonly clock: VerifierKey;
  readonly receipts: VerifierKey;
}

/** The last checkpoint of a log that cannot go on. */
export interface Final {
  readonly size: number;
  readonly root: Bytes;
}

/** Both logs cannot go on from where they were: others take their place, under other keys. */
export interface Succession {
  readonly type: 'succession';
  readonly cases: Final;
  readonly directory: Final;
  readonly origin: Origin;
}

/** The outside cosigners and how many of them a date needs. */
export interface Cosigners {
  readonly type: 'cosigners';
  readonly cosigners: readonly Cosigner[];
  readonly quorum: number;
}

export function encodeOrigin({ origin, cases, directory, clock, receipts }: Origin): JsonObject {
  const keys = {
    cases: encodeVkey(cases),
    directory: encodeVkey(directory),
    clock: encodeVkey(clock),
    receipts: encodeVkey(receipts),
  };
  return { keys, origin };
}

export function encodeSuccession({ cases, directory, origin }: Succession): JsonObject {
  const show = ({ root, size }: Final) => ({ root: encodeHex(root), size });
  return { old: { cases: show(cases), directory: show(directory) }, ...encodeOrigin(origin) };
}

export function encodeCosigners({ cosigners, quorum }: Cosigners): JsonObject {
  return { cosigners: cosigners.map(({ name, url, key }) => ({ name, url, vkey: encodeVkey(key) })), quorum };
}

export function encodeRelease({ version, manifest, upstream }: Release): JsonObject {
  return { manifest: encodeHex(manifest), upstream: encodeHex(upstream), version };
}

/** A release whose signature nobody has checked yet. */
export function parseRelease(fields: Fields): Release {
  const version = fields.takeName('version', { limit: 64, pattern: VERSION_PATTERN });
  return { version, manifest: fields.takeHex('manifest', 32), upstream: fields.takeHex('upstream', 64) };
}

export function parseOrigin(fields: Fields): Origin {
  const origin = fields.takeName('origin', { pattern: ORIGIN_PATTERN });
  const keys = new Fields(fields.take('keys'), CODE);
  const found: Origin = {
    type: 'origin',
    origin,
    cases: takeVkey(keys, 'cases', ED25519, origin + CASES_SUFFIX),
    directory: takeVkey(keys, 'directory', ED25519, origin + DIRECTORY_SUFFIX),
    clock: takeVkey(keys, 'clock', COSIGNATURE),
    receipts: takeVkey(keys, 'receipts', ED25519, origin + RECEIPTS_SUFFIX),
  };
  keys.finish();
  return found;
}

export function parseSuccession(fields: Fields): Succession {
  const old = new Fields(fields.take('old'), CODE);
  const finals = { cases: parseFinal(old.take('cases')), directory: parseFinal(old.take('directory')) };
  old.finish();
  return { type: 'succession', ...finals, origin: parseOrigin(fields) };
}

function parseFinal(value: Json): Final {
  const fields = new Fields(value, CODE);
  const final = { size: fields.takeInteger('size'), root: fields.takeHex('root', 32) };
  fields.finish();
  return final;
}

export function parseCosigners(fields: Fields): Cosigners {
  const cosigners = fields.takeList('cosigners', parseCosigner, LIMIT_LIST);
  const names = new Set(cosigners.map(({ name }) => name));
  const keys = new Set(cosigners.map(({ key }) => encodeHex(key.public)));
  if (names.size !== cosigners.length || keys.size !== cosigners.length) throw fields.refuse('cosigners');
  return { type: 'cosigners', cosigners, quorum: fields.takeInteger('quorum', Math.min(1, names.size), names.size) };
}

function parseCosigner(value: Json): Cosigner {
  const fields = new Fields(value, CODE);
  const cosigner = {
    name: fields.takeName('name', { pattern: ID_PATTERN }),
    key: takeVkey(fields, 'vkey', COSIGNATURE),
    url: fields.takeName('url', { limit: 508, pattern: URL_PATTERN }),
  };
  fields.finish();
  return cosigner;
}

export function takeVkey(fields: Fields, key: string, type: number, name?: string): VerifierKey {
  const found = parseVkey(fields.takeName(key, { limit: 400 }));
  if (found.type !== type || (name !== undefined && found.name !== name)) throw fields.refuse(key);
  return found;
}
