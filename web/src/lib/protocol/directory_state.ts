/** The state of a directory: who may act, who receives, under which keys (spec/directory.md, "Fold"). */
import { type Bytes, encodeHex } from './bytes.ts';
import type { Entry } from './directory.ts';
import type { Channel, ChartDigest, Clock, Member, Role } from './directory_contents.ts';
import type { Cosigners, Origin, Succession } from './directory_server.ts';
import { VerificationError } from './errors.ts';
import { type VerifierKey, encodeVkey } from './note.ts';
import type { Pack } from './packs.ts';
import type { Release } from './release.ts';

export type Status = 'active' | 'suspended' | 'left' | 'compromised';

/** What a member was from entry `begin` on, until entry `end` changed it. */
export interface Term {
  readonly member: Member;
  readonly status: Status;
  readonly begin: number;
  readonly end: number;
}

/**
 * A member and whether they may act; keys of those who left are kept, because what they signed stays. `begin` is the entry that
 * made this so, `terms` what was before, oldest first; `carries` are those of every rotation (carry.ts), oldest first.
 */
export interface MemberState {
  readonly member: Member;
  readonly status: Status;
  readonly begin: number;
  readonly terms: readonly Term[];
  readonly carries: readonly Bytes[];
}

/** A receipt key that no longer signs, and the entry that ended it; a void one may be in other hands. */
export interface FormerReceipts {
  readonly key: VerifierKey;
  readonly end: number;
  readonly void: boolean;
}

/** The server's keys before a succession, and what took their place. */
export interface Past {
  readonly origin: Origin;
  readonly succession: Succession;
  readonly receipts: readonly FormerReceipts[];
}

/** A release, the entry that logged it, and the project's key that was held then. */
export interface Released {
  readonly index: number;
  readonly release: Release;
  readonly upstream: VerifierKey;
}

/**
 * The directory after `size` entries; `pending` are delayed entries without effect yet, `past` origins that others succeeded,
 * `releases` all that were logged, `receipts` the receipt keys that ended under the same origin, oldest first.
 */
export interface DirectoryState {
  readonly size: number;
  readonly org: Bytes;
  readonly name: string;
  /** By the hex of their ids. */
  readonly members: ReadonlyMap<string, MemberState>;
  readonly channels: ReadonlyMap<string, Channel>;
  /** By the hex of their digests. */
  readonly packs: ReadonlyMap<string, Pack>;
  readonly clock: Clock;
  readonly demo: boolean;
  readonly origin: Origin | null;
  readonly chart: ChartDigest | null;
  readonly cosigners: Cosigners | null;
  readonly pending: readonly Entry[];
  readonly void: readonly number[];
  readonly past: readonly Past[];
  readonly upstream: VerifierKey | null;
  readonly releases: readonly Released[];
  readonly receipts: readonly FormerReceipts[];
}

/** The active members who have one of `roles`, by id. */
export function findActive(state: DirectoryState, roles: readonly Role[]): Member[] {
  const sorted = [...state.members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
  return sorted.filter(({ status, member }) => status === 'active' && hasRole(member, roles)).map((m) => m.member);
}

/** The releases that count, oldest first: where a trust file pins a key, only that key's. */
export function listReleases({ releases }: DirectoryState, pinned: VerifierKey | null): readonly Released[] {
  return releases.filter(({ upstream }) => pinned === null || encodeVkey(upstream) === encodeVkey(pinned));
}

export function hasRole(member: Member, roles: readonly Role[]): boolean {
  return member.roles.some((role) => roles.includes(role));
}

/**
 * Checks what must hold at all times: two people can change the directory, every channel has members and a pack.
 * Throws VerificationError "directory-founders", "directory-channel", "directory-pack".
 */
export function checkWhole(state: DirectoryState): void {
  const administrators = findActive(state, ['administrator']);
  const independents = findActive(state, ['independent']);
  if (!isPair(administrators, independents)) throw new VerificationError('directory-founders');
  for (const { pack, roles } of state.channels.values()) {
    if (!state.packs.has(encodeHex(pack))) throw new VerificationError('directory-pack');
    if (findActive(state, roles).length === 0) throw new VerificationError('directory-channel');
  }
}

/** Two different people, one with each role. */
export function isPair(administrators: readonly Member[], independents: readonly Member[]): boolean {
  const people = new Set([...administrators, ...independents].map(({ id }) => encodeHex(id)));
  return administrators.length > 0 && independents.length > 0 && people.size > 1;
}
