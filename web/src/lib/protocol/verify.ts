/** What a receipt proves, to anybody who brings a trust file (spec/receipt.md); the time is given, not asked. */
import { type Bytes, encodeHex, equalBytes } from './bytes.ts';
import { type CounterState, type Effects, judgeCounters } from './counter_facts.ts';
import { MalformedError, PlaintError, VerificationError } from './errors.ts';
import { computeContentLeaf, computeTokenHash } from './leaf.ts';
import { computeDate } from './policy.ts';
import { openProof, parseProof } from './proof.ts';
import { type Receipt, parseReceipt } from './receipt.ts';
import { type Duty, computeHeaderHash, encodeHeader } from './room.ts';
import { LeafScan, type Leaves } from './scan.ts';
import type { DirectoryCopy } from './signers.ts';
import type { Due, State } from './state.ts';
import { type TrustedState, learnReceiptKeys, openTrustedState } from './receipt_keys.ts';
import { type Trust, findCasesKey } from './trust.ts';

const WORST_FIRST = [
  'invalid',
  'breach',
  'withheld',
  'silent',
  'silent-admitted',
  'late',
  'cannot-judge',
  'provisional',
  'holds',
] as const;

export type VerdictName = (typeof WORST_FIRST)[number];
export type DueVerdict = VerdictName | 'met' | 'open';

/** What rests on the times in the note. */
const PROMISED: ReadonlySet<DueVerdict> = new Set(['withheld', 'silent', 'silent-admitted', 'late']);

/** What became of one duty; `date` is that of the leaf that met it, if one was found. */
export interface JudgedDue {
  readonly kind: Duty;
  readonly at: number;
  readonly state: DueVerdict;
  readonly date: number | null;
  /** The later date to which a counter-proof moved it. */
  readonly until: number | null;
  /** Only a counter-proof meets it. */
  readonly countered: boolean;
}

/** The worst of what was found; `date` is when the report was logged, `reasons` are stable codes. */
export interface Verdict {
  readonly verdict: VerdictName;
  readonly reasons: readonly string[];
  readonly date: number | null;
  readonly dues: readonly JudgedDue[];
  readonly counters: readonly CounterState[];
}

export interface JudgeFacts {
  readonly trust: Trust;
  readonly now: number;
  /** A copy of the case log, checked here. */
  readonly leaves?: Leaves | undefined;
  /** State notes of the same room, from later answers. */
  readonly later?: readonly Bytes[];
  /** Counter-proofs, whose signers a copy of the directory vouches for; so does it for receipt keys. */
  readonly counters?: readonly Bytes[];
  readonly directory?: DirectoryCopy | undefined;
}

/** 0 holds, 1 invalid, 2 cannot be judged, 3 holds and proves a failure. */
export function computeExitCode({ verdict }: Verdict): number {
  if (verdict === 'holds' || verdict === 'provisional') return 0;
  if (verdict === 'invalid') return 1;
  return verdict === 'cannot-judge' ? 2 : 3;
}

/** What the receipt in `data` proves at `now`. */
export function judgeReceipt(data: Bytes, facts: JudgeFacts): Verdict {
  const { now, leaves, later = [], counters = [], directory } = facts;
  const trust = learnReceiptKeys(facts.trust, directory, now);
  try {
    const receipt = parseReceipt(data);
    const { state, former } = openPromise(receipt, trust);
    const proved = openDatedProof(receipt, trust);
    const notes = later.flatMap((note) => openLater(note, state, trust) ?? []);
    const effects = judgeCounters(counters, { header: receipt.header, first: state, notes, trust, now, directory });
    const verdict = new Judge({ leaf: computeLeaf(receipt), state, proved, notes, trust, now, effects }).judge(leaves);
    return former?.void ? limit(verdict, former.until) : verdict;
  } catch (error) {
    if (!(error instanceof PlaintError)) throw error;
    return { verdict: 'invalid', reasons: [error.code], date: null, dues: [], counters: [] };
  }
}

