// The built pages fetch one table of messages: those of their own client, in the reader's language. Each `m.name` becomes
// `say(number)`; a message with variants stays a function of the compiler's. Four languages in every file would be half of it.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

const WEB = resolve(import.meta.dirname, '..');
const CLIENTS = ['reporter', 'desk', 'verify'] as const;
const LOCALES = ['en', 'de', 'zh', 'ar'] as const;
const VIRTUAL = 'virtual:plaint-messages/';
const SAY = '/src/lib/ui/language.svelte.ts';
const COMPILED = '/src/lib/paraglide/';

type Client = (typeof CLIENTS)[number];
type Messages = Readonly<Record<string, unknown>>;

function readMessages(part: 'common' | Client, locale: string): Messages {
  return JSON.parse(readFileSync(resolve(WEB, `messages/${part}/${locale}.json`), 'utf8')) as Messages;
}

/** Names of the plain messages in the order of the tables: those that all clients use come first, in the same places. */
function listNames(client: Client): string[] {
  const plain = (part: 'common' | Client): string[] => {
    const all = LOCALES.map((locale) => readMessages(part, locale));
    return Object.keys(all[0] ?? {}).filter((name) => all.every((messages) => typeof messages[name] === 'string'));
  };
  return [...plain('common'), ...plain(client)];
}

function writeTable(client: Client, locale: string): string {
  const messages = { ...readMessages('common', locale), ...readMessages(client, locale) };
  return `export default ${JSON.stringify(listNames(client).map((name) => messages[name]))};`;
}

function writeLoaders(client: Client, built: boolean): string {
  const load = LOCALES.map((locale) =>
    built ? `${locale}: () => import('${VIRTUAL}${client}/${locale}')` : `${locale}: async () => ({ default: [] })`,
  );
  const compiled = !built || client === 'desk'; // only they call the compiler's functions
  return compiled
    ? `export { overwriteGetLocale as follow } from '${COMPILED}runtime.js';\nexport const load = { ${load.join(', ')} };`
    : `export const follow = () => {};\nexport const load = { ${load.join(', ')} };`;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

function walk(node: Node, visit: (node: Node, parent: Node | null) => void, parent: Node | null = null): void {
  visit(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node);
  }
}

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** `code` with numbers for names; null when it imports no messages. An `m` used in any other way than `m.name` is an error. */
export function numberMessages(code: string, program: unknown, places: ReadonlyMap<string, number>): string | null {
  if (!isNode(program)) return null;
  const imports = new Set<string>();
  const cuts: Cut[] = [];
  let whole: Cut | undefined;
  walk(program, (node, parent) => {
    const source = node.type === 'ImportDeclaration' ? String((node['source'] as Node)['value']) : '';
    if (source.endsWith('/paraglide/messages.js')) whole = { start: node.start, end: node.end, text: '' };
    if (node.type !== 'Identifier' || node['name'] !== 'm' || parent?.type === 'ImportSpecifier') return;
    const property = parent?.type === 'MemberExpression' && parent['object'] === node ? parent['property'] : null;
    if (parent === null || !isNode(property) || parent['computed'] === true) {
      if (parent?.type === 'MemberExpression' || parent?.['key'] === node) return; // the name of somebody else's property
      throw new Error('messages: m stands for the messages and is read as m.name');
    }
    const name = String(property['name']);
    const place = places.get(name);
    const text = place === undefined ? `message_${name}` : `message_say(${place})`;
    imports.add(
      place === undefined
        ? `import { ${name} as message_${name} } from '${COMPILED}messages/${name}.js';`
        : `import { say as message_say } from '${SAY}';`,
    );
    cuts.push({ start: parent.start, end: parent.end, text });
  });
  if (whole === undefined) return null;
  cuts.push({ ...whole, text: [...imports].sort().join('\n') });
  return cuts
    .sort((a, b) => b.start - a.start)
    .reduce((out, { start, end, text }) => out.slice(0, start) + text + out.slice(end), code);
}

export function messageTables(): Plugin[] {
  let built = false;
  let places: ReadonlyMap<string, number> = new Map();
  return [
    {
      name: 'plaint-message-tables',
      configResolved(config) {
        built = config.command === 'build';
      },
      resolveId: (id) => (id.startsWith(VIRTUAL) ? `\0${id}` : null),
      load(id) {
        if (!id.startsWith(`\0${VIRTUAL}`)) return null;
        const [name, locale] = id.slice(VIRTUAL.length + 1).split('/');
        const client = CLIENTS.find((it) => it === name);
        if (client === undefined) throw new Error(`messages: no client ${name ?? ''}`);
        return locale === undefined ? writeLoaders(client, built) : writeTable(client, locale);
      },
    },
    {
      name: 'plaint-message-numbers',
      apply: 'build',
      enforce: 'post',
      buildStart() {
        places = new Map(CLIENTS.flatMap((client) => listNames(client).map((name, place) => [name, place])));
      },
      transform(code, id) {
        if (!code.includes('/paraglide/messages.js') || id.includes('/paraglide/')) return null;
        const out = numberMessages(code, this.parse(code), places);
        return out === null ? null : { code: out, map: null };
      },
    },
  ];
}
