/** Policies: whose cosignatures make a checkpoint count, and since when (C2SP tlog-policy). */
import { type Bytes, encodeText, equalBytes, parseText } from './bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { parseCosignature } from './cosignature.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { parseInteger } from './lines.ts';
import {
  COSIGNATURE,
  ED25519,
  type Note,
  type VerifierKey,
  encodeVkey,
  findSignatures,
  parseVkey,
  verifyNote,
} from './note.ts';

const LIMIT_LINES = 64;
export const NO_QUORUM = 'none';
export const LIMIT_POLICY_BYTES = 65_536;

/** A log whose checkpoints the policy accepts. */
export interface PolicyLog {
  readonly key: VerifierKey;
  readonly url: string | null;
}

/** A cosigner under the name the policy gives it. */
export interface Witness {
  readonly name: string;
  readonly key: VerifierKey;
  readonly url: string | null;
}

/** At least `threshold` of `members`, each a witness or an earlier group. */
export interface Group {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

/** Logs, witnesses and the quorum: the name of a witness or group, or `none`. */
export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly Witness[];
  readonly groups: readonly Group[];
  readonly quorum: string;
}

/** A policy file in the order logs, witnesses, groups, quorum. */
export function encodePolicy({ logs, witnesses, groups, quorum }: Policy): Bytes {
  const lines = [
    ...logs.map((log) => join('log', encodeVkey(log.key), log.url)),
    ...witnesses.map((witness) => join('witness', witness.name, encodeVkey(witness.key), witness.url)),
    ...groups.map((group) => join('group', group.name, String(group.threshold), ...group.members)),
    `quorum ${quorum}`,
  ];
  return encodeText(lines.map((line) => `${line}\n`).join(''));
}

/**
 * A policy in any spelling the C2SP format allows, in UTF-8, up to 64 lines of each kind. Throws MalformedError "policy-size",
 * "policy-utf8", "policy-control", "policy-line", "policy-name", "policy-limit", "policy-reference", "policy-threshold",
 * "policy-duplicate-key", "policy-key-type", "policy-quorum" and those of `parseVkey`, `parseInteger`.
 */
export function parsePolicy(data: Uint8Array): Policy {
  const reader = new Reader();
  for (const words of splitLines(data)) {
    const [keyword, ...rest] = words;
    if (keyword === undefined || keyword.startsWith('#')) continue;
    if (!reader.takeLine(keyword, rest)) throw new MalformedError('policy-line');
  }
  return reader.finish();
}

/**
 * The least t such that the cosignatures with timestamp ≤ t satisfy the quorum, or null if none does. The note must be a
 * checkpoint signed by one of the policy's logs under its origin. `quorum none` dates nothing.
 * Throws VerificationError "checkpoint-origin", those of `verifyNote`; MalformedError of `parseCheckpoint`.
 */
export function computeDate(policy: Policy, note: Note): number | null {
  const { origin } = parseCheckpoint(note.text);
  const logs = policy.logs.map((log) => log.key).filter((key) => key.name === origin);
  if (logs.length === 0) throw new VerificationError('checkpoint-origin');
  verifyNote(note, [...logs, ...policy.witnesses.map((witness) => witness.key)]);
  if (!logs.some((log) => findSignatures(note, log).length)) throw new VerificationError('note-no-known-key');
  const times = new Map<string, number>([[NO_QUORUM, Infinity]]);
  for (const { name, key } of policy.witnesses) {
    const found = findSignatures(note, key).map(({ signature }) => parseCosignature(signature).timestamp);
    times.set(name, Math.min(Infinity, ...found));
  }
  for (const { name, threshold, members } of policy.groups) {
    const sorted = members.map((member) => times.get(member) ?? Infinity).sort((a, b) => (a < b ? -1 : Number(a > b)));
    times.set(name, sorted[threshold - 1] ?? Infinity);
  }
  const date = times.get(policy.quorum) ?? Infinity;
  return date === Infinity ? null : date;
}

/** Collects lines; a name must be defined before it is used, and is a member at most once. */
class Reader {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: Witness[] = [];
  readonly #groups: Group[] = [];
  readonly #members = new Set<string>();
  #quorum: string | null = null;

  takeLine(keyword: string, rest: readonly string[]): boolean {
    const [first, second, ...more] = rest;
    if (first === undefined) return false;
    if (keyword === 'log' && rest.length < 3) this.#addLog(first, second ?? null);
    else if (keyword === 'witness' && second !== undefined && rest.length < 4) {
      this.#addWitness(first, second, more[0] ?? null);
    } else if (keyword === 'group' && second !== undefined && more.length) this.#addGroup(first, second, more);
    else if (keyword === 'quorum' && rest.length === 1) this.#setQuorum(first);
    else return false;
    return true;
  }

  finish(): Policy {
    if (this.#quorum === null) throw new MalformedError('policy-quorum');
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum: this.#quorum };
  }

  #addLog(vkey: string, url: string | null): void {
    this.#logs.push({ key: parseKey(vkey, ED25519, this.#logs), url });
  }

  #addWitness(name: string, vkey: string, url: string | null): void {
    const key = parseKey(vkey, COSIGNATURE, this.#witnesses);
    this.#checkNew(name);
    this.#witnesses.push({ name, key, url });
  }

  #addGroup(name: string, threshold: string, members: readonly string[]): void {
    this.#checkNew(name);
    for (const member of members) {
      if (!this.#isKnown(member) || this.#members.has(member)) throw new MalformedError('policy-reference');
      this.#members.add(member);
    }
    const count = threshold === 'any' ? 1 : threshold === 'all' ? members.length : parseInteger(threshold);
    if (!(count >= 1 && count <= members.length)) throw new MalformedError('policy-threshold');
    if (this.#groups.length === LIMIT_LINES) throw new MalformedError('policy-limit');
    this.#groups.push({ name, threshold: count, members });
  }

  #setQuorum(name: string): void {
    if (this.#quorum !== null) throw new MalformedError('policy-quorum');
    if (name !== NO_QUORUM && !this.#isKnown(name)) throw new MalformedError('policy-reference');
    this.#quorum = name;
  }

  #isKnown(name: string): boolean {
    return [...this.#witnesses, ...this.#groups].some((known) => known.name === name);
  }

  #checkNew(name: string): void {
    if (name === NO_QUORUM || this.#isKnown(name)) throw new MalformedError('policy-name');
  }
}

function parseKey(vkey: string, type: number, others: readonly { readonly key: VerifierKey }[]): VerifierKey {
  const key = parseVkey(vkey);
  if (key.type !== type) throw new MalformedError('policy-key-type');
  if (others.length === LIMIT_LINES) throw new MalformedError('policy-limit');
  if (others.some((other) => equalBytes(other.key.public, key.public)))
    throw new MalformedError('policy-duplicate-key');
  return key;
}

function splitLines(data: Uint8Array): string[][] {
  if (data.length > LIMIT_POLICY_BYTES) throw new MalformedError('policy-size');
  if (data.some((byte) => (byte < 32 && byte !== 9 && byte !== 10) || byte === 127)) {
    throw new MalformedError('policy-control');
  }
  if (data.at(-1) !== 10) throw new MalformedError('policy-line');
  const lines = parseText(data, 'policy-utf8').split('\n');
  // Only space and tab separate: Unicode spaces belong to names.
  return lines.map((line) => line.split(/[ \t]/).filter(Boolean));
}

function join(...words: readonly (string | null)[]): string {
  return words.filter((word) => word !== null).join(' ');
}
