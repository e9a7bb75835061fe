import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const VECTORS = resolve(import.meta.dirname, '../../../../vectors');

/**
 * Returns [case, content] for each file of `vectors/<format>`, in the order of their names: the same files pytest reads.
 * Throws when there is none, so that a test over no vectors never passes.
 */
export function loadVectors<Content>(format: string, root: string = VECTORS): [string, Content][] {
  const folder = join(root, format);
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  if (files.length === 0) throw new Error(`no vectors in ${format}`);
  return files.map((name) => [
    basename(name, '.json'),
    JSON.parse(readFileSync(join(folder, name), 'utf8')) as Content,
  ]);
}
