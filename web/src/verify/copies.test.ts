import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { encodeText, encodeU64, joinBytes, readHex } from '../lib/protocol/bytes.ts';
import { parseTrust } from '../lib/protocol/trust.ts';
import { judgeReceipt } from '../lib/protocol/verify.ts';
import type { Leaves } from '../lib/protocol/scan.ts';
import { type PickedFile, judgeWhole, readCopy } from './copies.ts';
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
    const verdict = judgeReceipt(encodeText(input.receipt), { ...facts, leaves: await readCopy(files, []) });
    expect(verdict.verdict).toBe(expected.verdict);
  },
);

test('a folder without leaves is no copy', async () => {
  await expect(readCopy([pick('copy/cases/at/1', encodeText(''))], [])).rejects.toMatchObject({
    code: 'leaves-missing',
  });
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
  const leaves = await readCopy(files, []);
  const judged = judgeReceipt(encodeText(input.receipt), { ...facts, leaves, directory: await readDirectory(files) });
  expect([judged.verdict, judged.counters[0]?.reason]).toEqual(['holds', null]);
  expect(await readDirectory(files.slice(0, -3))).toBeUndefined();
  await expect(
    readDirectory([...files, pick('directory/offsets.bin', encodeU64(9e15))].reverse()),
  ).rejects.toMatchObject({ code: 'log-range' });
});

test('checkpoints that are far away are loaded when they are asked for', async () => {
  const { input, expect: expected } = JSON.parse(readFileSync(resolve(VECTORS, 'late.json'), 'utf8')) as Case;
  const facts = { trust: parseTrust(encodeText(input.trust)), now: input.now };
  const opened: string[] = [];
  const dark = Object.entries(input.kept).map(([size, note]) =>
    pick(`copy/cases/at/${size}`, encodeText(Number(size) > 12 && Number(size) < 80 ? 'nobody signed' : note)),
  );
  const files = [
    pick('copy/cases/leaves.bin', joinBytes(...input.leaves.map(readHex))),
    ...dark.map((file) => ({ ...file, arrayBuffer: () => (opened.push(file.webkitRelativePath), file.arrayBuffer()) })),
  ];
  const copy = await readCopy(files, [], 2);
  expect(opened.length).toBe(4);
  const judge = (leaves?: Leaves) => judgeReceipt(encodeText(input.receipt), { ...facts, leaves });
  const whole = await judgeWhole(copy, judge);
  expect(whole).toEqual(judge(await readCopy(files, [])));
  expect(whole.verdict).toBe(expected.verdict);
  expect(new Set(opened).size).toBe(Object.keys(input.kept).length);
});
