/** The directory as a client may believe it: folded from signed entries, under a cosigned root, at most a day old. */
import type { Roster } from '../protocol/access.ts';
import type { Signers } from '../protocol/authorship.ts';
import { type Bytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import { type Chart, LIMIT_CHART_BYTES, linkMembers, verifyChart } from '../protocol/chart.ts';
import { type Checkpoint, openCheckpoint } from '../protocol/checkpoint.ts';
import { LIMIT_ENTRY_BYTES, parseEntry } from '../protocol/directory.ts';
import type { Channel, Member } from '../protocol/directory_contents.ts';
import type { Origin } from '../protocol/directory_server.ts';
import { parseNames } from '../protocol/draft.ts';
import { MalformedError, RefusedError, VerificationError } from '../protocol/errors.ts';
import { type DirectoryState, type Released, listReleases } from '../protocol/directory_state.ts';
import { applyEntry } from '../protocol/fold.ts';
import { Frontier, computeLeafHash } from '../protocol/merkle.ts';
import {
  LIMIT_NOTE_BYTES,
  type Note,
  type VerifierKey,
  encodeVkey,
  findSignatures,
  parseNote,
} from '../protocol/note.ts';
import type { Pack } from '../protocol/packs.ts';
import { LIMIT_POLICY_BYTES, computeDate } from '../protocol/policy.ts';
import { dateFormer } from '../protocol/receipt_keys.ts';
import { computeNameHash } from '../protocol/request.ts';
import { computeRoster } from '../protocol/roster.ts';
import { type Turns, listSigningKeys, listTurns, wasInForce } from '../protocol/standing.ts';
import {
  type FormerKey,
  LIMIT_HEAD_BYTES,
  type Trust,
  addFormer,
  findCasesKey,
  findDirectoryKey,
  parseTrust,
} from '../protocol/trust.ts';
import { createDates, verifyDelays } from './delays.ts';
import type { Api, CallOptions } from './http.ts';

const OLDEST_S = 24 * 3600;
const LIMIT_ENTRIES = 100_000;
const LIMIT_NAMES_BYTES = 4 * 1024 * 1024;
const LIMIT_TRUST_BYTES = LIMIT_HEAD_BYTES + LIMIT_POLICY_BYTES;

/** A checked directory. `names` holds what the server still serves of the members' names, each proved right. */
export class View {
  readonly trust: Trust;
  readonly state: DirectoryState;
  /** The date that the cosigners gave to it. */
  readonly date: number;
  /** How many of the policy's cosigners signed its checkpoint. */
  readonly seen: number;
  readonly names: ReadonlyMap<string, string>;
  readonly chart: Chart | null;
  /** The entries as they were logged, from the first on. */
  readonly entries: readonly Bytes[];
  readonly #turns: Turns;
  readonly #states: readonly DirectoryState[];

  constructor(trust: Trust, states: readonly DirectoryState[], about: ViewFacts) {
    const state = states.at(-1);
    if (state === undefined) throw new VerificationError('directory-empty');
    this.trust = trust;
    this.state = state;
    this.date = about.date;
    this.seen = about.seen;
    this.names = about.names;
    this.chart = about.chart;
    this.entries = about.entries;
    this.#turns = about.turns;
    this.#states = states;
  }

  get org(): Bytes {
    return this.state.org;
  }

  /** How many entries the view covers: what new rooms name as `roster`. */
  get size(): number {
    return this.state.size;
  }

  /** Every member there ever was. */
  get members(): readonly Member[] {
    return [...this.state.members.values()].map(({ member }) => member);
  }

  /** The receipt keys that ended, with the dates the cosigners gave to it, as a trust file says them. */
  get former(): readonly FormerKey[] {
    const { receipts, clock } = this.state;
    return receipts.flatMap((known) => {
      const date = this.#turns.get(known.end) ?? null;
      return date === null ? [] : [dateFormer(known, date, clock.tick)];
    });
  }

  /** The trust file with the receipt keys that the directory says ended: good for whoever has no directory. */
  get fullTrust(): Trust {
    return addFormer(this.trust, this.former);
  }

  /** All signing keys of every member there ever was, by the hex of their ids. */
  get signers(): Signers {
    return new Map([...this.state.members].map(([id, found]) => [id, listSigningKeys(found)]));
  }

  /** Whether a member's signature under `sign` counted at the logged date `at`; null: by now. */
  counted(member: Bytes, sign: Bytes, at: number | null): boolean {
    const found = this.state.members.get(encodeHex(member));
    return found !== undefined && wasInForce(found, sign, at, this.#turns, 2 * this.state.clock.tick);
  }

  /** The releases of the client that count, the latest last. */
  get releases(): readonly Released[] {
    return listReleases(this.state, this.trust.upstream);
  }

  /** Whether a member is there by now: neither left nor suspended, and with a key that counts. */
  active(member: Bytes): boolean {
    return this.state.members.get(encodeHex(member))?.status === 'active';
  }

  /** A member's name, or the beginning of the id where the name was deleted. */
  name(member: Bytes): string {
    const id = encodeHex(member);
    return this.names.get(id) ?? `member ${id.slice(0, 8)}`;
  }

  findMember(id: Bytes): Member | null {
    return this.state.members.get(encodeHex(id))?.member ?? null;
  }

  /** The roster of a channel at a directory size. Throws VerificationError "view-roster", "roster-channel". */
  roster(channel: string, size: number): Roster {
    return computeRoster(this.#foldAt(size), channel);
  }

  /** The deadlines of a channel at a directory size. Throws as `roster`. */
  channelPack(channel: string, size: number): Bytes {
    const found = this.#foldAt(size).channels.get(channel);
    if (found === undefined) throw new VerificationError('roster-channel');
    return found.pack;
  }

  /** The include windows a server may promise for a room of roster `size`: then, now, or soon. */
  listWindows(size: number): Set<number> {
    const waiting = this.state.pending.flatMap(({ content }) =>
      content.type === 'clock' ? [content.clock.window] : [],
    );
    return new Set([...waiting, this.state.clock.window, this.#foldAt(size).clock.window]);
  }

  /** The deadlines a manifest names. Throws VerificationError "view-pack". */
  pack(digest: Bytes): Pack {
    const found = this.state.packs.get(encodeHex(digest));
    if (found === undefined) throw new VerificationError('view-pack');
    return found;
  }

  /** Throws RefusedError "channel-unknown". */
  channel(id: string): Channel {
    const found = this.state.channels.get(id);
    if (found === undefined) throw new RefusedError('channel-unknown');
    return found;
  }

  #foldAt(size: number): DirectoryState {
    const state = this.#states[size - 1];
    if (state === undefined) throw new VerificationError('view-roster');
    return state;
  }
}

interface ViewFacts {
  readonly date: number;
  readonly seen: number;
  readonly names: ReadonlyMap<string, string>;
  readonly chart: Chart | null;
  readonly turns: Turns;
  readonly entries: readonly Bytes[];
}

export interface ViewOptions {
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of entries checked so far, and all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * What the server says about its own keys of now; nobody has vouched for it. Which were before is read in the directory: what is offered of
 * them is left aside. Throws as `parseTrust`.
 */
export async function fetchTrust(api: Api, options: CallOptions = {}): Promise<Trust> {
  const { body } = await api.get('log/keys', { ...options, limitBytes: LIMIT_TRUST_BYTES });
  return { ...parseTrust(body), former: [] };
}

/**
 * The directory the server shows, after every check; it is as good as `trust`. Throws VerificationError "view-old", "view-root",
 * "view-short", "view-keys", "view-name", "view-delay", those of the fold, `openCheckpoint`, `verifyChart`; UnavailableError.
 */
export async function fetchView(api: Api, trust: Trust, { now, signal, onProgress }: ViewOptions): Promise<View> {
  const directory = findDirectoryKey(trust.policy);
  const answer = await api.get('log/directory/checkpoint', { limitBytes: LIMIT_NOTE_BYTES, signal });
  const note = parseNote(answer.body);
  const entries = await fetchEntries(api, openCheckpoint(note, directory), signal);
  const states = foldAll(entries, trust.org, onProgress);
  const state = states.at(-1);
  if (state === undefined) throw new VerificationError('directory-empty');
  checkKeys(trust, state.origin);
  const date = computeDate(trust.policy, note);
  if (date === null || date < now() - OLDEST_S) throw new VerificationError('view-old');
  const dates = createDates(api, trust, entries, signal);
  await verifyDelays(dates, entries, states);
  const turns = new Map<number, number | null>();
  for (const index of listTurns(state)) turns.set(index, await dates.compute(index));
  const names = await fetchNames(api, state, signal);
  const chart = await fetchChart(api, state, names, signal);
  return new View(trust, states, { date, seen: countCosigners(trust, note), names, chart, turns, entries });
}

async function fetchEntries(api: Api, { size, root }: Checkpoint, signal?: AbortSignal): Promise<Bytes[]> {
  if (size > LIMIT_ENTRIES) throw new MalformedError('view-size');
  const limitBytes = Math.max(size, 1024) * (LIMIT_ENTRY_BYTES + 1);
  const { body } = await api.get('directory', { query: { from: '0' }, limitBytes, signal });
  const entries = splitLines(body).slice(0, size);
  if (entries.length < size) throw new VerificationError('view-short');
  const frontier = new Frontier();
  for (const entry of entries) frontier.append(computeLeafHash(entry));
  if (!equalBytes(frontier.computeRoot(), root)) throw new VerificationError('view-root');
  return entries;
}

/** The states after each entry, so that old rosters need not be computed again. */
function foldAll(entries: readonly Bytes[], org: Bytes, onProgress: ViewOptions['onProgress']): DirectoryState[] {
  const states: DirectoryState[] = [];
  for (const data of entries) {
    const state = applyEntry(states.at(-1) ?? null, parseEntry(data));
    if (!equalBytes(state.org, org)) throw new VerificationError('directory-org');
    states.push(state);
    onProgress?.(states.length, entries.length);
  }
  return states;
}

/** Checks that the directory speaks of the very keys the trust file holds. */
function checkKeys({ policy, receipts }: Trust, origin: Origin | null): void {
  const held = [findCasesKey(policy), findDirectoryKey(policy), receipts];
  const said: (VerifierKey | undefined)[] = [origin?.cases, origin?.directory, origin?.receipts];
  if (held.some((key, i) => said[i] === undefined || encodeVkey(key) !== encodeVkey(said[i]))) {
    throw new VerificationError('view-keys');
  }
}

function countCosigners({ policy }: Trust, note: Note): number {
  return policy.witnesses.filter(({ key }) => findSignatures(note, key).length > 0).length;
}

async function fetchNames(api: Api, state: DirectoryState, signal?: AbortSignal): Promise<Map<string, string>> {
  const served = parseNames(await api.getJson('names', { limitBytes: LIMIT_NAMES_BYTES, signal }));
  const names = new Map<string, string>();
  for (const [id, { member }] of state.members) {
    const found = served.get(id);
    if (found === undefined) continue;
    if (!equalBytes(computeNameHash(found.salt, found.name), member.name)) throw new VerificationError('view-name');
    names.set(id, found.name);
  }
  return names;
}

async function fetchChart(
  api: Api,
  { chart }: DirectoryState,
  names: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<Chart | null> {
  if (chart === null) return null;
  const { body } = await api.get('chart', { limitBytes: LIMIT_CHART_BYTES, signal });
  return linkMembers(verifyChart(body, chart.digest, chart.people), names);
}

function splitLines(data: Bytes): Bytes[] {
  const lines: Bytes[] = [];
  for (let at = 0, end = data.indexOf(10); end >= 0; at = end + 1, end = data.indexOf(10, at)) {
    lines.push(data.slice(at, end));
  }
  return lines;
}
