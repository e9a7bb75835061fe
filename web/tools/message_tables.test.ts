import { parseSync } from 'vite';
import { expect, test } from 'vitest';
import { numberMessages } from './message_tables.ts';

const places = new Map([
  ['back', 0],
  ['go', 7],
]);
const read = (code: string) => numberMessages(code, parseSync('page.js', code).program, places);

test('a message is said by its number', () => {
  const code =
    "import { m } from '../lib/paraglide/messages.js';\nexport const say = () => m.back() + m.go({ to: it.m });";
  expect(read(code)).toBe(
    "import { say as message_say } from '/src/lib/ui/language.svelte.ts';\nexport const say = () => message_say(0)() + message_say(7)({ to: it.m });",
  );
});

test('a message with variants stays a function', () => {
  expect(read("import { m } from './paraglide/messages.js';\nm.count({ count: 2 });")).toBe(
    "import { count as message_count } from '/src/lib/paraglide/messages/count.js';\nmessage_count({ count: 2 });",
  );
});

test('a module without messages stays as it is', () => {
  expect(read("import { x } from './x.js'; x.m();")).toBeNull();
});

test('messages that are handed on as a whole are an error', () => {
  expect(() => read("import { m } from './paraglide/messages.js'; use(m);")).toThrow('read as m.name');
});
