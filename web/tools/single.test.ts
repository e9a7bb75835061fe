import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { KIT, joinPage } from './single.ts';

const HTML =
  '<meta charset="utf-8" /><script type="module" crossorigin src="/static/a.js"></script><link rel="stylesheet" crossorigin href="/static/a.css"><link rel="icon" href="/static/i.svg" />';
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const asset = (source: string) => ({ type: 'asset', source }) as never;
const files = (script: string) => ({
  'a.js': { type: 'chunk', code: script } as never,
  'a.css': asset('p{}\n'),
  'i.svg': asset('<svg/>'),
  'page.html': asset(HTML),
});

test('a page carries what it names, under a policy of their hashes', () => {
  const page = joinPage(HTML, '/static/', files('go();\n'));
  expect(page).toContain('<script type="module">go();</script><style>p{}</style>');
  expect(page).toContain(`script-src ${hash('go();')}; style-src ${hash('p{}')}`);
  expect(page).toContain('href="data:image/svg+xml;base64,PHN2Zy8+"');
  expect(page).toContain(KIT);
  expect(page).not.toMatch(/unsafe|\/static\//);
});

test('a script cannot end its element', () => {
  const page = joinPage(HTML, '/static/', files("say('</script><!--')"));
  expect(page).toContain(`<script type="module">say('<\\/script>\\x3C!--')</script>`);
});

test.each([
  ['loads from elsewhere', HTML.replace('/static/a.js', '//elsewhere.example/a.js'), 'not ours'],
  ['loads an unknown file', HTML.replace('a.js', 'b.js'), 'not ours'],
  ['does not name a file', HTML.replace(/<link rel="icon".*/, ''), 'i.svg would be lost'],
  ['has no place for the policy', HTML.replace('charset', 'name'), 'does not stand there once'],
])('a page that %s is refused', (_, html, fault) => {
  expect(() => joinPage(html, '/static/', files('go()'))).toThrow(fault);
});
