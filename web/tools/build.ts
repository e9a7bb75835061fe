// Builds the pages, one build after the other into one folder (vite.config.ts says why there are several).
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';

const WEB = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { outDir: { type: 'string' }, emptyOutDir: { type: 'boolean' } } });

for (const mode of ['production', 'desk', 'verify', 'single-reporter', 'single-verify']) {
  const folder = values.outDir === undefined ? {} : { outDir: resolve(values.outDir) };
  await build({
    root: WEB,
    configFile: resolve(WEB, 'vite.config.ts'),
    mode,
    build: { ...folder, emptyOutDir: mode === 'production' },
  });
}
