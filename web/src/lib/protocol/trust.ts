/** Trust files: what a verifier must bring along, because a receipt never carries its own keys (spec/trust.md). */
import { type Bytes, encodeHex, encodeText, equalBytes, joinBytes, parseHex } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { LineReader, encodeLines, parseInteger, parseLines } from './lines.ts';
import { ED25519, type VerifierKey, encodeVkey, parseVkey } from './note.ts';
import { LIMIT_POLICY_BYTES, type Policy, encodePolicy, parsePolicy } from './policy.ts';

const FIRST_LINE = 'plaint/v1/trust';
export const CASES_SUFFIX = '/log/cases';
export const DIRECTORY_SUFFIX = '/log/directory';
export const LIMIT_HEAD_BYTES = 8_192;
const LIMIT_FORMER = 16;
export const DEFAULT_GRACE_S = 6 * 600;

/**
 * A receipt key that ended at `until`. What a retired one signed before stays; a void one may be in other hands: its notes count only
 * behind leaves that were logged before.
 */
export interface FormerKey {
  readonly key: VerifierKey;
  readonly until: number;
  readonly void: boolean;
}

/**
 * An organisation, the key of its state notes and the policy for its two logs. `upstream`, when pinned, is the only key whose
 * releases count, whatever the directory says.
 */
export interface Trust {
  readonly org: Bytes;
  readonly receipts: VerifierKey;
  readonly policy: Policy;
  /** Seconds that a due date is given, from the directory's clock. */
  readonly graceS: number;
  readonly upstream: VerifierKey | null;
  readonly former: readonly FormerKey[];
}

/**
 * `trust` with more former receipt keys; of two words about one key *void* stays, else the earlier time. Where there are more than a trust
 * file holds, those that ended last.
 */
export function addFormer(trust: Trust, found: readonly FormerKey[]): Trust {
  const known = new Map<string, FormerKey>();
  const ranked = [...trust.former, ...found].sort((a, b) => Number(b.void) - Number(a.void) || a.until - b.until);
  for (const former of ranked) {
    const name = encodeHex(former.key.public);
    if (!known.has(name)) known.set(name, former);
  }
  const ordered = [...known].sort(([a, one], [b, two]) => one.until - two.until || (a < b ? -1 : 1));
  return { ...trust, former: ordered.slice(-LIMIT_FORMER).map(([, former]) => former) };
}

export function encodeTrust(trust: Trust): Bytes {
  const head = encodeLines(FIRST_LINE, [
    ['org', encodeHex(trust.org)],
    ['receipts', encodeVkey(trust.receipts)],
    ...listFormer(trust.former, false),
    ...listFormer(trust.former, true),
    ...(trust.graceS === DEFAULT_GRACE_S ? [] : [['grace', String(trust.graceS)] as const]),
    ...(trust.upstream === null ? [] : [['upstream', encodeVkey(trust.upstream)] as const]),
  ]);
  return joinBytes(head, encodeText('\n'), encodePolicy(trust.policy));
}

/**
 * A head, a blank line, a tlog-policy. Throws MalformedError "trust-form", "trust-receipts", "trust-former", "trust-logs",
 * "trust-upstream" and those of `parseLines`, `parseVkey`, `parsePolicy`.
 */
export function parseTrust(data: Bytes): Trust {
  const limited = data.subarray(0, LIMIT_HEAD_BYTES + LIMIT_POLICY_BYTES + 1);
  const blank = limited.findIndex((byte, i) => byte === 10 && limited[i + 1] === 10);
  if (blank < 0) throw new MalformedError('trust-form');
  const reader = new LineReader(parseLines(limited.subarray(0, blank + 1), FIRST_LINE, LIMIT_HEAD_BYTES));
  const org = parseHex(reader.take('org'), 16);
  const receipts = parseVkey(reader.take('receipts'));
  const former = [
    ...reader.takeMany('retired').map((value) => parseFormer(value, false)),
    ...reader.takeMany('void').map((value) => parseFormer(value, true)),
  ];
  const grace = reader.takeOptional('grace');
  const pinned = reader.takeOptional('upstream');
  reader.finish();
  const upstream = pinned === null ? null : parseVkey(pinned);
  const graceS = grace === null ? DEFAULT_GRACE_S : parseInteger(grace);
  const trust = { org, receipts, policy: parsePolicy(limited.subarray(blank + 2)), graceS, upstream, former };
  checkKeys(trust);
  return trust;
}

/** The key of the case log. Throws MalformedError "trust-logs". */
export function findCasesKey(policy: Policy): VerifierKey {
  return findLog(policy, CASES_SUFFIX);
}

/** The key of the directory log. Throws MalformedError "trust-logs". */
export function findDirectoryKey(policy: Policy): VerifierKey {
  return findLog(policy, DIRECTORY_SUFFIX);
}

function listFormer(former: readonly FormerKey[], isVoid: boolean): (readonly [string, string])[] {
  const found = former.filter((known) => known.void === isVoid);
  return found.map(({ until, key }) => [isVoid ? 'void' : 'retired', `${until} ${encodeVkey(key)}`] as const);
}

function parseFormer(value: string, isVoid: boolean): FormerKey {
  const space = value.indexOf(' ');
  const [until, vkey] = space < 0 ? [value, ''] : [value.slice(0, space), value.slice(space + 1)];
  const key = parseVkey(vkey);
  return { key, until: parseInteger(until), void: isVoid };
}

function checkFormer({ receipts, former }: Trust, keys: readonly Bytes[]): void {
  const used = new Set(former.map(({ key }) => encodeHex(key.public)));
  const strange = former.some(({ key }) => key.name !== receipts.name || key.type !== ED25519);
  // The key of now may be void: it is not replaced yet. It cannot be retired.
  const retired = former.some((known) => !known.void && equalBytes(known.key.public, receipts.public));
  const shared = keys.some((key) => used.has(encodeHex(key)));
  if (strange || used.size !== former.length || former.length > LIMIT_FORMER || shared || retired) {
    throw new MalformedError('trust-former');
  }
}

function checkKeys(trust: Trust): void {
  const { policy, receipts, upstream, former } = trust;
  const cases = findCasesKey(policy).name.slice(0, -CASES_SUFFIX.length);
  const directory = findDirectoryKey(policy).name.slice(0, -DIRECTORY_SUFFIX.length);
  if (cases !== directory) throw new MalformedError('trust-logs');
  const keys = [...policy.logs, ...policy.witnesses].map(({ key }) => key.public);
  // A promise must never pass for a checkpoint, nor the reverse.
  if (receipts.type !== ED25519 || keys.some((key) => equalBytes(key, receipts.public))) {
    throw new MalformedError('trust-receipts');
  }
  checkFormer(trust, keys);
  // Whoever serves the pages must not be able to bless them.
  const served = [...keys, ...former.map(({ key }) => key.public), receipts.public];
  if (upstream !== null && (upstream.type !== ED25519 || served.some((key) => equalBytes(key, upstream.public)))) {
    throw new MalformedError('trust-upstream');
  }
}

function findLog(policy: Policy, suffix: string): VerifierKey {
  const [found, ...others] = policy.logs.map((log) => log.key).filter((key) => key.name.endsWith(suffix));
  if (found === undefined || others.length) throw new MalformedError('trust-logs');
  return found;
}
