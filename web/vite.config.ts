import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { createLogger } from 'vite';
import { configDefaults, defineConfig } from 'vitest/config';
import { listGroups } from './tools/groups.ts';
import { manifest, readVersion } from './tools/manifest.ts';
import { messageTables } from './tools/message_tables.ts';
import { messages } from './tools/messages.ts';
import { outsideSources } from './tools/outside_sources.ts';
import { shareWorkers } from './tools/share_workers.ts';
import { single } from './tools/single.ts';

const WEB = import.meta.dirname;

/** How long a test waits for what must come: long enough for any machine, and nothing that a test measures. */
const PATIENCE_MS = 240_000;

/**
 * What each build makes (tools/build.ts): pages share no files, or what one of them needs would be cut up, and grown, for the others;
 * `single-<page>` makes a page of one file.
 */
const SINGLE = 'single-';
const listPages = (mode: string): string[] => [mode === 'production' ? 'reporter' : mode.replace(SINGLE, '')];

/** A build that warns has failed. */
function strictLogger() {
  const logger = createLogger();
  const refuse = (message: string) => {
    throw new Error(`warnings are errors: ${message}`);
  };
  return { ...logger, warn: refuse, warnOnce: refuse };
}

export default defineConfig(({ command, mode }) => ({
  root: WEB,
  base: '/static/',
  plugins: [
    ...[messages(), svelte(), messageTables(), outsideSources()],
    ...[mode.startsWith(SINGLE) ? single() : shareWorkers(), manifest()],
  ],
  define: {
    'import.meta.env.SINGLE': JSON.stringify(mode.startsWith(SINGLE)),
    'import.meta.env.VERSION': JSON.stringify(readVersion()),
  },
  ...(command === 'build' ? { customLogger: strictLogger() } : {}),
  build: {
    outDir: resolve(WEB, '../src/plaint/server/static'),
    emptyOutDir: mode === 'production',
    target: 'es2023',
    assetsInlineLimit: 0, // the policy of a page allows no data: scripts, and a manifest lists files
    modulePreload: mode.startsWith(SINGLE) ? false : { polyfill: false },
    cssCodeSplit: !mode.startsWith(SINGLE),
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { bundlerTimings: false }, // a slow machine is no fault of the client
      output: { codeSplitting: mode.startsWith(SINGLE) ? false : { groups: listGroups(mode) } },
      input: Object.fromEntries(listPages(mode).map((page) => [page, resolve(WEB, `${page}.html`)])),
    },
  },
  worker: { format: 'es' },
  resolve: mode === 'test' ? { conditions: ['browser'] } : {},
  test: {
    include: ['src/**/*.test.ts', 'tools/**/*.test.ts'],
    exclude: configDefaults.exclude,
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    onConsoleLog: () => {
      throw new Error('a test wrote to the console');
    },
  },
}));
