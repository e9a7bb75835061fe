/** Slot sets: one 456-byte age file for every position, alike for granted, watching and excluded (spec/slots.md). */
import { type Access, type Roster, type RosterMember, checkAccess, includesId } from './access.ts';
import { sealAge, tryOpenSmall } from './age.ts';
import { type AgreementKey, computeAgreementPublic } from './agreement.ts';
import { type Bytes, encodeHex, encodeText, encodeU32, equalBytes, joinBytes, readU32 } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { HASH_BYTES, computeSha256, expand } from './hashes.ts';
import { SECRET_BYTES, ZERO_MEMBER, computeRoomKeys } from './keys.ts';
import { type Manifest, ORG_BYTES, computeRoomId, encodeManifest } from './room.ts';

const PLAINTEXT_BYTES = 256;
const PACK_BYTES = 16;
const MEMBER_ID_BYTES = 16;
const MODES = ['F', 'W', 'V'] as const;
export const SLOT_BYTES = 456;
export type Mode = (typeof MODES)[number];

/** H(tok(kind, 1)) of the four events that a member can look for in the log. */
export interface TokenHashes {
  readonly open: Bytes;
  readonly acknowledge: Bytes;
  readonly feedback: Bytes;
  readonly decide: Bytes;
}

/** What a slot says to its owner; `secret` in mode F, `tokens` and `pack` (first 16 bytes) in modes F and W. */
export interface Slot {
  readonly mode: Mode;
  readonly org: Bytes;
  readonly member: Bytes;
  readonly room: Bytes;
  readonly seq: number;
  readonly secret: Bytes | null;
  readonly tokens: TokenHashes | null;
  readonly pack: Bytes | null;
}

/** A place in the set: the holder's (no member), a delivered or a held one. */
export interface Position {
  readonly member: RosterMember | null;
  readonly held: boolean;
}

/** Everything a slot set is made from. */
export interface SlotSetFacts {
  readonly secret: Bytes;
  readonly manifest: Manifest;
  readonly roster: Roster;
  readonly access: Access;
  readonly seq: number;
}

/** The hashes of the four first tokens of the room with this secret. */
export function computeTokenHashes(secret: Bytes): TokenHashes {
  const { computeToken } = computeRoomKeys(secret);
  const hash = (kind: string) => computeSha256(computeToken(kind));
  return { open: hash('open'), acknowledge: hash('acknowledge'), feedback: hash('feedback'), decide: hash('decide') };
}

/** The positions of a slot set in their order. */
export function computePositions(roster: Roster): Position[] {
  const delivered = roster.delivered.map((member) => ({ member, held: false }));
  return [{ member: null, held: false }, ...delivered, ...roster.held.map((member) => ({ member, held: true }))];
}

/** F, W or V for one position. Source: spec/slots.md, "Access". */
export function computeMode({ member, held }: Position, manifest: Manifest, access: Access): Mode {
  if (member === null) return manifest.holder === null ? 'V' : 'F';
  const watches = manifest.label === 'reporter' && !includesId(access.conflicted, member.id);
  if (held) return watches ? 'F' : 'V';
  if (includesId(access.granted, member.id)) return 'F';
  return watches && member.independent ? 'W' : 'V';
}

/** Every member with mode full in a delivered or held slot, by id: those a holder makes tags for. */
export function computeFullMembers(manifest: Manifest, roster: Roster, access: Access): RosterMember[] {
  const full = computePositions(roster).filter((position) => computeMode(position, manifest, access) === 'F');
  const members = full.flatMap(({ member }) => (member ? [[encodeHex(member.id), member] as const] : []));
  return [...new Map(members).values()];
}

/**
 * The whole set, the same bytes for everybody who knows the room's secret.
 * Throws MalformedError "access-order", "access-conflict", "access-unknown".
 */
export function computeSlotSet(facts: SlotSetFacts): Bytes {
  const { secret, manifest, roster, access, seq } = facts;
  checkAccess(access);
  const known = roster.delivered.map((member) => member.id);
  if (!access.granted.every((id) => includesId(known, id))) throw new MalformedError('access-unknown');
  const tokens = computeTokenHashes(secret);
  const key = computeRoomKeys(secret).slots;
  const room = computeRoomId(encodeManifest(manifest));
  const sealed = computePositions(roster).map((position, index) => {
    const mode = computeMode(position, manifest, access);
    const slot: Slot = {
      mode,
      org: manifest.org,
      member: position.member?.id ?? ZERO_MEMBER,
      room,
      seq,
      secret: mode === 'F' ? secret : null,
      tokens: mode === 'V' ? null : tokens,
      pack: mode === 'V' ? null : manifest.pack.slice(0, PACK_BYTES),
    };
    const owner = position.member === null ? manifest.holder : position.member.age;
    return sealSlot(key, slot, mode === 'V' ? null : owner, index);
  });
  return joinBytes(...sealed);
}