/**
 * Why `note` is no state note of the room that the receipt in `data` is about, or null when it is one. A receipt that is not valid says
 * so itself; no note is blamed for it.
 */
export function findForeign(data: Bytes, note: Bytes, trust: Trust): string | null {
  const first = catchCode(() => openPromise(parseReceipt(data), trust).state);
  if (typeof first === 'string') return null;
  const later = catchCode(() => openLater(note, first, trust));
  return typeof later === 'string' ? later : null;
}

/** What `open` gives, or the code of what did not check. */
function catchCode<Opened>(open: () => Opened): Opened | string {
  try {
    return open();
  } catch (error) {
    if (error instanceof PlaintError) return error.code;
    throw error;
  }
}

/**
 * A note under a void key counts only when its leaf was logged before the key was void; its times accuse nobody. Two histories
 * are the log's own doing, whoever wrote the note.
 */
function limit(found: Verdict, until: number): Verdict {
  const dues = found.dues.map((due): JudgedDue => (PROMISED.has(due.state) ? { ...due, state: 'cannot-judge' } : due));
  if (found.reasons.includes('log-fork')) return { ...found, dues };
  if (found.date === null || found.date >= until) {
    const verdict = found.date === null ? 'cannot-judge' : 'invalid';
    return { verdict, reasons: ['receipt-void'], date: null, dues: [], counters: [] };
  }
  const accuses = PROMISED.has(found.verdict) || found.dues.some(({ state }) => PROMISED.has(state));
  if (!accuses) return found;
  const reasons = [...found.reasons.filter((reason) => reason !== 'leaf-late'), 'receipt-void'];
  return { ...found, verdict: 'cannot-judge', reasons, dues };
}

/** Index and date of the leaf; the date is null when the quorum had not signed. */
interface Proved {
  readonly index: number;
  readonly date: number | null;
}

interface Brief {
  readonly leaf: Bytes;
  readonly state: State;
  readonly proved: Proved | null;
  readonly notes: readonly State[];
  readonly trust: Trust;
  readonly now: number;
  readonly effects: Effects;
}

function openPromise(receipt: Receipt, trust: Trust): TrustedState {
  const { header } = receipt;
  const found = openTrustedState(receipt.note, trust);
  const { state } = found;
  const same = equalBytes(state.org, header.org) && equalBytes(header.org, trust.org);
  if (!same || !equalBytes(state.room, header.room)) throw new VerificationError('receipt-room');
  if (state.entries !== 1 || !equalBytes(state.head, computeHeaderHash(encodeHeader(header)))) {
    throw new VerificationError('receipt-head');
  }
  const leaf = computeLeaf(receipt);
  if (!state.leaves.some((pending) => equalBytes(pending.leaf, leaf))) throw new VerificationError('receipt-leaf');
  if (state.dues.some((due) => !header.open || !equalBytes(due.hash, header.open[due.kind]))) {
    throw new VerificationError('receipt-due');
  }
  return found;
}

/** Null when its key is void: then anybody may have written it. */
function openLater(note: Bytes, first: State, trust: Trust): State | null {
  const { state, former } = openTrustedState(note, trust);
  if (!equalBytes(state.org, first.org) || !equalBytes(state.room, first.room)) {
    throw new VerificationError('receipt-room');
  }
  return former?.void ? null : state;
}

function openDatedProof(receipt: Receipt, trust: Trust): Proved | null {
  if (receipt.proof === null) return null;
  const proof = parseProof(receipt.proof);
  openProof(proof, computeLeaf(receipt), findCasesKey(trust.policy));
  return { index: proof.index, date: computeDate(trust.policy, proof.note) };
}

function computeLeaf({ opening, header }: Receipt): Bytes {
  return computeContentLeaf(opening, encodeHeader(header));
}

/** Weighs one well-formed receipt; findings are verdicts, reasons say what they rest on. */
class Judge {
  readonly #brief: Brief;
  readonly #name: string;
  readonly #reasons: string[] = [];
  #scan: LeafScan | null = null;
  #found: ReadonlyMap<string, number> = new Map();
  #forked = false;

