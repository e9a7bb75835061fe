/** Rosters: the members a slot set has places for, from the directory alone (spec/directory.md, "Roster"). */
import type { Roster, RosterMember } from './access.ts';
import { HANDLING_ROLES } from './directory_contents.ts';
import { VerificationError } from './errors.ts';
import { type DirectoryState, findActive, hasRole } from './directory_state.ts';

/** The roster of `channel` at the size of `state`. Throws VerificationError "roster-channel". */
export function computeRoster(state: DirectoryState, channel: string): Roster {
  const found = state.channels.get(channel);
  if (found === undefined) throw new VerificationError('roster-channel');
  const active = findActive(state, [...HANDLING_ROLES, 'independent', ...found.roles]);
  const delivered: RosterMember[] = active.map((member) => ({
    id: member.id,
    age: member.age,
    author: member.author,
    sign: member.sign,
    independent: hasRole(member, ['independent']),
    channel: hasRole(member, found.roles),
  }));
  return { delivered, held: delivered.filter((member) => member.independent) };
}
