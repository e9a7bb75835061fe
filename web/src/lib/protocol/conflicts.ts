/** Who must not read a report: the named, their line, and whom the author chose (spec/directory.md, "Conflicts"). */
import {
  type Access,
  type Excluded,
  type Roster,
  type Why,
  checkAccess,
  computeGranted,
  includesId,
  sortIds,
} from './access.ts';
import { type Bytes, compareBytes, encodeHex, equalBytes } from './bytes.ts';
import { type Chart, findAncestors, findDescendants, readMember } from './chart.ts';
import { MalformedError } from './errors.ts';
import { type DirectoryState, hasRole } from './directory_state.ts';

const ORDER: readonly Why[] = ['named', 'line', 'chosen'];
const NOBODY = new Uint8Array(0);

/** Somebody the author points at: a person of the chart, a member, or one who is both. */
export interface Target {
  readonly name: string;
  readonly person: string | null;
  readonly member: Bytes | null;
}

/** Members without a key, sorted, and everybody excluded with the reason. */
export interface Conflicts {
  readonly conflicted: readonly Bytes[];
  readonly excluded: readonly Excluded[];
}

/** The ids of all independent members, active or not. */
export function findIndependents(state: DirectoryState): Bytes[] {
  const members = [...state.members.values()].map(({ member }) => member);
  return members.filter((member) => hasRole(member, ['independent'])).map(({ id }) => id);
}

/**
 * Who gets no key when `named` are named and `chosen` are excluded besides. `chart` has its members linked (`linkMembers`). A target
 * without person and member is free text and excludes nobody.
 * Throws MalformedError "conflicts-person" for a person who is not in the chart.
 */
export function computeConflicts(
  chart: Chart | null,
  named: readonly Target[],
  chosen: readonly Target[],
  independents: readonly Bytes[],
): Conflicts {
  const linker = new Linker(chart);
  const found = new Map<string, Excluded>();
  const add = ({ name, person, member }: Target, why: Why, of: string | null) => {
    if (person === null && member === null) return;
    const key = JSON.stringify([person, member && encodeHex(member)]);
    if (!found.has(key)) found.set(key, { name, person, member, why, of });
  };
  const targets = named.flatMap((target) => linker.link(target));
  for (const target of targets) add(target, 'named', null);
  for (const target of targets) {
    for (const relative of linker.findLine(target.person)) {
      if (relative.member && !includesId(independents, relative.member)) add(relative, 'line', target.name);
    }
  }
  for (const target of chosen.flatMap((one) => linker.link(one))) add(target, 'chosen', null);
  const excluded = [...found.values()].sort(compareExcluded);
  return { conflicted: sortIds(excluded.flatMap(({ member }) => (member ? [member] : []))), excluded };
}

/**
 * The access of a new report: the channel without the conflicted, the independents if too few remain.
 * Throws RefusedError "access-nobody".
 */
export function computeAccess(roster: Roster, { conflicted, excluded }: Conflicts): Access {
  const access = { granted: computeGranted(roster, conflicted), conflicted, excluded };
  checkAccess(access);
  return access;
}

/** Finds the member of a person, the person of a member, and a person's line. */
class Linker {
  readonly #chart: Chart | null;
  readonly #personOf: ReadonlyMap<string, string>;

  constructor(chart: Chart | null) {
    this.#chart = chart;
    const people = chart ? [...chart.people.values()] : [];
    this.#personOf = new Map(people.flatMap(({ id, member }) => (member === null ? [] : [[member, id] as const])));
  }

  /** The target with person and member completed; two when they are not the same human being. */
  link(target: Target): Target[] {
    const id = target.person ?? (target.member && this.#personOf.get(encodeHex(target.member))) ?? null;
    if (id === null) return [target];
    const person = this.#chart?.people.get(id);
    if (person === undefined) throw new MalformedError('conflicts-person');
    const linked = { name: person.name, person: person.id, member: readMember(person) };
    const same = target.member === null || (linked.member !== null && equalBytes(target.member, linked.member));
    return same ? [linked] : [linked, ...this.link({ ...target, person: null })];
  }

  findLine(id: string | null): Target[] {
    const chart = this.#chart;
    if (chart === null || id === null) return [];
    return [...findAncestors(chart, id), ...findDescendants(chart, id)].flatMap((other) => {
      const person = chart.people.get(other);
      return person ? [{ name: person.name, person: person.id, member: readMember(person) }] : [];
    });
  }
}

function compareExcluded(a: Excluded, b: Excluded): number {
  const why = ORDER.indexOf(a.why) - ORDER.indexOf(b.why);
  if (why !== 0) return why;
  const unlisted = Number(a.person === null) - Number(b.person === null);
  if (unlisted !== 0) return unlisted;
  const [left, right] = [a.person ?? '', b.person ?? ''];
  if (left !== right) return left < right ? -1 : 1;
  return compareBytes(a.member ?? NOBODY, b.member ?? NOBODY);
}
