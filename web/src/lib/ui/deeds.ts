/** What an entry says besides words, in a sentence. */
import { m } from '../paraglide/messages.js';
import type { Disclosure, RiskLevel } from '../protocol/records.ts';
import type { DeedView } from '../state/types.ts';
import { dayWords, longDate } from './dates.ts';

export type HoldType = Extract<DeedView, { is: 'hold' }>['type'];
export type ToldTo = Disclosure['to'];
type Step = Extract<DeedView, { is: 'step' }>['step'];

export function stepWords(step: Step): string {
  return {
    contact: m.common_step_contact,
    'respondent-notice': m.common_step_respondent_notice,
    'respondent-reply': m.common_step_respondent_reply,
    inquiry: m.common_step_inquiry,
    report: m.common_step_report,
    action: m.common_step_action,
  }[step]();
}

export function holdWords(type: HoldType): string {
  return { external: m.common_hold_external, interview: m.common_hold_interview, legal: m.common_hold_legal }[type]();
}

export function toldWords(to: ToldTo): string {
  return {
    manager: m.common_told_manager,
    hr: m.common_told_hr,
    forum: m.common_told_forum,
    police: m.common_told_police,
    other: m.common_told_other,
  }[to]();
}

export function riskWords(level: RiskLevel): string {
  return {
    low: m.common_risk_low,
    medium: m.common_risk_medium,
    high: m.common_risk_high,
    severe: m.common_risk_severe,
  }[level]();
}

/** Somebody is said to have been told before, on a day or on one that is not known. */
export function claimWords({ on, to, name }: Disclosure): string {
  const who = name || toldWords(to);
  return on === null ? m.common_claimed_undated({ who }) : m.common_claimed({ when: dayWords(on), who });
}

export function deedWords(deed: DeedView): string {
  switch (deed.is) {
    case 'step':
      return stepWords(deed.step);
    case 'extend':
      return m.common_deed_extend({ when: longDate(deed.until) });
    case 'hold':
      return deed.until === null
        ? holdWords(deed.type)
        : m.common_deed_hold({ what: holdWords(deed.type), when: longDate(deed.until) });
    case 'lift':
      return m.common_deed_lift();
    case 'told':
      return claimWords(deed);
    case 'risk':
      return m.common_deed_risk({ level: riskWords(deed.level) });
    case 'automatic':
      return m.common_deed_automatic();
  }
}
