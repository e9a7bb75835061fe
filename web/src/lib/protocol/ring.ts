/** Whose keys these are by the directory, and all that were the same member's before (spec/directory.md, "Rotation"). */
import { encodeHex } from './bytes.ts';
import { openCarry } from './carry.ts';
import type { DirectoryState, MemberState } from './directory_state.ts';
import type { Member } from './directory_contents.ts';
import { PlaintError, VerificationError } from './errors.ts';
import { type MemberKeys, computeMemberKeys } from './keys.ts';

/** The member whose keys of now, or whose last ones, these are. */
export function findOwner(state: DirectoryState, keys: MemberKeys): MemberState | null {
  return [...state.members.values()].find(({ member }) => isSame(member, keys)) ?? null;
}

/** The member who had these keys before they were replaced by others. */
export function findFormerOwner(state: DirectoryState, keys: MemberKeys): MemberState | null {
  return [...state.members.values()].find(({ terms }) => terms.some(({ member }) => isSame(member, keys))) ?? null;
}

/**
 * The keys under their member's id, with all that the member had before them, the latest first.
 * Throws VerificationError "ring-carry" when a rotation does not carry the keys of before: an alarm.
 */
export function identifyKeys({ member, terms, carries }: MemberState, keys: MemberKeys): MemberKeys {
  const earlier: MemberKeys[] = [];
  let newest = keys;
  for (const carry of carries.toReversed()) {
    const before = openBefore(newest, carry);
    if (!terms.some((term) => isSame(term.member, before))) throw new VerificationError('ring-carry');
    newest = { ...before, id: member.id };
    earlier.push(newest);
  }
  return { ...keys, id: member.id, earlier };
}

/** These keys and all before them, the latest first. */
export function listRing(keys: MemberKeys): readonly MemberKeys[] {
  return [keys, ...keys.earlier];
}

function openBefore({ age }: MemberKeys, carry: MemberState['carries'][number]): MemberKeys {
  try {
    return computeMemberKeys(openCarry(age, carry));
  } catch (error) {
    if (error instanceof PlaintError) throw new VerificationError('ring-carry');
    throw error;
  }
}

function isSame({ age, author, sign }: Member, keys: MemberKeys): boolean {
  const own = [keys.age.public, keys.author.public, keys.sign.public].map(encodeHex);
  return [age, author, sign].map(encodeHex).join() === own.join();
}
