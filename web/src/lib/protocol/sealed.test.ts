import fc from 'fast-check';
import { encodeBase64 } from './base64.ts';
import { expect, test } from 'vitest';
import { AgeOpener, AgeSealer, CHUNK_BYTES, computeSealedBytes, openAge, sealAge, tryOpenSmall } from './age.ts';
import { createCellOpener, openCells } from './age_cells.ts';
import { AgreementKey } from './agreement.ts';
import { type Bytes, equalBytes, joinBytes } from './bytes.ts';
import { synthesizeCell } from './cells.ts';
import { PlaintError } from './errors.ts';
import { randomBytes } from './hashes.ts';
import { computeHolderKeys } from './keys.ts';
import { Frontier, computeLeafHash } from './merkle.ts';
import { LANGUAGES, type Language, RIVALS, SHARED_WORDS, loadWordList } from './wordlists.ts';
import { drawWords, encodeWords, findReadings, parseWords } from './words.ts';
import { computeRangeRoot } from './hash_levels.test-support.ts';

const key = new AgreementKey(randomBytes(32));
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((data): Bytes => Uint8Array.from(data));

const fill = (size: number): Bytes => new Uint8Array(size).map((_, i) => i % 251);

function catchCode(run: () => unknown): string | null {
  try {
    run();
  } catch (error) {
    if (error instanceof PlaintError) return error.code;
    throw error;
  }
  return null;
}

test('a sealed file opens, and its size says its length alone', () => {
  fc.assert(
    fc.property(bytes(5_000), (plain) => {
      const sealed = sealAge(key.public, plain);
      expect(sealed).toHaveLength(computeSealedBytes(plain.length));
      expect(openAge(key, sealed)).toEqual(plain);
      expect(catchCode(() => openAge(new AgreementKey(randomBytes(32)), sealed))).toBe('age-no-identity');
    }),
    { numRuns: 20 },
  );
});

test('a stream is the same however it is cut', () => {
  const plain = fill(3 * CHUNK_BYTES + 5);
  const cuts = fc.array(fc.integer({ min: 0, max: plain.length }), { maxLength: 6 });
  const cut = (data: Bytes, places: number[]) => {
    const ends = [...places.map((place) => Math.min(place, data.length)).sort((a, b) => a - b), data.length];
    return ends.map((end, i) => data.slice(ends[i - 1] ?? 0, end));
  };
  const secrets = { esk: randomBytes(32), fileKey: randomBytes(16), nonce: randomBytes(16) };
  const whole = sealAge(key.public, plain, secrets);
  fc.assert(
    fc.property(cuts, cuts, (places, others) => {
      const sealer = new AgeSealer(key.public, secrets);
      const parts = cut(plain, places).map((part) => sealer.update(part));
      const sealed = joinBytes(sealer.header, ...parts, sealer.finish());
      expect(equalBytes(sealed, whole)).toBe(true);
      const opener = new AgeOpener(key);
      const opened = cut(sealed, others).map((part) => opener.update(part));
      expect(equalBytes(joinBytes(...opened, opener.finish()), plain)).toBe(true);
    }),
    { numRuns: 15 },
  );
});

test('no byte can be changed, none cut off, none added', () => {
  const plain = fill(CHUNK_BYTES + 10);
  const sealed = sealAge(key.public, plain);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: sealed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const other = sealed.slice();
      other[at] = (other[at] ?? 0) ^ flip;
      const codes = ['age-form', 'age-no-identity', 'age-payload'];
      expect(codes).toContain(catchCode(() => openAge(key, other)));
      expect(codes).toContain(catchCode(() => openAge(key, sealed.slice(0, at))));
    }),
    { numRuns: 60 },
  );
  expect(catchCode(() => openAge(key, joinBytes(sealed, Uint8Array.of(0))))).toBe('age-payload');
  expect(catchCode(() => openAge(key, sealed.slice(0, sealed.length - 26)))).toBe('age-payload');
});

test('of many cells exactly the own ones open, by either opener', async () => {
  const secret = randomBytes(32);
  const own = new AgreementKey(secret);
  const slots = [1, 2, 3].map((n) => new Uint8Array(256).fill(n));
  const cells = Array.from({ length: 150 }, (_, i) => synthesizeCell(randomBytes(32), randomBytes(16), i, 0));
  for (const [i, slot] of slots.entries()) cells[i * 70] = sealAge(own.public, slot);
  expect(await openCells(secret, joinBytes(...cells), 456)).toEqual(slots);
  expect(cells.map((cell) => tryOpenSmall(own, cell)).filter(Boolean)).toEqual(slots);
  const open = await createCellOpener(secret);
  expect(await open(new Uint8Array(456))).toBeNull();
  expect(await open(new Uint8Array(0))).toBeNull();
});

test('a frontier grows the root that the definition gives', () => {
  fc.assert(
    fc.property(fc.array(bytes(8), { maxLength: 70 }), (entries) => {
      const frontier = new Frontier();
      for (const entry of entries) frontier.append(computeLeafHash(entry));
      expect(frontier.computeRoot()).toEqual(computeRangeRoot(entries));
    }),
    { numRuns: 40 },
  );
});

test('words come back in every language, and give the same keys', async () => {
  for (const language of LANGUAGES) {
    const entropy = randomBytes(16);
    const text = await encodeWords(entropy, language);
    const readings = await findReadings(text);
    expect(readings.map((reading) => reading.language)).toContain(language);
    const [first] = readings;
    expect(await parseWords(`\u3000${text.replaceAll(' ', '\t')}\n`)).toEqual(first);
    expect(computeHolderKeys(entropy).locator).toEqual(computeHolderKeys(entropy).locator);
  }
});

test('new words hold in one list only', async () => {
  for (const language of ['english', 'chinese_simplified'] as const) {
    const words = await drawWords(language);
    const readings = await findReadings(await encodeWords(words.entropy, words.language));
    expect(readings).toEqual([words]);
  }
});

test('the words that a list shares with its rivals are all known', async () => {
  for (const [language, rivals] of Object.entries(RIVALS) as [keyof typeof RIVALS, readonly Language[]][]) {
    const { words } = await loadWordList(language);
    const others = await Promise.all(rivals.map(loadWordList));
    const bits = new Uint8Array(words.length / 8);
    for (const [i, word] of words.entries()) {
      if (others.some(({ positions }) => positions.has(word))) bits[i >> 3] = (bits[i >> 3] ?? 0) | (0x80 >> (i & 7));
    }
    expect(SHARED_WORDS[language]).toBe(encodeBase64(bits));
  }
});

test('twelve words of a new-word language can stand in no other list than its rival', async () => {
  for (const [language, rivals] of Object.entries(RIVALS) as [Language, readonly Language[]][]) {
    const { words } = await loadWordList(language);
    for (const other of LANGUAGES) {
      if (other === language || rivals.includes(other)) continue;
      const { positions } = await loadWordList(other);
      expect([other, words.filter((word) => positions.has(word))]).toEqual([other, []]);
    }
  }
});
