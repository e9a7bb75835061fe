/** Entries on their way out: content sealed, bound, tagged or signed, with the leaves that will be logged. */
import type { View } from '../api/view.ts';
import type { Access, Roster } from '../protocol/access.ts';
import type { Writer } from '../protocol/authorship.ts';
import { drawBodyRandom, sealBody, withBody } from '../protocol/body.ts';
import type { Bytes } from '../protocol/bytes.ts';
import {
  type Attachment,
  type Content,
  NOTHING_SAID,
  type Person,
  type SlotsContent,
  encodeContent,
  parseContent,
} from '../protocol/content.ts';
import { computeSha256 } from '../protocol/hashes.ts';
import { type HolderKeys, computeRoomKeys } from '../protocol/keys.ts';
import { TOKEN_KINDS, computeContentLeaf, computeTokenLeaf } from '../protocol/leaf.ts';
import {
  type HeaderStart,
  type Kind,
  type Label,
  type Manifest,
  type Until,
  ZERO_HASH,
  computeRoomId,
  encodeHeader,
  encodeManifest,
} from '../protocol/room.ts';
import type { Disclosure } from '../protocol/records.ts';
import { computeSlotSet, computeTokenHashes } from '../protocol/slots.ts';
import type { Write } from '../protocol/write.ts';
import type { OpenedRoom } from './rooms.ts';

/** What a room is opened with; `unique` for rooms of which a case has one. */
export interface NewRoom {
  readonly secret: Bytes;
  readonly manifest: Manifest;
  readonly roster: Roster;
  readonly access: Access;
  readonly text: string | null;
  readonly lang: string | null;
  readonly people: readonly Person[];
  readonly attachments: readonly Attachment[];
  readonly disclosure?: Disclosure | null;
  readonly unique: Bytes | null;
  readonly holder: HolderKeys | null;
}

/** A write and the opening of its content leaf, which only readers of the body know. */
export interface SealedWrite {
  readonly write: Write;
  readonly opening: Bytes;
}

export interface ManifestFacts {
  readonly channel: string;
  readonly secret: Bytes;
  readonly label: Label;
  readonly holder: HolderKeys | null;
  readonly parent: Bytes | null;
}

/** The manifest of a new room at the directory's present size. */
export function makeManifest(view: View, { channel, secret, label, holder, parent }: ManifestFacts): Manifest {
  return {
    org: view.org,
    channel,
    roster: view.size,
    pack: view.channel(channel).pack,
    recipient: computeRoomKeys(secret).identity.public,
    author: holder && holder.author.public,
    holder: holder && holder.age.public,
    parent,
    label,
  };
}

/**
 * The write that opens a room; without its proof of work.
 * Throws MalformedError "content-size", "content-form", "access-…"; VerificationError "key-agreement".
 */
export function sealOpen(room: NewRoom, writer: Writer): SealedWrite {
  const { secret, manifest, roster, access, holder } = room;
  const encoded = encodeManifest(manifest);
  const keys = computeRoomKeys(secret);
  const { acknowledge, feedback } = computeTokenHashes(secret);
  const slots = computeSlotSet({ secret, manifest, roster, access, seq: 0 });
  const content: Content = {
    ...NOTHING_SAID,
    kind: 'open',
    room: encoded,
    access,
    people: room.people,
    disclosure: room.disclosure ?? null,
    text: room.text,
    lang: room.lang,
    attachments: room.attachments,
  };
  const start: HeaderStart = {
    org: manifest.org,
    room: computeRoomId(encoded),
    seq: 0,
    prev: ZERO_HASH,
    kind: 'open',
    open: { tally: computeSha256(keys.tally), acknowledge, feedback },
  };
  const opening = {
    channel: manifest.channel,
    pack: manifest.pack,
    roster: manifest.roster,
    capHash: computeSha256(keys.cap),
    tally: keys.tally,
    locatorHash: holder && computeSha256(holder.locator),
    unique: room.unique,
    work: null,
  };
  const sealed = seal(start, content, writer, manifest.recipient, slots);
  const leaves = [...sealed.write.leaves, computeTokenLeaf(keys.computeToken('open'))];
  return { ...sealed, write: { ...sealed.write, leaves, opening } };
}

/** The next entry of a room. Throws MalformedError "content-size", "content-form"; VerificationError "key-agreement". */
export function sealEntry(room: OpenedRoom, content: Content, writer: Writer, until?: Until): SealedWrite {
  return sealNext(room, content, writer, null, until);
}

/** The entry that gives a room a new slot set, as `content.access` names it. */
export function sealSlots(room: OpenedRoom, content: SlotsContent, writer: Writer): SealedWrite {
  const { secret, manifest, roster } = room;
  const slots = computeSlotSet({ secret, manifest, roster, access: content.access, seq: room.entries.length });
  return sealNext(room, content, writer, slots);
}

function sealNext(room: OpenedRoom, content: Content, writer: Writer, slots: Bytes | null, until?: Until): SealedWrite {
  const { kind } = content;
  const start: HeaderStart = {
    org: room.manifest.org,
    room: room.id,
    seq: room.entries.length,
    prev: room.head,
    kind,
    open: null,
    until,
  };
  const sealed = seal(start, content, writer, room.manifest.recipient, slots);
  if (!TOKEN_KINDS.includes(kind)) return sealed;
  const token = computeRoomKeys(room.secret).computeToken(kind, 1 + countKind(room, kind));
  return { ...sealed, write: { ...sealed.write, leaves: [...sealed.write.leaves, computeTokenLeaf(token)] } };
}

function countKind(room: OpenedRoom, kind: Kind): number {
  return room.entries.filter(({ header }) => header.kind === kind).length;
}

function seal(
  start: HeaderStart,
  content: Content,
  writer: Writer,
  recipient: Bytes,
  slots: Bytes | null,
): SealedWrite {
  const random = drawBodyRandom();
  const data = encodeContent(content);
  parseContent(start.kind, data); // what nobody could open, its author neither, would stand there for ever
  const body = sealBody(recipient, start, data, writer, random);
  const header = withBody(start, body, slots);
  const leaves = [computeContentLeaf(random.opening, encodeHeader(header))];
  const blobs = content.attachments.map(({ id }) => id);
  const none: Bytes = new Uint8Array(0);
  const write = { header, body, leaves, slots: slots ?? none, opening: null, blobs };
  return { write, opening: random.opening };
}
