import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadVectors } from './vectors.test-support.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vectors-'));
  mkdirSync(join(root, 'form'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test('vectors come in the order of their names', () => {
  writeFileSync(join(root, 'form', 'b.json'), '{"n": 2}');
  writeFileSync(join(root, 'form', 'a.json'), '{"n": 1}');
  expect(loadVectors('form', root)).toEqual([
    ['a', { n: 1 }],
    ['b', { n: 2 }],
  ]);
});

test('an empty folder fails', () => {
  expect(() => loadVectors('form', root)).toThrow('no vectors');
});
