/** What the vectors of rooms, headers, slots, cells and content say that Plaint does: JSON in, JSON out. */
import { type Roster, computeGranted } from './access.ts';
import { createCellOpener } from './age_cells.ts';
import { AgreementKey } from './agreement.ts';
import { type Bytes, encodeHex, encodeText, joinBytes, readHex } from './bytes.ts';
import { synthesizeCell } from './cells.ts';
import { encodeContent, parseAccess, parseContent } from './content.ts';
import { computeSha256 } from './hashes.ts';
import { type Operation, type Value, decode, expectSame, h, n, s, text } from './operations_keys.test-support.ts';
import {
  type Kind,
  computeHeaderHash,
  computeRoomId,
  encodeBind,
  encodeHeader,
  encodeManifest,
  parseHeader,
  parseManifest,
} from './room.ts';
import {
  type Slot,
  type SlotSetFacts,
  type TokenHashes,
  computeFullMembers,
  computeMode,
  computePositions,
  computeSlotSet,
  computeTokenHashes,
  openSlot,
  parseOwnSlot,
  splitSlotSet,
  verifySlotSet,
} from './slots.ts';

function readRoster(value: Value): Roster {
  const read = (member: Value) => ({
    id: h(member, 'id'),
    age: h(member, 'age'),
    author: h(member, 'author'),
    sign: h(member, 'sign'),
    independent: member['independent'] as boolean,
    channel: member['channel'] as boolean,
  });
  return { delivered: (value['delivered'] as Value[]).map(read), held: (value['held'] as Value[]).map(read) };
}

function readFacts(value: Value): SlotSetFacts {
  return {
    secret: h(value, 'secret'),
    manifest: parseManifest(encodeText(s(value, 'manifest'))),
    roster: readRoster(value['roster'] as Value),
    access: parseAccess(value['access'] as never),
    seq: n(value, 'seq'),
  };
}

function showTokens(tokens: TokenHashes): Value {
  return Object.fromEntries(Object.entries(tokens).map(([kind, hash]) => [kind, encodeHex(hash as Bytes)]));
}

function showOpened(slot: Slot | null): Value {
  if (slot === null) return { opened: null };
  const { mode, org, member, room, seq, secret, tokens, pack } = slot;
  return {
    opened: {
      mode,
      org: encodeHex(org),
      member: encodeHex(member),
      room: encodeHex(room),
      seq,
      secret: text(secret),
      tokens: tokens && showTokens(tokens),
      pack: text(pack),
    },
  };
}

export const ROOMS: Record<string, Operation> = {
  room_parse(value) {
    const data = encodeText(s(value, 'text'));
    const manifest = parseManifest(data);
    expectSame(encodeManifest(manifest), data);
    return {
      id: encodeHex(computeRoomId(data)),
      org: encodeHex(manifest.org),
      channel: manifest.channel,
      roster: manifest.roster,
      pack: encodeHex(manifest.pack),
      recipient: encodeHex(manifest.recipient),
      author: text(manifest.author),
      holder: text(manifest.holder),
      parent: text(manifest.parent),
      label: manifest.label,
    };
  },
  header_parse(value) {
    const data = encodeText(s(value, 'text'));
    const header = parseHeader(data);
    expectSame(encodeHeader(header), data);
    return {
      hash: encodeHex(computeHeaderHash(data)),
      bind: decode(encodeBind(header)),
      org: encodeHex(header.org),
      room: encodeHex(header.room),
      seq: header.seq,
      prev: encodeHex(header.prev),
      kind: header.kind,
      tally: text(header.open?.tally ?? null),
      acknowledge: text(header.open?.acknowledge ?? null),
      feedback: text(header.open?.feedback ?? null),
      body: encodeHex(header.body),
      slots: text(header.slots),
    };
  },
  slots_set(value) {
    const facts = readFacts(value);
    const { manifest, roster, access } = facts;
    const slotSet = computeSlotSet(facts);
    const modes = computePositions(roster).map((position) => computeMode(position, manifest, access));
    const full = computeFullMembers(manifest, roster, access).map(({ id }) => encodeHex(id));
    return {
      modes: modes.join(''),
      full: full.sort(),
      digest: encodeHex(computeSha256(slotSet)),
      slots: splitSlotSet(slotSet).map(encodeHex),
    };
  },
  slots_verify(value) {
    verifySlotSet(joinBytes(...(value['slots'] as string[]).map(readHex)), readFacts(value));
    return {};
  },
  slots_open(value) {
    return showOpened(openSlot(new AgreementKey(h(value, 'identity')), h(value, 'slot'), h(value, 'member')));
  },
  slots_granted(value) {
    const conflicted = (value['conflicted'] as string[]).map(readHex);
    return { granted: computeGranted(readRoster(value['roster'] as Value), conflicted).map(encodeHex) };
  },
  slots_tokens(value) {
    return showTokens(computeTokenHashes(h(value, 'secret')));
  },
  cells_synthesize(value) {
    return {
      cell: encodeHex(synthesizeCell(h(value, 'seed'), h(value, 'member'), n(value, 'tick'), n(value, 'index'))),
    };
  },
  async cells_open(value) {
    const [identity, cell, member] = [h(value, 'identity'), h(value, 'cell'), h(value, 'member')];
    const slot = openSlot(new AgreementKey(identity), cell, member);
    const plaintext = await (await createCellOpener(identity))(cell);
    const quick = plaintext && parseOwnSlot(plaintext, member);
    if (JSON.stringify(showOpened(quick)) !== JSON.stringify(showOpened(slot))) throw new Error('two openers differ');
    return showOpened(slot);
  },
  content_parse(value) {
    const content = parseContent(s(value, 'kind') as Kind, encodeText(s(value, 'text')));
    return { text: decode(encodeContent(content)), extra: Object.keys(content.extra).sort() };
  },
};
