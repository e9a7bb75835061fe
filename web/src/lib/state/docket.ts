/** The state of a case: a pure fold over its opened entries (spec/content.md, "Status"). Start at `foldCase`. */
import { type Bytes, compareBytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import type { Ground } from '../protocol/content.ts';
import type { Pack } from '../protocol/packs.ts';
import type { Label } from '../protocol/room.ts';
import { type DatedEntry, doesCount, readMember } from './entries.ts';
import { type Claim, type HoldState, type Risk, foldClaims, foldHolds, foldRisk } from './holds.ts';
import { type Moment, type Obligation, computeObligations, nameEvent } from './obligations.ts';

export type Status = 'received' | 'acknowledged' | 'feedback' | 'closing' | 'closed' | 'reopened' | 'erasing';

/** A member's wish to close; `second` is the other member who agreed, null until then. */
export interface Closing {
  readonly hash: Bytes;
  readonly first: Bytes;
  readonly reason: string;
  readonly second: Bytes | null;
}

/** A member's wish to erase the reporter's room; whatever is written after it takes it back. */
export interface Erasing {
  readonly hash: Bytes;
  readonly first: Bytes;
  readonly ground: Ground;
}

/** A member who can read a room of the case; `told` says whether the reporter's room shows it. */
export interface Grant {
  readonly room: Bytes;
  readonly label: Label;
  readonly member: Bytes;
  /** The logged date of the entry that let them in. */
  readonly since: number | null;
  readonly told: boolean;
}

/** What everybody who reads the same rooms sees of a case. */
export interface CaseState {
  readonly status: Status;
  readonly obligations: readonly Obligation[];
  readonly closing: Closing | null;
  readonly erasing: Erasing | null;
  readonly grants: readonly Grant[];
  readonly participants: readonly (Bytes | 'holder')[];
  /** Entries from which nothing follows. */
  readonly unproved: readonly { readonly room: Bytes; readonly seq: number }[];
  readonly holds: readonly HoldState[];
  readonly claims: readonly Claim[];
  readonly risk: Risk | null;
}

export interface FoldFacts extends Moment {
  /** The pack the report was received under. */
  readonly pack: Pack;
  /** When that was. */
  readonly begin: number;
}

/** The state of the case whose rooms hold `entries`, in whatever order. */
export function foldCase(entries: readonly DatedEntry[], facts: FoldFacts): CaseState {
  const ordered = [...entries].sort(compareEntries);
  const heard = dropConflicted(ordered);
  const main = heard.filter(({ label }) => label === 'reporter');
  const last = ordered.filter(({ label }) => label === 'reporter').at(-1);
  const erasing = last && main.includes(last) ? readErasing(last) : null;
  return {
    ...foldStatus(main.filter(doesCount)),
    ...(erasing ? { status: 'erasing' as const } : {}),
    erasing,
    obligations: computeObligations(facts.pack, facts.begin, main, facts),
    grants: foldGrants(ordered),
    participants: findParticipants(ordered),
    unproved: ordered.filter((entry) => !doesCount(entry)).map(({ room, seq }) => ({ room, seq })),
    holds: foldHolds(heard),
    claims: foldClaims(main),
    risk: foldRisk(heard),
  };
}

/** The wish to erase a room that its last entry is, if it is one and a member's. */
export function readErasing(last: DatedEntry): Erasing | null {
  const [member, content] = [readMember(last), last.content];
  if (content?.kind !== 'erase' || content.ground === null || member === null) return null;
  return { hash: last.hash, first: member, ground: content.ground };
}

/** Leaves out what members wrote whom the report itself keeps out: a friend can lend them pen and paper, not a say. */
function dropConflicted(entries: readonly DatedEntry[]): DatedEntry[] {
  const first = entries.find(({ content, label }) => label === 'reporter' && content?.kind === 'open')?.content;
  const conflicted = first?.kind === 'open' ? first.access.conflicted : [];
  return entries.filter((entry) => {
    const member = readMember(entry);
    return member === null || !conflicted.some((id) => equalBytes(id, member));
  });
}

function compareEntries(a: DatedEntry, b: DatedEntry): number {
  const main = Number(a.label !== 'reporter') - Number(b.label !== 'reporter');
  return main || compareBytes(a.room, b.room) || a.seq - b.seq;
}

function foldStatus(entries: readonly DatedEntry[]): { status: Status; closing: Closing | null } {
  let progress: Status = 'received';
  let waiting = new Map<string, Closing>();
  let closed: Closing | null = null;
  let reopened = false;
  for (const entry of entries) {
    const [member, content] = [readMember(entry), entry.content];
    if (content?.kind === 'close' && member && closed === null) {
      waiting.set(encodeHex(entry.hash), { hash: entry.hash, first: member, reason: content.reason, second: null });
    } else if (content?.kind === 'entry' && content.confirms && member) {
      const closing = waiting.get(encodeHex(content.confirms));
      if (closing && !equalBytes(member, closing.first)) {
        closed = { ...closing, second: member };
        waiting = new Map();
      }
    } else if (content?.kind === 'reopen' && (closed !== null || waiting.size)) {
      [closed, waiting, reopened] = [null, new Map<string, Closing>(), true];
    }
    const event = member && nameEvent(entry);
    if (event === 'feedback') progress = 'feedback';
    if (event === 'acknowledge' && progress === 'received') progress = 'acknowledged';
  }
  if (closed) return { status: 'closed', closing: closed };
  if (waiting.size) return { status: 'closing', closing: [...waiting.values()].at(-1) ?? null };
  return { status: reopened ? 'reopened' : progress, closing: null };
}

function foldGrants(entries: readonly DatedEntry[]): Grant[] {
  const notices = new Set(entries.flatMap(readNotice));
  const rooms = new Map<string, { room: Bytes; label: Label; since: Map<string, Since> }>();
  for (const { content, room, label, loggedAt } of entries) {
    if (content?.kind !== 'open' && content?.kind !== 'slots') continue;
    // A slot set rules who reads, whoever sent it; so this counts even when its author is not proved. And whoever is left off a later one
    // keeps the key.
    const since = rooms.get(encodeHex(room))?.since ?? new Map<string, Since>();
    for (const member of content.access.granted) {
      const id = encodeHex(member);
      if (!since.has(id)) since.set(id, { member, at: loggedAt });
    }
    rooms.set(encodeHex(room), { room, label, since });
  }
  return [...rooms.values()].flatMap(({ room, label, since }) =>
    [...since.values()]
      .sort((a, b) => compareBytes(a.member, b.member))
      .map(({ member, at }) => {
        const told = label === 'reporter' || notices.has(nameGrant(room, member));
        return { room, label, member, since: at, told };
      }),
  );
}

interface Since {
  readonly member: Bytes;
  readonly at: number | null;
}

function readNotice(entry: DatedEntry): string[] {
  const notice = entry.content?.kind === 'entry' ? entry.content.notice : null;
  return notice && entry.label === 'reporter' && doesCount(entry) ? [nameGrant(notice.room, notice.member)] : [];
}

function nameGrant(room: Bytes, member: Bytes): string {
  return `${encodeHex(room)}/${encodeHex(member)}`;
}

function findParticipants(entries: readonly DatedEntry[]): (Bytes | 'holder')[] {
  const authors = entries.filter(doesCount).map(({ author }) => author);
  const members = authors.flatMap((who) => (who instanceof Uint8Array ? [who] : []));
  const unique = [...new Map(members.map((id) => [encodeHex(id), id])).values()].sort(compareBytes);
  return authors.includes('holder') ? ['holder', ...unique] : unique;
}
