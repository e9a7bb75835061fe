/**
 * What the first N directory entries add up to: a pure function that refuses the whole for one bad entry.
 * Source: spec/directory.md, "Fold". Start at `foldDirectory`.
 */
import { type Bytes, encodeHex, equalBytes } from './bytes.ts';
import { type Entry, computeOrg, parseEntry, verifyEntrySignature } from './directory.ts';
import type { Channel, ChartDigest, Clock, Content, Genesis, Member, Role } from './directory_contents.ts';
import type { Cosigners, Origin, Succession } from './directory_server.ts';
import { VerificationError } from './errors.ts';
import { computeMemberId } from './keys.ts';
import { type VerifierKey, encodeVkey } from './note.ts';
import { type Pack, computePackDigest } from './packs.ts';
import { type Release, verifyRelease } from './release.ts';
import { verifyProof } from './request.ts';

const LEAST_AFTER_SUSPEND = 2;

export type Status = 'active' | 'suspended' | 'left';

/** A member and whether they may act; keys of those who left are kept, because what they signed stays. */
export interface MemberState {
  readonly member: Member;
  readonly status: Status;
}

/** The server's keys before a succession, and what took their place. */
export interface Past {
  readonly origin: Origin;
  readonly succession: Succession;
}

/** A release, the entry that logged it, and the project's key that was held then. */
export interface Released {
  readonly index: number;
  readonly release: Release;
  readonly upstream: VerifierKey;
}

/**
 * The directory after `size` entries; `pending` are delayed entries without effect yet, `past` origins that others succeeded,
 * `releases` all that were logged, oldest first.
 */
export interface DirectoryState {
  readonly size: number;
  readonly org: Bytes;
  readonly name: string;
  /** By the hex of their ids. */
  readonly members: ReadonlyMap<string, MemberState>;
  readonly channels: ReadonlyMap<string, Channel>;
  /** By the hex of their digests. */
  readonly packs: ReadonlyMap<string, Pack>;
  readonly clock: Clock;
  readonly demo: boolean;
  readonly origin: Origin | null;
  readonly chart: ChartDigest | null;
  readonly cosigners: Cosigners | null;
  readonly pending: readonly Entry[];
  readonly void: readonly number[];
  readonly past: readonly Past[];
  readonly upstream: VerifierKey | null;
  readonly releases: readonly Released[];
}

/**
 * The state after all `entries`, which start with genesis; `org`, when known, must be theirs.
 * Throws VerificationError "directory-…"; MalformedError of `parseEntry`.
 */
export function foldDirectory(entries: Iterable<Uint8Array>, org?: Bytes): DirectoryState {
  let state: DirectoryState | null = null;
  for (const data of entries) {
    state = applyEntry(state, parseEntry(data));
    if (org !== undefined && !equalBytes(state.org, org)) throw new VerificationError('directory-org');
  }
  if (state === null) throw new VerificationError('directory-empty');
  return state;
}

/**
 * The state after one more entry; null is the empty directory. Throws VerificationError "directory-index", "directory-type",
 * "directory-signer", "directory-signature", "directory-signers", "directory-request", "directory-member",
 * "directory-founders", "directory-channel", "directory-pack", "directory-suspend", "directory-leave", "directory-effect",
 * "directory-succession", "directory-upstream", "directory-release", "release-signature".
 */
