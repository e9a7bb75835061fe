/**
 * What the first N directory entries add up to: a pure function that refuses the whole for one bad entry.
 * Source: spec/directory.md, "Fold". Start at `foldDirectory`.
 */
import { type Bytes, encodeHex, equalBytes } from './bytes.ts';
import { type Entry, computeOrg, parseEntry, verifyEntrySignature } from './directory.ts';
import type { Content, Genesis, Member } from './directory_contents.ts';
import { type DirectoryState, checkWhole, findActive, hasRole, isPair } from './directory_state.ts';
import { VerificationError } from './errors.ts';
import {
  checkMember,
  checkRotation,
  dismissMember,
  putMember,
  rotateMember,
  suspendMember,
  verifyMember,
  voidMember,
} from './fold_members.ts';
import { checkChannel, checkPack, putChannel } from './fold_packs.ts';
import {
  addRelease,
  changeClock,
  checkApart,
  checkReceipts,
  checkSuccession,
  replaceReceipts,
  succeedOrigin,
  voidReceipts,
} from './fold_server.ts';
import { computePackDigest } from './packs.ts';

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
 * "directory-founders", "directory-channel", "directory-pack", "directory-pack-version", "directory-suspend", "directory-leave",
 * "directory-effect", "directory-succession", "directory-upstream", "directory-release", "release-signature", "directory-rotate",
 * "directory-receipts", "directory-compromised", "directory-grace".
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
      return suspendMember(state, content.id);
    case 'leave':
      return dismissMember(state, content.id);
    case 'key-compromised':
      return 'receipts' in content.key ? voidReceipts(state, content.key.receipts) : voidMember(state, content.key.id);
    case 'genesis':
      throw new VerificationError('directory-type');
    case 'chart':
      return state.chart === null ? change(state, entry) : wait(state, entry);
    case 'cosigners':
      return state.cosigners === null ? change(state, entry) : wait(state, entry);
    case 'member':
      verifyMember(state, content.member);
      return wait(state, entry);
    case 'rotate':
      checkRotation(state, entry, content.rotate);
      return wait(state, entry);
    case 'receipt-key':
      checkReceipts(state, content.key);
      return wait(state, entry);
    case 'channel':
      checkChannel(state, content.channel);
      return wait(state, entry);
    case 'succession':
      checkSuccession(state, content);
      return wait(state, entry);
    case 'pack':
      checkPack(state, content.pack);
      return wait(state, entry);
    case 'clock':
      changeClock(state, content.clock);
      return wait(state, entry);
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
    receipts: [],
  };
  if (state.channels.size === 0) throw new VerificationError('directory-channel');
  for (const member of members) {
    verifyMember(state, member);
    state = putMember(state, member);
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
      case 'rotate':
        return signers.some(({ id }) => equalBytes(id, content.rotate.id));
      case 'key-compromised': {
        const { key } = content;
        const isOwn = 'id' in key && signers.some(({ id }) => equalBytes(id, key.id));
        return isOwn || isPair(administrators, independents);
      }
      case 'succession':
        // Signers are active members, each once: as many independents as there are means all of them.
        return independents.length > 0 && independents.length === findActive(state, ['independent']).length;
      default:
        return isPair(administrators, independents);
    }
  };
  if (!enough()) throw new VerificationError('directory-signers');
}

function wait(state: DirectoryState, entry: Entry): DirectoryState {
  return { ...state, pending: [...state.pending, entry] };
}

function takeEffect(before: DirectoryState, of: number): DirectoryState {
  const [entry, ...pending] = before.pending;
  if (entry?.index !== of) throw new VerificationError('directory-effect');
  const state = { ...before, pending };
  try {
    checkStillSigned(state, entry);
    const changed = change(state, entry);
    checkWhole(changed);
    return changed;
  } catch (error) {
    // Spent without effect: otherwise one impossible entry would hold up all that wait behind it.
    if (error instanceof VerificationError) return { ...state, void: [...state.void, entry.index] };
    throw error;
  }
}

/** What waited must be signed by enough without the keys that became void since: a thief may have used them. */
function checkStillSigned(state: DirectoryState, { by, content }: Entry): void {
  const signers = by.flatMap(({ id }) => state.members.get(encodeHex(id)) ?? []);
  const valid = signers.filter(({ status }) => status !== 'compromised');
  if (valid.length < signers.length)
    checkSigners(
      state,
      content,
      valid.map(({ member }) => member),
    );
}

function change(state: DirectoryState, entry: Entry): DirectoryState {
  const { content } = entry;
  switch (content.type) {
    case 'member':
      checkMember(state, content.member);
      return putMember(state, content.member);
    case 'rotate':
      return rotateMember(state, entry, content.rotate);
    case 'receipt-key':
      return replaceReceipts(state, content.key);
    case 'channel':
      return putChannel(state, content.channel);
    case 'pack':
      return { ...state, packs: new Map(state.packs).set(encodeHex(computePackDigest(content.pack)), content.pack) };
    case 'chart':
      return { ...state, chart: content };
    case 'clock':
      return changeClock(state, content.clock);
    case 'cosigners':
      return { ...state, cosigners: content };
    case 'upstream':
      return checkApart({ ...state, upstream: content.key });
    case 'succession':
      return succeedOrigin(state, content);
    default:
      throw new VerificationError('directory-type');
  }
}
