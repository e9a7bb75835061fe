/**
 * What the screens see: plain immutable values and the two facades.
 *
 * No value here holds a key. Words appear once, in `SentReport` and in the waiting step of `SendProgress`. Everything that
 * can fail rejects with a `PlaintError` from `../protocol/errors.ts`; its `code` is a line of spec/errors.md.
 */

import type { ClaimView, DeedView, DueView, DutyView, HoldView } from './types_dates.ts';
import type { PlaceView, ReleaseView, SubmittedReport } from './types_place.ts';

export type * from './types_dates.ts';
export type * from './types_erasing.ts';
import type { Bytes } from '../protocol/bytes.ts';
import type { Route } from '../protocol/outside.ts';
import type { Disclosure } from '../protocol/records.ts';
import type { JudgedDue } from '../protocol/verify.ts';

export type * from './types_desk.ts';

/** Seconds since 1970-01-01 UTC. */
export type UnixTime = number;

/** A file made on this device for the person to keep: hand it to a download link, then drop it. */
export interface SavedFile {
  readonly name: string;
  readonly blob: Blob;
}

/* ---------------------------------------------------------------- people */

export type Role =
  | 'administrator'
  | 'auditor'
  | 'case-manager'
  | 'decision-maker'
  | 'independent'
  | 'intake-handler'
  | 'investigator'
  | 'reviewer';

export interface MemberView {
  /** 32 hex. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** From the chart, when the member is a person of it. */
  readonly title: string | null;
}

/** A person of the organisation's chart, for the search on her device. */
export interface ChartPersonView {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly reportsTo: string | null;
}

export interface ChannelView {
  readonly id: string;
  readonly title: string;
  readonly pack: { readonly title: string; readonly outside: string | null; readonly duties: readonly DutyView[] };
}

/** Everything public that a page shows about the organisation, after it was checked. */
export interface OrganisationView {
  readonly name: string;
  readonly slug: string;
  readonly channels: readonly ChannelView[];
  readonly members: readonly MemberView[];
  readonly people: readonly ChartPersonView[];
  readonly tickS: number;
  /** All members' keys were made on one machine, for show: every page says so. */
  readonly demo: boolean;
  /** The date that the cosigners gave to the directory which these pages rest on. */
  readonly checkedAt: UnixTime;
  /** How many outside parties countersigned it, and how many are needed. */
  readonly cosigners: { readonly seen: number; readonly quorum: number; readonly names: readonly string[] };
  readonly place: PlaceView;
  readonly release: ReleaseView;
}

/* ---------------------------------------------------------------- who can read */

export interface NamedPerson {
  readonly name: string;
  /** Id in the chart, or null for free text, which excludes nobody. */
  readonly person: string | null;
  readonly where: 'inside' | 'outside';
}

/** Somebody she shuts out herself: a person of the chart, a member, or both. */
export interface Exclusion {
  readonly name: string;
  readonly person: string | null;
  readonly member: string | null;
}

export interface ReaderView extends MemberView {
  /** `now` gets the key with the report; `if-late` only when a date is missed. */
  readonly when: 'now' | 'if-late';
  /** `channel`: the channel's work. `independent`: outside the line. `fallback`: too few others were left. */
  readonly why: 'channel' | 'independent' | 'fallback';
}

export interface ExcludedView {
  readonly name: string;
  readonly title: string | null;
  /** `named`: she named this person. `line`: above or below `of`. `chosen`: she shut this person out. */
  readonly why: 'named' | 'line' | 'chosen';
  readonly of: string | null;
  readonly person: string | null;
  readonly member: string | null;
}

export interface AccessPreview {
  readonly readers: readonly ReaderView[];
  /** Sorted: members first, then the rest of the line. `member` tells whether this person could have read it. */
  readonly excluded: readonly ExcludedView[];
  /** Names that match nobody in the chart: they exclude nobody, say so. */
  readonly unmatched: readonly NamedPerson[];
  /** "access-nobody" when nobody would be left to read it: she must shut out fewer people. */
  readonly refused: 'access-nobody' | null;
}

/* ---------------------------------------------------------------- what is said */

