import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { encodeText, joinBytes, readHex } from '../lib/protocol/bytes.ts';
import { parseTrust } from '../lib/protocol/trust.ts';
import { judgeReceipt } from '../lib/protocol/verify.ts';
import { type PickedFile, readCopy } from './copies.ts';

interface Case {
  readonly input: { receipt: string; trust: string; now: number; leaves: string[]; kept: Record<string, string> };
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
