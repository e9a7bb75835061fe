/** What Python makes of random things: both clients must make the same. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../../..');

/** `count` of what `tests.support.<module>` writes, always the same. */
export function runPython<Made>(module: string, count: number): Made[] {
  const python = resolve(ROOT, '.venv/bin/python');
  const given = ['-m', `tests.support.${module}`, '1', `${count}`];
  const lines = execFileSync(python, given, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28 })
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(count);
  return lines.map((line) => JSON.parse(line) as Made);
}
