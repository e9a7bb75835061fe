import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AgreementKey } from '../protocol/agreement.ts';
import { type Bytes, joinBytes } from '../protocol/bytes.ts';
import { PlaintError } from '../protocol/errors.ts';
import { computeSha256, randomBytes } from '../protocol/hashes.ts';
import { computeInclusion, computeRoot } from '../protocol/tiles.ts';
import { createHashLevels } from '../protocol/hash_levels.test-support.ts';
import { makeSafeName } from './blobs.ts';
import { Api, findBase } from './http.ts';
import { LogCopy } from './log_copy.ts';
import { FileOpener, FileSealer, PART_BYTES, computeBlobBytes } from './sealing.ts';

const secret = randomBytes(32);
const recipient = new AgreementKey(secret).public;

async function seal(plain: Bytes): Promise<{ parts: Bytes[]; facts: ReturnType<FileSealer['finish']> }> {
  const sealer = new FileSealer(new Blob([plain]), recipient);
  const parts: Bytes[] = [];
  for (let part = await sealer.next(); part; part = await sealer.next()) parts.push(part.bytes);
  return { parts, facts: sealer.finish() };
}

function open(chunks: readonly Bytes[], size: number): { plain: Bytes; sha256: Bytes } {
  const opener = new FileOpener(secret, size);
  const parts = chunks.map((chunk) => opener.push(chunk));
  const { last, sha256 } = opener.finish();
  return { plain: joinBytes(...parts, last), sha256 };
}

function catchCode(run: () => unknown): string | null {
  try {
    run();
  } catch (error) {
    if (error instanceof PlaintError) return error.code;
    throw error;
  }
  return null;
}

test.each([0, 1, 4096, 4097, 65_536, 1_048_577, 9_000_000])('a file of %i bytes comes back whole', async (size) => {
  const plain = new Uint8Array(size).map((_, i) => i % 251);
  const { parts, facts } = await seal(plain);
  const sealed = joinBytes(...parts);
  expect(facts.sealed).toBe(computeBlobBytes(size));
  expect(sealed).toHaveLength(facts.sealed);
  expect(facts.sealedSha256).toEqual(computeSha256(sealed));
  expect(facts.sha256).toEqual(computeSha256(plain));
  expect(parts.slice(0, -1).every((part) => part.length === PART_BYTES)).toBe(true);
  const opened = open(parts, size);
  expect(Buffer.compare(opened.plain, plain)).toBe(0);
  expect(opened.sha256).toEqual(facts.sha256);
});

test('a shorter or longer file than announced is not that file', async () => {
  const { parts } = await seal(randomBytes(5_000));
  expect(catchCode(() => open(parts, 6_000))).toBe('attachment-digest');
  expect(catchCode(() => open(parts, 4_000))).toBe('attachment-digest');
  expect(catchCode(() => open([joinBytes(...parts).slice(0, -1)], 5_000))).toBe('age-payload');
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\someone\\bill.pdf', 'bill.pdf'],
  ['photo\u202egpj.exe', 'photogpj.exe'],
  ['a\u0000b\n.txt', 'ab.txt'],
  ['...', 'file'],
  ['', 'file'],
  ['.hidden', 'hidden'],
  ['Schwarz-weiß 写真.jpg', 'Schwarz-weiß 写真.jpg'],
])('the name %j is kept as %j', (name, kept) => {
  expect(makeSafeName(name)).toBe(kept);
});

test('the address of the organisation is found from any page below it', () => {
  const origin = 'https://plaint.test';
  for (const pathname of ['/o/demo/', '/o/demo/desk/', '/o/demo/desk/case']) {
    expect(findBase({ origin, pathname })).toBe('https://plaint.test/o/demo/');
  }
  expect(findBase({ origin, pathname: '/under/o/demo/' })).toBe('https://plaint.test/under/o/demo/');
  expect(catchCode(() => findBase({ origin, pathname: '/static/x' }))).toBe('address');
});

test('a copy from some place on has the roots and proofs of the whole log', () => {
  const leaves = Array.from({ length: 1_500 }, (_, i) =>
    joinBytes(Uint8Array.of(1), computeSha256(Uint8Array.of(i & 255, i >> 8))),
  );
  const whole = createHashLevels(leaves);
  const bases = fc.constantFrom(0, 256, 512, 1_280);
  fc.assert(
    fc.property(bases, fc.integer({ min: 0, max: 219 }), (base, offset) => {
      const copy = new LogCopy(base, whole(1, 0, base / 256));
      for (const leaf of leaves.slice(base)) copy.append(leaf);
      const index = 1_280 + offset;
      expect(copy.leaf(index)).toEqual(leaves[index]);
      expect(copy.rootAt(1_500)).toEqual(computeRoot(whole, 1_500));
      expect(computeInclusion(copy.read, index, 1_500)).toEqual(computeInclusion(whole, index, 1_500));
      copy.truncate(1_290);
      expect(copy.rootAt(1_290)).toEqual(computeRoot(whole, 1_290));
      for (const leaf of leaves.slice(1_290)) copy.append(leaf);
      expect(copy.rootAt(1_500)).toEqual(computeRoot(whole, 1_500));
    }),
    { numRuns: 12 },
  );
});

test('a part is sent again while the server still reads the line that broke', async () => {
  const sent: string[] = [];
  const answers = [new Response('{"code":"blob-busy"}', { status: 409 }), new Response(null, { status: 204 })];
  const call = (url: string, { body }: RequestInit) => {
    sent.push(`${url} ${(body as Bytes).length}`);
    return Promise.resolve(answers[sent.length - 1] as Response);
  };
  const api = new Api('https://reports.example/o/a', { fetch: call as typeof fetch });
  await api.send('PUT', 'blobs/00/parts/0', new Uint8Array(5));
  expect(sent).toEqual(Array(2).fill('https://reports.example/o/a/blobs/00/parts/0 5'));
});

test('what another sender wrote meanwhile is for the caller to settle', async () => {
  let calls = 0;
  const call = () => {
    calls++;
    return Promise.resolve(new Response('{"code":"entry-conflict"}', { status: 409 }));
  };
  const api = new Api('https://reports.example/o/a', { fetch: call });
  await expect(api.send('POST', 'rooms', new Uint8Array(5))).rejects.toMatchObject({ code: 'entry-conflict' });
  expect(calls).toBe(1);
});
