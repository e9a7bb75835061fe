/** What a receipt comes with: an archive as a proof is, or the files of one (spec/excerpt.md). Nothing is believed because it lies there. */
import type { Bytes } from '../lib/protocol/bytes.ts';
import { equalBytes } from '../lib/protocol/bytes.ts';
import { LIMIT_CERTIFICATE_BYTES } from '../lib/protocol/erasure.ts';
import { MalformedError, PlaintError, UnavailableError } from '../lib/protocol/errors.ts';
import { LIMIT_EXCERPT_BYTES } from '../lib/protocol/excerpt.ts';
import { LIMIT_RECEIPT_BYTES } from '../lib/protocol/receipt.ts';

const ARCHIVE = new Uint8Array([0x50, 0x4b, 3, 4]);
const LIMIT_FILES = 256;
const LIMIT_NOTE_BYTES = 8_192;
const LIMIT_BUNDLE_BYTES = LIMIT_EXCERPT_BYTES + 1_048_576;
const LEAVES = 'leaves.bin';
const RECEIPT = /(?:^|\/)receipt[^/]*\.txt$/;
const NOTE = /^note(?:-[2-8])?\.txt$/;

/** A receipt, the notes that lie beside it by name, and the excerpt of the log; a trust file is not taken along. */
export interface Bundle {
  readonly receipt: Bytes;
  readonly notes: ReadonlyMap<string, Bytes>;
  readonly leaves: Bytes | null;
}

/**
 * What was chosen or dropped: one file, which may be an archive, or the files of a proof. Throws UnavailableError "receipt-missing",
 * MalformedError "archive-receipts" where there are several, "archive-size", "archive-path", "archive-form".
 */
export async function openBundle(files: readonly File[]): Promise<Bundle> {
  const [file, ...others] = files;
  if (file === undefined) throw new UnavailableError('receipt-missing');
  if (others.length > 0) return takeFiles(files);
  const start = await read(file, LIMIT_CERTIFICATE_BYTES);
  if (!equalBytes(start.subarray(0, ARCHIVE.length), ARCHIVE))
    return { receipt: start, notes: new Map(), leaves: null };
  if (file.size > LIMIT_BUNDLE_BYTES) throw new MalformedError('archive-size');
  return unpack(await read(file, LIMIT_BUNDLE_BYTES));
}

/** The files that were dropped, those of a folder as well, but of no folder in it. */
export async function listDropped(items: DataTransferItemList): Promise<File[]> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const listed = await Promise.all(entries.map(async (entry) => (isFolder(entry) ? await listFolder(entry) : [entry])));
  const files = listed.flat().filter((entry): entry is FileSystemFileEntry => entry.isFile);
  if (files.length > LIMIT_FILES) throw new MalformedError('archive-size');
  return Promise.all(files.map((entry) => new Promise<File>((done, fail) => entry.file(done, fail))));
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** A browser hands a folder out in parts; more than a proof has need not be read. */
async function listFolder(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  while (found.length <= LIMIT_FILES) {
    const part = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (part.length === 0) break;
    found.push(...part);
  }
  return found;
}

async function takeFiles(files: readonly File[]): Promise<Bundle> {
  const named = new Map(files.map((file) => [file.name, file]));
  const receipt = named.get(findReceipt(files.map(({ name }) => name)));
  const notes = [...named].filter(([name]) => NOTE.test(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const leaves = named.get(LEAVES);
  return {
    receipt: receipt ? await read(receipt, LIMIT_RECEIPT_BYTES) : new Uint8Array(0),
    notes: new Map(
      await Promise.all(notes.map(async ([name, file]) => [name, await read(file, LIMIT_NOTE_BYTES)] as const)),
    ),
    leaves: leaves ? await read(leaves, LIMIT_EXCERPT_BYTES) : null,
  };
}

/** Unpacks only what is needed, and no further than it can rightly be long. */
async function unpack(data: Bytes): Promise<Bundle> {
  const { unzipSync } = await import('fflate');
  try {
    const names: string[] = [];
    unzipSync(data, { filter: ({ name }) => (names.push(name), false) });
    checkNames(names);
    const receipt = findReceipt(names);
    const folder = receipt.slice(0, receipt.lastIndexOf('/') + 1);
    const limits = new Map([
      [receipt, LIMIT_RECEIPT_BYTES],
      [folder + LEAVES, LIMIT_EXCERPT_BYTES],
      ...names.filter((name) => isNote(name, folder)).map((name) => [name, LIMIT_NOTE_BYTES] as const),
    ]);
    const files = unzipSync(data, {
      filter({ name, size, originalSize }) {
        if (Math.max(size, originalSize) > (limits.get(name) ?? Infinity)) throw new MalformedError('archive-size');
        return limits.has(name);
      },
    });
    const notes = names.filter((name) => isNote(name, folder)).sort();
    return {
      receipt: copy(files[receipt]),
      notes: new Map(notes.map((name) => [name.slice(folder.length), copy(files[name])])),
      leaves: names.includes(folder + LEAVES) ? copy(files[folder + LEAVES]) : null,
    };
  } catch (error) {
    // Damaged, encrypted, or packed in a way that no bundle is.
    throw error instanceof PlaintError ? error : new MalformedError('archive-form');
  }
}

function checkNames(names: readonly string[]): void {
  if (names.length > LIMIT_FILES) throw new MalformedError('archive-size');
  if (names.some((name) => name.includes('\\') || name.startsWith('/') || name.split('/').includes('..'))) {
    throw new MalformedError('archive-path');
  }
}

function isNote(name: string, folder: string): boolean {
  return name.startsWith(folder) && NOTE.test(name.slice(folder.length));
}

function findReceipt(names: readonly string[]): string {
  const [found, ...others] = names.filter((name) => RECEIPT.test(name));
  if (others.length > 0) throw new MalformedError('archive-receipts');
  if (found === undefined) throw new UnavailableError('receipt-missing');
  return found;
}

function copy(data: Uint8Array | undefined): Bytes {
  return new Uint8Array(data ?? []);
}

/** What is longer than it can rightly be is cut one byte later, so that no parser takes it. */
async function read(file: File, limitBytes: number): Promise<Bytes> {
  return new Uint8Array(await file.slice(0, limitBytes + 1).arrayBuffer());
}
