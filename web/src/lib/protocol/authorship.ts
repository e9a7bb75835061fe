/** Who wrote an entry: members sign, holders convince each member and nobody else (spec/room.md, "Body"). */
import type { AgreementKey } from './agreement.ts';
import { type Bytes, encodeHex, encodeText, joinBytes } from './bytes.ts';
import { PlaintError, VerificationError } from './errors.ts';
import { computeHmac, computeSha256, derive, extract, sameBytes } from './hashes.ts';
import { type SigningKey, verifySignature } from './signing.ts';

export type Authorship = 'proved' | 'own' | 'unproved' | 'earlier' | 'unadmitted' | 'former';

/** A member's id and signature, or a holder's tags, one for each member with mode full, by the hex of their ids. */
export type Author =
  | { readonly who: 'member'; readonly id: Bytes; readonly signature: Bytes }
  | { readonly who: 'holder'; readonly tags: ReadonlyMap<string, Bytes> };

/** Public keys by the hex of their owners' ids. */
export type KeysById = ReadonlyMap<string, Bytes>;

/** Every key that a member's signatures were ever under, by the hex of their ids. */
export type Signers = ReadonlyMap<string, readonly Bytes[]>;

/** Proves a message. Throws VerificationError "key-agreement". */
export type Writer = (message: Bytes) => Author;

/** Judges an author of a message in the entry `seq`. */
export type Reader = (author: Author, message: Bytes, seq: number) => Authorship;

/** A member who signs. */
export function createMemberWriter(id: Bytes, sign: SigningKey): Writer {
  return (message) => ({ who: 'member', id, signature: sign.sign(message) });
}

/** A holder and the author keys of the members who must believe that it is her. */
export function createHolderWriter(author: AgreementKey, members: KeysById): Writer {
  return (message) => ({ who: 'holder', tags: computeTags(author, members, message) });
}

export interface MemberReaderFacts {
  readonly id: Bytes;
  readonly author: AgreementKey;
  /** The manifest's author. */
  readonly holder: Bytes | null;
  /** All signing keys that the directory ever held. */
  readonly signers: Signers;
  /** The seq of the first slot set that let this reader in. */
  readonly grantedSeq: number;
}

/** A member who reads. */
export function createMemberReader({ id, author, holder, signers, grantedSeq }: MemberReaderFacts): Reader {
  const own = encodeHex(id);
  return (by, message, seq) => {
    if (by.who === 'member') return judgeSignature(by, message, signers, own);
    const tag = by.tags.get(own);
    if (tag === undefined) return by.tags.size && seq < grantedSeq ? 'earlier' : 'unproved';
    if (holder === null) return 'unproved';
    try {
      const expected = computeHmac(computeTagKey(author, holder, false), message);
      return sameBytes(expected, tag) ? 'proved' : 'unproved';
    } catch (error) {
      if (error instanceof VerificationError) return 'unproved';
      throw error;
    }
  };
}

/** A holder who reads; `members` are the author keys of exactly those with mode full at an entry's time. */
export function createHolderReader(author: AgreementKey, members: KeysById, signers: Signers): Reader {
  return (by, message) => {
    if (by.who === 'member') return judgeSignature(by, message, signers, null);
    try {
      // all of them: one member alone cannot forge tags for the others
      return by.tags.size && sameTags(by.tags, computeTags(author, members, message)) ? 'own' : 'unproved';
    } catch (error) {
      if (error instanceof VerificationError) return 'unproved';
      throw error;
    }
  };
}

/** What signatures and tags are over. */
export function encodeMessage(bind: Bytes, salt: Bytes, content: Bytes): Bytes {
  const end = `content ${encodeHex(computeSha256(salt, content))}\n`;
  return joinBytes(encodeText('plaint/v1/author\n'), bind, encodeText(end));
}

/**
 * Checks a member's signature of `message` for a third party; tags convince no third party.
 * Throws VerificationError "author-signature".
 */
export function verifyAuthorship(author: Author, message: Bytes, signer: Bytes): void {
  if (author.who === 'holder') throw new VerificationError('author-signature');
  try {
    verifySignature(signer, message, author.signature);
  } catch (error) {
    if (error instanceof PlaintError) throw new VerificationError('author-signature');
    throw error;
  }
}

/**
 * K_i, the key a holder (A) shares with one member (M_i); the same from both sides.
 * Throws VerificationError "key-agreement".
 */
export function computeTagKey(own: AgreementKey, other: Bytes, asHolder: boolean): Bytes {
  const [holder, member] = asHolder ? [own.public, other] : [other, own.public];
  const label = `author-mac/${encodeHex(holder)}/${encodeHex(member)}`;
  const known = tagKeys.get(own) ?? new Map<string, Bytes>();
  const key = known.get(label) ?? derive(extract('plaint/v1/author-mac', own.agree(other)), label);
  tagKeys.set(own, known.set(label, key));
  return key;
}

/** As long as their owner: a conversation asks for the same few again and again. */
const tagKeys = new WeakMap<AgreementKey, Map<string, Bytes>>();

function computeTags(author: AgreementKey, members: KeysById, message: Bytes): Map<string, Bytes> {
  const tags = new Map<string, Bytes>();
  for (const [id, key] of members) tags.set(id, computeHmac(computeTagKey(author, key, true), message));
  return tags;
}

function sameTags(given: ReadonlyMap<string, Bytes>, expected: ReadonlyMap<string, Bytes>): boolean {
  if (given.size !== expected.size) return false;
  return [...expected].every(([id, tag]) => sameBytes(tag, given.get(id) ?? new Uint8Array(0)));
}

/** Which of its author's keys signed `message`; whether it counted then is for the directory to say. */
export function findSigner(author: Author, message: Bytes, signers: Signers): Bytes | null {
  if (author.who === 'holder') return null;
  const signs = (signer: Bytes) => {
    try {
      verifyAuthorship(author, message, signer);
      return true;
    } catch (error) {
      if (error instanceof VerificationError) return false;
      throw error;
    }
  };
  return signers.get(encodeHex(author.id))?.find(signs) ?? null;
}

function judgeSignature(
  author: Author & { readonly who: 'member' },
  message: Bytes,
  signers: Signers,
  own: string | null,
): Authorship {
  if (findSigner(author, message, signers) === null) return 'unproved';
  return encodeHex(author.id) === own ? 'own' : 'proved';
}
