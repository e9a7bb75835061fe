import { parseSync } from 'vite';
import { expect, test } from 'vitest';
import { importDirectly } from './direct_messages.ts';

const read = (code: string) => importDirectly(code, parseSync('page.js', code).program, './paraglide/messages');

test('a module imports the messages it shows, and no others', () => {
  const code =
    "import { m } from '../lib/paraglide/messages.js';\nexport const say = () => m.back() + m.go({ to: it.m }) + m.back();";
  expect(read(code)).toBe(
    "import { back as message_back } from './paraglide/messages/back.js';\nimport { go as message_go } from './paraglide/messages/go.js';\nexport const say = () => message_back() + message_go({ to: it.m }) + message_back();",
  );
});

test('a module without messages stays as it is', () => {
  expect(read("import { x } from './x.js'; x.m();")).toBeNull();
});

test('messages that are handed on as a whole are an error', () => {
  expect(() => read("import { m } from './paraglide/messages.js'; use(m);")).toThrow('read as m.name');
});
