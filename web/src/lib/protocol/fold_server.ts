/** How entries change the keys of the server and the releases it may serve (spec/directory.md, "Fold"). */
import { encodeHex } from './bytes.ts';
import type { Clock } from './directory_contents.ts';
import type { Origin, Succession } from './directory_server.ts';
import type { DirectoryState } from './directory_state.ts';
import { VerificationError } from './errors.ts';
import { type VerifierKey, encodeVkey } from './note.ts';
import { type Release, verifyRelease } from './release.ts';

/**
 * The state under another clock, whose grace is no longer: it would make old late answers punctual.
 * Throws VerificationError "directory-grace".
 */
export function changeClock(state: DirectoryState, clock: Clock): DirectoryState {
  if (clock.grace * clock.tick > state.clock.grace * state.clock.tick) throw new VerificationError('directory-grace');
  return { ...state, clock };
}

/**
 * Checks that neither name nor keys served before: what was signed then must not pass for what is signed now.
 * Throws VerificationError "directory-succession".
 */
export function checkSuccession(state: DirectoryState, { origin }: Succession): Origin {
  const used = listUsed(state);
  const reused = listPublic(origin).some((key) => used.has(key));
  if (state.origin === null || reused || listOrigins(state).some((other) => other.origin === origin.origin)) {
    throw new VerificationError('directory-succession');
  }
  return state.origin;
}

/** The state in which other logs took the place of both. Throws as `checkSuccession`. */
export function succeedOrigin(state: DirectoryState, succession: Succession): DirectoryState {
  const origin = checkSuccession(state, succession);
  const past = [...state.past, { origin, succession, receipts: state.receipts }];
  return checkApart({ ...state, origin: succession.origin, past, receipts: [] });
}

/**
 * Checks that a receipt key has the name of the one it replaces and was nobody's before.
 * Throws VerificationError "directory-receipts", "directory-upstream".
 */
export function checkReceipts(state: DirectoryState, key: VerifierKey): Origin {
  const { origin } = state;
  if (origin === null || key.name !== origin.receipts.name || listUsed(state).has(encodeHex(key.public))) {
    throw new VerificationError('directory-receipts');
  }
  const next = { ...origin, receipts: key };
  checkApart({ ...state, origin: next });
  return next;
}

/** The state in which `key` signs state notes. Throws as `checkReceipts`. */
export function replaceReceipts(state: DirectoryState, key: VerifierKey): DirectoryState {
  const origin = checkReceipts(state, key);
  const old = state.origin?.receipts ?? key;
  const known = state.receipts.some((former) => isSame(former.key, old));
  const receipts = known ? state.receipts : [...state.receipts, { key: old, end: state.size - 1, void: false }];
  return { ...state, origin, receipts };
}

/**
 * The state in which notes under `key` count only behind leaves that were logged before.
 * Throws VerificationError "directory-compromised" for a key that never signed, or is void already.
 */
export function voidReceipts(state: DirectoryState, key: VerifierKey): DirectoryState {
  const known = state.receipts.find((former) => isSame(former.key, key));
  const serving = state.origin !== null && isSame(state.origin.receipts, key);
  if (!(serving || known) || known?.void) throw new VerificationError('directory-compromised', 'no such key');
  const others = state.receipts.filter((former) => former !== known);
  return { ...state, receipts: [...others, { key, end: state.size - 1, void: true }] };
}

/**
 * The state when no server that serves or served holds the key that blesses what it serves.
 * Throws VerificationError "directory-upstream".
 */
export function checkApart(state: DirectoryState): DirectoryState {
  if (state.upstream !== null && listUsed(state).has(encodeHex(state.upstream.public))) {
    throw new VerificationError('directory-upstream');
  }
  return state;
}

/** The state with one more release. Throws VerificationError "directory-release", "release-signature". */
export function addRelease(state: DirectoryState, release: Release): DirectoryState {
  const { upstream, releases } = state;
  if (upstream === null || releases.some((other) => other.release.version === release.version)) {
    throw new VerificationError('directory-release');
  }
  verifyRelease(release, upstream);
  return { ...state, releases: [...releases, { index: state.size - 1, release, upstream }] };
}

function isSame(one: VerifierKey, other: VerifierKey): boolean {
  return encodeVkey(one) === encodeVkey(other);
}

function listOrigins({ past, origin }: DirectoryState): Origin[] {
  return [...past.map((each) => each.origin), ...(origin ? [origin] : [])];
}

/** Every key that a server of the organisation has or had. */
function listUsed(state: DirectoryState): Set<string> {
  const former = [...state.receipts, ...state.past.flatMap(({ receipts }) => receipts)];
  return new Set([...listOrigins(state).flatMap(listPublic), ...former.map(({ key }) => encodeHex(key.public))]);
}

function listPublic({ cases, directory, clock, receipts }: Origin): string[] {
  return [cases, directory, clock, receipts].map((key) => encodeHex(key.public));
}