export interface AttachmentView {
  /** 64 hex; stable within one conversation, use as key. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export type EntryKind =
  'open' | 'slots' | 'acknowledge' | 'feedback' | 'extend' | 'decide' | 'close' | 'reopen' | 'erase' | 'entry';

/** `proved`, `own`, `unproved` (say *not proved to be from …*), `earlier` (from before this reader was let in),
 * `unadmitted` (signed by a member who was not let in) and `former` (signed when its author's key had ended), which do not count. */
export type Authorship = 'proved' | 'own' | 'unproved' | 'earlier' | 'unadmitted' | 'former';

export type RoomLabel = 'reporter' | 'internal' | 'respondent' | 'witness' | 'legal' | 'handling';

/** `reporter` is the holder of the words; `unknown` when nothing valid names an author. */
export type AuthorView =
  | { readonly who: 'reporter'; readonly you: boolean }
  | { readonly who: 'member'; readonly you: boolean; readonly id: string; readonly name: string }
  | { readonly who: 'unknown'; readonly you: false };

export interface GrantView {
  readonly member: string;
  readonly name: string;
  readonly room: RoomLabel | 'other';
}

export interface EntryView {
  /** Unique within a case: `<room>/<seq>`. */
  readonly key: string;
  readonly room: RoomLabel | 'other';
  readonly seq: number;
  readonly kind: EntryKind;
  readonly author: AuthorView;
  readonly authorship: Authorship;
  /** The date the log gives; null while it waits for its place in the log. */
  readonly loggedAt: UnixTime | null;
  /** For open, acknowledge, feedback, decide, close, reopen: whether its token stands in the log. Null while unknown. */
  readonly tokenLogged: boolean | null;
  readonly text: string;
  readonly lang: string | null;
  readonly attachments: readonly AttachmentView[];
  /** kind feedback. */
  readonly feedback: { readonly action: string; readonly grounds: string } | null;
  /** kind close or reopen. */
  readonly reason: string | null;
  /** Says that somebody was let in: kind slots, or a notice about another room of the case. */
  readonly grant: GrantView | null;
  /** What it says besides words: a step, more time, a hold, who was told before. */
  readonly deed: DeedView | null;
  /** True when this entry is the second signature of a close. */
  readonly confirmsClose: boolean;
  /** Set when the body could not be shown, e.g. "body-bind", "age-payload", "content-form": show it, in words. */
  readonly problem: string | null;
}

export interface AccessView extends MemberView {
  /** `can-read` now, or `if-late`: holds a waiting key that opens when a date is missed. */
  readonly state: 'can-read' | 'if-late';
  /** The date of the grant in the log; null while it waits for its place, or for `if-late`. */
  readonly since: UnixTime | null;
}

export type CaseStatus = 'received' | 'acknowledged' | 'feedback' | 'closing' | 'closed' | 'reopened' | 'erasing';

/**
 * Something that did not check. `code` as in spec/errors.md, e.g. "slots-position" (`detail`: the position), "state-clock",
 * "state-due", "state-fork", "room-tokens"; `room` where it happened.
 */
export interface Alarm {
  readonly code: string;
  readonly detail: string;
  readonly room: RoomLabel;
}

/* ---------------------------------------------------------------- long work */

export type Step =
  /** Reading and checking the directory, or the log. */
  | { readonly step: 'checking'; readonly done: number; readonly total: number | null }
  /** Copying the log; numbers are its entries, those that were here before among them. */
  | { readonly step: 'log'; readonly done: number; readonly total: number }
  /** Sealing and sending one file; numbers are bytes of that file. */
  | {
      readonly step: 'file';
      readonly name: string;
      readonly index: number;
      readonly count: number;
      readonly done: number;
      readonly total: number;
    }
  /** The small puzzle that keeps floods away. */
  | { readonly step: 'work' }
  | { readonly step: 'sealing' }
  | { readonly step: 'sending' };

export type SendProgress =
  | Step
  /**
   * Refused for now ("admission") or unreachable: sealed on this device and sent again by itself at `nextTryAt`. `words` is
   * empty for a reply. `save()` gives the sealed write as a file that anybody may carry.
   */
  | {
      readonly step: 'waiting';
      readonly tries: number;
      readonly nextTryAt: UnixTime;
      readonly words: readonly string[];
      readonly checkWords: readonly string[];
      readonly save: () => SavedFile;
    };

export interface SendOptions {
  readonly onProgress?: (progress: SendProgress) => void;
  /** Aborting rejects with `PlaintError` "cancelled" and deletes what was uploaded. */
  readonly signal?: AbortSignal;
}

export interface WorkOptions {
  readonly onProgress?: (progress: Step) => void;
  readonly signal?: AbortSignal;
}

/* ---------------------------------------------------------------- reporter */

export interface Draft {
  readonly channel: string;
  readonly text: string;
  /** BCP 47 tag of what she wrote, or null. */
  readonly lang: string | null;
  readonly people: readonly NamedPerson[];
  readonly exclusions: readonly Exclusion[];
  readonly files: readonly File[];
  /** Somebody she says she told before, or null. */
  readonly told: Disclosure | null;
}

/** "en", or "zh-hans" for a reader of simplified Chinese. */
export type WordLanguage = 'english' | 'chinese_simplified';

export interface SentReport {
  /** The 12 words. Show once. */
  readonly words: readonly string[];
  /** `PLAINT1:` + words, for a QR code drawn on this device. */
  readonly wordsQr: string;
  readonly checkWords: readonly string[];
  readonly readers: readonly ReaderView[];
  readonly excluded: readonly ExcludedView[];
  readonly due: readonly DueView[];
  /** What the organisation's server signed: the start of the tick in which the report arrived. */
  readonly receivedAt: UnixTime;
  /** By then it stands in the log, or the receipt proves that it should. */
  readonly includeBy: UnixTime;
  /** Provisional; the complete one comes from `Conversation.buildReceipt`. */
  readonly receipt: SavedFile;
  readonly alarms: readonly Alarm[];
  /** The open conversation, so that she need not type the words at once. */
  readonly conversation: Conversation;
}

export interface ConversationView {
  readonly organisation: string;
  readonly channel: ChannelView | null;
  readonly status: CaseStatus;
  readonly checkWords: readonly string[];
  readonly entries: readonly EntryView[];
  readonly access: readonly AccessView[];
  readonly excluded: readonly ExcludedView[];
  readonly due: readonly DueView[];
  readonly holds: readonly HoldView[];
  readonly claims: readonly ClaimView[];
  readonly receivedAt: UnixTime | null;
  readonly alarms: readonly Alarm[];
}

export interface ReceiptView {
  readonly state: 'provisional' | 'complete';
  readonly file: SavedFile;
  /** The date of the report in the log, when complete. */
  readonly loggedAt: UnixTime | null;
  /** While provisional: in the log by then. Null when the note in the receipt no longer carries the promise. */
  readonly includeBy: UnixTime | null;
}

/** What a receipt and the public log show together, and the files by which anybody can check it. */
export interface ProofView {
  readonly log: string;
  readonly graceS: number;
  readonly receivedAt: UnixTime;
  /** The date of the report in the log; null while it waits. */
  readonly loggedAt: UnixTime | null;
  /** Up to when the log was seen: everything said here is said as of then. */
  readonly seenAt: UnixTime;
  readonly dues: readonly JudgedDue[];
  readonly files: Readonly<Record<string, Bytes>>;
}

/** One opened report. Keys live inside; `lock` forgets them and every later call rejects with "locked". */
export interface Conversation {
  readonly view: () => ConversationView;
  readonly refresh: (options?: WorkOptions) => Promise<ConversationView>;
  readonly reply: (text: string, files: readonly File[], options?: SendOptions) => Promise<ConversationView>;
  /** She opens a closed case again. */
  readonly reopen: (reason: string, options?: SendOptions) => Promise<ConversationView>;
  /** She lets a member of the roster read: nobody's leave is needed for it, and it cannot be taken back. */
  readonly letIn: (member: string, options?: SendOptions) => Promise<ConversationView>;
  readonly downloadAttachment: (id: string, options?: WorkOptions) => Promise<SavedFile>;
  /** Downloads the log's leaves, never one leaf. */
  readonly buildReceipt: (options?: WorkOptions) => Promise<ReceiptView>;
  /** Downloads the log's leaves, never one leaf. */
  readonly buildProof: (options?: WorkOptions) => Promise<ProofView>;
  /** What she waits for as a calendar file, made here; `summary` is all that anybody sees of it. */
  readonly buildCalendar: (summary: string) => SavedFile;
  readonly lock: () => void;
}

export interface Reporter {
  /** Name and slug only: small and quick, for the first page. */
  readonly loadHeading: () => Promise<{ readonly name: string; readonly slug: string; readonly demo: boolean }>;
  /** What the organisation adds to the outside routes, for all countries; never fails. */
  readonly loadAdditions: () => Promise<readonly Route[]>;
  /** Fetches and checks the directory, names and chart once; later calls give the same view. */
  readonly loadOrganisation: (options?: WorkOptions) => Promise<OrganisationView>;
  /** Pure and quick, on this device; needs `loadOrganisation` first. */
  readonly previewAccess: (
    channel: string,
    people: readonly NamedPerson[],
    exclusions: readonly Exclusion[],
  ) => AccessPreview;
  /** Chart search on this device: accents and case do not matter, at most `limit` people. */
  readonly searchPeople: (query: string, limit?: number) => readonly ChartPersonView[];
  readonly createReport: (
    draft: Draft,
    options?: SendOptions & { readonly words?: WordLanguage },
  ) => Promise<SentReport>;
  /**
   * "words-count", "words-unknown" (detail: position from 1), "words-checksum" are told here and never sent. "not-found" is the
   * one answer for words of no report.
   */
  readonly openReport: (words: string, options?: WorkOptions) => Promise<Conversation>;
  /** What is left of a report that two members erased; null when these words still open it. "not-found" as above. */
  readonly findErased: (words: string, options?: WorkOptions) => Promise<ErasedView | null>;
  /** Somebody's sealed report, as it was saved; "submit-answer" and "submit-other" when it cannot be handed in here. */
  readonly submitReport: (file: Blob, options?: SendOptions) => Promise<SubmittedReport>;
  /** This page as one file, with the keys it trusts and the directory checked again. */
  readonly savePage: (options?: WorkOptions) => Promise<SavedFile>;
}

/** A report that is gone: why, who signed, and since when the log holds both signatures. */
export interface ErasedView {
  readonly ground: 'retention' | 'irrelevant' | 'request' | 'order';
  readonly text: string | null;
  readonly by: readonly string[];
  readonly loggedAt: UnixTime | null;
  readonly complete: boolean;
  readonly certificate: SavedFile;
}

/*
 * Made by `createReporter()` in `./reporter.ts` and `createDesk()` in `./desk.ts`; both take the organisation's address from
 * the page's own location unless they are given one.
 */