/**
 * Checks that `slotSet` is exactly what the access named in the room makes it.
 * Throws VerificationError "slots-position" (detail: the first that differs) and those of `computeSlotSet`.
 */
export function verifySlotSet(slotSet: Bytes, facts: SlotSetFacts): void {
  const expected = computeSlotSet(facts);
  if (equalBytes(slotSet, expected)) return;
  for (let i = 0; ; i++) {
    const [start, end] = [i * SLOT_BYTES, (i + 1) * SLOT_BYTES];
    if (!equalBytes(slotSet.subarray(start, end), expected.subarray(start, end))) {
      throw new VerificationError('slots-position', String(i));
    }
  }
}

/** The slots of a set. Throws MalformedError "slots-size". */
export function splitSlotSet(slotSet: Bytes): Bytes[] {
  if (slotSet.length === 0 || slotSet.length % SLOT_BYTES) throw new MalformedError('slots-size');
  const count = slotSet.length / SLOT_BYTES;
  return Array.from({ length: count }, (_, i) => slotSet.slice(i * SLOT_BYTES, (i + 1) * SLOT_BYTES));
}

/**
 * What `slot` says to the owner of `identity`, or null when it is not for them.
 * Throws MalformedError "slot-form"; VerificationError "slot-member" when it names somebody else.
 */
export function openSlot(identity: AgreementKey, slot: Bytes, member: Bytes = ZERO_MEMBER): Slot | null {
  const plaintext = slot.length === SLOT_BYTES ? tryOpenSmall(identity, slot) : null;
  return plaintext && parseOwnSlot(plaintext, member);
}

/** The slot in an opened plaintext, which must name `member`. Throws as `openSlot`. */
export function parseOwnSlot(plaintext: Bytes, member: Bytes): Slot {
  const slot = parseSlot(plaintext);
  if (!equalBytes(slot.member, member)) throw new VerificationError('slot-member');
  return slot;
}

/** The 256 bytes of a slot's plaintext. */
export function encodeSlot({ mode, org, member, room, seq, secret, tokens, pack }: Slot): Bytes {
  const hashes = tokens && [tokens.open, tokens.acknowledge, tokens.feedback, tokens.decide];
  const data = joinBytes(
    encodeText(mode),
    org,
    member,
    room,
    encodeU32(seq),
    secret ?? new Uint8Array(SECRET_BYTES),
    ...(hashes ?? [new Uint8Array(4 * HASH_BYTES)]),
    pack ?? new Uint8Array(PACK_BYTES),
  );
  return joinBytes(data, new Uint8Array(PLAINTEXT_BYTES - data.length));
}

/** The slot in 256 bytes. Throws MalformedError "slot-form". */
export function parseSlot(data: Bytes): Slot {
  const mode = MODES.find((letter) => letter.charCodeAt(0) === data[0]);
  if (data.length !== PLAINTEXT_BYTES || mode === undefined) throw new MalformedError('slot-form');
  let at = 1;
  const take = (count: number) => data.slice(at, (at += count));
  const [org, member, room] = [take(ORG_BYTES), take(MEMBER_ID_BYTES), take(HASH_BYTES)];
  const [seq, secret] = [readU32(take(4), 0), take(SECRET_BYTES)];
  const [open, acknowledge] = [take(HASH_BYTES), take(HASH_BYTES)];
  const tokens = { open, acknowledge, feedback: take(HASH_BYTES), decide: take(HASH_BYTES) };
  const slot: Slot = {
    mode,
    org,
    member,
    room,
    seq,
    secret: mode === 'F' ? secret : null,
    tokens: mode === 'V' ? null : tokens,
    pack: mode === 'V' ? null : take(PACK_BYTES),
  };
  if (!equalBytes(encodeSlot(slot), data)) throw new MalformedError('slot-form');
  return slot;
}

function sealSlot(key: Bytes, slot: Slot, owner: Bytes | null, position: number): Bytes {
  const plaintext = encodeSlot(slot);
  const place = joinBytes(encodeU32(slot.seq), encodeU32(position));
  const drawVoid = () => computeAgreementPublic(expand(key, joinBytes(encodeText('plaint/v1/slots/void'), place)));
  const recipient = owner ?? drawVoid();
  const label = encodeText('plaint/v1/slots/slot');
  const random = expand(key, joinBytes(label, place, recipient, computeSha256(plaintext)), 64);
  const secrets = { esk: random.slice(0, 32), fileKey: random.slice(32, 48), nonce: random.slice(48) };
  return sealAge(recipient, plaintext, secrets);
}
