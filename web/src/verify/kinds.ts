/** What a pasted file says that it is: a receipt, a certificate of erasure, or a missed date as a member saw it. */
import { type Bytes, encodeText, equalBytes } from '../lib/protocol/bytes.ts';
import { ERASURE_LINE, type ErasureVerdict } from '../lib/protocol/erasure.ts';
import { MISSED_LINE, type MissedVerdict } from '../lib/protocol/missed.ts';
import type { Verdict } from '../lib/protocol/verify.ts';

export type Kind = 'receipt' | 'erasure' | 'missed';

/** A file that nobody chose, or a note that was left aside: why, or null. */
export interface Beside {
  readonly name: string;
  readonly reason: string | null;
}

/** A verdict with the kind of file that it is about. */
export type Judged =
  | { readonly kind: 'receipt'; readonly verdict: Verdict; readonly beside: readonly Beside[] }
  | { readonly kind: 'missed'; readonly verdict: MissedVerdict }
  | { readonly kind: 'erasure'; readonly verdict: ErasureVerdict };

const LINES = [
  ['erasure', encodeText(`${ERASURE_LINE}\n`)],
  ['missed', encodeText(`${MISSED_LINE}\n`)],
] as const;

/** By its first line alone; whatever names nothing else is judged as a receipt. */
export function findKind(data: Bytes): Kind {
  return LINES.find(([, line]) => equalBytes(data.subarray(0, line.length), line))?.[0] ?? 'receipt';
}
