/** One check: from what the person chose to a verdict; nothing leaves the device but the wish for the public log. */
import { findPlace, hasKit } from '../lib/api/place.ts';
import { type Bytes, encodeHex } from '../lib/protocol/bytes.ts';
import { judgeCertificate } from '../lib/protocol/erasure.ts';
import { MalformedError, PlaintError, UnavailableError } from '../lib/protocol/errors.ts';
import { LIMIT_EXCERPT_BYTES, openExcerpt, parseExcerpt } from '../lib/protocol/excerpt.ts';
import { computeContentLeaf, computeTokenHash } from '../lib/protocol/leaf.ts';
import { type MissedVerdict, judgeMissed, parseMissed } from '../lib/protocol/missed.ts';
import { parseNote } from '../lib/protocol/note.ts';
import { LIMIT_RECEIPT_BYTES, parseReceipt } from '../lib/protocol/receipt.ts';
import { learnReceiptKeys } from '../lib/protocol/receipt_keys.ts';
import { LIMIT_COUNTER_BYTES } from '../lib/protocol/counter.ts';
import { encodeHeader } from '../lib/protocol/room.ts';
import type { DirectoryCopy } from '../lib/protocol/signers.ts';
import { parseState } from '../lib/protocol/state.ts';
import { LIMIT_HEAD_BYTES, type Trust, parseTrust } from '../lib/protocol/trust.ts';
import { LIMIT_POLICY_BYTES } from '../lib/protocol/policy.ts';
import { type Verdict, findForeign, judgeReceipt } from '../lib/protocol/verify.ts';
import { type Copy, type PickedFile, fetchCopy, judgeWhole, readBytes, readCopy } from './copies.ts';
import { fetchDirectory, readDirectory } from './directory_copies.ts';
import type { Bundle } from './bundle.ts';
import { type Beside, type Judged, findKind } from './kinds.ts';

const LIMIT_TRUST_BYTES = LIMIT_POLICY_BYTES + LIMIT_HEAD_BYTES;
const LIMIT_LATER_BYTES = 8_192;

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
  /** What came with the receipt; its notes count where no others were chosen, its leaves where no excerpt was. */
  readonly bundle: Bundle | null;
  readonly counters: readonly File[];
}

/** Throws UnavailableError "trust-missing", "receipt-missing", "leaves-missing", "network"; those of `parseTrust`. */
export async function judge(chosen: Chosen, now: number): Promise<Judged> {
  if (!chosen.receipt.length) throw new UnavailableError('receipt-missing');
  const trust = await loadTrust(chosen);
  const kind = findKind(chosen.receipt);
  switch (kind) {
    case 'erasure': {
      const directory = await loadDirectory(chosen, trust);
      return { kind, verdict: judgeCertificate(chosen.receipt, { trust, now, directory }) };
    }
    case 'missed':
      return { kind, verdict: await judgeWatched(chosen, trust, now) };
    case 'receipt':
      return { kind, ...(await judgePromise(chosen, trust, now)) };
  }
}

async function judgePromise(
  chosen: Chosen,
  trust: Trust,
  now: number,
): Promise<{ readonly verdict: Verdict; readonly beside: readonly Beside[] }> {
  const data = chosen.receipt.subarray(0, LIMIT_RECEIPT_BYTES + 1);
  const counters = await Promise.all(chosen.counters.map((file) => readLimited(file, LIMIT_COUNTER_BYTES)));
  const directory = await findDirectory(chosen, trust);
  const given = await Promise.all(
    chosen.later.map(async (file) => [file.name, await readLimited(file, LIMIT_LATER_BYTES)] as const),
  );
  const notes = given.length > 0 ? given : [...(chosen.bundle?.notes ?? [])];
  const learned = learnReceiptKeys(trust, directory, now);
  const checked = notes.map(([name, note]) => ({ name, note, reason: findForeign(data, note, learned) }));
  const later = checked.filter(({ reason }) => reason === null).map(({ note }) => note);
  // Of those that were chosen only what is left aside is worth a word.
  const beside = checked.filter(({ reason }) => given.length === 0 || reason !== null);
  const facts = { trust, now, later, counters, directory };
  const copy = await loadLeaves(chosen, trust, listNames(data));
  const verdict = await judgeWhole(copy, (leaves) => judgeReceipt(data, { ...facts, leaves }));
  return { verdict, beside };
}

async function judgeWatched(chosen: Chosen, trust: Trust, now: number): Promise<MissedVerdict> {
  const data = chosen.receipt;
  const directory = await loadDirectory(chosen, trust);
  const copy = await loadLeaves(chosen, trust, listWatched(data));
  return judgeWhole(copy, (leaves) => judgeMissed(data, { trust, now, leaves, directory }));
}

/** One that cannot be read does not stop what needs none. */
async function findDirectory(chosen: Chosen, trust: Trust): Promise<DirectoryCopy | undefined> {
  try {
    return await loadDirectory(chosen, trust);
  } catch (error) {
    if (chosen.counters.length > 0 || !(error instanceof PlaintError)) throw error;
    return undefined;
  }
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

async function loadLeaves(chosen: Chosen, trust: Trust, names: readonly string[]): Promise<Copy | undefined> {
  const { copy, leaves, folder, bundle } = chosen;
  if (copy === 'none') return undefined;
  if (copy === 'file') {
    const data = leaves === null ? bundle?.leaves : await readLimited(leaves, LIMIT_EXCERPT_BYTES);
    if (!data) throw new UnavailableError('leaves-missing');
    return openExcerpt(parseExcerpt(data));
  }
  return copy === 'folder' ? readCopy(folder, names) : fetchCopy((await findPlace()).api, trust, names);
}

/** What to look for: the report's leaf, and the tokens of its duties; nothing when it is no receipt. */
function listNames(data: Bytes): readonly string[] {
  try {
    const { header, opening, note } = parseReceipt(data);
    const leaf = computeContentLeaf(opening, encodeHeader(header));
    const dues = parseState(parseNote(note).text).dues.map(({ hash }) => hash);
    return [computeTokenHash(leaf), ...dues].map(encodeHex);
  } catch (error) {
    if (error instanceof PlaintError) return [];
    throw error;
  }
}

/** The same for a missed date. */
function listWatched(data: Bytes): readonly string[] {
  try {
    const { missed } = parseMissed(data);
    return [missed.open, missed.token].map(encodeHex);
  } catch (error) {
    if (error instanceof PlaintError) return [];
    throw error;
  }
}

async function readLimited(file: File, limitBytes: number): Promise<Bytes> {
  if (file.size > limitBytes) throw new MalformedError('file-size');
  return readBytes(file);
}
