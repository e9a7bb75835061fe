import { expect, test } from 'vitest';
import { Api } from '../api/http.ts';
import { guessCountry } from './guess.ts';
import { listCountries, listRoutes, loadAdditions } from './shipped.ts';

const KNOWN = ['AT', 'DE', 'US'];

function answer(body: string, status = 200): Api {
  return new Api('https://reports.example/o/a', { fetch: () => Promise.resolve(new Response(body, { status })) });
}

test('the time zone says more than the language', () => {
  expect(guessCountry({ timeZone: 'Europe/Vienna', languages: ['de-DE', 'en-US'] }, KNOWN)).toBe('AT');
  expect(guessCountry({ timeZone: 'Asia/Dubai', languages: ['ar', 'zh-Hans-CN', 'en-US'] }, KNOWN)).toBe('US');
  expect(guessCountry({ timeZone: 'UTC', languages: ['de'] }, KNOWN)).toBeNull();
  expect(guessCountry({ timeZone: undefined, languages: ['fr-FR'] }, KNOWN)).toBeNull();
});

test('every country lists an emergency number before anything of its region', () => {
  expect(listCountries().length).toBeGreaterThan(30);
  for (const country of listCountries()) {
    expect(listRoutes(country).some(({ kinds }) => kinds.includes('emergency'))).toBe(true);
  }
  expect(listRoutes('DE')[0]?.id).toMatch(/^de-/);
});

test('what cannot be read adds nothing', async () => {
  const nothing = '{"entries":[],"type":"outside-additions","v":1}';
  expect(await loadAdditions(answer(nothing))).toEqual([]);
  expect(await loadAdditions(answer('{"entries":[],"hides":["de-bfj"],"type":"outside-additions","v":1}'))).toEqual([]);
  expect(await loadAdditions(answer('{}', 404))).toEqual([]);
});