export function applyEntry(before: DirectoryState | null, entry: Entry): DirectoryState {
  const { content, index } = entry;
  if (index !== (before?.size ?? 0)) throw new VerificationError('directory-index');
  if ((content.type === 'genesis') !== (index === 0) || (content.type === 'origin') !== (index === 1)) {
    throw new VerificationError('directory-type');
  }
  if (before === null) return found(entry, content);
  checkSigners(before, content, verifySignatures(before, entry));
  const state = { ...before, size: before.size + 1 };
  switch (content.type) {
    case 'origin':
      return checkApart({ ...state, origin: content });
    case 'release':
      return addRelease(state, content.release);
    case 'upstream':
      checkApart({ ...state, upstream: content.key });
      return wait(state, entry);
    case 'effect':
      return takeEffect(state, content.of);
    case 'suspend':
      return suspend(state, content.id);
    case 'leave':
      return leave(state, content.id);
    case 'genesis':
      throw new VerificationError('directory-type');
    case 'chart':
      return state.chart === null ? change(state, content) : wait(state, entry);
    case 'cosigners':
      return state.cosigners === null ? change(state, content) : wait(state, entry);
    case 'member':
      checkMember(state, content.member);
      return wait(state, entry);
    case 'channel':
      checkPack(state, content.channel);
      return wait(state, entry);
    case 'succession':
      checkSuccession(state, content);
      return wait(state, entry);
    case 'pack':
    case 'clock':
      return wait(state, entry);
  }
}

