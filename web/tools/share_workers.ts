// A worker is one more entry of the bundle of its page: what both need is one file, which the page has fetched already. Left to itself
// Vite builds the worker apart, with a second copy of all cryptography in it.
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { WORKER } from './single.ts';

const SHARED = '\0plaint-shared-worker:';

export function shareWorkers(): Plugin {
  return {
    name: 'plaint-share-workers',
    apply: 'build',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source.endsWith(WORKER) && importer !== undefined
        ? SHARED + resolve(dirname(importer), source.slice(0, -WORKER.length))
        : null,
    load(id) {
      if (!id.startsWith(SHARED)) return null;
      const file = this.emitFile({ type: 'chunk', id: id.slice(SHARED.length) });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
  };
}
