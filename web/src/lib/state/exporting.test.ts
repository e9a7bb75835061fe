import { expect, test } from 'vitest';
import type { View } from '../api/view.ts';
import { encodeHex, encodeText } from '../protocol/bytes.ts';
import { parseContent } from '../protocol/content.ts';
import { type Json, encodeJson } from '../protocol/json.ts';
import type { Kind } from '../protocol/room.ts';
import { runPython } from '../protocol/python.test-support.ts';
import { loadVectors } from '../protocol/vectors.test-support.ts';
import type { DatedRoom } from './casework.ts';
import { describeContent } from './described.ts';
import { type ExportLanguage, loadExportWords } from './export_words.ts';
import { type ExportedEntry, encodeExport } from './exported.ts';
import { makeExport } from './exporting.ts';
import { Redactor, findLeft, isNamed, listPieces } from './redact.ts';

interface Written {
  name: string;
  kind: string;
  author: string;
  authorship: ExportedEntry['authorship'];
  logged_at: number | null;
  text: string;
  files: string[];
  original: string;
  before: string;
}

interface Case {
  operation: string;
  input: {
    language: ExportLanguage;
    text: string;
    names: string[];
    allowed: string[];
    people: string[];
    kind: Kind;
    content: Json;
    entries: Written[];
    for: string;
    redact: string[];
    counts: number[];
    leave: string[];
  };
  expect: unknown;
}

test.each(loadVectors<Case>('export'))('export %s', (_name, { operation, input, expect: wanted }) => {
  expect(run(operation, input)).toEqual(wanted);
});

test('random texts are blacked out as Python does it', { timeout: 240_000 }, () => {
  const cases = runPython<Pick<Case, 'input' | 'expect'>>('random_redactions', 1_500);
  for (const { input, expect: wanted } of cases) expect(run('redact', input)).toEqual(wanted);
});

function run(operation: string, input: Case['input']): unknown {
  if (operation === 'describe')
    return {
      text: describeContent(parseContent(input.kind, encodeJson(input.content)), loadExportWords(input.language)),
    };
  if (operation === 'redact') {
    const redactor = new Redactor(input.names, loadExportWords(input.language));
    const text = redactor.redact(input.text);
    return {
      text,
      counts: input.names.map((name) => redactor.count(name)),
      left: findLeft([redactor.strip(text)], input.names, input.allowed),
      named: input.people.filter((name) => isNamed(name, [text])),
      pieces: input.people.map(listPieces),
    };
  }
  expect(operation).toBe('write');
  const redactor = new Redactor(input.redact, loadExportWords(input.language));
  input.redact.forEach((name, i) => redactor.redact(`${name} `.repeat(input.counts[i] ?? 0)));
  const entries = input.entries.map(({ logged_at: loggedAt, ...entry }) => ({ ...entry, loggedAt }));
  const choice = {
    subject: input.for,
    entries: [],
    redact: input.redact,
    leave: input.leave,
    language: input.language,
  };
  const made = encodeExport(entries, redactor, choice);
  expect(encodeText(made.html).length).toBeGreaterThan(0);
  return made;
}

test('of two rooms with one label what was chosen is handed over', () => {
  const makeRoom = (byte: number, label: string): DatedRoom => {
    const content = { kind: 'entry', text: `Said in ${byte}.`, attachments: [], notice: null };
    const entry = {
      header: { seq: 0, kind: 'entry' },
      content,
      author: null,
      authorship: 'proved',
      hash: new Uint8Array(32),
    };
    const room = { id: new Uint8Array(32).fill(byte), manifest: { label }, entries: [entry] };
    return { room, facts: [] } as unknown as DatedRoom;
  };
  const rooms = [makeRoom(9, 'reporter'), makeRoom(3, 'internal'), makeRoom(2, 'internal'), makeRoom(1, 'handling')];
  const choose = (byte: number) => {
    const entries = [`${encodeHex(new Uint8Array(32).fill(byte))}/0`];
    const choice = { subject: 'Ben', entries, redact: [], leave: [], language: 'en' } as const;
    const made = makeExport({ names: new Map() } as unknown as View, rooms, choice);
    const { entries: handed } = JSON.parse(made.left === null ? made.files.json : '') as {
      entries: { entry: string; text: string }[];
    };
    return handed.map(({ entry, text }) => `${entry} ${text}`);
  };
  expect([9, 3, 2, 1].flatMap(choose)).toEqual([
    'reporter:0 Said in 9.',
    'internal-2:0 Said in 3.',
    'internal:0 Said in 2.',
    'handling:0 Said in 1.',
  ]);
});
