// Makes one page of one file: scripts, worker, styles, tables and icon inside, under a policy that names them by their bytes. It opens
// from a disk, without a network.
import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { type Plugin, type Rolldown, build } from 'vite';

/** Where such pages lie in the build. */
export const SAVED = 'saved/';
/** Where the page's kit goes: an address of the service, keys, a checked directory; absent in the page of a release. */
export const KIT = '<script type="application/json" id="kit">null</script>';

/** How a page asks for the address of a worker. */
export const WORKER = '?worker&url';
const CARRIED = '\0plaint-worker:';
/** What Vite leaves where a dynamic import would say which files to fetch ahead; here there are none. */
const AHEAD = '__VITE_PRELOAD__';
const TRUSTED_TYPES = 'svelte-trusted-html plaint';

type Bundle = Rolldown.OutputBundle;

export function single(): Plugin[] {
  return [carryWorkers(), joinFiles()];
}

/** A worker's address becomes its text: where there is one file, there is nothing else to load. */
function carryWorkers(): Plugin {
  return {
    name: 'plaint-carry-workers',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source.endsWith(WORKER) && importer !== undefined
        ? CARRIED + resolve(dirname(importer), source.slice(0, -WORKER.length))
        : null,
    load: async (id) =>
      id.startsWith(CARRIED) ? `export default ${JSON.stringify(await buildScript(id.slice(CARRIED.length)))};` : null,
  };
}

async function buildScript(input: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: { write: false, target: 'es2023', rolldownOptions: { input, output: { codeSplitting: false } } },
  });
  const files = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
  const [script, ...others] = files;
  if (script?.type !== 'chunk' || others.length > 0) throw new Error(`single: ${input} is more than one script`);
  return script.code;
}

function joinFiles(): Plugin {
  let base = '';
  return {
    name: 'plaint-single',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      base = config.base;
    },
    generateBundle(_, bundle) {
      for (const [name, page] of Object.entries(bundle).filter(([path]) => path.endsWith('.html'))) {
        if (page.type !== 'asset') continue;
        const source = joinPage(String(page.source), base, bundle);
        for (const file of Object.keys(bundle)) Reflect.deleteProperty(bundle, file);
        this.emitFile({ type: 'asset', fileName: SAVED + name, source });
      }
    },
  };
}

/** `html` with everything it names inside it; whatever it names besides is an error, and so is a file that it does not name. */
export function joinPage(html: string, base: string, bundle: Bundle): string {
  const left = new Set(Object.keys(bundle).filter((path) => !path.endsWith('.html')));
  const take = (path: string): string | Uint8Array => {
    const file = path.startsWith(base) ? bundle[path.slice(base.length)] : undefined;
    if (file === undefined) throw new Error(`single: the page loads ${path}, which is not ours`);
    left.delete(path.slice(base.length));
    return file.type === 'chunk' ? file.code : file.source;
  };
  const digests: Record<'script' | 'style', string[]> = { script: [], style: [] };
  const inline = (kind: 'script' | 'style', attributes: string, text: string) => {
    digests[kind].push(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    return `<${kind}${attributes}>${text}</${kind}>`;
  };
  const joined = html
    .replaceAll(/<script\b[^>]*\bsrc="([^"]*)"[^>]*><\/script>/g, (_, path: string) =>
      inline('script', ' type="module"', escapeScript(String(take(path)))),
    )
    .replaceAll(/<link rel="stylesheet"[^>]*\bhref="([^"]*)"[^>]*>/g, (_, path: string) =>
      inline('style', '', escapeStyle(String(take(path)))),
    )
    .replaceAll(
      /<link rel="icon" href="([^"]*)"[^>]*>/g,
      (_, path: string) =>
        `<link rel="icon" href="data:image/svg+xml;base64,${Buffer.from(take(path)).toString('base64')}" />`,
    );
  if (left.size > 0) throw new Error(`single: ${[...left].join(', ')} would be lost`);
  const policy = `<meta http-equiv="Content-Security-Policy" content="${writePolicy(digests.script, digests.style)}" />`;
  return replaceOnce(joined, '<meta charset="utf-8" />', `<meta charset="utf-8" />\n    ${policy}\n    ${KIT}`);
}

/** Nothing is loaded, nothing is reached but what a kit adds to `connect-src`. */
function writePolicy(scripts: readonly string[], styles: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    `style-src ${styles.join(' ')}`,
    'img-src data: blob:',
    "connect-src 'none'",
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    `trusted-types ${TRUSTED_TYPES}`,
  ].join('; ');
}

// What would end the element, or begin a comment in it, stands in strings only; there the escaped form means the same.
function escapeScript(code: string): string {
  return code
    .trim()
    .replaceAll(AHEAD, 'void 0')
    .replaceAll(/<\/(script)/gi, '<\\/$1')
    .replaceAll('<!--', '\\x3C!--');
}

function escapeStyle(css: string): string {
  if (/<\/style/i.test(css)) throw new Error('single: a style would end early');
  return css.trim();
}

function replaceOnce(text: string, what: string, by: string): string {
  const parts = text.split(what);
  if (parts.length !== 2) throw new Error(`single: ${what} does not stand there once`);
  return parts.join(by);
}