/** The active members who have one of `roles`, by id. */
export function findActive(state: DirectoryState, roles: readonly Role[]): Member[] {
  const sorted = [...state.members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
  return sorted.filter(({ status, member }) => status === 'active' && hasRole(member, roles)).map((m) => m.member);
}

/** The releases that count, oldest first: where a trust file pins a key, only that key's. */
export function listReleases({ releases }: DirectoryState, pinned: VerifierKey | null): readonly Released[] {
  return releases.filter(({ upstream }) => pinned === null || encodeVkey(upstream) === encodeVkey(pinned));
}

export function hasRole(member: Member, roles: readonly Role[]): boolean {
  return member.roles.some((role) => roles.includes(role));
}

/**
 * Checks what must hold at all times: two people can change the directory, every channel has members and a pack.
 * Throws VerificationError "directory-founders", "directory-channel", "directory-pack".
 */
export function checkWhole(state: DirectoryState): void {
  const administrators = findActive(state, ['administrator']);
  const independents = findActive(state, ['independent']);
  if (!isPair(administrators, independents)) throw new VerificationError('directory-founders');
  for (const { pack, roles } of state.channels.values()) {
    if (!state.packs.has(encodeHex(pack))) throw new VerificationError('directory-pack');
    if (findActive(state, roles).length === 0) throw new VerificationError('directory-channel');
  }
}

function found(entry: Entry, content: Content): DirectoryState {
  if (content.type !== 'genesis') throw new VerificationError('directory-type');
  const genesis: Entry<Genesis> = { ...entry, content };
  const { members } = content;
  const org = computeOrg(genesis);
  const listed = entry.by.every(({ id }, i) => equalBytes(id, members[i]?.id ?? new Uint8Array(0)));
  if (entry.by.length !== members.length || !listed) throw new VerificationError('directory-signers');
  for (const [i, signature] of entry.by.entries()) {
    verifyEntrySignature(org, entry, signature, members[i]?.sign ?? new Uint8Array(0));
  }
  let state: DirectoryState = {
    size: 1,
    org,
    name: content.name,
    members: new Map(),
    channels: new Map(content.channels.map((channel) => [channel.id, channel])),
    packs: new Map(content.packs.map((pack) => [encodeHex(computePackDigest(pack)), pack])),
    clock: content.clock,
    demo: content.demo,
    origin: null,
    chart: null,
    cosigners: null,
    pending: [],
    void: [],
    past: [],
    upstream: content.upstream,
    releases: [],
  };
  if (state.channels.size === 0) throw new VerificationError('directory-channel');
  for (const member of members) {
    checkMember(state, member);
    state = change(state, { type: 'member', member });
  }
  checkWhole(state);
  return state;
}

function verifySignatures(state: DirectoryState, entry: Entry): Member[] {
  return entry.by.map((signature) => {
    const signer = state.members.get(encodeHex(signature.id));
    if (signer?.status !== 'active') throw new VerificationError('directory-signer');
    verifyEntrySignature(state.org, entry, signature, signer.member.sign);
    return signer.member;
  });
}

function checkSigners(state: DirectoryState, content: Content, signers: readonly Member[]): void {
  const administrators = signers.filter((member) => hasRole(member, ['administrator']));
  const independents = signers.filter((member) => hasRole(member, ['independent']));
  const enough = () => {
    switch (content.type) {
      case 'origin':
      case 'effect':
        return signers.length === 0;
      case 'release':
        return administrators.length > 0;
      case 'suspend':
        return administrators.length + independents.length > 0;
      case 'leave':
        return isPair(administrators, independents) || signers.some(({ id }) => equalBytes(id, content.id));
      case 'succession':
        // Signers are active members, each once: as many independents as there are means all of them.
        return independents.length > 0 && independents.length === findActive(state, ['independent']).length;
      default:
        return isPair(administrators, independents);
    }
  };
  if (!enough()) throw new VerificationError('directory-signers');
}

/** Two different people, one with each role. */
function isPair(administrators: readonly Member[], independents: readonly Member[]): boolean {
  const people = new Set([...administrators, ...independents].map(({ id }) => encodeHex(id)));
  return administrators.length > 0 && independents.length > 0 && people.size > 1;
}

function checkMember(state: DirectoryState, member: Member): void {
  checkKeys(state, member);
  verifyProof(member, member.pop);
}

function checkPack(state: DirectoryState, { pack }: Channel): void {
  const waiting = state.pending.flatMap(({ content }) => (content.type === 'pack' ? [content.pack] : []));
  if (state.packs.has(encodeHex(pack)) || waiting.some((other) => equalBytes(computePackDigest(other), pack))) return;
  throw new VerificationError('directory-pack');
}

function checkKeys(state: DirectoryState, member: Member): void {
  const known = state.members.get(encodeHex(member.id));
  if (known === undefined && !equalBytes(member.id, computeMemberId(member.age, member.author, member.sign))) {
    throw new VerificationError('directory-request', 'id');
  }
  const keys = listKeys(member);
  if (known && listKeys(known.member).join() !== keys.join()) throw new VerificationError('directory-member');
  for (const { member: other } of state.members.values()) {
    if (!equalBytes(other.id, member.id) && listKeys(other).some((key) => keys.includes(key))) {
      throw new VerificationError('directory-member');
    }
  }
}

function listKeys({ age, author, sign }: Member): string[] {
  return [age, author, sign].map(encodeHex);
}

function wait(state: DirectoryState, entry: Entry): DirectoryState {
  return { ...state, pending: [...state.pending, entry] };
}

/** Checks that neither name nor keys served before: what was signed then must not pass for what is signed now. */
function checkSuccession(state: DirectoryState, { origin }: Succession): void {
  const used = [...state.past.map((past) => past.origin), ...(state.origin ? [state.origin] : [])];
  const keys = used.flatMap(listPublic);
  const isUsed =
    used.some((other) => other.origin === origin.origin) || listPublic(origin).some((key) => keys.includes(key));
  if (used.length === 0 || isUsed) throw new VerificationError('directory-succession');
}

/** The state when no server that serves or served holds the key that blesses what it serves. */
function checkApart(state: DirectoryState): DirectoryState {
  const used = [...state.past.map((past) => past.origin), ...(state.origin ? [state.origin] : [])];
  if (state.upstream !== null && used.flatMap(listPublic).includes(encodeHex(state.upstream.public))) {
    throw new VerificationError('directory-upstream');
  }
  return state;
}

function addRelease(state: DirectoryState, release: Release): DirectoryState {
  const { upstream, releases } = state;
  if (upstream === null || releases.some((other) => other.release.version === release.version)) {
    throw new VerificationError('directory-release');
  }
  verifyRelease(release, upstream);
  return { ...state, releases: [...releases, { index: state.size - 1, release, upstream }] };
}

function listPublic({ cases, directory, clock, receipts }: Origin): string[] {
  return [cases, directory, clock, receipts].map((key) => encodeHex(key.public));
}

function takeEffect(before: DirectoryState, of: number): DirectoryState {
  const [entry, ...pending] = before.pending;
  if (entry?.index !== of) throw new VerificationError('directory-effect');
  const state = { ...before, pending };
  try {
    if (entry.content.type === 'member') checkKeys(state, entry.content.member);
    if (entry.content.type === 'succession') checkSuccession(state, entry.content);
    const changed = change(state, entry.content);
    checkWhole(changed);
    return changed;
  } catch (error) {
    // Spent without effect: otherwise one impossible entry would hold up all that wait behind it.
    if (error instanceof VerificationError) return { ...state, void: [...state.void, entry.index] };
    throw error;
  }
}

function change(state: DirectoryState, content: Content): DirectoryState {
  switch (content.type) {
    case 'member':
      return setMember(state, content.member, 'active');
    case 'channel':
      return { ...state, channels: new Map(state.channels).set(content.channel.id, content.channel) };
    case 'pack':
      return { ...state, packs: new Map(state.packs).set(encodeHex(computePackDigest(content.pack)), content.pack) };
    case 'chart':
      return { ...state, chart: content };
    case 'clock':
      return { ...state, clock: content.clock };
    case 'cosigners':
      return { ...state, cosigners: content };
    case 'upstream':
      return checkApart({ ...state, upstream: content.key });
    case 'succession':
      return checkApart(succeed(state, content));
    default:
      throw new VerificationError('directory-type');
  }
}

function succeed(state: DirectoryState, succession: Succession): DirectoryState {
  if (state.origin === null) throw new VerificationError('directory-succession');
  return { ...state, origin: succession.origin, past: [...state.past, { origin: state.origin, succession }] };
}

function suspend(state: DirectoryState, id: Bytes): DirectoryState {
  const found = state.members.get(encodeHex(id));
  if (found?.status !== 'active') throw new VerificationError('directory-suspend', 'not active');
  const changed = stop(state, found.member, 'suspended');
  const channels = [...state.channels.values()]
    .map(({ roles }) => roles)
    .filter((roles) => hasRole(found.member, roles));
  const few = channels.some((roles) => findActive(changed, roles).length < LEAST_AFTER_SUSPEND);
  const single = (['administrator', 'independent'] as const).filter((role) => hasRole(found.member, [role]));
  const groups: (readonly Role[])[] = [...channels, ...single.map((role) => [role])];
  const stopped = [...state.members.values()].filter(({ status }) => status === 'suspended');
  if (few || stopped.some(({ member }) => groups.some((roles) => hasRole(member, roles)))) {
    throw new VerificationError('directory-suspend', 'too few');
  }
  checkKept(changed, 'directory-suspend');
  return changed;
}

function leave(state: DirectoryState, id: Bytes): DirectoryState {
  const found = state.members.get(encodeHex(id));
  if (found === undefined || found.status === 'left') throw new VerificationError('directory-leave', 'not a member');
  const changed = stop(state, found.member, 'left');
  checkKept(changed, 'directory-leave');
  return changed;
}

function stop(state: DirectoryState, member: Member, status: Status): DirectoryState {
  const isTheirs = ({ content }: Entry) => content.type === 'member' && equalBytes(content.member.id, member.id);
  return setMember({ ...state, pending: state.pending.filter((entry) => !isTheirs(entry)) }, member, status);
}

function setMember(state: DirectoryState, member: Member, status: Status): DirectoryState {
  return { ...state, members: new Map(state.members).set(encodeHex(member.id), { member, status }) };
}

function checkKept(state: DirectoryState, code: string): void {
  try {
    checkWhole(state);
  } catch (error) {
    if (error instanceof VerificationError) throw new VerificationError(code, 'too few');
    throw error;
  }
}
