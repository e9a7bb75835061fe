import { afterEach, expect, test, vi } from 'vitest';
import { dayWords, longDate } from './dates.ts';

const LAST_SECOND = Date.UTC(2027, 0, 7, 12, 0, 0) / 1000;

vi.mock('./language.svelte.ts', () => ({ language: () => spoken }));
let spoken = 'en';

function read(tag: string, ...languages: string[]): string {
  spoken = tag;
  vi.stubGlobal('navigator', { languages });
  return `${longDate(LAST_SECOND)} / ${dayWords('2026-11-28')}`.replaceAll('\u00a0', ' ');
}

afterEach(() => vi.unstubAllGlobals());

test.each([
  ['en', ['fa-IR', 'fa', 'en-US', 'en'], /17 Dey|Dey 17/, /Azar .*1405/],
  ['en', ['fa-IR'], /17 Dey/, /7 Azar 1405/],
  ['de', ['th-TH'], /7\. Januar 2570/, /28\. November 2569/],
  ['ar', ['ar-SA-u-ca-islamic-umalqura'], /29 رجب/, /18 جمادى الآخرة 1448/],
  ['ar', ['ar-SA'], /7 يناير 2027/, /28 نوفمبر 2026/],
  ['en', ['en-US-u-fw-mon-mu-celsius'], /January 7, 2027/, /November 28, 2026/],
  ['zh', ['zh-CN'], /2027年1月7日/, /2026年11月28日/],
] as const)('a date in %s on a device that reads %j is in the calendar of the device', (tag, languages, at, day) => {
  const [long, words] = read(tag, ...languages).split(' / ');
  expect(long).toMatch(at);
  expect(words).toMatch(day);
});

test('a system that calls its language by no language tag still shows dates', () => {
  expect(read('en', 'en-US@posix', 'C')).toMatch(/Thursday.* 7 January 2027.* \/ 28 November 2026/);
});
