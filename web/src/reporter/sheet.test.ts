import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { encodeHex, encodeText } from '../lib/protocol/bytes.ts';
import { computeSha256 } from '../lib/protocol/hashes.ts';
import { encodeBundle, formatDate, loadWords, sayGrace, writeReadme } from './sheet.ts';

const BUNDLE = '55a291d0cb713a74fd9e3553d136dd95f54c52b9db520d14fbef72f5071dc1f3';

test('a bundle has the bytes that the command line gives it', () => {
  const files = { 'leaves.bin': Uint8Array.from({ length: 256 }, (_, i) => i), 'README.txt': encodeText('为\n') };
  expect(encodeHex(computeSha256(encodeBundle(files)))).toBe(BUNDLE);
});

test('dates are those of the sheet', () => {
  expect(formatDate(1_790_617_200)).toBe('2026-09-28 17:40 UTC');
});

test.each([
  [12, '12 seconds'],
  [60, '60 seconds'],
  [90, '90 seconds'],
  [600, '10 minutes'],
])('a grace of %i seconds is said as %s', async (graceS, said) => {
  expect(sayGrace(graceS, await loadWords('en'))).toBe(`All times are UTC. ${said} of grace are added to each date.`);
  for (const locale of ['de', 'zh', 'ar'] as const) {
    expect(sayGrace(graceS, await loadWords(locale))).toContain(said.split(' ')[0]);
  }
});

test.each(['en', 'de', 'zh', 'ar'] as const)('the text in the bundle is whole in %s', async (locale) => {
  const say = await loadWords(locale);
  const text = new TextDecoder().decode(writeReadme(['receipt.txt', 'trust.txt', 'leaves.bin'], say));
  const table = readFileSync(resolve(import.meta.dirname, `../../../src/plaint/client/sheet/${locale}.json`), 'utf8');
  expect(text).toContain((JSON.parse(table) as Record<string, string>)['hand_spec']);
  expect(text).not.toMatch(/\{\w+\}|\n\n\n/);
});
