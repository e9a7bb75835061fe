import { m } from '../paraglide/messages.js';
import type { Role } from '../state/types.ts';

/** The role in the reader's language. */
export function roleName(role: Role): string {
  return {
    administrator: m.common_role_administrator,
    auditor: m.common_role_auditor,
    'case-manager': m.common_role_case_manager,
    'decision-maker': m.common_role_decision_maker,
    independent: m.common_role_independent,
    'intake-handler': m.common_role_intake_handler,
    investigator: m.common_role_investigator,
    reviewer: m.common_role_reviewer,
  }[role]();
}
