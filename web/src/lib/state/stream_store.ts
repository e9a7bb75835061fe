/** What a member's stream opened, kept in memory and, sealed under a key only the words give, on the device. */
import { openAge, sealAge } from '../protocol/age.ts';
import { AgreementKey } from '../protocol/agreement.ts';
import { type Bytes, encodeHex, joinBytes, parseHex, readHex } from '../protocol/bytes.ts';
import { MalformedError, PlaintError } from '../protocol/errors.ts';
import { Fields } from '../protocol/fields.ts';
import { computeSha256 } from '../protocol/hashes.ts';
import { type Json, encodeJson, isList, parseJson } from '../protocol/json.ts';
import { type Slot, encodeSlot, parseSlot } from '../protocol/slots.ts';
import { LABELS, type Label } from '../protocol/room.ts';
import type { Shelf } from './shelf.ts';

const LIMIT_BYTES = 256 * 1024 * 1024;
const LIMIT_SLOTS = 100_000;
const SLOT_PLAINTEXT_BYTES = 256;
const CODE = 'state-form';

/** A room as it was seen last: so many entries, the last of which has this hash. */
export interface Head {
  readonly entries: number;
  readonly hash: Bytes;
}

/** What a room is: of which case by its parent's id in hex, null for a report itself, and what it is called. */
export interface Place {
  readonly parent: string | null;
  readonly label: Label;
}

/** `tick` up to which the stream was read; rooms by the hex of their ids. */
export class StreamStore {
  tick = 0;
  readonly heads = new Map<string, Head>();
  /** What the rooms were that this device has read. */
  readonly places = new Map<string, Place>();
  /** How many entries of a case the member has looked at. */
  readonly looked = new Map<string, number>();
  readonly #slots = new Map<string, Slot>();
  readonly #shelf: Shelf;
  readonly #name: string;
  readonly #key: AgreementKey;

  constructor(shelf: Shelf, cache: Bytes) {
    this.#shelf = shelf;
    this.#key = new AgreementKey(cache);
    this.#name = encodeHex(computeSha256(this.#key.public)).slice(0, 32);
  }

  add(slots: Iterable<Slot>): void {
    for (const slot of slots) this.#slots.set(encodeHex(encodeSlot(slot)), slot);
  }

  /**
   * One slot for each secret that slots name for a room, the newest first. A room has one secret, but whoever knows its id can seal others
   * a false one: which is right, only the room says.
   */
  listOpen(): Slot[][] {
    const keys = [...this.#slots.values()].flatMap((slot) =>
      slot.secret ? [[encodeHex(joinBytes(slot.room, slot.secret)), slot] as const] : [],
    );
    return groupSlots([...new Map(keys).values()]);
  }

  /** The watching slots of each room that is not among `readable`, the newest first; they may contradict each other. */
  listWatched(readable: ReadonlySet<string>): Slot[][] {
    const watched = [...this.#slots.values()].filter(
      ({ mode, room }) => mode === 'W' && !readable.has(encodeHex(room)),
    );
    return groupSlots(watched);
  }

  /** What cannot be read, or is somebody else's, is left alone: the stream is read from its beginning. */
  async load(): Promise<void> {
    const sealed = await this.#shelf.read(this.#name);
    if (sealed === null) return;
    try {
      this.#parse(parseJson(openAge(this.#key, sealed), LIMIT_BYTES));
    } catch (error) {
      if (!(error instanceof PlaintError)) throw error;
    }
  }

  async save(): Promise<void> {
    const value: Json = {
      v: 1,
      tick: this.tick,
      slots: [...this.#slots.keys()],
      heads: [...this.heads].map(([room, { entries, hash }]) => [room, entries, encodeHex(hash)]),
      places: [...this.places].map(([room, { parent, label }]) => [room, parent, label]),
      looked: [...this.looked].map(([room, entries]) => [room, entries]),
    };
    await this.#shelf.write(this.#name, sealAge(this.#key.public, encodeJson(value)));
  }

  #parse(value: Json): void {
    const fields = new Fields(value, CODE);
    fields.takeExactly('v', 1);
    const tick = fields.takeInteger('tick');
    const slots = fields.takeList('slots', readSlot, LIMIT_SLOTS);
    const heads = fields.takeList('heads', readHead, LIMIT_SLOTS);
    const looked = fields.takeList('looked', readLooked, LIMIT_SLOTS);
    // What was kept before they were has none.
    const places = fields.takeOptional('places', (key) => fields.takeList(key, readPlace, LIMIT_SLOTS)) ?? [];
    this.tick = tick;
    this.add(slots);
    for (const [room, place] of places) this.places.set(room, place);
    for (const [room, head] of heads) this.heads.set(room, head);
    for (const [room, entries] of looked) this.looked.set(room, entries);
  }
}

function groupSlots(slots: readonly Slot[]): Slot[][] {
  const found = new Map<string, Slot[]>();
  for (const slot of slots.toSorted((a, b) => b.seq - a.seq)) {
    const room = encodeHex(slot.room);
    found.set(room, [...(found.get(room) ?? []), slot]);
  }
  return [...found.values()];
}

function readSlot(value: Json): Slot {
  if (typeof value !== 'string') throw new MalformedError(CODE);
  return parseSlot(parseHex(value, SLOT_PLAINTEXT_BYTES));
}

function readHead(value: Json): [string, Head] {
  const [room, entries, hash] = isList(value) ? value : [];
  if (!isRoom(room) || !isRoom(hash) || typeof entries !== 'number') throw new MalformedError(CODE);
  return [room, { entries, hash: readHex(hash) }];
}

function readPlace(value: Json): [string, Place] {
  const [room, parent, named] = isList(value) ? value : [];
  const label = LABELS.find((one) => one === named);
  if (!isRoom(room) || label === undefined || (parent !== null && !isRoom(parent))) throw new MalformedError(CODE);
  return [room, { parent, label }];
}

function readLooked(value: Json): [string, number] {
  const [room, entries] = isList(value) ? value : [];
  if (!isRoom(room) || typeof entries !== 'number') throw new MalformedError(CODE);
  return [room, entries];
}

function isRoom(value: Json | undefined): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
