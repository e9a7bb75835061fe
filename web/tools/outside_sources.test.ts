import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOutside } from '../src/lib/protocol/outside.ts';
import type { Json } from '../src/lib/protocol/json.ts';
import { keepFirstSources } from './outside_sources.ts';

const FOLDER = resolve(import.meta.dirname, '../../src/plaint/outside');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const read = (text: string) => readOutside(JSON.parse(text) as Json);

describe('the outside routes as they are built in', () => {
  it.each(FILES)('%s says all it did, and its first source', (name) => {
    const text = readFileSync(resolve(FOLDER, name), 'utf8');
    const whole = read(text);
    const routes = whole.routes.map((route) => ({ ...route, sources: route.sources.slice(0, 1) }));
    expect(read(keepFirstSources(text))).toEqual({ ...whole, routes });
  });

  it('leave something out', () => {
    const count = (text: string) => read(text).routes.flatMap(({ sources }) => sources).length;
    const texts = FILES.map((name) => readFileSync(resolve(FOLDER, name), 'utf8'));
    const [before, after] = [texts, texts.map(keepFirstSources)].map((all) => all.map(count).reduce((a, b) => a + b));
    expect(after).toBeLessThan(before ?? 0);
  });
});
