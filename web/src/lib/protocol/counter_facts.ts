/** Which counter-proofs hold, and what they change about a receipt's duties (spec/receipt.md, "Counter-proof"). */
import { verifyAuthorship } from './authorship.ts';
import { type Bytes, encodeHex, equalBytes } from './bytes.ts';
import {
  type CounterProof,
  encodeSignedMessage,
  parseCounter,
  verifyBrokenToken,
  verifyConfirmation,
} from './counter.ts';
import { PlaintError, VerificationError } from './errors.ts';
import { computeContentLeaf } from './leaf.ts';
import { type Pack, computeDue, computeLimit } from './packs.ts';
import { computeDate } from './policy.ts';
import { openProof, parseProof } from './proof.ts';
import { DUTIES, type Duty, type Header, type Kind, type Until, computeHeaderHash, encodeHeader } from './room.ts';
import { type DirectoryCopy, DirectoryPast, findSigningKey } from './signers.ts';
import type { State } from './state.ts';
import { type Trust, findCasesKey } from './trust.ts';

/** What became of one counter-proof: `reason` is null when it counts; `date` is when its entry was logged. */
export interface CounterState {
  readonly kind: Kind | null;
  readonly date: number | null;
  readonly reason: string | null;
}

/** What counter-proofs are held against; `first` is the receipt's own note, `notes` are later ones of the room. */
export interface Case {
  readonly header: Header;
  readonly first: State;
  readonly notes: readonly State[];
  readonly trust: Trust;
  readonly now: number;
  readonly directory: DirectoryCopy | undefined;
}

/** What the counter-proofs that hold change: new dates by duty, dates of answers by duty; a closing changes neither. */
export interface Effects {
  readonly moved: ReadonlyMap<Duty, number>;
  readonly answered: ReadonlyMap<Duty, number>;
  readonly counters: readonly CounterState[];
}

/** A logged entry of the receipt's room that a counter-proof proves. */
interface Fact {
  readonly kind: Kind;
  readonly seq: number;
  readonly date: number;
  readonly hash: Bytes;
  readonly member: Bytes | null;
  readonly until: Until | undefined;
  readonly confirms: Bytes | null;
}

interface Judged {
  readonly state: CounterState;
  readonly fact: Fact | null;
}

/** What `counters` prove together; one that does not hold takes nothing from the others. */
export function judgeCounters(counters: readonly Bytes[], given: Case): Effects {
  const past = given.directory === undefined ? null : new DirectoryPast(given.directory, given.trust);
  const different = [...new Map(counters.map((data) => [encodeHex(data), data])).values()];
  const judged = different.map((data) => judge(data, given, past));
  const facts = judged.flatMap(({ fact }) => fact ?? []).sort((a, b) => a.seq - b.seq);
  const extensions = given.first.dues.flatMap((due) => facts.find(({ until }) => until?.kind === due.kind) ?? []);
  const closing = findClosing(facts);
  const counting = new Set([...extensions, ...closing]);
  return {
    moved: new Map(extensions.flatMap(({ until }) => (until ? [[until.kind, until.at]] : []))),
    answered: new Map(DUTIES.flatMap((kind) => findAnswer(facts, kind) ?? [])),
    counters: judged.map(({ state, fact }) => (fact === null ? state : conclude(state, fact, counting))),
  };
}

function judge(data: Bytes, given: Case, past: DirectoryPast | null): Judged {
  let [kind, date]: [Kind | null, number | null] = [null, null];
  try {
    const counter = parseCounter(data);
    const { header, signed, confirms, reveal } = counter;
    kind = header.kind;
    if (!equalBytes(header.org, given.header.org) || !equalBytes(header.room, given.header.room)) {
      throw new VerificationError('receipt-room');
    }
    date = computeLoggedAt(counter, given);
    const hash = computeHeaderHash(encodeHeader(header));
    if (signed) verifyMember(counter, date, past);
    if (signed && confirms) verifyConfirmation(confirms, signed);
    if (reveal && given.header.open) verifyBrokenToken(reveal, header.room, given.header.open[reveal.duty]);
    const since = date;
    if (given.notes.some((note) => note.at >= since && contradicts(note, header.seq, hash))) {
      throw new VerificationError('counter-fork');
    }
    if (header.until) checkExtension(header.until, date, given, past);
    const member = signed?.member ?? null;
    const fact = { kind, seq: header.seq, date, hash, member, until: header.until, confirms: confirms?.close ?? null };
    return { state: { kind, date, reason: null }, fact };
  } catch (error) {
    if (!(error instanceof PlaintError)) throw error;
    return { state: { kind, date, reason: error.code }, fact: null };
  }
}

