/** Every key there is, from words or from a room's secret (spec/keys.md). */
import { AgreementKey } from './agreement.ts';
import { type Bytes, encodeText } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { computeHmac, computeSha256, derive, extract } from './hashes.ts';
import { SigningKey } from './signing.ts';
import { ENTROPY_BYTES, encodeCheckWords } from './words.ts';

export const MEMBER_ID_BYTES = 16;
export const SECRET_BYTES = 32;
export const ZERO_MEMBER: Bytes = new Uint8Array(MEMBER_ID_BYTES);

/** What a reporter, respondent or witness owns: one set of words, one report. */
export interface HolderKeys {
  readonly locator: Bytes;
  readonly age: AgreementKey;
  readonly author: AgreementKey;
  readonly room: Bytes;
  readonly draftLocator: Bytes;
  readonly draftKey: Bytes;
}

/** What a member owns: opens slots, proves and checks authorship, signs, and keeps a cache on the device. */
export interface MemberKeys {
  readonly age: AgreementKey;
  readonly author: AgreementKey;
  readonly sign: SigningKey;
  readonly cache: Bytes;
  /** The member's id: that of the first keys. */
  readonly id: Bytes;
  /** The keys before these, the latest first, by the directory (ring.ts). */
  readonly earlier: readonly MemberKeys[];
}

/** What the secret of a room gives, each computed when it is asked for. */
export interface RoomKeys {
  /** The identity to which the room's bodies are sealed. */
  readonly identity: AgreementKey;
  /** The capability by which the server knows who may read and write. */
  readonly cap: Bytes;
  /** The key that makes the room's slot sets. */
  readonly slots: Bytes;
  /** tok(kind, n): whoever knows it or its hash finds the event in the log, nobody else does. */
  readonly computeToken: (kind: string, count?: number) => Bytes;
  /** child(label): the same for every member, so that two cannot open two rooms for one purpose. */
  readonly computeChild: (label: string) => Bytes;
  /** The key under which the status of this room is counted. */
  readonly tally: Bytes;
}

/** Throws MalformedError "words-entropy". */
export function computeHolderKeys(entropy: Bytes): HolderKeys {
  const root = computeRoot(entropy);
  return {
    locator: derive(root, 'locator'),
    age: new AgreementKey(derive(root, 'age')),
    author: new AgreementKey(derive(root, 'author')),
    room: derive(root, 'room'),
    draftLocator: derive(root, 'draft-locator'),
    draftKey: derive(root, 'draft-key'),
  };
}

/** Throws MalformedError "words-entropy". */
export function computeMemberKeys(entropy: Bytes): MemberKeys {
  const root = computeRoot(entropy);
  const age = new AgreementKey(derive(root, 'age'));
  const author = new AgreementKey(derive(root, 'author'));
  const sign = new SigningKey(derive(root, 'sign'));
  const id = computeMemberId(age.public, author.public, sign.public);
  return { age, author, sign, cache: derive(root, 'cache'), id, earlier: [] };
}

/** Throws MalformedError "key-length". */
export function computeRoomKeys(secret: Bytes): RoomKeys {
  if (secret.length !== SECRET_BYTES) throw new MalformedError('key-length');
  const extracted = extract('plaint/v1/room', secret);
  return {
    get identity() {
      return new AgreementKey(derive(extracted, 'room/age'));
    },
    get cap() {
      return derive(extracted, 'room/cap');
    },
    get slots() {
      return derive(extracted, 'room/slots');
    },
    get tally() {
      return derive(extracted, 'room/tally');
    },
    computeToken: (kind, count = 1) => computeHmac(derive(extracted, 'room/token'), encodeText(`${kind}\n${count}\n`)),
    computeChild: (label) => derive(extracted, `child/${label}`),
  };
}

/** The 16-byte id of the member whose first public keys these are. */
export function computeMemberId(age: Bytes, author: Bytes, sign: Bytes): Bytes {
  return computeSha256(encodeText('plaint/v1/member\n'), age, author, sign).slice(0, MEMBER_ID_BYTES);
}

/** The four words of a report; `slotsDigest` is that of the entry with seq 0. */
export function computeCheckWords(room: Bytes, slotsDigest: Bytes): Promise<string> {
  return encodeCheckWords(computeSha256(encodeText('plaint/v1/check\n'), room, slotsDigest));
}

/** The four words of a member's request, over its public keys. */
export function computeMemberCheckWords(age: Bytes, author: Bytes, sign: Bytes): Promise<string> {
  return encodeCheckWords(computeSha256(encodeText('plaint/v1/check-member\n'), age, author, sign));
}

function computeRoot(entropy: Bytes): Bytes {
  if (entropy.length !== ENTROPY_BYTES) throw new MalformedError('words-entropy');
  return extract('plaint/v1/words', entropy);
}
