/** The words of a proof's sheet, the same as the command line's; fetched in one language when the page is opened. */
import { zipSync } from 'fflate';
import type { Bytes } from '../lib/protocol/bytes.ts';
import { encodeText } from '../lib/protocol/bytes.ts';
import type { Locale } from '../lib/paraglide/runtime.js';

type Table = Readonly<Record<string, string>>;
export type Say = (key: string, values?: Readonly<Record<string, string>>) => string;

const TABLES = import.meta.glob<Table>('../../../src/plaint/client/sheet/*.json', { import: 'default' });
const HAND = ['hand_note', 'hand_leaves', 'hand_root', 'hand_find', 'hand_spec'];
const KINDS: Table = { 'receipt.txt': 'file_receipt', 'trust.txt': 'file_trust', 'leaves.bin': 'file_leaves' };
const COMMAND = 'plaint verify receipt.txt --trust trust.txt --leaves leaves.bin --note note.txt';
const [ISOLATE, POP] = ['\u2066', '\u2069'];
const OWNER_ONLY = 0o100600 << 16;

export async function loadWords(language: Locale): Promise<Say> {
  const table = await TABLES[`../../../src/plaint/client/sheet/${language}.json`]?.();
  return (key, values = {}) =>
    (table?.[key] ?? '').replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name] ?? '';
      return language === 'ar' ? `${ISOLATE}${value}${POP}` : value;
    });
}

/** A date that reads the same everywhere. */
export function formatDate(unixS: number): string {
  return `${new Date(unixS * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** The grace in whole minutes where it is some, else in seconds. */
export function sayGrace(graceS: number, say: Say): string {
  return graceS % 60 === 0 && graceS > 60
    ? say('grace', { minutes: String(graceS / 60) })
    : say('grace_seconds', { seconds: String(graceS) });
}

/** The text inside the bundle: what it is, and how to judge it with and without Plaint. */
export function writeReadme(names: readonly string[], say: Say): Bytes {
  const paragraphs = [
    say('title'),
    say('lede'),
    say('keep'),
    [say('files_title'), ...names.map((name) => `  ${name}: ${say(KINDS[name] ?? 'file_note')}`)].join('\n'),
    [say('check_title'), `  ${say('check_compare')}`, `  ${say('check_command')}`].join('\n'),
    `    ${COMMAND}`,
    `  ${say('check_page')}`,
    [say('hand_title'), ...HAND.map((step, index) => `  ${index + 1}. ${say(step)}`)].join('\n'),
  ];
  return encodeText(`${paragraphs.join('\n\n')}\n`);
}

/** The files as a zip archive: for the same files the same bytes, whoever makes it and when. */
export function encodeBundle(files: Readonly<Record<string, Bytes>>): Bytes {
  const named = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  const options = { level: 0, mtime: new Date(1980, 0, 1), os: 3, attrs: OWNER_ONLY } as const;
  return new Uint8Array(zipSync(Object.fromEntries(named), options));
}

export { COMMAND };
