import { expect, test } from 'vitest';
import { addIntegrity } from './manifest.ts';

const read = () => new TextEncoder().encode('abc');

test('scripts and stylesheets get the hash of their bytes, icons do not', () => {
  const html = '<script type="module" src="/static/a.js"></script><link rel="icon" href="/static/i.svg">';
  expect(addIntegrity(html, '/static/', read)).toBe(
    '<script type="module" src="/static/a.js" integrity="sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn"></script><link rel="icon" href="/static/i.svg">',
  );
});

test('a page that loads from elsewhere is refused', () => {
  const html = '<script src="//elsewhere.example/a.js"></script>';
  expect(() => addIntegrity(html, '/static/', read)).toThrow('not ours');
});