  constructor(brief: Brief) {
    this.#brief = brief;
    this.#name = encodeHex(computeTokenHash(brief.leaf));
  }

  judge(leaves: Leaves | undefined): Verdict {
    if (leaves) this.#search(leaves);
    const { finding, date } = this.#judgeReport();
    const dues = this.#brief.state.dues.map((due) => this.#judgeDue(due));
    const findings: readonly DueVerdict[] = [finding, ...dues.map(({ state }) => state)];
    const verdict = WORST_FIRST.find((word) => findings.includes(word)) ?? 'cannot-judge';
    return { verdict, reasons: [...new Set(this.#reasons)], date, dues, counters: this.#brief.effects.counters };
  }

  #search(leaves: Leaves): void {
    const { state, proved, trust, now } = this.#brief;
    const digests = [this.#name, ...state.dues.map(({ hash }) => encodeHex(hash))];
    try {
      const scan = new LeafScan(leaves, trust, now);
      this.#found = scan.find(digests, Math.min(state.size, proved?.index ?? state.size));
      this.#scan = scan;
      this.#forked = this.#isForked(leaves, scan);
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof VerificationError)) throw error;
      this.#reasons.push(error.code);
    }
  }

  #judgeReport(): { finding: VerdictName; date: number | null } {
    const { state, proved, leaf, now } = this.#brief;
    const index = this.#found.get(this.#name);
    if (this.#forked) {
      this.#reasons.push('log-fork');
      return { finding: 'breach', date: proved?.date ?? null };
    }
    const date = proved?.date ?? (index === undefined ? null : (this.#scan?.computeDate(index) ?? null));
    const includeBy = state.leaves.find((pending) => equalBytes(pending.leaf, leaf))?.includeBy ?? 0;
    if (date !== null) {
      if (date > includeBy) this.#reasons.push('leaf-late');
      return { finding: date > includeBy ? 'late' : 'holds', date };
    }
    if (proved) this.#reasons.push('proof-quorum');
    if (now < includeBy) return { finding: 'provisional', date: null };
    if (this.#scan && this.#scan.date >= includeBy && proved === null) {
      this.#reasons.push('leaf-missing');
      return { finding: 'breach', date: null };
    }
    this.#reasons.push('leaves-missing');
    return { finding: 'cannot-judge', date: null };
  }

  /** Whether the proof and the leaves are two histories, both signed by the log. */
  #isForked(leaves: Leaves, scan: LeafScan): boolean {
    const { proved } = this.#brief;
    if (proved === null || proved.index >= scan.size) return false;
    return encodeHex(computeTokenHash(leaves.readLeaf(proved.index))) !== this.#name;
  }

  #judgeDue(due: Due): JudgedDue {
    const { trust, effects } = this.#brief;
    const { kind, at } = due;
    const until = effects.moved.get(kind) ?? null;
    const last = (until ?? at) + trust.graceS;
    const index = this.#found.get(encodeHex(due.hash));
    const shown = index === undefined ? null : (this.#scan?.computeDate(index) ?? null);
    const date = shown ?? effects.answered.get(kind) ?? null;
    const state = date === null ? this.#judgeMissing(due, last) : this.#judgeAnswer(due, date, last);
    return { kind, at, state, date, until, countered: date !== shown };
  }

  #judgeAnswer(due: Due, date: number, last: number): DueVerdict {
    if (this.#isAdmitted(due, Math.max(last, date))) return 'withheld';
    return date <= last ? 'met' : 'late';
  }

  #judgeMissing(due: Due, last: number): DueVerdict {
    if (this.#brief.now < last) return 'open';
    if (this.#scan && this.#scan.date >= last) return 'silent';
    if (this.#isAdmitted(due, last)) return 'silent-admitted';
    this.#reasons.push('leaves-missing');
    return 'cannot-judge';
  }

  /** Whether a state note from `since` on still lists the duty as open. */
  #isAdmitted({ hash }: Due, since: number): boolean {
    return this.#brief.notes.some((note) => note.at >= since && note.dues.some((due) => equalBytes(due.hash, hash)));
  }
}
