/** The page itself as values for the screens: where it lives, which release it is, what it hands in. */
import type { Alarm, SavedFile, UnixTime } from './types.ts';

/** Which release the page is, as it says itself. */
export interface ReleaseView {
  readonly version: string;
  /** Hex; null where the page cannot know it. */
  readonly digest: string | null;
  /** In the directory log: as the newest, replaced, not at all, or nothing is; null where no directory was checked. */
  readonly logged: 'newest' | 'older' | 'no' | 'none' | null;
}

/** Where this page lives. */
export interface PlaceView {
  /** The organisation's page, as one types or opens it. */
  readonly address: string;
  /** The keys came with the page, from whoever made it; else the organisation's own word is taken for them. */
  readonly pinned: boolean;
  /** No network: what is shown was checked from the copy that the page carries. */
  readonly copied: boolean;
  /** The page is one file (tools/single.ts), opened from wherever it lies. */
  readonly single: boolean;
}

/** What the organisation signed for a sealed report that somebody handed in. */
export interface SubmittedReport {
  readonly receivedAt: UnixTime;
  readonly includeBy: UnixTime;
  readonly due: readonly { readonly kind: 'acknowledge' | 'feedback'; readonly at: UnixTime }[];
  /** Belongs to whoever has the words. */
  readonly note: SavedFile;
  readonly alarms: readonly Alarm[];
}
