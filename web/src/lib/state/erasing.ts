/** Erasing a case: two members sign, one directly after the other, in every room that both read (spec/erasure.md). */
import { includesId } from '../protocol/access.ts';
import { createMemberWriter } from '../protocol/authorship.ts';
import { type Bytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import { type Content, type Ground, NOTHING_SAID } from '../protocol/content.ts';
import { ConflictError, PlaintError, RefusedError } from '../protocol/errors.ts';
import type { Write } from '../protocol/write.ts';
import type { View } from '../api/view.ts';
import type { Hands } from './acting.ts';
import type { DatedRoom } from './casework.ts';
import type { FoldedCase } from './folding.ts';
import { isLookedInto } from './handling_rooms.ts';
import { blocksErasure } from './holds.ts';
import { type OpenedRoom, isSigned } from './rooms.ts';
import { sendPatiently } from './sending.ts';
import type { CaseView, SendOptions } from './types.ts';
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
export function findWish({ rooms: [main] }: FoldedCase, { room, facts }: DatedRoom): Wish | null {
  const last = room.entries.at(-1);
  if (last?.header.kind !== 'erase') return null;
  const { content, author, hash } = last;
  if (content?.kind !== 'erase' || content.ground === null || author?.who !== 'member' || !isSigned(last)) {
    throw new RefusedError('erase-doubtful');
  }
  if (includesId(main.room.keptOut, author.id)) throw new RefusedError('erase-doubtful');
  return { hash, member: author.id, ground: content.ground, text: content.text, at: facts.at(-1)?.loggedAt ?? null };
}

/**
 * Checks that a member acknowledged the report, that nothing keeps it (a legal hold, or a handling failure that the independents told of
 * and that is not closed as far as this member can read), and that no answer is owed. Once the date of an answer is
 * over, whether the independents have the key by now is the server's to say. Throws RefusedError "erase-unread": what nobody has read is
 * never erased; "erase-held", "erase-handling", "erase-due".
 */
export function checkErasable(folded: FoldedCase): void {
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
}

/**
 * Signs the first half in every room of a case that this member reads, the reporter's last. Throws RefusedError "erase-waiting" when a
 * colleague has signed already; those of `checkErasable`, `findWish`; ConflictError "entry-conflict" when something was written since.
 */
export async function proposeErasure(
  hands: Hands,
  folded: FoldedCase,
  ground: Ground,
  text: string | null,
  options: SendOptions,
): Promise<void> {
  for (const { room, wish } of planProposal(folded, hands.keys.id)) {
    if (wish !== null) continue;
    await sendOnce(hands, room, { ...NOTHING_SAID, kind: 'erase', ground, confirms: null, text }, options);
    await hands.cases.reread(room, options.signal);
  }
  await hands.store.save();
}

/**
 * Signs the second half in every room of a case: each is gone with that. `seen` is the hash of the wish that was read. Throws
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
export function showErasing(view: View, folded: FoldedCase, me: Bytes): Pick<CaseView, 'erasing' | 'erase'> {
  const ask = findRefusal(() => planProposal(folded, me));
  const agree = findRefusal(() => planConfirmation(folded, me));
  const wishes = folded.rooms.flatMap((room) => readWish(folded, room) ?? []);
  const [wish] = wishes;
  if (wish === undefined) return { erasing: null, erase: { ask, agree } };
  const { hash, member, ground, text, at } = wish;
  return {
    erasing: { wish: encodeHex(hash), by: view.name(member), you: equalBytes(member, me), ground, text, at },
    erase: { ask, agree },
  };
}

/** Null as well when nothing may follow from it. */
function readWish(folded: FoldedCase, room: DatedRoom): Wish | null {
  try {
    return findWish(folded, room);
  } catch (error) {
    if (error instanceof RefusedError) return null;
    throw error;
  }
}

function planProposal(folded: FoldedCase, me: Bytes): { room: OpenedRoom; wish: Wish | null }[] {
  checkErasable(folded);
  const plan = folded.rooms.toReversed().map((dated) => ({ room: dated.room, wish: findWish(folded, dated) }));
  if (plan.some(({ wish }) => wish !== null && !equalBytes(wish.member, me))) throw new RefusedError('erase-waiting');
  return plan;
}

function planConfirmation(folded: FoldedCase, me: Bytes): { room: OpenedRoom; wish: Wish }[] {
  checkErasable(folded);
  const first = findWish(folded, folded.rooms[0]);
  return folded.rooms.toReversed().map((dated) => {
    const wish = findWish(folded, dated);
    // Nobody agrees in one room to a reason that is read in another.
    if (wish === null || wish.ground !== first?.ground || wish.text !== first.text)
      throw new RefusedError('erase-nothing');
    if (equalBytes(wish.member, me)) throw new RefusedError('erase-same');
    return { room: dated.room, wish };
  });
}

function findRefusal(plan: () => unknown): string | null {
  try {
    plan();
    return null;
  } catch (error) {
    if (error instanceof PlaintError) return error.code;
    throw error;
  }
}

/** Sends one signature, exactly behind what was read: were anything written since, the server refuses it. */
async function sendOnce(
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
