/** The room outside the line that the first independent who acts opens about a missed date. Start at `openHandling`. */
import type { View } from '../api/view.ts';
import { includesId, sortIds } from '../protocol/access.ts';
import { type Bytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import { NOTHING_SAID, PLAIN_ENTRY } from '../protocol/content.ts';
import { RefusedError, VerificationError } from '../protocol/errors.ts';
import { randomBytes } from '../protocol/hashes.ts';
import { computeRoomKeys } from '../protocol/keys.ts';
import { type Hands, addEntry, makeMessage, openOnly } from './acting.ts';
import type { Case } from './cases.ts';
import { listDated } from './casework.ts';
import { type FoldedCase, foldDesk } from './folding.ts';
import { type Handling, foldHandling } from './handling.ts';
import { type OpenedRoom, isSigned } from './rooms.ts';
import type { DueState, HandlingView, SendOptions } from './types.ts';
import { type NewRoom, makeManifest } from './writing.ts';

const MARKS = ['handling', 'handling/2'] as const;
export const BROKEN: readonly DueState[] = ['missed', 'late', 'withheld'];

/** The independents whom the report does not keep out. */
export function listIndependents({ roster, keptOut }: OpenedRoom): Bytes[] {
  return roster.held.map(({ id }) => id).filter((id) => !includesId(keptOut, id));
}

/** The handling-failure room of a case, null where this member can read none; one that no independent opened is none. */
export function findHandling({ rooms: [main, ...others] }: FoldedCase): Handling | null {
  const independents = new Set(listIndependents(main.room).map(encodeHex));
  return foldHandling(others.flatMap(listDated), independents)[0] ?? null;
}

/** Whether independents told of a handling failure that is not closed, as far as this member can read. */
export function isLookedInto(folded: FoldedCase): boolean {
  const { room } = folded.rooms[0];
  const independents = listIndependents(room);
  const known = findHandling(folded);
  const closed = known?.status === 'closed' ? known.room : null;
  return room.entries.filter(isSigned).some(({ content, author }) => {
    const notice = content?.kind === 'entry' ? content.notice : null;
    if (notice?.label !== 'handling' || author?.who !== 'member') return false;
    return includesId(independents, author.id) && !(closed && equalBytes(closed, notice.room));
  });
}

/** The case without rooms that call themselves what they are not. */
export function keepTrue({ room, others }: Case, folded: FoldedCase): Case {
  const known = findHandling(folded);
  const isTrue = ({ id, manifest }: OpenedRoom) =>
    manifest.label !== 'handling' || (known !== null && equalBytes(known.room, id));
  return { room, others: others.filter(isTrue) };
}

/** Whether this member may look into a missed date of the case, or close what was looked into. */
export function mayHandle({ rooms: [main], due }: FoldedCase, me: Bytes): boolean {
  return includesId(listIndependents(main.room), me) && due.some(({ state }) => BROKEN.includes(state));
}

export function showHandling(view: View, folded: FoldedCase, me: Bytes): HandlingView | null {
  const known = findHandling(folded);
  if (known === null) return null;
  const { by, at, status, closing } = known;
  const may = includesId(listIndependents(folded.rooms[0].room), me);
  return {
    by: view.name(by),
    at,
    status,
    closing: closing && { by: view.name(closing.first), reason: closing.reason },
    mayClose: may && status === 'open',
    mayConfirm: may && status === 'closing' && !equalBytes(closing?.first ?? me, me),
  };
}

/**
 * Writes into the room about a missed date, made if need be, and tells the reporter who is in it. Two independents can never make two,
 * and a handler who took the mark first gained nothing: where the room behind it is no independent's, or its key never came (`besides`),
 * a second mark is used. Throws RefusedError "handling-member" for anybody else, "handling-date" where no date was missed; those of
 * `openOnly`.
 */
export async function openHandling(
  hands: Hands,
  found: Case,
  text: string,
  besides: boolean,
  options: SendOptions,
): Promise<void> {
  const folded = await foldDesk(hands.connection, found, options.signal);
  const known = findHandling(folded);
  let room = found.others.find(({ id }) => known && equalBytes(id, known.room)) ?? null;
  let fresh = false;
  if (room === null) {
    checkMember(hands, found);
    if (!mayHandle(folded, hands.keys.id)) throw new RefusedError('handling-date');
    room = await openFirst(hands, found, text, besides ? MARKS.slice(1) : MARKS, options);
    const author = room.entries[0]?.author;
    fresh = author?.who === 'member' && equalBytes(author.id, hands.keys.id);
  }
  if (!fresh) await addEntry(hands, room, makeMessage(text), options);
  await tell(hands, { room: found.room, others: [...found.others, room] }, room, options);
}

/**
 * Signs the closing of the room, or confirms the one that another independent signed. Throws RefusedError "handling-none" where there is
 * none, "handling-member", "handling-closing" for who signed it.
 */
export async function closeHandling(hands: Hands, found: Case, reason: string, options: SendOptions): Promise<void> {
  checkMember(hands, found);
  const known = findHandling(await foldDesk(hands.connection, found, options.signal));
  const room = found.others.find(({ id }) => known && equalBytes(id, known.room));
  if (known === null || room === undefined) throw new RefusedError('handling-none');
  const { closing } = known;
  if (closing === null) {
    await addEntry(hands, room, { ...NOTHING_SAID, kind: 'close', reason }, options);
  } else if (closing.second !== null || equalBytes(closing.first, hands.keys.id)) {
    throw new RefusedError('handling-closing');
  } else {
    await addEntry(hands, room, { ...PLAIN_ENTRY, confirms: closing.hash }, options);
  }
}

async function openFirst(
  hands: Hands,
  found: Case,
  text: string,
  marks: readonly string[],
  options: SendOptions,
): Promise<OpenedRoom> {
  for (const mark of marks) {
    try {
      const room = await openOnly(hands, prepare(hands, found, text, mark), options);
      const folded = await foldDesk(hands.connection, { room: found.room, others: [room] }, options.signal);
      if (findHandling(folded)) return room;
    } catch (error) {
      // What stands there was opened by nobody whom it could be from.
      if (!(error instanceof VerificationError)) throw error;
    }
  }
  throw new RefusedError('handling-none');
}

function prepare({ connection: { view } }: Hands, { room: parent }: Case, text: string, mark: string): NewRoom {
  const secret = randomBytes(32);
  const { channel } = parent.manifest;
  const manifest = makeManifest(view, { channel, secret, label: 'handling', holder: null, parent: parent.id });
  const roster = view.roster(channel, manifest.roster);
  const conflicted = parent.keptOut;
  const granted = sortIds(roster.held.map(({ id }) => id).filter((id) => !includesId(conflicted, id)));
  const unique = computeRoomKeys(parent.secret).computeChild(mark);
  const access = { granted, conflicted, excluded: [] };
  return { secret, manifest, roster, access, text, lang: null, people: [], attachments: [], unique, holder: null };
}

/** Tells the reporter of everybody who reads the room and of whom she was not told yet. */
async function tell(hands: Hands, found: Case, room: OpenedRoom, options: SendOptions): Promise<void> {
  const { connection, cases } = hands;
  const { state } = await foldDesk(connection, found, options.signal);
  for (const grant of state.grants) {
    if (grant.told || !equalBytes(grant.room, room.id)) continue;
    const { member } = grant;
    const notice = {
      type: 'access',
      room: room.id,
      label: 'handling',
      member,
      name: connection.view.name(member),
    } as const;
    await addEntry(hands, await cases.reread(found.room, options.signal), { ...PLAIN_ENTRY, notice }, options);
  }
}

function checkMember({ keys }: Hands, { room }: Case): void {
  if (!includesId(listIndependents(room), keys.id)) throw new RefusedError('handling-member');
}
