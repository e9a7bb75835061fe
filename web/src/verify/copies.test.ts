import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { encodeText, encodeU64, joinBytes, readHex } from '../lib/protocol/bytes.ts';
import { parseTrust } from '../lib/protocol/trust.ts';
import { judgeReceipt } from '../lib/protocol/verify.ts';
import { type PickedFile, readCopy } from './copies.ts';
import { readDirectory } from './directory_copies.ts';

interface Case {
  readonly input: {
    receipt: string;
    trust: string;
    now: number;
    leaves: string[];
    kept: Record<string, string>;
    counters: string[];
    directory: { entries: string[]; checkpoints: string[] };
  };
  readonly expect: { verdict: string };
}

const VECTORS = resolve(import.meta.dirname, '../../../vectors/verify');

function pick(path: string, data: Uint8Array<ArrayBuffer>): PickedFile {
  return { webkitRelativePath: path, size: data.length, arrayBuffer: () => Promise.resolve(data.slice().buffer) };
}

test.each(['silent', 'late', 'breach', 'holds-met'])(
  "a mirror's folder is judged as its leaves are: %s",
  async (name) => {
    const { input, expect: expected } = JSON.parse(readFileSync(resolve(VECTORS, `${name}.json`), 'utf8')) as Case;
    const files = [
      pick('copy/directory/at/1', encodeText('not of this log')),
      pick('copy/cases/leaves.bin', joinBytes(...input.leaves.map(readHex))),
      ...Object.entries(input.kept).map(([size, note]) => pick(`copy/cases/at/${size}`, encodeText(note))),
    ];
    const facts = { trust: parseTrust(encodeText(input.trust)), now: input.now };
    const verdict = judgeReceipt(encodeText(input.receipt), { ...facts, leaves: await readCopy(files) });
    expect(verdict.verdict).toBe(expected.verdict);
  },
);

test('a folder without leaves is no copy', async () => {
  await expect(readCopy([pick('copy/cases/at/1', encodeText(''))])).rejects.toMatchObject({ code: 'leaves-missing' });
});

test("who could sign a counter-proof is read from a mirror's folder", async () => {
  const { input } = JSON.parse(readFileSync(resolve(VECTORS, 'counter-extend-met.json'), 'utf8')) as Case;
  const { entries, checkpoints } = input.directory;
  const ends = entries.map((_, i) => entries.slice(0, i + 1).reduce((sum, entry) => sum + encodeText(entry).length, 0));
  const files = [
    pick('copy/cases/leaves.bin', joinBytes(...input.leaves.map(readHex))),
    ...Object.entries(input.kept).map(([size, note]) => pick(`copy/cases/at/${size}`, encodeText(note))),
    pick('copy/directory/entries.bin', encodeText(entries.join(''))),
    pick('copy/directory/offsets.bin', joinBytes(...ends.map(encodeU64))),
    pick('copy/directory/at/2', encodeText(checkpoints[0] ?? '')),
    pick('copy/directory/checkpoint', encodeText(checkpoints[1] ?? '')),
  ];
  const facts = {
    trust: parseTrust(encodeText(input.trust)),
    now: input.now,
    counters: input.counters.map(encodeText),
  };
  const leaves = await readCopy(files);
  const judged = judgeReceipt(encodeText(input.receipt), { ...facts, leaves, directory: await readDirectory(files) });
  expect([judged.verdict, judged.counters[0]?.reason]).toEqual(['holds', null]);
  expect(await readDirectory(files.slice(0, -3))).toBeUndefined();
  await expect(
    readDirectory([...files, pick('directory/offsets.bin', encodeU64(9e15))].reverse()),
  ).rejects.toMatchObject({ code: 'log-range' });
});
