/** Certificates of erasure: two members' signed entries, and that the log holds them (spec/erasure.md). */
import { encodeMessage, verifyAuthorship } from './authorship.ts';
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeHex, equalBytes, parseHex } from './bytes.ts';
import { type Ground, LIMIT_CONTENT_BYTES, parseContent } from './content.ts';
import { PlaintError, VerificationError } from './errors.ts';
import { HASH_BYTES } from './hashes.ts';
import { MEMBER_ID_BYTES } from './keys.ts';
import { computeContentLeaf } from './leaf.ts';
import { type Line, LineReader, encodeLines, parseLines } from './lines.ts';
import { computeDate } from './policy.ts';
import { openProof, parseProof } from './proof.ts';
import {
  type Header,
  LIMIT_BYTES as LIMIT_HEADER_BYTES,
  computeHeaderHash,
  encodeBind,
  encodeHeader,
  parseHeader,
} from './room.ts';
import { type DirectoryCopy, DirectoryPast, findSigningKey } from './signers.ts';
import { type Trust, findCasesKey } from './trust.ts';

export const ERASURE_LINE = 'plaint/v1/erasure';
export const LIMIT_CERTIFICATE_BYTES = 2 ** 20;
const LIMIT_PROOF_BYTES = 65_536;
const SIGNATURE_BYTES = 64;
const UNCLEAR = ['erasure-unlogged', 'counter-directory'];

/** One of the two entries, with what opens its leaf and the hash of its content, and its place in the log. */
export interface SignedErase {
  readonly header: Header;
  readonly opening: Bytes;
  readonly salt: Bytes;
  readonly content: Bytes;
  readonly member: Bytes;
  readonly signature: Bytes;
  readonly proof: Bytes | null;
}

/** Who asked to erase a room and why, and who confirmed it. */
export interface Certificate {
  readonly first: SignedErase;
  readonly second: SignedErase;
}

/** What a certificate proves; `date` is when the second signature was logged, `reasons` are stable codes. */
export interface ErasureVerdict {
  readonly verdict: 'invalid' | 'cannot-judge' | 'holds';
  readonly reasons: readonly string[];
  readonly room: Bytes | null;
  readonly ground: Ground | null;
  readonly members: readonly Bytes[];
  readonly date: number | null;
}

export interface ErasureFacts {
  readonly trust: Trust;
  readonly now: number;
  readonly directory: DirectoryCopy | undefined;
}

export function encodeCertificate({ first, second }: Certificate): Bytes {
  return encodeLines(ERASURE_LINE, [...encodePart(first), ...encodePart(second)]);
}

/** A certificate, without trusting it. Throws those of `lines.ts`, `parseBase64`, `parseHex`, `parseHeader`. */
export function parseCertificate(data: Bytes): Certificate {
  const reader = new LineReader(parseLines(data, ERASURE_LINE, LIMIT_CERTIFICATE_BYTES));
  const certificate = { first: takePart(reader), second: takePart(reader) };
  reader.finish();
  return certificate;
}

/** What the certificate in `data` proves; without the directory nobody stands behind a signature. */
export function judgeCertificate(data: Bytes, facts: ErasureFacts): ErasureVerdict {
  let opened: Opened;
  try {
    opened = openCertificate(data, facts);
  } catch (error) {
    if (!(error instanceof PlaintError)) throw error;
    return { verdict: 'invalid', reasons: [error.code], room: null, ground: null, members: [], date: null };
  }
  const { parts, ground } = opened;
  const found = {
    room: parts[0].header.room,
    ground,
    members: parts.map(({ member }) => member),
    date: opened.dates[1],
  };
  try {
    parts.forEach((part, index) => verifyMember(part, opened.dates[index] ?? null, facts));
    return { ...found, verdict: 'holds', reasons: [] };
  } catch (error) {
    if (!(error instanceof PlaintError)) throw error;
    const verdict = UNCLEAR.includes(error.code) ? 'cannot-judge' : 'invalid';
    return { ...found, verdict, reasons: [error.code] };
  }
}

/** The number with which `plaint verify` ends: 0 holds, 1 invalid, 2 cannot be judged. */
export function computeErasureExit({ verdict }: ErasureVerdict): number {
  return { holds: 0, invalid: 1, 'cannot-judge': 2 }[verdict];
}

