/** Dates of a case as pages see them. Screens import these through `./types.ts`. */
import type { DutyKind, EscalatedTo, EventName, PackDuty, Step as StepName, Unit } from '../protocol/packs.ts';
import type { Disclosure, HoldType, RiskLevel } from '../protocol/records.ts';
import type { Extension } from './obligations.ts';
import type { UnixTime } from './types.ts';

/** A duty of a channel, before there is a report. */
export interface DutyView {
  readonly kind: DutyKind;
  readonly count: number;
  readonly unit: Unit;
  readonly from: PackDuty['start'];
  /** The longest it may be given, once and with reasons, in the same unit; null where nobody can move it. */
  readonly extend: number | null;
  readonly source: string;
  /** "YYYY-MM-DD" on which somebody compared the source with the law, null while nobody has. */
  readonly checkedOn: string | null;
}

/**
 * `open`: still ahead. `met`: done in time. `late`: done after the date. `missed`: not done and the date is past. `lapsed`: the
 * respondent's time is over. `withheld`: the log shows it done, but the organisation still lists it as open.
 * `unreleased`, for somebody who only watches: missed, and the key that should have come an hour later did not.
 */
export type DueState = 'open' | 'met' | 'late' | 'missed' | 'lapsed' | 'withheld' | 'unreleased';

/** Where a date comes from. */
export interface DutyFacts extends DutyView {
  readonly start: UnixTime;
  /** Whether what starts it has happened; until then it runs from the last day on which that should have. */
  readonly begun: boolean;
  readonly met: readonly EventName[];
  readonly by: PackDuty['by'];
  readonly extension: Extension | null;
  /** The latest date that an extension may set, null where there is none. */
  readonly most: UnixTime | null;
  readonly escalated: EscalatedTo | null;
}

export interface DueView<K = DutyKind> {
  readonly kind: K;
  readonly at: UnixTime;
  readonly state: DueState;
  /** The date the log gives to the deed, when there is one. */
  readonly doneAt: UnixTime | null;
  /** Null for somebody who only watches, and on a receipt. */
  readonly duty: DutyFacts | null;
}

/** At the desk: a date that the pack sets, or the one on which somebody must look at a hold again. */
export type DateView = DueView<DutyKind | 'review'>;

/** What an entry says besides words. */
export type DeedView =
  | { readonly is: 'step'; readonly step: StepName }
  | { readonly is: 'extend'; readonly kind: DutyKind; readonly until: UnixTime }
  | { readonly is: 'hold'; readonly type: HoldType; readonly until: UnixTime | null; readonly reason: string }
  | { readonly is: 'lift' }
  | ({ readonly is: 'told' } & Disclosure)
  | { readonly is: 'risk'; readonly level: RiskLevel }
  | { readonly is: 'automatic' };

/** Something the case waits for; no date moves. */
export interface HoldView {
  /** Unique within a case. */
  readonly key: string;
  readonly type: HoldType;
  readonly reason: string;
  /** Its date in the log. */
  readonly at: UnixTime | null;
  /** When somebody looks at it again; null for a legal hold. */
  readonly review: UnixTime | null;
  /** Whether the reporter sees it. */
  readonly shown: boolean;
}

/** Somebody is said to have been told before; `at` is the date of this claim in the log. */
export interface ClaimView extends Disclosure {
  readonly at: UnixTime | null;
}

/** How great the risk of further harm was held to be last, by whom and why. */
export interface RiskView {
  readonly level: RiskLevel;
  readonly by: string;
  readonly reason: string;
  readonly at: UnixTime | null;
}

/** What a member records about a case besides words. */
export type CaseRecord =
  | { readonly is: 'extend'; readonly kind: DutyKind; readonly until: UnixTime; readonly reason: string }
  | { readonly is: 'step'; readonly step: StepName; readonly text: string }
  | { readonly is: 'decide'; readonly text: string }
  | {
      readonly is: 'hold';
      readonly type: HoldType;
      readonly until: UnixTime | null;
      readonly reason: string;
      /** In the internal room, which the reporter does not see; never for an authority. */
      readonly internal: boolean;
    }
  /** Ends the hold with this key, and no other. */
  | { readonly is: 'lift'; readonly key: string }
  /** How great the risk of further harm is; in the internal room. */
  | { readonly is: 'risk'; readonly level: RiskLevel; readonly reason: string }
  | ({ readonly is: 'told' } & Disclosure);
