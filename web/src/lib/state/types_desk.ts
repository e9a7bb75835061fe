/** What the desk sees: plain immutable values and its facade. Screens import it through `./types.ts`. */
import type { RiskLevel } from '../protocol/records.ts';
import type {
  AccessView,
  Alarm,
  CaseRecord,
  CaseStatus,
  ChannelView,
  Choice,
  ClaimView,
  DateView,
  EntryView,
  ErasedRoomView,
  ErasingView,
  ExcludedView,
  ExportView,
  Ground,
  HoldView,
  LeftRoomView,
  MemberView,
  NamedPerson,
  OrganisationView,
  RetentionQuestion,
  RetentionView,
  RiskView,
  RoomLabel,
  SavedFile,
  SendOptions,
  StayingView,
  UnixTime,
  WorkOptions,
} from './types.ts';

export interface QueueItem {
  /** Reporter's room, 64 hex. */
  readonly id: string;
  /** Short form of the id for people, e.g. "QF7M"; not unique, only a handle. */
  readonly handle: string;
  /** `read`: holds the key. `watch`: an independent member who sees dates only. */
  readonly mode: 'read' | 'watch';
  readonly channel: string | null;
  readonly status: CaseStatus | null;
  /** First line of the report, at most 120 characters; empty in mode watch. */
  readonly excerpt: string;
  readonly due: readonly DateView[];
  /** The nearest open or missed duty. */
  readonly next: DateView | null;
  readonly openedAt: UnixTime | null;
  readonly last: { readonly who: 'reporter' | 'us'; readonly at: UnixTime | null } | null;
  readonly entries: number;
  /** Entries that came since this member last opened the case on this device. */
  readonly unread: number;
  /** The room about a missed date of it, where this member can read that. */
  /** How great the risk of further harm is held to be; null where nobody said, or not to this member. */
  readonly risk: RiskLevel | null;
  readonly handling: HandlingView | null;
  /** Whether this member may open such a room. */
  readonly mayHandle: boolean;
  readonly alarms: readonly Alarm[];
}

/** What a calendar shows for each kind of date, in the reader's language: nothing about any case. */
export interface CalendarWords {
  readonly acknowledge: string;
  readonly feedback: string;
  readonly review: string;
  readonly step: string;
}

/** Whether reminders go to this member by mail, and at which hours of the day (UTC) to all who want them; none: no mail is sent here. */
export interface MailWish {
  readonly kept: boolean;
  readonly hours: readonly number[];
}

/** A room about how a case was handled, which independents open and close. */
export interface HandlingView {
  readonly by: string;
  readonly at: UnixTime | null;
  readonly status: 'open' | 'closing' | 'closed';
  /** Whose closing it is, or waits to be, and why. */
  readonly closing: { readonly by: string; readonly reason: string } | null;
  readonly mayClose: boolean;
  readonly mayConfirm: boolean;
}

export interface QueueView {
  /** Nearest date first; missed before open. */
  readonly items: readonly QueueItem[];
  /** Rooms that two members erased, the latest first; what is not proved to be one is an item with an alarm. */
  readonly erased: readonly ErasedRoomView[];
  /** Rooms of erased reports that are still there, which this member reads. */
  readonly left: readonly LeftRoomView[];
  /** Rooms of cases whose report this member cannot read. */
  readonly alone: readonly AloneRoomView[];
  readonly readAt: UnixTime;
  /** Tick number up to which the stream was read. */
  readonly tick: number;
  /** Whether the log was read: before that no case has a status, a date or an alarm here. */
  readonly dated: boolean;
}

/** A room that somebody let this member into without the report above it. */
export interface AloneRoomView {
  readonly id: string;
  readonly handle: string;
  readonly label: RoomLabel;
  readonly caseHandle: string;
  /** Who opened it. */
  readonly by: string;
  readonly readers: readonly string[];
  readonly entries: readonly EntryView[];
  readonly alarms: readonly Alarm[];
}

export interface QueueOptions extends WorkOptions {
  /** Called with the cases as soon as they opened, before the log is read. */
  readonly onEarly?: ((view: QueueView) => void) | undefined;
}

export interface RoomView {
  readonly id: string;
  /** `other` for one that is not what it calls itself. */
  readonly label: RoomLabel | 'other';
  readonly access: readonly AccessView[];
  /** Members who could be granted: in the room's roster, not yet able to read, not in conflict. */
  readonly grantable: readonly MemberView[];
}

export interface CaseView {
  readonly id: string;
  readonly handle: string;
  readonly channel: ChannelView | null;
  readonly status: CaseStatus;
  readonly checkWords: readonly string[];
  readonly people: readonly NamedPerson[];
  readonly excluded: readonly ExcludedView[];
  readonly rooms: readonly RoomView[];
  /** Of all rooms this member can read, in the order of their dates, pending last. */
  readonly entries: readonly EntryView[];
  readonly due: readonly DateView[];
  readonly holds: readonly HoldView[];
  readonly claims: readonly ClaimView[];
  readonly risk: RiskView | null;
  readonly handling: HandlingView | null;
  readonly mayHandle: boolean;
  /** Somebody else signed a close that this member may confirm. */
  readonly closing: { readonly by: string; readonly reason: string; readonly mayConfirm: boolean } | null;
  /** Somebody signed to erase it, and nothing was written since. */
  readonly erasing: ErasingView | null;
  /** With which code asking, asking because its time is over, or agreeing to erase it would be refused; null when it would not. */
  readonly erase: { readonly ask: string | null; readonly retention: string | null; readonly agree: string | null };
  readonly staying: readonly StayingView[];
  /** Its rooms that two members erased though the report is there. */
  readonly erased: readonly ErasedRoomView[];
  /** When the log first held the second signature under the closing; null while it is not closed. */
  readonly closedAt: UnixTime | null;
  readonly alarms: readonly Alarm[];
}

