import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBase64, parseBase64 } from './base64.ts';
import { type Bytes, encodeHex, encodeText, parseHex } from './bytes.ts';
import { PlaintError } from './errors.ts';
import { type Json, encodeJson, parseCanonicalJson, parseJson } from './json.ts';
import { LineReader, encodeLines, parseInteger, parseLines } from './lines.ts';
import { computePadme } from './padme.ts';

const LIMIT = 2 ** 20;
const bytes = fc.uint8Array({ maxLength: 300 }).map((data): Bytes => Uint8Array.from(data));
const integers = fc.maxSafeInteger();
const strings = fc.string({ unit: 'grapheme' });
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    integers,
    strings,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(strings, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

function catchCode(run: () => unknown): string | null {
  try {
    run();
  } catch (error) {
    if (error instanceof PlaintError) return error.code;
    throw error;
  }
  return null;
}

test('base64 and hex come back, and have one spelling', () => {
  fc.assert(
    fc.property(bytes, (data) => {
      expect(parseBase64(encodeBase64(data), data.length)).toEqual(data);
      expect(parseHex(encodeHex(data), data.length)).toEqual(data);
    }),
  );
  for (const text of ['AA', 'AB==', ' AA==', 'AA==\n', 'AA-_', 'A===']) {
    expect(catchCode(() => parseBase64(text, 100))).toBe('base64-form');
  }
  expect(catchCode(() => parseBase64('AAAAAAAA', 3))).toBe('base64-size');
  expect(catchCode(() => parseBase64('AAAA', 32, 4))).toBe('base64-size');
  for (const text of ['AB', '0', '0g', ' 0']) expect(catchCode(() => parseHex(text, 1))).toBe('text-hex');
});

test('text objects come back', () => {
  const key = fc.stringMatching(/^[a-z]{1,8}$/);
  const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value)), (pairs) => {
      expect(parseLines(encodeLines('plaint/v1/thing', pairs), 'plaint/v1/thing', LIMIT)).toEqual(pairs);
    }),
  );
});

test('whatever comes, a text object is read or refused with a code', () => {
  const near = fc.stringMatching(/^plaint\/v1\/thing\n([a-z]{1,3} [ -~\n\r\t]{0,9}\n){0,3}$/).map(encodeText);
  fc.assert(
    fc.property(fc.oneof(bytes, near), (data) => {
      const code = catchCode(() => parseLines(data, 'plaint/v1/thing', 200));
      expect([null, 'text-size', 'text-ascii', 'text-first-line', 'text-line']).toContain(code);
    }),
  );
});

test('lines are taken in their order', () => {
  const reader = new LineReader([
    ['a', '1'],
    ['b', '2'],
    ['b', '3'],
  ]);
  expect(catchCode(() => reader.take('b'))).toBe('text-order');
  expect(reader.takeOptional('b')).toBeNull();
  expect(reader.take('a')).toBe('1');
  expect(
    catchCode(() => {
      reader.finish();
    }),
  ).toBe('text-order');
  expect(reader.takeMany('b')).toEqual(['2', '3']);
  reader.finish();
});

test('integers have one spelling and an end', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(parseInteger(String(value))).toBe(value);
    }),
  );
  for (const text of ['', '-1', '+1', '01', '1.0', '1e3', ' 1', '9007199254740992', '٣']) {
    expect(catchCode(() => parseInteger(text))).toBe('text-integer');
  }
});

test('JSON comes back in its canonical form, whatever order its keys had', () => {
  fc.assert(
    fc.property(json, (value) => {
      const data = encodeJson(value);
      expect(JSON.parse(new TextDecoder().decode(data))).toEqual(value);
      expect(encodeJson(parseCanonicalJson(data, LIMIT))).toEqual(data);
      expect(encodeJson(parseJson(encodeText(JSON.stringify(value, null, 2)), LIMIT))).toEqual(data);
    }),
  );
});

test('whatever JavaScript does not read, this does not read, and where both do they agree', () => {
  const near = fc.oneof(
    json.map((value) => JSON.stringify(value)),
    fc.stringMatching(/^[[{]["0-9a-f,:.eE\\+\- tru]{0,12}[}\]]$/),
    fc.json({ depthSize: 'small' }),
  );
  fc.assert(
    fc.property(near, (text) => {
      let known: unknown = null;
      let code: string | null = null;
      try {
        known = JSON.parse(text);
      } catch {
        code = 'not JSON';
      }
      const ours = catchCode(() => {
        const value = parseJson(encodeText(text), LIMIT);
        expect(value).toEqual(known);
      });
      if (code !== null) expect(ours).not.toBeNull();
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['{"a":1,"a":1}', 'json-duplicate-key'],
  ['{"\\u0061":1,"a":1}', 'json-duplicate-key'],
  ['{"__proto__":1,"__proto__":2}', 'json-duplicate-key'],
  ['1.0', 'json-number'],
  ['1e2', 'json-number'],
  ['NaN', 'json-number'],
  ['-Infinity', 'json-number'],
  ['9007199254740992', 'json-number'],
  ['-9007199254740992', 'json-number'],
  ['01', 'json-form'],
  ['[1,]', 'json-form'],
  ['{"a"}', 'json-form'],
  ['"\u0001"', 'json-form'],
  ['"\\x"', 'json-form'],
  ['"', 'json-form'],
  ['"\\', 'json-form'],
  ['\ufeff1', 'json-form'],
  ['1 2', 'json-form'],
  ['', 'json-form'],
  ['['.repeat(100_000), 'json-form'],
])('JSON %# is refused', (text, code) => {
  expect(catchCode(() => parseJson(encodeText(text), LIMIT))).toBe(code);
});

test('JSON is refused for its size, for other forms and for what it cannot write', () => {
  expect(catchCode(() => parseJson(encodeText('[1,2]'), 4))).toBe('json-size');
  for (const text of ['{ }', '{"b":1,"a":2}', '-0', '"\\u0041"']) {
    expect(catchCode(() => parseCanonicalJson(encodeText(text), LIMIT))).toBe('json-canonical');
  }
  for (const value of ['\ud800', NaN, Infinity, 2 ** 53, { '\udfff': 1 }]) {
    expect(catchCode(() => encodeJson(value))).toBe('json-value');
  }
  const text = '{"__proto__":{"a":1}}';
  expect(new TextDecoder().decode(encodeJson(parseJson(encodeText(text), LIMIT)))).toBe(text);
});

test('padding grows, costs at most an eighth, and hides sizes in groups', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (size) => {
      const padded = computePadme(size);
      expect(padded).toBeGreaterThanOrEqual(Math.max(size, 4096));
      expect(padded).toBeLessThanOrEqual(Math.max(size * 1.12, 4096));
      expect(computePadme(padded)).toBe(padded);
    }),
  );
  expect([computePadme(0), computePadme(4097), computePadme(2 ** 31 - 1)]).toEqual([4096, 4352, 2 ** 31]);
});
