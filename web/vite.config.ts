import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { createLogger } from 'vite';
import { configDefaults, defineConfig } from 'vitest/config';
import { manifest } from './tools/manifest.ts';
import { messageTables } from './tools/message_tables.ts';
import { messages } from './tools/messages.ts';

const WEB = import.meta.dirname;

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
  plugins: [messages(), svelte(), messageTables(), manifest()],
  ...(command === 'build' ? { customLogger: strictLogger() } : {}),
  build: {
    outDir: resolve(WEB, '../src/plaint/server/static'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0, // the policy of a page allows no data: scripts, and a manifest lists files
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { bundlerTimings: false }, // a slow machine is no fault of the client
      input: { reporter: resolve(WEB, 'reporter.html'), desk: resolve(WEB, 'desk.html') },
    },
  },
  worker: { format: 'es' },
  resolve: mode === 'test' ? { conditions: ['browser'] } : {},
  test: {
    include: ['src/**/*.test.ts', 'tools/**/*.test.ts'],
    exclude: configDefaults.exclude,
    onConsoleLog: () => {
      throw new Error('a test wrote to the console');
    },
  },
}));
