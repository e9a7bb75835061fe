/** What goes, what is kept, and what is gone, as pages see it. Screens import these through `./types.ts`. */
import type { Outcome, RetentionFacts, RetentionState, Term } from './retention.ts';
import type { EntryView, ErasedView, RoomLabel, SavedFile, UnixTime } from './types.ts';

export type { Choice } from './exported.ts';
export type { Outcome, RetentionState, Term } from './retention.ts';

export type Ground = ErasedView['ground'];

/** A case with what the rules say of it; they are shown side by side, and nothing follows by itself. */
export interface RetentionItem extends RetentionFacts {
  readonly id: string;
  readonly handle: string;
  readonly excerpt: string;
  readonly state: RetentionState;
  readonly terms: readonly Term[];
  /** Reasons of the legal holds that stand. */
  readonly holds: readonly string[];
}

export interface RetentionView {
  /** Those to look at first. */
  readonly items: readonly RetentionItem[];
  /** How many rooms of erased reports are still there, which this member reads. */
  readonly left: number;
  readonly readAt: UnixTime;
}

export interface RetentionQuestion {
  /** Jurisdictions, such as "DE". */
  readonly under: readonly string[];
  /** How the cases ended, null when nobody says. */
  readonly outcome: Outcome | null;
}

/** A wish to erase the rooms of a case that this member reads; anything that is written takes it back. */
export interface ErasingView {
  /** Which signature it is: whoever agrees says that this one was read. */
  readonly wish: string;
  readonly by: string;
  readonly you: boolean;
  readonly ground: Ground;
  readonly text: string | null;
  /** Its date in the log. */
  readonly at: UnixTime | null;
  /** In every room that this member reads, for one reason: else it was cut off, or something was written in one of them. */
  readonly whole: boolean;
}

/** A room that stays, or may stay, when the report of its case is erased. */
export interface StayingView {
  readonly id: string;
  readonly label: RoomLabel;
  /**
   * `unseen`: this member cannot read it. `first`: who signed first cannot. `alone`: nobody but this member can. `unless`: it goes only
   * if one of `names` agrees.
   */
  readonly why: 'unseen' | 'first' | 'alone' | 'unless';
  readonly names: readonly string[];
}

/** A room that two members erased, with their certificate, which was checked. */
export interface ErasedRoomView extends ErasedView {
  readonly id: string;
  readonly handle: string;
  /** What it was, and the case it belonged to; null where this device does not know. */
  readonly place: { readonly label: RoomLabel; readonly case: string; readonly handle: string } | null;
}

/** A room that is still there though the report above it was erased: those who signed could not both read it. */
export interface LeftRoomView {
  readonly id: string;
  readonly handle: string;
  readonly label: RoomLabel;
  /** The report that is gone. */
  readonly case: string;
  readonly caseHandle: string;
  readonly readers: readonly string[];
  readonly entries: readonly EntryView[];
  readonly erasing: ErasingView | null;
  readonly erase: { readonly ask: string | null; readonly agree: string | null };
}

/** What is handed over to one person; nothing is made while somebody else may still be named in it. */
export type ExportView =
  | { readonly left: readonly string[] }
  | {
      readonly left: null;
      /** How often something was blacked out. */
      readonly count: number;
      readonly preview: string;
      readonly files: readonly SavedFile[];
      /** Names who was blacked out: it stays with the member. */
      readonly log: SavedFile;
    };
