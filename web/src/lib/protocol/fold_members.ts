/** How entries change who may act and with which keys (spec/directory.md, "Fold"). */
import { type Bytes, encodeHex, equalBytes } from './bytes.ts';
import { type Entry, verifyEntrySignature } from './directory.ts';
import type { Member, Role } from './directory_contents.ts';
import { type Rotate, verifyRotation } from './directory_keys.ts';
import {
  type DirectoryState,
  type MemberState,
  type Status,
  checkWhole,
  findActive,
  hasRole,
} from './directory_state.ts';
import { VerificationError } from './errors.ts';
import { computeMemberId } from './keys.ts';
import { verifyProof } from './request.ts';

const LEAST_AFTER_SUSPEND = 2;
const LIMIT_ROTATIONS = 64;

/**
 * Checks that a member entry has keys of its own, or those that its id has already.
 * Throws VerificationError "directory-request", "directory-member".
 */
export function checkMember(state: DirectoryState, member: Member): void {
  const known = state.members.get(encodeHex(member.id));
  if (known === undefined && !equalBytes(member.id, computeMemberId(member.age, member.author, member.sign))) {
    throw new VerificationError('directory-request', 'id');
  }
  const keys = listKeys(member);
  if (known && (known.status === 'compromised' || listKeys(known.member).join() !== keys.join())) {
    throw new VerificationError('directory-member');
  }
  for (const [id, found] of state.members) {
    if (id !== encodeHex(member.id) && listAllKeys(found).some((key) => keys.includes(key))) {
      throw new VerificationError('directory-member');
    }
  }
}

/** The same, and that the owner of the keys put them together. Throws as `checkMember`. */
export function verifyMember(state: DirectoryState, member: Member): void {
  checkMember(state, member);
  verifyProof(member, member.pop);
}

/** The state with a member as the newest entry has it; what was before becomes a term. */
export function putMember(state: DirectoryState, member: Member, status: Status = 'active'): DirectoryState {
  const id = encodeHex(member.id);
  const known = state.members.get(id);
  const begin = state.size - 1;
  const { terms = [], carries = [] } = known ?? {};
  const before = known ? [{ member: known.member, status: known.status, begin: known.begin, end: begin }] : [];
  const found = { member, status, begin, terms: [...terms, ...before], carries };
  return { ...state, members: new Map(state.members).set(id, found) };
}

/**
 * Checks that the key a member has now hands over to keys that nobody ever had.
 * Throws VerificationError "directory-rotate", "directory-request", "directory-member", "directory-signature".
 */
export function checkRotation(state: DirectoryState, entry: Entry, rotate: Rotate): MemberState {
  const known = state.members.get(encodeHex(rotate.id));
  const signature = entry.by.find(({ id }) => equalBytes(id, rotate.id));
  // It takes one signature: of each member one at most waits, or one of them could fill the directory.
  const waits = state.pending.some(
    ({ content }) => content.type === 'rotate' && equalBytes(content.rotate.id, rotate.id),
  );
  if (known?.status !== 'active' || signature === undefined || waits) throw new VerificationError('directory-rotate');
  if (known.carries.length >= LIMIT_ROTATIONS) throw new VerificationError('directory-rotate');
  // Again when it takes effect: the key that signed must still be the member's.
  verifyEntrySignature(state.org, entry, signature, known.member.sign);
  verifyRotation(state.org, rotate);
  verifyProof({ ...rotate, name: known.member.name }, rotate.pop);
  const keys = listKeys(rotate);
  const used = [...state.members.values()].flatMap(listAllKeys);
  if (new Set(keys).size !== keys.length || used.some((key) => keys.includes(key))) {
    throw new VerificationError('directory-member');
  }
  return known;
}

/** The state with the new keys. Throws as `checkRotation`. */
export function rotateMember(state: DirectoryState, entry: Entry, rotate: Rotate): DirectoryState {
  const { member } = checkRotation(state, entry, rotate);
  const { age, author, sign, pop, carry } = rotate;
  const changed = putMember(state, { ...member, age, author, sign, pop });
  const id = encodeHex(rotate.id);
  const found = changed.members.get(id);
  if (found === undefined) throw new VerificationError('directory-rotate');
  return { ...changed, members: new Map(changed.members).set(id, { ...found, carries: [...found.carries, carry] }) };
}

/** The state after one signer stopped a member. Throws VerificationError "directory-suspend". */
export function suspendMember(state: DirectoryState, id: Bytes): DirectoryState {
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

/** The state after a member left. Throws VerificationError "directory-leave". */
export function dismissMember(state: DirectoryState, id: Bytes): DirectoryState {
  const found = state.members.get(encodeHex(id));
  if (found === undefined || found.status === 'left' || found.status === 'compromised')
    throw new VerificationError('directory-leave', 'not a member');
  const changed = stop(state, found.member, 'left');
  checkKept(changed, 'directory-leave');
  return changed;
}

/** The state after a member's keys became void. Throws VerificationError "directory-compromised". */
export function voidMember(state: DirectoryState, id: Bytes): DirectoryState {
  const found = state.members.get(encodeHex(id));
  if (found === undefined || found.status === 'compromised') {
    throw new VerificationError('directory-compromised', 'no such key');
  }
  const changed = stop(state, found.member, 'compromised');
  checkKept(changed, 'directory-compromised');
  return changed;
}

function stop(state: DirectoryState, member: Member, status: Status): DirectoryState {
  return putMember({ ...state, pending: state.pending.filter((entry) => !isAbout(entry, member.id)) }, member, status);
}

function isAbout({ content }: Entry, id: Bytes): boolean {
  if (content.type === 'rotate') return equalBytes(content.rotate.id, id);
  return content.type === 'member' && equalBytes(content.member.id, id);
}

function checkKept(state: DirectoryState, code: string): void {
  try {
    checkWhole(state);
  } catch (error) {
    if (error instanceof VerificationError) throw new VerificationError(code, 'too few');
    throw error;
  }
}

type Keys = Pick<Member, 'age' | 'author' | 'sign'>;

function listKeys({ age, author, sign }: Keys): string[] {
  return [age, author, sign].map(encodeHex);
}

/** The keys that a member has or had. */
function listAllKeys({ member, terms }: MemberState): string[] {
  return [member, ...terms.map((term) => term.member)].flatMap(listKeys);
}