function computeLoggedAt({ header, opening, proof: data }: CounterProof, { trust, now }: Case): number {
  const proof = parseProof(data);
  openProof(proof, computeContentLeaf(opening, encodeHeader(header)), findCasesKey(trust.policy));
  const date = computeDate(trust.policy, proof.note);
  if (date === null || date > now) throw new VerificationError('proof-quorum');
  return date;
}

/** Checks the signature under the key that counted at `date`. */
function verifyMember({ header, signed }: CounterProof, date: number, past: DirectoryPast | null): void {
  if (past === null || signed === null) throw new VerificationError('counter-directory');
  const author = { who: 'member', id: signed.member, signature: signed.signature } as const;
  const message = encodeSignedMessage(header, signed);
  verifyAuthorship(author, message, findSigningKey(past.findState(date), signed.member));
}

/** Whether the organisation signed, after the entry was logged, that the room does not have it. */
function contradicts({ entries, head }: State, seq: number, hash: Bytes): boolean {
  return entries <= seq || (entries === seq + 1 && !equalBytes(head, hash));
}

/** Checks that the answer was put off in time, and no further than a pack allows by which it was promised. */
function checkExtension(until: Until, date: number, { first, trust }: Case, past: DirectoryPast | null): void {
  const due = until.kind === 'feedback' ? first.dues.find(({ kind }) => kind === until.kind)?.at : undefined;
  if (past === null || due === undefined || date > due + trust.graceS || until.at <= due) {
    throw new VerificationError('counter-extend');
  }
  const packs = [...past.findState(first.at + trust.graceS).packs.values()];
  if (!packs.some((pack) => allows(pack, first.at, due, until.at))) throw new VerificationError('counter-extend');
}

function allows(pack: Pack, at: number, due: number, until: number): boolean {
  const duty = pack.duties.find(({ kind }) => kind === 'feedback');
  if (!duty || duty.extend === null) return false;
  const promised = computeDue(pack, at).some((promise) => promise.kind === 'feedback' && promise.at === due);
  return promised && until <= computeLimit(pack, duty, at, duty.extend);
}

/** A close that nobody took back, and the confirmation by another member. */
function findClosing(facts: readonly Fact[]): Fact[] {
  for (const close of facts.filter(({ kind }) => kind === 'close')) {
    if (facts.some(({ kind, seq }) => kind === 'reopen' && seq > close.seq)) continue;
    const second = facts.find((fact) => confirms(fact, close));
    if (second) return [close, second];
  }
  return [];
}

function confirms(fact: Fact, close: Fact): boolean {
  if (!fact.confirms || !fact.member || !close.member || fact.seq <= close.seq) return false;
  return equalBytes(fact.confirms, close.hash) && !equalBytes(fact.member, close.member);
}

function findAnswer(facts: readonly Fact[], duty: Duty): readonly [readonly [Duty, number]] | null {
  const dates = facts.filter(({ kind }) => kind === duty).map(({ date }) => date);
  return dates.length ? [[duty, Math.min(...dates)]] : null;
}

/** Says of a true entry whether it changes anything. */
function conclude(state: CounterState, fact: Fact, counting: ReadonlySet<Fact>): CounterState {
  if (counting.has(fact)) return state;
  if (fact.kind === 'extend') return { ...state, reason: 'counter-extend' };
  return fact.kind === 'close' || fact.kind === 'entry' ? { ...state, reason: 'counter-close' } : state;
}
