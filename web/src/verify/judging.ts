/** One check: from what the person chose to a verdict; nothing leaves the device but the wish for the public log. */
import { findPlace, hasKit } from '../lib/api/place.ts';
import { type Bytes, encodeHex, encodeText, equalBytes } from '../lib/protocol/bytes.ts';
import { MalformedError, PlaintError, UnavailableError } from '../lib/protocol/errors.ts';
import { LIMIT_EXCERPT_BYTES, openExcerpt, parseExcerpt } from '../lib/protocol/excerpt.ts';
import { computeContentLeaf, computeTokenHash } from '../lib/protocol/leaf.ts';
import { LIMIT_RECEIPT_BYTES, parseReceipt } from '../lib/protocol/receipt.ts';
import { LIMIT_COUNTER_BYTES } from '../lib/protocol/counter.ts';
import { encodeHeader } from '../lib/protocol/room.ts';
import type { DirectoryCopy } from '../lib/protocol/signers.ts';
import { openState } from '../lib/protocol/state.ts';
import { LIMIT_HEAD_BYTES, type Trust, parseTrust } from '../lib/protocol/trust.ts';
import { LIMIT_POLICY_BYTES } from '../lib/protocol/policy.ts';
import { type Verdict, judgeReceipt } from '../lib/protocol/verify.ts';
import { type Copy, type PickedFile, fetchCopy, judgeWhole, readBytes, readCopy } from './copies.ts';
import { fetchDirectory, readDirectory } from './directory_copies.ts';

const LIMIT_TRUST_BYTES = LIMIT_POLICY_BYTES + LIMIT_HEAD_BYTES;
const LIMIT_LATER_BYTES = 8_192;
const OTHER_KINDS = ['plaint/v1/erasure\n', 'plaint/v1/missed\n'].map(encodeText);

export interface Chosen {
  readonly receipt: Bytes;
  /** Null: the organisation's own word is taken for its keys. */
  readonly trust: File | null;
  readonly ownWord: boolean;
  readonly copy: 'none' | 'file' | 'folder' | 'fetch';
  /** An excerpt (spec/excerpt.md). */
  readonly leaves: File | null;
  readonly folder: readonly PickedFile[];
  readonly later: readonly File[];
  readonly counters: readonly File[];
}

/** Throws UnavailableError "trust-missing", "receipt-missing", "receipt-unlike", "leaves-missing", "network"; those of `parseTrust`. */
export async function judge(chosen: Chosen, now: number): Promise<Verdict> {
  if (!chosen.receipt.length) throw new UnavailableError('receipt-missing');
  // True of another kind: to call it a false receipt would be wrong.
  if (OTHER_KINDS.some((line) => equalBytes(chosen.receipt.subarray(0, line.length), line)))
    throw new UnavailableError('receipt-unlike');
  const trust = await loadTrust(chosen);
  const data = chosen.receipt.subarray(0, LIMIT_RECEIPT_BYTES + 1);
  const later = await Promise.all(chosen.later.map((file) => readLimited(file, LIMIT_LATER_BYTES)));
  const counters = await Promise.all(chosen.counters.map((file) => readLimited(file, LIMIT_COUNTER_BYTES)));
  const directory = counters.length > 0 ? await loadDirectory(chosen, trust) : undefined;
  const facts = { trust, now, later, counters, directory };
  return judgeWhole(await loadLeaves(chosen, trust, data), (leaves) => judgeReceipt(data, { ...facts, leaves }));
}

async function loadDirectory({ copy, folder }: Chosen, trust: Trust): Promise<DirectoryCopy | undefined> {
  if (copy === 'none' || copy === 'file') return undefined; // a bundle has none, and asks nobody
  return copy === 'folder' ? readDirectory(folder) : fetchDirectory((await findPlace()).api, trust);
}

/** The trust file that the page itself carries, from whoever handed it out (spec/pages.md). */
async function findCarried(): Promise<Trust | null> {
  return hasKit() ? ((await findPlace()).kit?.trust ?? null) : null;
}

async function loadTrust({ trust, ownWord }: Chosen): Promise<Trust> {
  if (trust !== null) return parseTrust(await readLimited(trust, LIMIT_TRUST_BYTES));
  const carried = await findCarried();
  if (carried !== null) return carried;
  if (!ownWord) throw new UnavailableError('trust-missing');
  return parseTrust((await (await findPlace()).api.get('log/keys', { limitBytes: LIMIT_TRUST_BYTES })).body);
}

async function loadLeaves(chosen: Chosen, trust: Trust, data: Bytes): Promise<Copy | undefined> {
  const { copy, leaves, folder } = chosen;
  if (copy === 'none') return undefined;
  if (copy === 'file') {
    if (leaves === null) throw new UnavailableError('leaves-missing');
    return openExcerpt(parseExcerpt(await readLimited(leaves, LIMIT_EXCERPT_BYTES)));
  }
  const names = listNames(data, trust);
  return copy === 'folder' ? readCopy(folder, names) : fetchCopy((await findPlace()).api, trust, names);
}

/** What to look for: the report's leaf, and the tokens of its duties; nothing when it is no receipt. */
function listNames(data: Bytes, trust: Trust): readonly string[] {
  try {
    const { header, opening, note } = parseReceipt(data);
    const leaf = computeContentLeaf(opening, encodeHeader(header));
    const dues = openState(note, trust.receipts).dues.map(({ hash }) => hash);
    return [computeTokenHash(leaf), ...dues].map(encodeHex);
  } catch (error) {
    if (error instanceof PlaintError) return [];
    throw error;
  }
}

async function readLimited(file: File, limitBytes: number): Promise<Bytes> {
  if (file.size > limitBytes) throw new MalformedError('file-size');
  return readBytes(file);
}
