import { type Zippable, zipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { type Bytes, encodeText } from '../lib/protocol/bytes.ts';
import { parseTrust } from '../lib/protocol/trust.ts';
import { findForeign } from '../lib/protocol/verify.ts';
import { openBundle } from './bundle.ts';

const VECTORS = resolve(import.meta.dirname, '../../../vectors/verify');
const { input } = JSON.parse(readFileSync(resolve(VECTORS, 'admitted.json'), 'utf8')) as {
  input: { receipt: string; trust: string; later: string[] };
};
const receipt = encodeText(input.receipt);
const note = encodeText(input.later[0] ?? '');

const asFile = (data: Uint8Array, name = 'bundle.zip'): File => new File([new Uint8Array(data)], name);
const pack = (files: Zippable): File => asFile(zipSync(files));
const FILES = { 'receipt.txt': receipt, 'note.txt': note, 'leaves.bin': new Uint8Array(9), 'trust.txt': receipt };

test.each([
  ['an archive', [pack(FILES)]],
  ['an archive that is not compressed', [asFile(zipSync(FILES, { level: 0 }))]],
  ['an archive of a folder', [pack({ proof: FILES, __MACOSX: { '._receipt.txt': note } })]],
  ['its files', Object.entries(FILES).map(([name, data]) => asFile(data, name))],
])('a proof is taken as %s, without its trust file', async (_, files) => {
  const opened = await openBundle(files);
  expect(opened).toEqual({ receipt, notes: new Map([['note.txt', note]]), leaves: new Uint8Array(9) });
});

test('a note is taken when it is of the room of the receipt, and signed', () => {
  const trust = parseTrust(encodeText(input.trust));
  const changed = encodeText((input.later[0] ?? '').replace('entries ', 'entries 1'));
  expect(findForeign(receipt, note, trust)).toBeNull();
  expect(findForeign(receipt, changed, trust)).toBe('note-known-key');
  expect(findForeign(receipt, new Uint8Array(9_000), trust)).toBe('note-size');
  expect(findForeign(receipt.slice(9), note, trust)).toBeNull(); // the receipt itself is not valid, and says so
});

test.each<[string, string, () => File[]]>([
  ['two receipts', 'archive-receipts', () => [pack({ a: { 'receipt.txt': receipt }, b: { 'receipt.txt': receipt } })]],
  ['a copy of one', 'archive-receipts', () => [pack({ 'receipt.txt': receipt, 'receipt (1).txt': receipt })]],
  ['two files', 'archive-receipts', () => [asFile(receipt, 'receipt.txt'), asFile(receipt, 'receipt.txt')]],
  ['no receipt', 'receipt-missing', () => [pack({ 'note.txt': note })]],
  ['a name that leads out', 'archive-path', () => [pack({ ...FILES, '../note.txt': note })]],
  ['a name from the root', 'archive-path', () => [pack({ ...FILES, '/etc/note.txt': note })]],
  ['a backslash', 'archive-path', () => [pack({ ...FILES, '..\\note.txt': note })]],
  ['a bomb', 'archive-size', () => [pack({ ...FILES, 'note.txt': new Uint8Array(10_000_000) })]],
  ['a crowd', 'archive-size', () => [pack({ ...FILES, ...Object.fromEntries(crowd()) })]],
  ['a huge file', 'archive-size', () => [asFile(join(zipSync(FILES), new Uint8Array(70_000_000)))]],
  ['half an archive', 'archive-form', () => [asFile(zipSync(FILES).slice(0, -30))]],
  ['a broken archive', 'archive-form', () => [asFile(spoil(zipSync(FILES)))]],
])('what no honest archive is, is refused: %s', async (_, code, make) => {
  await expect(openBundle(make())).rejects.toMatchObject({ code });
});

function crowd(): [string, Bytes][] {
  return Array.from({ length: 300 }, (_, i) => [`${i}.txt`, note]);
}

function join(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

/** Breaks the first packed bytes. */
function spoil(data: Uint8Array): Uint8Array {
  return data.map((byte, i) => (i > 40 && i < 60 ? byte ^ 0xff : byte));
}
