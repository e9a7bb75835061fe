/** Counter-proofs: what an organisation shows against a receipt, or a reporter against a closing (spec/receipt.md). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeHex, encodeText, equalBytes, joinBytes, parseHex } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { HASH_BYTES, computeSha256 } from './hashes.ts';
import { encodeJson } from './json.ts';
import { MEMBER_ID_BYTES, SECRET_BYTES, computeRoomKeys } from './keys.ts';
import { type Line, LineReader, encodeLines, parseLines } from './lines.ts';
import {
  DUTIES,
  type Duty,
  type Header,
  type Kind,
  LIMIT_BYTES as LIMIT_HEADER_BYTES,
  computeRoomId,
  encodeBind,
  encodeHeader,
  parseHeader,
  parseManifest,
} from './room.ts';

const FIRST_LINE = 'plaint/v1/counter-proof';
export const LIMIT_COUNTER_BYTES = 65_536;
const SIGNED_KINDS: readonly Kind[] = ['acknowledge', 'feedback', 'extend', 'decide', 'close', 'entry'];
const SIGNATURE_BYTES = 64;

/** A member's signature over the header and `content`, the hash of salt and content. */
export interface Signed {
  readonly content: Bytes;
  readonly member: Bytes;
  readonly signature: Bytes;
}

/** The close that an entry confirms, and the salt by which anybody can see that it says nothing else. */
export interface Confirmation {
  readonly close: Bytes;
  readonly salt: Bytes;
}

/** What shows that a report's tokens were broken: its manifest and the secret, which opens all of it. */
export interface Reveal {
  readonly duty: Duty;
  readonly manifest: Bytes;
  readonly secret: Bytes;
}

/** One logged entry of a room, opened as far as its kind; what it says stays hidden. */
export interface CounterProof {
  readonly header: Header;
  readonly opening: Bytes;
  readonly proof: Bytes;
  readonly signed: Signed | null;
  readonly confirms: Confirmation | null;
  readonly reveal: Reveal | null;
}

export function encodeCounter({ header, opening, proof, signed, confirms, reveal }: CounterProof): Bytes {
  const pairs: Line[] = [
    ['header', encodeBase64(encodeHeader(header))],
    ['opening', encodeHex(opening)],
  ];
  if (signed !== null) {
    pairs.push(
      ['content', encodeHex(signed.content)],
      ['member', encodeHex(signed.member)],
      ['sig', encodeHex(signed.signature)],
    );
  }
  if (confirms !== null) pairs.push(['confirms', encodeHex(confirms.close)], ['salt', encodeHex(confirms.salt)]);
  if (reveal !== null) pairs.push(['manifest', encodeBase64(reveal.manifest)], ['secret', encodeHex(reveal.secret)]);
  return encodeLines(FIRST_LINE, [...pairs, ['proof', encodeBase64(proof)]]);
}

/**
 * A counter-proof whose lines agree with its kind, without trusting it. Throws MalformedError "counter-kind" when its header is of a
 * kind nobody can show; those of `lines.ts`, `parseBase64`, `parseHex`, `parseHeader`.
 */
export function parseCounter(data: Bytes): CounterProof {
  const reader = new LineReader(parseLines(data, FIRST_LINE, LIMIT_COUNTER_BYTES));
  const header = parseHeader(parseBase64(reader.take('header'), LIMIT_HEADER_BYTES));
  const { kind } = header;
  if (kind !== 'reopen' && !SIGNED_KINDS.includes(kind)) throw new MalformedError('counter-kind');
  const duty = DUTIES.find((known) => known === kind);
  const counter = {
    header,
    opening: parseHex(reader.take('opening'), HASH_BYTES),
    signed: kind === 'reopen' ? null : takeSigned(reader),
    confirms: kind === 'entry' ? takeConfirmation(reader) : null,
    reveal: duty === undefined ? null : takeReveal(reader, duty),
    proof: parseBase64(reader.take('proof'), LIMIT_COUNTER_BYTES),
  };
  reader.finish();
  return counter;
}

/** What the member signed (spec/room.md, "Body"). */
export function encodeSignedMessage(header: Header, { content }: Signed): Bytes {
  const end = encodeText(`content ${encodeHex(content)}\n`);
  return joinBytes(encodeText('plaint/v1/author\n'), encodeBind(header), end);
}

/** Checks that the content is the confirmation of a close and nothing else. Throws VerificationError "counter-close". */
export function verifyConfirmation({ close, salt }: Confirmation, { content }: Signed): void {
  const expected = computeSha256(salt, encodeJson({ confirms: encodeHex(close), v: 1 }));
  if (!equalBytes(expected, content)) throw new VerificationError('counter-close');
}

/**
 * Checks that the room's own token is not the one that the header of `open` announced by `dueHash`.
 * Throws VerificationError "receipt-room", "counter-tokens"; MalformedError of `parseManifest`.
 */
export function verifyBrokenToken({ duty, manifest, secret }: Reveal, room: Bytes, dueHash: Bytes): void {
  if (!equalBytes(computeRoomId(manifest), room)) throw new VerificationError('receipt-room');
  if (!equalBytes(computeRoomKeys(secret).identity.public, parseManifest(manifest).recipient)) {
    throw new VerificationError('counter-tokens', 'another secret');
  }
  if (equalBytes(computeSha256(computeRoomKeys(secret).computeToken(duty)), dueHash)) {
    throw new VerificationError('counter-tokens', 'the token is right');
  }
}

function takeSigned(reader: LineReader): Signed {
  return {
    content: parseHex(reader.take('content'), HASH_BYTES),
    member: parseHex(reader.take('member'), MEMBER_ID_BYTES),
    signature: parseHex(reader.take('sig'), SIGNATURE_BYTES),
  };
}

function takeConfirmation(reader: LineReader): Confirmation {
  return { close: parseHex(reader.take('confirms'), HASH_BYTES), salt: parseHex(reader.take('salt'), HASH_BYTES) };
}

function takeReveal(reader: LineReader, duty: Duty): Reveal {
  return {
    duty,
    manifest: parseBase64(reader.take('manifest'), LIMIT_HEADER_BYTES),
    secret: parseHex(reader.take('secret'), SECRET_BYTES),
  };
}
