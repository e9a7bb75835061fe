// Compiles messages/*.json to functions. Whatever the compiler would only warn about stops the build here:
// a missing plugin, a language without a key, a placeholder that a translation lost.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compile } from '@inlang/paraglide-js';
import type { Plugin } from 'vite';

const WEB = resolve(import.meta.dirname, '..');
const SETTINGS = resolve(WEB, 'project.inlang/settings.json');
const OUT = resolve(WEB, 'src/lib/paraglide');

interface Settings {
  baseLocale: string;
  locales: string[];
  modules: string[];
  'plugin.inlang.messageFormat': { pathPattern: string[] };
}

/** Every placeholder of a message, in plain text or in its variants. */
function placeholders(message: unknown): string {
  return [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort().join(' ');
}

function readMessages(settings: Settings, locale: string): Map<string, unknown> {
  const paths = settings['plugin.inlang.messageFormat'].pathPattern;
  const all = paths.flatMap((path) =>
    Object.entries(
      JSON.parse(readFileSync(resolve(WEB, path.replace('{locale}', locale)), 'utf8')) as Record<string, unknown>,
    ),
  );
  const found = new Map(all);
  if (found.size < all.length) throw new Error(`messages: ${locale} has a key in two files`);
  return found;
}

/** What is wrong with the translations, one line each. */
export function findFaults(base: Map<string, unknown>, other: Map<string, unknown>, locale: string): string[] {
  const faults: string[] = [];
  for (const [key, message] of base) {
    const translated = other.get(key);
    if (translated === undefined || translated === '') faults.push(`${locale}: "${key}" is missing`);
    else if (placeholders(message) !== placeholders(translated))
      faults.push(`${locale}: "${key}" has other placeholders`);
  }
  for (const key of other.keys()) if (!base.has(key)) faults.push(`${locale}: "${key}" is not in the base language`);
  return faults;
}

/** Writes src/lib/paraglide or throws. */
export async function compileMessages(): Promise<void> {
  const settings = JSON.parse(readFileSync(SETTINGS, 'utf8')) as Settings;
  const base = readMessages(settings, settings.baseLocale);
  const faults = settings.modules.filter((path) => !existsSync(resolve(WEB, path))).map((path) => `no ${path}`);
  for (const locale of settings.locales) faults.push(...findFaults(base, readMessages(settings, locale), locale));
  if (faults.length > 0) throw new Error(`messages:\n  ${faults.join('\n  ')}`);

  const warn = console.warn;
  const warnings: unknown[][] = [];
  console.warn = (...words: unknown[]) => warnings.push(words);
  try {
    // The language is never stored: a cookie would say on a shared device that somebody was here.
    await compile({
      project: resolve(WEB, 'project.inlang'),
      outdir: OUT,
      strategy: ['globalVariable', 'preferredLanguage', 'baseLocale'],
      emitGitIgnore: false,
      emitPrettierIgnore: false,
      emitReadme: false,
    });
  } finally {
    console.warn = warn;
  }
  if (warnings.length > 0) throw new Error(`messages: ${warnings.map((words) => words.join(' ')).join('\n')}`);
  if (!existsSync(resolve(OUT, 'messages.js'))) throw new Error('messages: the compiler wrote nothing');
}

/** Compiles when a build or the development server starts, and again when a message changes. */
export function messages(): Plugin {
  return {
    name: 'plaint-messages',
    buildStart: compileMessages,
    async watchChange(id) {
      if (id.startsWith(resolve(WEB, 'messages'))) await compileMessages();
    },
    configureServer(server) {
      server.watcher.add(resolve(WEB, 'messages'));
    },
  };
}

if (import.meta.main) await compileMessages();
