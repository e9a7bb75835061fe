// Names every built file by its bytes: manifest.json for the directory log, integrity attributes for the browser.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';
import { SAVED } from './single.ts';

export const MANIFEST = 'manifest.json';

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => path !== MANIFEST)
    .sort();
}

/** The version in pyproject.toml, the one place where it stands. */
export function readVersion(): string {
  const text = readFileSync(resolve(import.meta.dirname, '../../pyproject.toml'), 'utf8');
  const version = /^version = "([0-9A-Za-z][0-9A-Za-z.+-]{0,63})"$/m.exec(text)?.[1];
  if (version === undefined) throw new Error('manifest: pyproject.toml says no version');
  return version;
}

/** Pages that name other files; those of one file say their own hashes. */
function listPages(folder: string): string[] {
  return listFiles(folder).filter((path) => path.endsWith('.html') && !path.startsWith(SAVED));
}

/** Adds integrity="sha384-…" to each script and stylesheet under `base`; an unknown file is an error. */
export function addIntegrity(html: string, base: string, read: (path: string) => Uint8Array): string {
  return html.replaceAll(/<(?:script|link)\b[^>]*>/g, (tag) => {
    const path = /\b(?:src|href)="([^"]*)"/.exec(tag)?.[1];
    if (!path || !/^<script|rel="(?:stylesheet|modulepreload)"/.test(tag)) return tag;
    if (!path.startsWith(base)) throw new Error(`a page loads ${path}, which is not ours`);
    const digest = createHash('sha384')
      .update(read(path.slice(base.length)))
      .digest('base64');
    // The build of a worker closes a bundle too: whatever stands here from before is written anew.
    return tag.replace(/ integrity="[^"]*"/, '').replace(/>$/, ` integrity="sha384-${digest}">`);
  });
}

/** Writes integrity attributes and manifest.json once everything else is on disk. */
export function manifest(): Plugin {
  let folder = '';
  let base = '';
  return {
    name: 'plaint-manifest',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
      base = config.base;
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler(error) {
        if (error) return;
        const read = (path: string) => readFileSync(join(folder, path));
        for (const path of listPages(folder)) {
          writeFileSync(join(folder, path), addIntegrity(read(path).toString('utf8'), base, read));
        }
        const files = Object.fromEntries(
          listFiles(folder).map((path) => [path, createHash('sha256').update(read(path)).digest('hex')]),
        );
        writeFileSync(join(folder, MANIFEST), JSON.stringify({ files, v: 1, version: readVersion() }));
      },
    },
  };
}
