// A page fetches the messages it shows: each `m.name` of a module becomes an import of that one message, so that the pages
// that come later bring their own. Through the index, every message of every page would be in the first file.
import { dirname, posix, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';

const INDEX = resolve(import.meta.dirname, '../src/lib/paraglide/messages.js');

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

/** `code` with direct imports from `folder`; null when it shows no message. An `m` used in any other way is an error. */
export function importDirectly(code: string, program: unknown, folder: string): string | null {
  if (!isNode(program)) return null;
  const names = new Set<string>();
  const cuts: Cut[] = [];
  const declared: Cut[] = [];
  walk(program, (node, parent) => {
    if (
      node.type === 'ImportDeclaration' &&
      String((node['source'] as Node)['value']).endsWith('/paraglide/messages.js')
    ) {
      declared.push({ start: node.start, end: node.end, text: '' });
    }
    if (node.type !== 'Identifier' || node['name'] !== 'm' || parent?.type === 'ImportSpecifier') return;
    const property = parent?.type === 'MemberExpression' && parent['object'] === node ? parent['property'] : null;
    if (parent === null || !isNode(property) || parent['computed'] === true) {
      if (parent?.type === 'MemberExpression' || parent?.['key'] === node) return; // the name of somebody else's property
      throw new Error('messages: m stands for the messages and is read as m.name');
    }
    const name = String(property['name']);
    names.add(name);
    cuts.push({ start: parent.start, end: parent.end, text: `message_${name}` });
  });
  const [whole] = declared;
  if (whole === undefined) return null;
  const imports = [...names].sort().map((name) => `import { ${name} as message_${name} } from '${folder}/${name}.js';`);
  let out = code;
  for (const { start, end, text } of [...cuts, { ...whole, text: imports.join('\n') }].sort(
    (a, b) => b.start - a.start,
  )) {
    out = out.slice(0, start) + text + out.slice(end);
  }
  return out;
}

export function directMessages(): Plugin {
  return {
    name: 'plaint-direct-messages',
    apply: 'build',
    enforce: 'post',
    transform(code, id) {
      if (!code.includes('/paraglide/messages.js') || id.includes('/paraglide/')) return null;
      const path = relative(dirname(id.split('?')[0] ?? id), INDEX.replace(/\.js$/, ''))
        .split(sep)
        .join(posix.sep);
      const out = importDirectly(code, this.parse(code), path.startsWith('.') ? path : `./${path}`);
      return out === null ? null : { code: out, map: null };
    },
  };
}
