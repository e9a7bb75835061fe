/** Receipts: what a reporter keeps to show anybody what she was promised (spec/receipt.md). */
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeHex, parseHex } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { HASH_BYTES } from './hashes.ts';
import { type Line, LineReader, encodeLines, parseLines } from './lines.ts';
import { type Header, LIMIT_BYTES as LIMIT_HEADER_BYTES, encodeHeader, parseHeader } from './room.ts';
import { LIMIT_NOTE_BYTES } from './state.ts';

const FIRST_LINE = 'plaint/v1/receipt';
export const LIMIT_RECEIPT_BYTES = 65_536;

/** The header of `open`, r of its content leaf, a state note and, once logged, the tlog-proof; nothing said. */
export interface Receipt {
  readonly header: Header;
  readonly opening: Bytes;
  readonly note: Bytes;
  readonly proof: Bytes | null;
}

export function encodeReceipt({ header, opening, note, proof }: Receipt): Bytes {
  const pairs: Line[] = [
    ['header', encodeBase64(encodeHeader(header))],
    ['opening', encodeHex(opening)],
    ['note', encodeBase64(note)],
  ];
  if (proof !== null) pairs.push(['proof', encodeBase64(proof)]);
  return encodeLines(FIRST_LINE, pairs);
}

/**
 * A receipt, without trusting it. Throws MalformedError "receipt-kind" when the header is not that of `open`, those of `lines.ts`,
 * `parseBase64`, `parseHex`, `parseHeader`.
 */
export function parseReceipt(data: Bytes): Receipt {
  const reader = new LineReader(parseLines(data, FIRST_LINE, LIMIT_RECEIPT_BYTES));
  const header = parseHeader(parseBase64(reader.take('header'), LIMIT_HEADER_BYTES));
  const opening = parseHex(reader.take('opening'), HASH_BYTES);
  const note = parseBase64(reader.take('note'), LIMIT_NOTE_BYTES);
  const proof = reader.takeOptional('proof');
  reader.finish();
  if (header.kind !== 'open') throw new MalformedError('receipt-kind');
  return { header, opening, note, proof: proof === null ? null : parseBase64(proof, LIMIT_RECEIPT_BYTES) };
}
