/** One organisation, connected: its API, its checked directory, its case log, and the time. */
import { type Bytes, compareBytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import { openCheckpoint } from '../protocol/checkpoint.ts';
import { VerificationError } from '../protocol/errors.ts';
import { LIMIT_NOTE_BYTES, type VerifierKey, parseNote } from '../protocol/note.ts';
import { NO_QUORUM } from '../protocol/policy.ts';
import { findSigner } from '../protocol/receipt_keys.ts';
import { type State, openState } from '../protocol/state.ts';
import { type Trust, findCasesKey } from '../protocol/trust.ts';
import { type Work, encodeWork } from '../protocol/work.ts';
import { type RoomAnswer, type Write, encodeWrite, parseRoomAnswer } from '../protocol/write.ts';
import type { Admit } from './blobs.ts';
import type { Shelf } from './device_copy.ts';
import type { Engine } from './engine.ts';
import type { Api } from './http.ts';
import { CaseLeaves } from './leaves.ts';
import { type View, type ViewOptions, fetchTrust, fetchView } from './view.ts';

const FRESH_TICKS = 3;
const FRESH_SLACK_S = 60;
const LIMIT_ANSWER_BYTES = 2 ** 30;

export interface Rights {
  readonly cap?: Bytes;
  readonly session?: string | null;
  /** Says that the holder writes, where somebody signed to erase the room. */
  readonly locator?: Bytes | null;
  readonly signal?: AbortSignal | undefined;
}

export interface Sent {
  readonly state: State;
  readonly note: Bytes;
}

/** What both roles share; make it with `connect`. */
export class Connection {
  readonly api: Api;
  readonly engine: Engine;
  readonly trust: Trust;
  readonly now: () => number;
  readonly leaves: CaseLeaves;
  view: View;

  readonly #readAt = new WeakMap<State, number>();

  constructor(api: Api, engine: Engine, view: View, now: () => number, shelf: Shelf | null = null) {
    this.api = api;
    this.engine = engine;
    this.view = view;
    this.trust = view.trust;
    this.now = now;
    this.leaves = new CaseLeaves(api, view.trust, shelf);
  }

  get tickS(): number {
    return this.view.state.clock.tick;
  }

  /** Checks the directory again: what it said when a page was opened may no longer hold. */
  async refreshView(signal?: AbortSignal): Promise<void> {
    this.view = await fetchView(this.api, this.trust, { now: this.now, signal });
  }

  /** How many ticks the case log has had. */
  async fetchTick(signal?: AbortSignal): Promise<number> {
    const answer = await this.api.get('log/cases/checkpoint', { limitBytes: LIMIT_NOTE_BYTES, signal });
    const { size } = openCheckpoint(parseNote(answer.body), findCasesKey(this.trust.policy));
    return Math.floor(size / this.view.state.clock.batch);
  }

  /** Work for `subject`: H(sealed body) of a room, or a blob id. */
  async solve(subject: Bytes, signal?: AbortSignal): Promise<Work> {
    const tick = await this.fetchTick(signal);
    return this.engine.solveWork({ org: this.view.org, tick, subject }, this.view.state.clock.workBits, signal);
  }

  /** Lets somebody without a session or a room upload a blob. */
  admitByWork(signal?: AbortSignal): Admit {
    return async (blob) => ({ 'plaint-work': encodeWork(await this.solve(blob, signal)) });
  }

  /** Lets the readers of a room upload a blob for it. */
  admitByRoom(room: Bytes, cap: Bytes): Admit {
    return () => Promise.resolve({ 'plaint-room': encodeHex(room), 'plaint-cap': encodeHex(cap) });
  }

  /** A whole room and its verified state. Throws RefusedError "not-found"; VerificationError "state-…". */
  async readRoom(room: Bytes, cap: Bytes, signal?: AbortSignal): Promise<{ answer: RoomAnswer; state: State }> {
    const { body } = await this.api.get(`rooms/${encodeHex(room)}`, {
      query: { from: '0' },
      headers: { 'plaint-cap': encodeHex(cap) },
      limitBytes: LIMIT_ANSWER_BYTES,
      signal,
    });
    const answer = parseRoomAnswer(body);
    this.openNote(answer.opening, room, { past: true });
    return { answer, state: this.openNote(answer.note, room) };
  }

  /**
   * The state that answers a write, with its note. Throws UnavailableError "admission"; ConflictError "entry-conflict",
   * "room-taken", "room-unique"; VerificationError "state-…", "state-leaf" when the note does not promise what was sent.
   */
  async send(write: Write, { cap, session, locator, signal }: Rights = {}): Promise<Sent> {
    const headers = {
      ...(cap ? { 'plaint-cap': encodeHex(cap) } : {}),
      ...(session ? { 'plaint-session': session } : {}),
      ...(locator ? { 'plaint-locator': encodeHex(locator) } : {}),
    };
    const { room } = write.header;
    const path = write.opening ? 'rooms' : `rooms/${encodeHex(room)}`;
    const note = await this.api.send('POST', path, encodeWrite(write), { headers, signal });
    const state = this.openNote(note, room);
    const promised = state.leaves.map(({ leaf }) => leaf).sort(compareBytes);
    const sent = [...write.leaves].sort(compareBytes);
    const same = sent.length === promised.length && sent.every((leaf, i) => equalBytes(leaf, promised[i] ?? note));
    // An answer that got lost long ago: what it promised has come true.
    if (state.leaves.length === 0 && !write.opening && (await this.#areLogged(write.leaves, signal)))
      return { state, note };
    const windows = this.view.listWindows(write.opening?.roster ?? this.view.size);
    const inTime = state.leaves.every(({ includeBy }) => windows.has(includeBy - state.at));
    if (!same || !inTime) throw new VerificationError('state-leaf');
    return { state, note };
  }

  async #areLogged(leaves: readonly Bytes[], signal?: AbortSignal): Promise<boolean> {
    await this.leaves.update(0, { signal });
    return leaves.every((leaf) => this.leaves.find(leaf) !== null);
  }

  /**
   * The state in a note about `room`; with `past` also in one under a receipt key of before.
   * Throws VerificationError "state-room", "receipt-retired" and those of `openState`.
   */
  openNote(note: Bytes, room: Bytes, { past = false } = {}): State {
    const signed = parseNote(note);
    const signer = findSigner(signed, [this.trust.receipts, ...(past ? this.#listPastKeys() : [])]);
    const state = openState(note, signer);
    if (!equalBytes(state.org, this.view.org) || !equalBytes(state.room, room)) {
      throw new VerificationError('state-room');
    }
    const ended = signer === this.trust.receipts ? undefined : this.view.former.find(({ key }) => key === signer);
    if (ended && !ended.void && state.at >= ended.until) throw new VerificationError('receipt-retired');
    this.#readAt.set(state, this.now());
    return state;
  }

  /** The receipt keys of before: of these logs as far as their end is dated, of past logs all. */
  #listPastKeys(): VerifierKey[] {
    const older = this.view.state.past.flatMap(({ origin, receipts }) => [
      origin.receipts,
      ...receipts.map(({ key }) => key),
    ]);
    return [...this.view.former.map(({ key }) => key), ...older];
  }

  /**
   * Checks that the log the note speaks of was cosigned lately; needs updated `leaves`.
   * Throws VerificationError "state-stale".
   */
  async checkFresh(state: State, signal?: AbortSignal): Promise<void> {
    if (this.trust.policy.quorum === NO_QUORUM) return;
    if (state.size > this.leaves.size) await this.leaves.update(0, { signal }); // the log grew while rooms were read
    const date = await this.leaves.computeDateOfSize(state.size, signal);
    if (date === null || date < this.findReadAt(state) - this.#freshS) throw new VerificationError('state-stale');
  }

  /** When the note was read here: what it says of clocks and dates is judged by that hour, not by the hour it is looked at. */
  findReadAt(state: State): number {
    return this.#readAt.get(state) ?? this.now();
  }

  /** Whether the note was read so long ago that only another one can tell whether the server still keeps up. */
  isOld(state: State): boolean {
    return this.now() - this.findReadAt(state) > this.#freshS;
  }

  get #freshS(): number {
    return FRESH_TICKS * this.tickS + FRESH_SLACK_S;
  }
}

export interface ConnectOptions extends ViewOptions {
  readonly trust?: Trust;
  /** Where the case log stays between visits; without one nothing stays. */
  readonly shelf?: Shelf;
}

/** A connection after checking the directory. Throws as `fetchView`. */
export async function connect(api: Api, engine: Engine, options: ConnectOptions): Promise<Connection> {
  const trust = options.trust ?? (await fetchTrust(api, { signal: options.signal }));
  return new Connection(api, engine, await fetchView(api, trust, options), options.now, options.shelf);
}