/**
 * The ground, after checking that the second entry stands directly behind the first and confirms it. Throws VerificationError
 * "erasure-chain", "erasure-confirms", "erasure-same"; those of `parseContent`.
 */
export function checkChain({ first: one, second: two }: Certificate, org: Bytes): Ground {
  const [first, second] = [one.header, two.header];
  const before = computeHeaderHash(encodeHeader(first));
  const ours = [first, second].every((header) => header.kind === 'erase' && equalBytes(header.org, org));
  const behind = second.seq === first.seq + 1 && equalBytes(second.prev, before);
  if (!ours || !behind || !equalBytes(second.room, first.room)) throw new VerificationError('erasure-chain');
  const [wish, consent] = [parseContent('erase', one.content), parseContent('erase', two.content)];
  if (wish.kind !== 'erase' || consent.kind !== 'erase' || wish.ground === null) {
    throw new VerificationError('erasure-confirms');
  }
  if (consent.confirms === null || !equalBytes(consent.confirms, before)) {
    throw new VerificationError('erasure-confirms');
  }
  if (equalBytes(one.member, two.member)) throw new VerificationError('erasure-same');
  return wish.ground;
}

/** Checks a member's signature. Throws VerificationError "author-signature". */
export function verifySignedErase({ header, salt, content, member, signature }: SignedErase, signer: Bytes): void {
  const author = { who: 'member', id: member, signature } as const;
  verifyAuthorship(author, encodeMessage(encodeBind(header), salt, content), signer);
}

interface Opened {
  readonly parts: readonly [SignedErase, SignedErase];
  readonly dates: readonly [number | null, number | null];
  readonly ground: Ground;
}

function openCertificate(data: Bytes, { trust, now }: ErasureFacts): Opened {
  const { first, second } = parseCertificate(data);
  const ground = checkChain({ first, second }, trust.org);
  return { parts: [first, second], dates: [openDate(first, trust, now), openDate(second, trust, now)], ground };
}

/** When the log held an entry; null without a proof, or while no quorum had signed by `now`. */
function openDate({ header, opening, proof: data }: SignedErase, trust: Trust, now: number): number | null {
  if (data === null) return null;
  const proof = parseProof(data);
  openProof(proof, computeContentLeaf(opening, encodeHeader(header)), findCasesKey(trust.policy));
  const date = computeDate(trust.policy, proof.note);
  return date === null || date > now ? null : date;
}

/** Checks a signature under the key that counted at `date`. */
function verifyMember(part: SignedErase, date: number | null, { trust, directory }: ErasureFacts): void {
  if (date === null) throw new VerificationError('erasure-unlogged');
  if (directory === undefined) throw new VerificationError('counter-directory');
  verifySignedErase(part, findSigningKey(new DirectoryPast(directory, trust).findState(date), part.member));
}

function encodePart({ header, opening, salt, content, member, signature, proof }: SignedErase): Line[] {
  const pairs: Line[] = [
    ['header', encodeBase64(encodeHeader(header))],
    ['opening', encodeHex(opening)],
    ['salt', encodeHex(salt)],
    ['content', encodeBase64(content)],
    ['member', encodeHex(member)],
    ['signature', encodeHex(signature)],
  ];
  return proof === null ? pairs : [...pairs, ['proof', encodeBase64(proof)]];
}

function takePart(reader: LineReader): SignedErase {
  const header = parseHeader(parseBase64(reader.take('header'), LIMIT_HEADER_BYTES));
  const opening = parseHex(reader.take('opening'), HASH_BYTES);
  const salt = parseHex(reader.take('salt'), HASH_BYTES);
  const content = parseBase64(reader.take('content'), LIMIT_CONTENT_BYTES);
  const member = parseHex(reader.take('member'), MEMBER_ID_BYTES);
  const signature = parseHex(reader.take('signature'), SIGNATURE_BYTES);
  const proof = reader.takeOptional('proof');
  return {
    header,
    opening,
    salt,
    content,
    member,
    signature,
    proof: proof === null ? null : parseBase64(proof, LIMIT_PROOF_BYTES),
  };
}
