/** Rooms as a client reads them: entries chained, opened and judged, slots computed again. Start at `openRoom`. */
import type { View } from '../api/view.ts';
import {
  type Access,
  type Roster,
  type RosterMember,
  listStandingAccesses,
  includesId,
  sortIds,
} from '../protocol/access.ts';
import {
  type Author,
  type Authorship,
  type Reader,
  type Signers,
  createHolderReader,
  createMemberReader,
  findSigner,
} from '../protocol/authorship.ts';
import type { AgreementKey } from '../protocol/agreement.ts';
import { type Body, encodeBodyMessage, openBody } from '../protocol/body.ts';
import { type Bytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import { type Content, parseContent } from '../protocol/content.ts';
import { PlaintError, RefusedError, VerificationError } from '../protocol/errors.ts';
import { computeSha256 } from '../protocol/hashes.ts';
import { type HolderKeys, type MemberKeys, type RoomKeys, computeRoomKeys } from '../protocol/keys.ts';
import { listRing } from '../protocol/ring.ts';
import { TOKEN_KINDS, computeContentLeaf, computeTokenLeaf } from '../protocol/leaf.ts';
import {
  type Header,
  type Kind,
  type Manifest,
  computeHeaderHash,
  computeRoomId,
  encodeHeader,
  parseManifest,
} from '../protocol/room.ts';
import { computeFullMembers, computeSlotSet, computeTokenHashes, verifySlotSet } from '../protocol/slots.ts';
import { parseNote } from '../protocol/note.ts';
import { type State, parseState, verifyHeaders } from '../protocol/state.ts';
import type { RoomAnswer } from '../protocol/write.ts';

/** One entry. What could not be opened has no content and names the check that failed in `problem`. */
export interface OpenedEntry {
  readonly header: Header;
  /** H(header). */
  readonly hash: Bytes;
  readonly content: Content | null;
  readonly author: Author | null;
  readonly authorship: Authorship;
  /** The key of its author that signed it: whether that counted, its date says. */
  readonly signer: Bytes | null;
  readonly opening: Bytes | null;
  /** The content leaf, then the token leaf where the kind has one. */
  readonly leaves: readonly Bytes[];
  readonly problem: string | null;
}

/** A code that is shown, not hidden, and where it applies what it is about. */
export interface Problem {
  readonly code: string;
  readonly detail: string;
}

/** A room after all checks. */
export interface OpenedRoom {
  readonly id: Bytes;
  readonly manifest: Manifest;
  readonly secret: Bytes;
  readonly roster: Roster;
  /** What counts of the last one named (`listStandingAccesses`). */
  readonly access: Access;
  /** Whom its first entry keeps out, sorted: nobody comes to that list later, and nobody off it. */
  readonly keptOut: readonly Bytes[];
  readonly entries: readonly OpenedEntry[];
  readonly state: State;
  /** What the server signed when the first entry arrived. */
  readonly opening: State;
  readonly problems: readonly Problem[];
  /** H(last header). */
  readonly head: Bytes;
  readonly cap: Bytes;
}

/** Somebody who reads: judges who wrote what. */
export interface Eyes {
  /** `full` are the members with mode full at the time of an entry, `grantedSeq` when this reader was let in. */
  readonly look: (manifest: Manifest, full: readonly RosterMember[], grantedSeq: number) => Reader;
  /** Whether a slot set with these members in mode full lets this reader in. */
  readonly hasPartIn: (full: readonly RosterMember[]) => boolean;
}

/** The holder reads: her own entries are those whose tags she can make again. */
export function createHolderEyes(keys: HolderKeys, view: View): Eyes {
  return {
    look: (_, full) => createHolderReader(keys.author, listAuthors(full), view.signers),
    hasPartIn: () => true, // her slot stands in every set
  };
}

/** A member reads: signatures under the directory's keys, and the one tag that is meant for this member. */
export function createMemberEyes(id: Bytes, keys: MemberKeys, view: View): Eyes {
  const { signers } = view;
  // A room's tags are for the keys that members had at its directory size.
  const findAuthor = ({ channel, roster }: Manifest) => {
    const place = view.roster(channel, roster).delivered.find((member) => equalBytes(member.id, id));
    return listRing(keys).find(({ author }) => place && equalBytes(author.public, place.author)) ?? keys;
  };
  return {
    look: (manifest, _, grantedSeq) =>
      createMemberReader({
        id,
        author: findAuthor(manifest).author,
        holder: manifest.author,
        signers,
        grantedSeq,
      }),
    hasPartIn: (full) => full.some((member) => equalBytes(member.id, id)),
  };
}

/** The author keys by which a holder convinces exactly these members. */
export function listAuthors(members: readonly RosterMember[]): Map<string, Bytes> {
  return new Map(members.map(({ id, author }) => [encodeHex(id), author]));
}

export interface RoomSource {
  /** The room from its first entry on, its notes verified, and the state of now. */
  readonly answer: RoomAnswer;
  readonly state: State;
  readonly secret: Bytes;
}

/**
 * The room after checking chain, manifest, bodies, authors and the whole current slot set.
 *
 * A broken chain, or a manifest that is not the room's, means that the server handed out something else than the room: that throws. A
 * body, an author or a slot that does not hold is one person's doing: it stands in the result.
 * Throws VerificationError "state-fork", "room-manifest", "room-slots"; MalformedError of `parseManifest`.
 */
export function openRoom({ answer, state, secret }: RoomSource, eyes: Eyes, view: View): OpenedRoom {
  const headers = answer.entries.map(({ header }) => header);
  const opening = parseState(parseNote(answer.opening).text);
  verifyHeaders(state, headers);
  verifyHeaders(opening, headers.slice(0, 1));
  const keys = computeRoomKeys(secret);
  const { identity } = keys;
  const opened = openBodies(answer, identity);
  const first = opened[0];
  if (!first || first.content?.kind !== 'open') throw new VerificationError('room-manifest');
  if (!equalBytes(computeRoomId(first.content.room), state.room)) throw new VerificationError('room-manifest');
  const manifest = parseManifest(first.content.room);
  if (!equalBytes(manifest.org, view.org) || !equalBytes(identity.public, manifest.recipient)) {
    throw new VerificationError('room-manifest');
  }
  // The server was told the channel's pack and compared: a manifest with another one was never told so.
  if (!equalBytes(view.channelPack(manifest.channel, manifest.roster), manifest.pack)) {
    throw new VerificationError('room-manifest');
  }
  const roster = view.roster(manifest.channel, manifest.roster);
  const { access: promised } = first.content;
  const named = listAccess(opened);
  const standing = listStandingAccesses(named, roster);
  const entries = judge(opened, keys, { manifest, roster, signers: view.signers, standing }, eyes);
  const [access, counts] = [named.at(-1) ?? promised, standing.at(-1) ?? promised];
  return {
    id: state.room,
    manifest,
    secret,
    roster,
    access: counts,
    keptOut: promised.conflicted,
    entries,
    state,
    opening,
    problems: [
      ...checkTokens(first.header, secret),
      ...checkSlots(answer, secret, { manifest, roster, access }),
      ...checkEarlierSlots(opened, secret, { manifest, roster }),
      ...checkLifted(promised, named),
      ...checkShut(promised, named),
      ...checkDropped(named, roster),
    ],
    head: state.head,
    cap: keys.cap,
  };
}

interface Bare {
  readonly header: Header;
  readonly body: Body | null;
  readonly content: Content | null;
  readonly problem: string | null;
}

/** What opens and says something, and why what does not. */
function openBodies(answer: RoomAnswer, identity: AgreementKey): Bare[] {
  return answer.entries.map(({ header, body: sealed }): Bare => {
    try {
      const body = openBody(identity, header, sealed);
      return { header, body, content: parseContent(header.kind, body.content), problem: null };
    } catch (error) {
      if (error instanceof PlaintError) return { header, body: null, content: null, problem: error.code };
      throw error;
    }
  });
}

interface Place {
  readonly manifest: Manifest;
  readonly roster: Roster;
}

function judge(
  opened: readonly Bare[],
  { computeToken }: RoomKeys,
  { manifest, roster, signers, standing }: Place & { readonly signers: Signers; readonly standing: readonly Access[] },
  eyes: Eyes,
): OpenedEntry[] {
  const left = standing.values();
  const fulls = opened.map(({ content }) => {
    const access = readAccess(content) && left.next().value;
    return access ? computeFullMembers(manifest, roster, access) : null;
  });
  const grantedSeq = Math.max(
    0,
    fulls.findIndex((full) => full !== null && eyes.hasPartIn(full)),
  );
  const counts = new Map<Kind, number>();
  let full: readonly RosterMember[] = [];
  return opened.map(({ header, body, content, problem }, seq): OpenedEntry => {
    const count = (counts.get(header.kind) ?? 0) + 1;
    counts.set(header.kind, count);
    full = fulls[seq] ?? full;
    const encoded = encodeHeader(header);
    const hash = computeHeaderHash(encoded);
    if (body === null) {
      const nobody = { author: null, authorship: 'unproved', signer: null } as const;
      return { header, hash, content, ...nobody, opening: null, leaves: [], problem };
    }
    const { author, opening } = body.proof;
    const leaves = [computeContentLeaf(opening, encoded)];
    if (TOKEN_KINDS.includes(header.kind)) leaves.push(computeTokenLeaf(computeToken(header.kind, count)));
    const read = eyes.look(manifest, full, grantedSeq);
    const message = encodeBodyMessage(body);
    const judged = read(author, message, header.seq);
    // Whoever reads a room can lend others its key: what they sign with it is theirs, and changes nothing.
    const strange = author.who === 'member' && !full.some(({ id }) => equalBytes(id, author.id));
    const authorship = strange && (judged === 'proved' || judged === 'own') ? 'unadmitted' : judged;
    const signer = findSigner(author, message, signers);
    return { header, hash, content, author, authorship, signer, opening, leaves, problem };
  });
}

export function readAccess(content: Content | null): Access | null {
  return content?.kind === 'open' || content?.kind === 'slots' ? content.access : null;
}

export function listAccess(opened: readonly Pick<Bare, 'content'>[]): Access[] {
  return opened.flatMap(({ content }) => readAccess(content) ?? []);
}

/** A report whose due hashes are not those of its own tokens could never be shown to be answered. */
function checkTokens({ open }: Header, secret: Bytes): Problem[] {
  const tokens = computeTokenHashes(secret);
  const right = open && equalBytes(open.acknowledge, tokens.acknowledge) && equalBytes(open.feedback, tokens.feedback);
  return right ? [] : [{ code: 'room-tokens', detail: '' }];
}

/** Computes the current slot set again and names the position that lies. */
function checkSlots(answer: RoomAnswer, secret: Bytes, place: Place & { readonly access: Access }): Problem[] {
  const header = answer.entries.findLast((entry) => entry.header.slots !== null)?.header;
  const right = header?.slots && equalBytes(header.slots, computeSha256(answer.slots));
  if (!right || answer.slotsSeq !== header.seq) throw new VerificationError('room-slots');
  try {
    verifySlotSet(answer.slots, { secret, ...place, seq: header.seq });
    return [];
  } catch (error) {
    if (error instanceof PlaintError) return [{ code: error.code, detail: error.detail }];
    throw error;
  }
}

/** Computes the slot sets before the current one again: a true set sent after a lying one takes no key back. */
function checkEarlierSlots(opened: readonly Bare[], secret: Bytes, { manifest, roster }: Place): Problem[] {
  const earlier = opened.filter(({ header }) => header.slots !== null).slice(0, -1);
  return earlier.flatMap(({ header: { seq, slots }, content }) => {
    const access = readAccess(content);
    try {
      if (access && slots) {
        const expected = computeSlotSet({ secret, manifest, roster, access, seq });
        if (equalBytes(slots, computeSha256(expected))) return [];
      }
    } catch (error) {
      if (!(error instanceof PlaintError)) throw error;
    }
    return [{ code: 'slots-digest', detail: String(seq) }];
  });
}

/** Names everybody kept out by `first` whom some `later` access no longer keeps out. */
export function checkLifted(first: Access, later: readonly Access[]): Problem[] {
  const lifted = first.conflicted.filter((member) => later.some(({ conflicted }) => !includesId(conflicted, member)));
  return lifted.map((member) => ({ code: 'access-lifted', detail: encodeHex(member) }));
}

/** Names everybody whom some `later` access keeps out and `first` does not: nobody is kept out later. */
export function checkShut(first: Access, later: readonly Access[]): Problem[] {
  const added = later.flatMap(({ conflicted }) => conflicted).filter((member) => !includesId(first.conflicted, member));
  return sortIds(added).map((member) => ({ code: 'access-shut', detail: encodeHex(member) }));
}

/**
 * Names everybody who was let in and whom some later access no longer names: they have the key all the same. Whoever has no place in the
 * roster never had it.
 */
export function checkDropped(named: readonly Access[], { delivered }: Pick<Roster, 'delivered'>): Problem[] {
  const places = delivered.map(({ id }) => id);
  const [granted, dropped] = [new Map<string, Bytes>(), new Map<string, Bytes>()];
  for (const access of named) {
    const still = new Set(access.granted.map(encodeHex));
    for (const [hex, id] of granted) if (!still.has(hex)) dropped.set(hex, id);
    for (const id of access.granted) if (includesId(places, id)) granted.set(encodeHex(id), id);
  }
  return sortIds([...dropped.values()]).map((member) => ({ code: 'access-dropped', detail: encodeHex(member) }));
}

/** Names everybody ever let into `other` of whom `main`, the reporter's room, says nothing: no key, no notice. */
export function checkTold(main: OpenedRoom, other: OpenedRoom): Problem[] {
  const readers = listAccess(main.entries).flatMap((access) =>
    computeFullMembers(main.manifest, main.roster, access).map(({ id }) => encodeHex(id)),
  );
  const notices = main.entries.filter(isSigned).flatMap(({ content }) => {
    const notice = content?.kind === 'entry' ? content.notice : null;
    return notice && equalBytes(notice.room, other.id) ? [encodeHex(notice.member)] : [];
  });
  const told = new Set([...readers, ...notices]);
  const places = other.roster.delivered.map(({ id }) => id);
  const named = listAccess(other.entries).flatMap(({ granted }) => granted.filter((id) => includesId(places, id)));
  const granted = new Set(named.map(encodeHex));
  return [...granted].filter((member) => !told.has(member)).map((detail) => ({ code: 'grant-untold', detail }));
}

/** Whether a member reads `other` of whom `main` says nothing, because the notice was cut off or never sent: whoever notices tells now. */
export function isUntold(main: OpenedRoom, other: OpenedRoom, member: Bytes): boolean {
  return checkTold(main, other).some(({ detail }) => detail === encodeHex(member));
}

/** Whether somebody signed to erase it: the server takes what comes next from its holder and members alone. */
export function isErasing({ entries }: OpenedRoom): boolean {
  return entries.at(-1)?.header.kind === 'erase';
}

/** Whether a member certainly wrote it. */
export function isSigned({ author, authorship }: OpenedEntry): boolean {
  return author?.who === 'member' && (authorship === 'proved' || authorship === 'own');
}

/**
 * Whether members can talk in a room below a case: one that a member opened, and nobody else. The reporter knows her own room's id;
 * what she sealed under it would be read by her. And what members write in one that calls itself hers would pass for an answer that she
 * never sees.
 */
export function isMembersRoom({ entries, manifest }: OpenedRoom): boolean {
  const first = entries[0];
  return first !== undefined && isSigned(first) && manifest.holder === null && manifest.label !== 'reporter';
}

/** Whether a room below a report was opened by a member who was let into the report, and not kept out of it: whoever knows its id can open some. */
export function belongsTo({ manifest, roster, access, keptOut }: OpenedRoom, other: OpenedRoom): boolean {
  const author = other.entries[0]?.author;
  if (!isMembersRoom(other) || author?.who !== 'member' || includesId(keptOut, author.id)) return false;
  return computeFullMembers(manifest, roster, access).some(({ id }) => equalBytes(id, author.id));
}

/** Checks that a room still begins with what was seen of it. Throws VerificationError "state-fork". */
export function checkExtends(room: OpenedRoom, entries: number, head: Bytes): void {
  const last = room.entries[entries - 1];
  if (last === undefined || !equalBytes(last.hash, head)) throw new VerificationError('state-fork');
}

/**
 * Throws RefusedError "grant-conflict", "grant-roster", "grant-already", "grant-left" for who is no active member any more, unless the
 * member may be let in and is not yet.
 */
export function checkGrant({ access, keptOut, roster }: OpenedRoom, member: Bytes, view: Pick<View, 'active'>): void {
  if (includesId(keptOut, member)) throw new RefusedError('grant-conflict');
  if (!roster.delivered.some(({ id }) => equalBytes(id, member))) throw new RefusedError('grant-roster');
  if (includesId(access.granted, member)) throw new RefusedError('grant-already');
  if (!view.active(member)) throw new RefusedError('grant-left');
}
