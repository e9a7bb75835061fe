/** What was opened and checked, as plain values for the screens; no key leaves here. */
import type { View } from '../api/view.ts';
import { type Excluded, includesId } from '../protocol/access.ts';
import { type Bytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import type { Attachment, Content } from '../protocol/content.ts';
import { LABELS, type Manifest } from '../protocol/room.ts';
import type { DatedRoom, LogFacts } from './casework.ts';
import type { CaseState, Grant } from './docket.ts';
import { nameHold } from './holds.ts';
import { findLetIn, listAnswers } from './letting_in.ts';
import { showRelease } from './release.ts';
import type { OpenedEntry, OpenedRoom } from './rooms.ts';
import type {
  AccessView,
  AttachmentView,
  AuthorView,
  ChannelView,
  ClaimView,
  DeedView,
  DueView,
  HoldView,
  RiskView,
  EntryView,
  ExcludedView,
  GrantView,
  MemberView,
  OrganisationView,
} from './types.ts';
import type { PlaceView } from './types_place.ts';

/** Who looks: the holder of the words, or a member by id. */
export type Me = 'holder' | Bytes;

export function showOrganisation(
  view: View,
  base: string,
  place: Omit<PlaceView, 'address'>,
  digest: Uint8Array | null,
): OrganisationView {
  const { state } = view;
  const active = [...state.members.values()].filter(({ status }) => status === 'active');
  const people = [...(view.chart?.people.values() ?? [])];
  const cosigners = state.cosigners?.cosigners ?? [];
  return {
    name: state.name,
    slug: new URL(base, 'http://localhost').pathname.split('/').at(-2) ?? '',
    channels: [...state.channels.keys()].sort().map((id) => showChannel(view, id)),
    members: active.map(({ member }) => showMember(view, member.id)).sort((a, b) => a.name.localeCompare(b.name)),
    people: people.map(({ id, name, title, reportsTo }) => ({ id, name, title, reportsTo })),
    tickS: state.clock.tick,
    demo: state.demo,
    checkedAt: view.date,
    cosigners: {
      seen: cosigners.length ? view.seen : 0,
      quorum: state.cosigners?.quorum ?? 0,
      names: cosigners.map(({ name }) => name),
    },
    place: { ...place, address: base },
    release: showRelease(view, digest),
  };
}

export function showChannel(view: View, id: string): ChannelView {
  const channel = view.channel(id);
  const pack = view.pack(channel.pack);
  const duties = pack.duties.map(({ kind, unit, count, start: from, extend, source, checkedOn }) => {
    return { kind, unit, count, from, extend, source, checkedOn };
  });
  return { id, title: channel.title, pack: { title: pack.title, outside: pack.outside, duties } };
}

export function showMember(view: View, id: Bytes): MemberView {
  const member = encodeHex(id);
  const person = [...(view.chart?.people.values() ?? [])].find((found) => found.member === member);
  return {
    id: member,
    name: view.name(id),
    roles: view.findMember(id)?.roles ?? [],
    title: person?.title ?? null,
  };
}

export function showExcluded(view: View, { name, person, member, why, of }: Excluded): ExcludedView {
  const title = person === null ? null : (view.chart?.people.get(person)?.title ?? null);
  return { name, title, why, of, person, member: member && encodeHex(member) };
}

export function showAttachment({ id, name, type, size, sha256 }: Attachment): AttachmentView {
  return { id: encodeHex(id), name, type, sizeBytes: size, sha256: encodeHex(sha256) };
}

export function showEntries(view: View, { room, facts }: DatedRoom, me: Me): EntryView[] {
  return room.entries.map((entry, i) => showEntry(view, room, entry, facts[i], me));
}

/** Its key, of which there is one in a case. */
export function nameEntry({ id }: Pick<OpenedRoom, 'id'>, seq: number): string {
  return `${encodeHex(id)}/${seq}`;
}

function showEntry(
  view: View,
  { id, manifest }: OpenedRoom,
  entry: OpenedEntry,
  facts: LogFacts | undefined,
  me: Me,
): EntryView {
  const { header, content, authorship, problem } = entry;
  return {
    key: nameEntry({ id }, header.seq),
    room: manifest.label,
    seq: header.seq,
    kind: header.kind,
    author: showAuthor(view, entry, me),
    authorship,
    loggedAt: facts?.loggedAt ?? null,
    tokenLogged: facts?.tokenLogged ?? null,
    text: content?.text ?? '',
    lang: content?.lang ?? null,
    attachments: (content?.attachments ?? []).map(showAttachment),
    feedback: content?.kind === 'feedback' ? { action: content.action, grounds: content.grounds } : null,
    reason: content?.kind === 'close' || content?.kind === 'reopen' ? content.reason : null,
    grant: showGrant(content, manifest),
    deed: showDeed(entry),
    confirmsClose: content?.kind === 'entry' && content.confirms !== null,
    problem,
  };
}

/** What an entry says besides words. */
function showDeed({ header, content }: OpenedEntry): DeedView | null {
  if (header.until) return { is: 'extend', kind: header.until.kind, until: header.until.at };
  const told = content?.kind === 'open' || content?.kind === 'entry' ? content.disclosure : null;
  if (told) return { is: 'told', ...told };
  if (content?.kind !== 'entry') return null;
  if (content.automatic) return { is: 'automatic' };
  if (content.step) return { is: 'step', step: content.step };
  if (content.hold) return { is: 'hold', ...content.hold };
  if (content.risk) return { is: 'risk', level: content.risk };
  return content.lifts ? { is: 'lift' } : null;
}

export function showHolds({ holds }: CaseState): HoldView[] {
  return holds.flatMap((hold) => {
    const { type, reason, at, review, label, lifted } = hold;
    return lifted ? [] : [{ key: nameHold(hold), type, reason, at, review, shown: label === 'reporter' }];
  });
}

export function showClaims({ claims }: CaseState): ClaimView[] {
  return claims.map(({ on, to, name, at }) => ({ on, to, name, at }));
}

export function showRisk(view: View, { risk }: CaseState): RiskView | null {
  return risk && { level: risk.level, by: view.name(risk.member), reason: risk.reason, at: risk.at };
}

function showAuthor(view: View, { author }: OpenedEntry, me: Me): AuthorView {
  if (author === null) return { who: 'unknown', you: false };
  if (author.who === 'holder') return { who: 'reporter', you: me === 'holder' };
  const you = me !== 'holder' && equalBytes(author.id, me);
  return { who: 'member', you, id: encodeHex(author.id), name: view.name(author.id) };
}

function showGrant(content: Content | null, { label }: Manifest): GrantView | null {
  if (content?.kind === 'slots' && content.granted) {
    return { member: encodeHex(content.granted.member), name: content.granted.name, room: label };
  }
  const notice = content?.kind === 'entry' ? content.notice : null;
  if (!notice) return null;
  const room = LABELS.find((known) => known === notice.label) ?? 'other';
  return { member: encodeHex(notice.member), name: notice.name, room };
}

/**
 * Who can read one room: those granted since their dates, then the independents whose waiting keys open when a promised date is
 * missed, or have opened because one was.
 */
export function showAccess(
  view: View,
  dated: DatedRoom,
  grants: readonly Grant[],
  due: readonly DueView[],
  now: number,
): AccessView[] {
  const { room } = dated;
  const own = grants.filter((grant) => equalBytes(grant.room, room.id));
  const granted = own.map(({ member, since }): AccessView => ({
    ...showMember(view, member),
    state: 'can-read',
    since,
  }));
  if (room.manifest.label !== 'reporter') return sortByName(granted);
  const barred = [...room.access.granted, ...room.keptOut];
  const held = room.roster.held.filter(({ id }) => !includesId(barred, id));
  const since = findLetIn(due, listAnswers(dated), view.trust.graceS, now);
  // Whoever left is let in by no date; whom one let in before keeps the key.
  const later = since === null ? held.filter(({ id }) => view.active(id)) : held;
  const waiting = later.map(({ id }): AccessView => ({
    ...showMember(view, id),
    state: since === null ? 'if-late' : 'can-read',
    since,
  }));
  return [...sortByName(granted), ...sortByName(waiting)];
}

export function sortByName<Named extends { readonly name: string }>(items: readonly Named[]): Named[] {
  return [...items].sort((a, b) => a.name.localeCompare(b.name));
}
