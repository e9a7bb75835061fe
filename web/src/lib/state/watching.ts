/** What an independent sees of a report that is only watched, read off the public log; and the file that shows it to anybody. */
import type { Connection } from '../api/connection.ts';
import { type Bytes, encodeHex, equalBytes, parseHex } from '../protocol/bytes.ts';
import { RefusedError, VerificationError } from '../protocol/errors.ts';
import { HASH_BYTES } from '../protocol/hashes.ts';
import { signMissed } from '../protocol/missed.ts';
import { encodeNote } from '../protocol/note.ts';
import { type EventName, type Pack, computeDue } from '../protocol/packs.ts';
import { DUTIES } from '../protocol/room.ts';
import { type Slot, computeTokenHashes } from '../protocol/slots.ts';
import type { Hands } from './acting.ts';
import { judgeDuties } from './obligations.ts';
import type { DateView, DueState, DueView } from './types.ts';

const RELEASE_S = 3_600;
const TOKENS = ['open', 'acknowledge', 'feedback', 'decide'] as const;
const BADNESS: readonly DueState[] = ['met', 'lapsed', 'open', 'late', 'withheld', 'missed', 'unreleased'];

/** The dates of a report as one slot gives them; none while the report itself has no date. */
export interface Watched {
  readonly slot: Slot;
  readonly opened: number | null;
  readonly due: readonly DueView[];
}

/**
 * The dates of a room by its watching slots; of slots that contradict each other, as the worst of them says. `keys` are slots with a key:
 * where one of them is the room's, a date is missed and no more, also of an erased room.
 */
export async function judgeWatched(
  connection: Connection,
  slots: readonly Slot[],
  keys: readonly Slot[],
  signal?: AbortSignal,
): Promise<Watched> {
  const judged: Watched[] = [];
  for (const slot of slots) judged.push(await judgeSlot(connection, slot, hasKey(slot, keys), signal));
  return judged.reduce((worst, one) => (compareRanks(rankDues(one.due), rankDues(worst.due)) > 0 ? one : worst));
}

/**
 * A signed file about one missed date of a room (hex) that this member watches, or reads by now. Throws RefusedError "not-found" for any other;
 * VerificationError "missed-early" while the log itself has not come so far.
 */
export async function signEvidence(
  { connection, keys: { id, sign }, store }: Hands,
  room: string,
  kind: DateView['kind'],
  signal?: AbortSignal,
): Promise<Bytes> {
  const { leaves, trust, view } = connection;
  const slots = store.listWatched(new Set()).find(([slot]) => slot && encodeHex(slot.room) === room);
  const keys = store.listOpen().flat();
  const { slot, opened, due } = slots
    ? await judgeWatched(connection, slots, keys, signal)
    : { slot: null, opened: null, due: [] };
  const date = due.find((one) => one.kind === kind);
  const duty = DUTIES.find((one) => one === kind);
  const pack = slot && findPack(connection, slot);
  const missed = date?.state === 'missed' || date?.state === 'unreleased';
  if (!slot?.tokens || !pack || opened === null || !missed || duty === undefined) throw new RefusedError('not-found');
  const copy = await leaves.openCopy([], signal);
  const last = copy.kept.at(-1);
  const seen = last === undefined ? null : await leaves.computeDateOfSize(last, signal);
  if (last === undefined || seen === null || seen < date.at + trust.graceS) throw new VerificationError('missed-early');
  const file = {
    org: view.org,
    member: id,
    pack: pack.digest,
    kind: duty,
    opened,
    open: slot.tokens.open,
    token: slot.tokens[duty],
    due: date.at,
    cells: hasKey(slot, keys) ? 0 : store.tick,
    checkpoint: encodeNote(copy.readKept(last)),
  };
  return signMissed(file, sign);
}

/** Whether one of `keys` is the first key of the room that `slot` watches: anybody can seal a false one. */
function hasKey({ room, tokens }: Slot, keys: readonly Slot[]): boolean {
  return keys.some((key) => {
    const own = key.secret && equalBytes(key.room, room) && computeTokenHashes(key.secret);
    return own && tokens && TOKENS.every((kind) => equalBytes(own[kind], tokens[kind]));
  });
}

async function judgeSlot(
  connection: Connection,
  slot: Slot,
  released: boolean,
  signal?: AbortSignal,
): Promise<Watched> {
  const { tokens } = slot;
  const opened = tokens && (await dateToken(connection, tokens.open, signal));
  const pack = findPack(connection, slot)?.pack;
  const due: DueView[] = [];
  for (const { kind, at } of pack && opened !== null ? computeDue(pack, opened) : []) {
    const doneAt = tokens && (await dateToken(connection, tokens[kind], signal));
    const judged = judge(at + connection.trust.graceS, doneAt, connection.now());
    const state = released && judged === 'unreleased' ? 'missed' : judged;
    due.push({ kind, at, state, doneAt, duty: null });
  }
  if (pack && tokens && opened !== null)
    due.push(...(await watchResult(connection, pack, opened, tokens.decide, signal)));
  return { slot, opened, due };
}

/**
 * Until when the written result is due at the latest: what comes before it is not seen here. Nobody is let in when it is missed. Nothing is
 * said where the pack extends a date: that is not seen either.
 */
export async function watchResult(
  connection: Connection,
  pack: Pack,
  opened: number,
  token: Bytes,
  signal?: AbortSignal,
): Promise<DueView[]> {
  if (pack.duties.some(({ extend }) => extend !== null)) return [];
  const doneAt = await dateToken(connection, token, signal);
  const events = new Map<EventName, number>(doneAt === null ? [] : [['decide', doneAt]]);
  const moment = { now: connection.now(), graceS: connection.trust.graceS };
  const results = pack.duties.filter(({ met }) => met.length === 1 && met[0] === 'decide').map(({ kind }) => kind);
  return judgeDuties(pack, opened, events, [], moment)
    .filter(({ kind }) => results.includes(kind))
    .map(({ kind, at, state }) => ({ kind, at, state, doneAt, duty: null }));
}

function judge(last: number, doneAt: number | null, now: number): DueState {
  if (doneAt !== null) return doneAt <= last ? 'met' : 'late';
  if (now <= last) return 'open';
  // The server should have handed out the key by now.
  return now > last + RELEASE_S ? 'unreleased' : 'missed';
}

/** How bad these dates are, the worst of them first; no dates are the least of all. */
function rankDues(due: readonly DueView[]): number[] {
  return due.map(({ state }) => BADNESS.indexOf(state)).sort((a, b) => b - a);
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((rank, i) => rank !== other[i]);
  return at < 0 ? one.length - other.length : (one[at] ?? 0) - (other[at] ?? -1);
}

async function dateToken({ leaves }: Connection, hash: Bytes, signal?: AbortSignal): Promise<number | null> {
  const index = leaves.findToken(hash);
  return index === null ? null : leaves.computeDate(index, signal);
}

function findPack({ view }: Connection, { pack: start }: Slot): { digest: Bytes; pack: Pack } | null {
  if (start === null) return null;
  for (const [digest, pack] of view.state.packs) {
    if (digest.startsWith(encodeHex(start))) return { digest: parseHex(digest, HASH_BYTES), pack };
  }
  return null;
}
