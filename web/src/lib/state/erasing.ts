/** Erasing a case: two members sign, one directly after the other, in every room that both read (spec/erasure.md). */
import { includesId } from '../protocol/access.ts';
import { createMemberWriter } from '../protocol/authorship.ts';
import { type Bytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import { type Content, type Ground, NOTHING_SAID } from '../protocol/content.ts';
import { ConflictError, PlaintError, RefusedError } from '../protocol/errors.ts';
import type { Write } from '../protocol/write.ts';
import type { View } from '../api/view.ts';
import type { Hands } from './acting.ts';
import { listTold } from './cases.ts';
import type { DatedRoom } from './casework.ts';
import type { FoldedCase } from './folding.ts';
import { BROKEN, isLookedInto, listIndependents } from './handling_rooms.ts';
import { blocksErasure } from './holds.ts';
import { type OpenedRoom, isSigned } from './rooms.ts';
import { sendPatiently } from './sending.ts';
import type { CaseView, ErasingView, SendOptions, StayingView } from './types.ts';
import { sealEntry } from './writing.ts';

/** A member's signature to erase a room, while nothing was written after it. */
export interface Wish {
  readonly hash: Bytes;
  readonly member: Bytes;
  readonly ground: Ground;
  readonly text: string | null;
  readonly at: number | null;
}

/**
 * The wish that the last entry of a room is. Throws RefusedError "erase-doubtful" when it is one of somebody who has no say: anything
 * written after it voids it.
 */
export function findWish(keptOut: readonly Bytes[], { room, facts }: DatedRoom): Wish | null {
  const last = room.entries.at(-1);
  if (last?.header.kind !== 'erase') return null;
  const { content, author, hash } = last;
  if (content?.kind !== 'erase' || content.ground === null || author?.who !== 'member' || !isSigned(last)) {
    throw new RefusedError('erase-doubtful');
  }
  if (includesId(keptOut, author.id)) throw new RefusedError('erase-doubtful');
  return { hash, member: author.id, ground: content.ground, text: content.text, at: facts.at(-1)?.loggedAt ?? null };
}

/**
 * Checks that a member acknowledged the report, that nothing keeps it (a legal hold, or a handling failure that the independents told of
 * and that is not closed as far as this member can read), and that no answer is owed. Once the date of an answer is
 * over, whether the independents have the key by now is the server's to say. Throws RefusedError "erase-unread": what nobody has read is
 * never erased; "erase-held", "erase-handling", "erase-due"; "erase-open": of a case that two have not closed no time is over.
 */
export function checkErasable(folded: FoldedCase, ground: Ground | null): void {
  const {
    rooms: [main],
    state,
  } = folded;
  if (blocksErasure(state.holds)) throw new RefusedError('erase-held');
  if (isLookedInto(folded)) throw new RefusedError('erase-handling');
  const read = main.room.entries.some((entry) => entry.header.kind === 'acknowledge' && isSigned(entry));
  if (!read) throw new RefusedError('erase-unread');
  const owed = main.room.state.dues.map(({ kind }) => kind);
  const duties = state.obligations.filter((duty) => owed.some((kind) => kind === duty.kind));
  if (owed.length > 0 && duties.every((duty) => duty.state === 'open')) throw new RefusedError('erase-due');
  if (ground === 'retention' && !state.closing?.second) throw new RefusedError('erase-open');
}

/**
 * Signs the first half in every room of a case that this member reads, the reporter's last; one that was cut off between rooms goes on
 * where it stopped. Throws RefusedError "erase-waiting" when a colleague has signed already, "erase-other" when this member has, for
 * another reason: nobody could agree to two; those of `checkErasable`, `findWish`; ConflictError "entry-conflict" when something was
 * written since.
 */
export async function proposeErasure(
  hands: Hands,
  folded: FoldedCase,
  ground: Ground,
  text: string | null,
  options: SendOptions,
): Promise<void> {
  for (const { room, wish } of planProposal(folded, hands.keys.id, ground, { ground, text })) {
    if (wish !== null) continue;
    await sendOnce(hands, room, { ...NOTHING_SAID, kind: 'erase', ground, confirms: null, text }, options);
    await hands.cases.reread(room, options.signal);
  }
  await hands.store.save();
}

/**
 * Signs the second half in every room of a case that both read: each is gone with that, and any other stays. `seen` is the hash of the wish that was read. Throws
 * RefusedError "erase-nothing" when a room has no wish like it, "erase-same"; those of `checkErasable`, `findWish`; ConflictError as
 * above, also when the wish is another one by now.
 */
export async function confirmErasure(
  hands: Hands,
  folded: FoldedCase,
  seen: string,
  options: SendOptions,
): Promise<void> {
  const [main] = planConfirmation(folded, hands.keys.id).slice(-1);
  if (main === undefined || encodeHex(main.wish.hash) !== seen) throw new ConflictError('entry-conflict');
  for (const { room, wish } of planConfirmation(folded, hands.keys.id)) {
    await sendOnce(hands, room, { ...NOTHING_SAID, kind: 'erase', ground: null, confirms: wish.hash }, options);
  }
}

/** Who asked, and why it cannot be asked or agreed to: the codes with which that would be refused. */
export function showErasing(
  view: View,
  folded: FoldedCase,
  me: Bytes,
): Pick<CaseView, 'erasing' | 'erase' | 'staying'> {
  const erase = {
    ask: findRefusal(() => planProposal(folded, me, null, null)),
    retention: findRefusal(() => planProposal(folded, me, 'retention', null)),
    agree: findRefusal(() => planConfirmation(folded, me)),
  };
  const wishes = folded.rooms.map((dated) => readWish(folded.rooms[0].room.keptOut, dated));
  const wish = wishes.find((one) => one !== null);
  const whole = wish !== undefined && wishes.every((one) => one !== null && isSameReason(one, wish));
  return { erasing: wish ? showWish(view, wish, me, whole) : null, erase, staying: listStaying(view, folded, me) };
}

export function showWish(view: View, { hash, member, ground, text, at }: Wish, me: Bytes, whole: boolean): ErasingView {
  return { wish: encodeHex(hash), by: view.name(member), you: equalBytes(member, me), ground, text, at, whole };
}

/**
 * The rooms of a case that stay, or may stay, when its report is erased, as far as this member knows them. Before the first signature:
 * those that not everybody can read who could sign the other half of the report. After it: those that its author cannot read.
 */
function listStaying(view: View, folded: FoldedCase, me: Bytes): StayingView[] {
  const [main, ...others] = folded.rooms;
  const first = readWish(main.room.keptOut, main);
  const asked = first !== null && !equalBytes(first.member, me);
  const common = listCommon(folded, first);
  const readers = listReaders(folded);
  const found = others.flatMap((dated): StayingView[] => {
    const { granted } = dated.room.access;
    const kept = readers.some((id) => !includesId(granted, id));
    if (common.includes(dated) && (asked || !kept)) return [];
    // Readers who have left have no session to sign in.
    const able = granted.filter((id) => !equalBytes(id, me) && view.active(id)).map((id) => view.name(id));
    const why = asked ? 'first' : able.length === 0 ? 'alone' : 'unless';
    const names = asked ? [view.name(first.member)] : able;
    return [{ id: encodeHex(dated.room.id), label: dated.room.manifest.label, why, names }];
  });
  const known = folded.rooms.map(({ room }) => encodeHex(room.id));
  const unseen = new Map(listTold(main.room).map(({ id, label }) => [id, label]));
  for (const id of known) unseen.delete(id);
  return [...found, ...[...unseen].map(([id, label]) => ({ id, label, why: 'unseen', names: [] }) as const)];
}

/** Who can read the report: those granted, and the independents once a date was missed. */
function listReaders({ rooms: [{ room }], due }: FoldedCase): Bytes[] {
  const missed = due.some(({ state }) => BROKEN.includes(state));
  return [...room.access.granted, ...(missed ? listIndependents(room) : [])];
}

/** The rooms of a case in which the first half can stand, the reporter's last: others stay. */
function listCommon({ rooms }: FoldedCase, first: Wish | null): DatedRoom[] {
  const [main] = rooms;
  return rooms
    .toReversed()
    .filter((dated) => dated === main || first === null || includesId(dated.room.access.granted, first.member));
}

/** Null as well when nothing may follow from it. */
export function readWish(keptOut: readonly Bytes[], dated: DatedRoom): Wish | null {
  try {
    return findWish(keptOut, dated);
  } catch (error) {
    if (error instanceof RefusedError) return null;
    throw error;
  }
}

type Reason = Pick<Wish, 'ground' | 'text'>;

function isSameReason(one: Reason, other: Reason): boolean {
  return one.ground === other.ground && one.text === other.text;
}

/** With `said` null: whatever reason this member then gives. */
function planProposal(
  folded: FoldedCase,
  me: Bytes,
  ground: Ground | null,
  said: Reason | null,
): { room: OpenedRoom; wish: Wish | null }[] {
  checkErasable(folded, ground);
  const { keptOut } = folded.rooms[0].room;
  const plan = folded.rooms.toReversed().map((dated) => ({ room: dated.room, wish: findWish(keptOut, dated) }));
  if (plan.some(({ wish }) => wish !== null && !equalBytes(wish.member, me))) throw new RefusedError('erase-waiting');
  const reason = said ?? plan.find(({ wish }) => wish !== null)?.wish ?? null;
  if (reason !== null && plan.some(({ wish }) => wish !== null && !isSameReason(wish, reason))) {
    throw new RefusedError('erase-other');
  }
  return plan;
}

function planConfirmation(folded: FoldedCase, me: Bytes): { room: OpenedRoom; wish: Wish }[] {
  const [main] = folded.rooms;
  const first = findWish(main.room.keptOut, main);
  checkErasable(folded, first?.ground ?? null);
  return listCommon(folded, first).map((dated) => {
    const wish = findWish(main.room.keptOut, dated);
    // Nobody agrees in one room to a reason that is read in another.
    if (wish === null || first === null || !isSameReason(wish, first)) throw new RefusedError('erase-nothing');
    if (equalBytes(wish.member, me)) throw new RefusedError('erase-same');
    return { room: dated.room, wish };
  });
}

export function findRefusal(plan: () => unknown): string | null {
  try {
    plan();
    return null;
  } catch (error) {
    if (error instanceof PlaintError) return error.code;
    throw error;
  }
}

/** Sends one signature, exactly behind what was read: were anything written since, the server refuses it. */
export async function sendOnce(
  { connection, keys, session }: Hands,
  room: OpenedRoom,
  content: Content,
  options: SendOptions,
): Promise<void> {
  options.onProgress?.({ step: 'sealing' });
  const { write } = sealEntry(room, content, createMemberWriter(keys.id, keys.sign));
  const { cap } = room;
  const post = async (one: Write) =>
    connection.send(one, { cap, session: await session(options.signal), signal: options.signal });
  await sendPatiently(write, () => Promise.resolve(write), post, options, connection);
}