/** An entry of the directory with this member's signature, or about the member; `name` is whom it is about. */
export interface HistoryItem {
  readonly index: number;
  readonly signed: boolean;
  readonly what: string;
  readonly name: string | null;
}

/** Deadlines of a channel whose holidays are known for little longer: to the end of the day `last`, "YYYY-MM-DD". */
export interface EndingView {
  readonly title: string;
  readonly version: number;
  readonly site: string;
  readonly last: string;
}

/** One signed-in member. Keys live inside; `lock` forgets them and every later call rejects with "locked". */
export interface DeskSession {
  readonly me: MemberView;
  readonly organisation: OrganisationView;
  /** For those who can sign a newer version, and for independents: nothing for others. */
  readonly listEnding: () => readonly EndingView[];
  readonly loadQueue: (options?: QueueOptions) => Promise<QueueView>;
  /** Called at most once a tick, also when nothing happened; returns the way to stop. */
  readonly onTick: (listener: (tick: number) => void) => () => void;
  readonly openCase: (id: string, options?: WorkOptions) => Promise<CaseView>;
  readonly acknowledge: (id: string, text: string, options?: SendOptions) => Promise<CaseView>;
  readonly feedback: (id: string, action: string, grounds: string, options?: SendOptions) => Promise<CaseView>;
  /** Into the reporter's room. */
  readonly reply: (id: string, text: string, files: readonly File[], options?: SendOptions) => Promise<CaseView>;
  /** Into the internal room, which the first note makes. */
  readonly note: (id: string, text: string, files: readonly File[], options?: SendOptions) => Promise<CaseView>;
  /** Into a room that is read without its report. */
  readonly writeAlone: (room: string, text: string, files: readonly File[], options?: SendOptions) => Promise<void>;
  /** Lets a member into one room of the case; the reporter sees the name and the date. */
  readonly grant: (id: string, label: RoomView['label'], member: string, options?: SendOptions) => Promise<CaseView>;
  /** More time, a step, a result, a hold or an earlier disclosure; everything but internal holds is seen by the reporter. */
  readonly record: (id: string, record: CaseRecord, options?: SendOptions) => Promise<CaseView>;
  readonly close: (id: string, reason: string, options?: SendOptions) => Promise<CaseView>;
  readonly confirmClose: (id: string, options?: SendOptions) => Promise<CaseView>;
  readonly reopen: (id: string, reason: string, options?: SendOptions) => Promise<CaseView>;
  /** Into the room about a missed date, which the first independent makes; `besides`: the key to the one that is there never came. */
  readonly openHandling: (id: string, text: string, besides: boolean, options?: SendOptions) => Promise<CaseView>;
  /** Signs the closing of that room, or confirms the one that another independent signed. */
  readonly closeHandling: (id: string, reason: string, options?: SendOptions) => Promise<CaseView>;
  /** A signed file about a missed date of a report that is only watched, without a word or a name of it. */
  readonly signMissed: (id: string, kind: DateView['kind'], options?: WorkOptions) => Promise<SavedFile>;
  /** What of all cases could go, when, and by which rules; nothing is done. */
  readonly previewRetention: (question: RetentionQuestion, options?: WorkOptions) => Promise<RetentionView>;
  /** Signs to erase every room of the case that this member reads; another member must agree. */
  readonly askErasure: (id: string, ground: Ground, text: string, options?: SendOptions) => Promise<CaseView>;
  /** Agrees to the wish that was read: the rooms are gone. What is left of them; "entry-conflict" when it is another by now. */
  readonly agreeErasure: (id: string, wish: string, options?: SendOptions) => Promise<readonly ErasedRoomView[]>;
  /** The same for a room that is left of an erased report. */
  readonly askLeft: (room: string, ground: Ground, text: string, options?: SendOptions) => Promise<void>;
  readonly agreeLeft: (room: string, wish: string, options?: SendOptions) => Promise<void>;
  /** The dates of these cases as a calendar file; a later one brings it up to date. */
  readonly saveDates: (cases: readonly Pick<QueueItem, 'id' | 'due'>[], words: CalendarWords) => Promise<SavedFile>;
  readonly loadMailWish: () => Promise<MailWish>;
  /** Where the fixed reminders go from the next hour on; null: nowhere. "mail-address", "mail-off". */
  readonly setMailAddress: (address: string | null) => Promise<void>;
  /** What the case holds of one person, for that person; "export-entry", "export-subject". */
  readonly makeExport: (id: string, choice: Choice, options?: WorkOptions) => Promise<ExportView>;
  readonly downloadAttachment: (id: string, attachment: string, options?: WorkOptions) => Promise<SavedFile>;
  /** Decoded and drawn anew on this device, so that nothing but pixels is left; "image-form" when it is no image. */
  readonly showImage: (id: string, attachment: string, options?: WorkOptions) => Promise<Blob>;
  /** What the directory says of this member and this device does not know. */
  readonly listHistory: () => Promise<readonly HistoryItem[]>;
  /** All of it was this member, or is right. */
  readonly rememberHistory: () => Promise<void>;
  /** This member's key declares itself void, at once and for good. */
  readonly voidKey: () => Promise<void>;
  readonly lock: () => void;
}

export interface Desk {
  readonly loadHeading: () => Promise<{ readonly name: string; readonly slug: string; readonly demo: boolean }>;
  /** "words-…" are told here and never sent; "member-unknown" when the directory knows no such keys. */
  readonly signIn: (words: string, options?: WorkOptions) => Promise<DeskSession>;
}
