/** A proof to hand over: what the receipt shows with the public log, as files that need no server (spec/excerpt.md). */
import type { Connection } from '../api/connection.ts';
import { type Bytes, encodeHex } from '../protocol/bytes.ts';
import { VerificationError } from '../protocol/errors.ts';
import { cutExcerpt, encodeExcerpt, openExcerpt } from '../protocol/excerpt.ts';
import { computeContentLeaf } from '../protocol/leaf.ts';
import { type Receipt, encodeReceipt } from '../protocol/receipt.ts';
import { openTrustedState } from '../protocol/receipt_keys.ts';
import { encodeHeader } from '../protocol/room.ts';
import { LeafScan } from '../protocol/scan.ts';
import { encodeTrust, findCasesKey } from '../protocol/trust.ts';
import { judgeReceipt } from '../protocol/verify.ts';
import type { ProofView } from './types.ts';

/**
 * `note` is the newest state note of the room: where the log holds an answer that it still lists as open, it was withheld.
 * Throws VerificationError with the first reason when the receipt does not hold, "leaves-missing", "leaves-root".
 */
export async function buildProof(
  connection: Connection,
  receipt: Receipt,
  note: Bytes,
  signal?: AbortSignal,
): Promise<ProofView> {
  const { leaves } = connection;
  const trust = connection.view.fullTrust;
  const now = connection.now();
  const { state } = openTrustedState(receipt.note, trust);
  const report = leaves.find(computeContentLeaf(receipt.opening, encodeHeader(receipt.header)));
  const found = [report, ...state.dues.map(({ hash }) => leaves.findToken(hash))].filter((index) => index !== null);
  const excerpt = cutExcerpt(await leaves.openCopy(found, signal), receipt, trust, now);
  const copy = openExcerpt(excerpt);
  const data = encodeReceipt(receipt);
  const verdict = judgeReceipt(data, { trust, now, leaves: copy, later: [note] });
  if (verdict.verdict === 'invalid') throw new VerificationError(verdict.reasons[0] ?? 'receipt-leaf');
  const files: Readonly<Record<string, Bytes>> = {
    'receipt.txt': data,
    'trust.txt': encodeTrust(trust),
    'leaves.bin': encodeExcerpt(excerpt),
    'note.txt': note,
  };
  const seenAt = new LeafScan(copy, trust, now).date;
  const log = findCasesKey(trust.policy).name;
  return { log, graceS: trust.graceS, receivedAt: state.at, loggedAt: verdict.date, seenAt, dues: verdict.dues, files };
}

/** The lower-case hex of SHA-256, as sheets and commands write it. */
export async function digest(data: Bytes): Promise<string> {
  return encodeHex(new Uint8Array(await crypto.subtle.digest('SHA-256', data)));
}
