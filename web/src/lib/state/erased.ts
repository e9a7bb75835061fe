/** What is left of an erased report, for whoever has its words: who had it erased, why, and the certificate. */
import type { Connection } from '../api/connection.ts';
import type { View } from '../api/view.ts';
import { type Bytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import { openBody } from '../protocol/body.ts';
import { parseContent } from '../protocol/content.ts';
import { type SignedErase, checkChain, encodeCertificate, verifySignedErase } from '../protocol/erasure.ts';
import { PlaintError, RefusedError, VerificationError } from '../protocol/errors.ts';
import { type HolderKeys, computeRoomKeys } from '../protocol/keys.ts';
import { computeContentLeaf } from '../protocol/leaf.ts';
import { encodeProof } from '../protocol/proof.ts';
import { encodeHeader } from '../protocol/room.ts';
import { type AnsweredEntry, parseRoomAnswer } from '../protocol/write.ts';
import { updateLeaves } from './casework.ts';
import { locateReport } from './conversation.ts';
import { saveFile } from './sending.ts';
import type { ErasedView, WorkOptions } from './types.ts';

const CERTIFICATE_NAME = 'erasure.txt';
const LIMIT_ANSWER_BYTES = 2 ** 24;

/**
 * What is left of the report of these words, null when it was not erased. Throws RefusedError "not-found" for words without a
 * report; VerificationError "erasure-…" when the server shows something else than two members signed.
 */
export async function findErased(
  connection: Connection,
  keys: HolderKeys,
  { signal }: WorkOptions = {},
): Promise<ErasedView | null> {
  const key = await locateReport(connection, keys, signal);
  await updateLeaves(connection, 0, undefined, signal);
  return readErased(connection, key, signal);
}

/**
 * What is left of the room of a slot, by the log as it was last read; null when the server says of it what it says of any room. Throws
 * VerificationError "erasure-…" as above: that a room is gone is believed only of two members.
 */
export async function readErased(
  connection: Connection,
  { room, secret }: RoomKey,
  signal?: AbortSignal,
): Promise<ErasedView | null> {
  const answer = await fetchErasure(connection, room, secret, signal);
  if (answer === null) return null;
  const fit = answer.every(({ header }) => equalBytes(header.room, room));
  if (answer.length !== 2 || !fit) throw new VerificationError('erasure-chain');
  const [first, second] = await Promise.all(answer.map((entry) => openPart(connection, entry, secret, signal)));
  if (!first || !second) throw new VerificationError('erasure-chain');
  return check(connection, first, second);
}

/** What opens a room. */
export interface RoomKey {
  readonly room: Bytes;
  readonly secret: Bytes;
}

interface Part {
  readonly part: SignedErase;
  readonly loggedAt: number | null;
}

function check({ view }: Connection, first: Part, second: Part): ErasedView {
  const certificate = { first: first.part, second: second.part };
  const ground = checkChain(certificate, view.org);
  const parts = [first.part, second.part];
  for (const one of [first, second]) checkMember(view, one);
  return {
    ground,
    text: parseContent('erase', first.part.content).text,
    by: parts.map(({ member }) => view.name(member)),
    loggedAt: second.loggedAt,
    complete: parts.every(({ proof }) => proof !== null),
    certificate: saveFile(CERTIFICATE_NAME, encodeCertificate(certificate)),
  };
}

/** Checks that a member signed, with a key that counted when it was logged: members may have changed theirs since. */
function checkMember(view: View, { part, loggedAt }: Part): void {
  const signed = (view.signers.get(encodeHex(part.member)) ?? []).some((signer) => {
    try {
      verifySignedErase(part, signer);
    } catch (error) {
      if (error instanceof PlaintError) return false;
      throw error;
    }
    return view.counted(part.member, signer, loggedAt);
  });
  if (!signed) throw new VerificationError('erasure-member');
}

async function fetchErasure(
  { api }: Connection,
  room: Bytes,
  secret: Bytes,
  signal: AbortSignal | undefined,
): Promise<readonly AnsweredEntry[] | null> {
  const headers = { 'plaint-cap': encodeHex(computeRoomKeys(secret).cap) };
  try {
    const path = `erasures/${encodeHex(room)}`;
    return parseRoomAnswer((await api.get(path, { headers, limitBytes: LIMIT_ANSWER_BYTES, signal })).body).entries;
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'not-found') return null;
    throw error;
  }
}

/** One of the two entries with its place in the log, and its date. */
async function openPart(
  { leaves }: Connection,
  { header, body: sealed }: AnsweredEntry,
  secret: Bytes,
  signal: AbortSignal | undefined,
): Promise<Part> {
  const { content, proof } = openBody(computeRoomKeys(secret).identity, header, sealed);
  const { author, opening, salt } = proof;
  if (author.who !== 'member') throw new VerificationError('erasure-member');
  const index = leaves.find(computeContentLeaf(opening, encodeHeader(header)));
  const proved = index === null ? null : await leaves.prove(index, signal);
  const found = proved && encodeProof(proved.proof);
  const part = { header, opening, salt, content, member: author.id, signature: author.signature, proof: found };
  return { part, loggedAt: proved?.date ?? null };
}
