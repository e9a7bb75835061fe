import { expect, test } from 'vitest';
import type { CaseView, EntryView } from '../lib/state/types.ts';
import { acknowledgementLetter, letterLanguage } from './letter.ts';
import { entryKind } from './names.ts';
import { freshKeys, threadOf, titleOf } from './thread.ts';

const MAREN = { who: 'member', you: false, id: 'a2', name: 'Maren Oduvale' } as const;
const REPORTER = { who: 'reporter', you: false } as const;

function entry(seq: number, parts: Partial<EntryView>): EntryView {
  return {
    key: `reporter/${seq}`,
    room: 'reporter',
    seq,
    kind: 'entry',
    author: REPORTER,
    authorship: 'proved',
    loggedAt: seq,
    tokenLogged: null,
    text: '',
    lang: null,
    attachments: [],
    feedback: null,
    reason: null,
    grant: null,
    deed: null,
    confirmsClose: false,
    problem: null,
    ...parts,
  };
}

function caseOf(entries: readonly EntryView[], due: CaseView['due'] = []): CaseView {
  const access = [{ ...MAREN, roles: [], title: null, state: 'can-read', since: 1 }] as const;
  return {
    id: '1',
    handle: 'QF7M',
    channel: null,
    status: 'received',
    checkWords: [],
    people: [],
    excluded: [],
    rooms: [{ id: '1', label: 'reporter', access, grantable: [] }],
    entries,
    due,
    holds: [],
    claims: [],
    risk: null,
    handling: null,
    mayHandle: false,
    closing: null,
    erasing: null,
    erase: { ask: null, retention: null, agree: 'erase-nothing' },
    staying: [],
    erased: [],
    closedAt: null,
    alarms: [],
  };
}

test('a grant, the opening of another room and a confirmation are events, what was written is a message', () => {
  const lines = threadOf(
    caseOf([
      entry(0, { kind: 'open', text: 'What I saw' }),
      entry(1, { kind: 'slots', author: MAREN, grant: { member: 'a4', name: 'Lin Farrowick', room: 'reporter' } }),
      entry(2, { confirmsClose: true, author: MAREN }),
      entry(3, { kind: 'slots', author: MAREN, problem: 'content-form' }),
      entry(4, { room: 'internal', kind: 'open', author: MAREN }),
      entry(5, { author: MAREN, grant: { member: MAREN.id, name: MAREN.name, room: 'handling' } }),
    ]),
    'reporter',
    new Set(['reporter/2']),
  );
  expect(lines.map(({ is }) => is)).toEqual(['message', 'event', 'event', 'message', 'event']);
  expect(lines.map(({ fresh }) => fresh)).toEqual([false, false, true, false, false]);
  expect(lines[1]).toMatchObject({ words: expect.stringContaining('Lin Farrowick') as string });
  expect(lines[4]).toMatchObject({ words: expect.stringContaining('reads along') as string });
});

test('what is new was written by others', () => {
  const view = caseOf([entry(0, {}), entry(1, { author: MAREN }), entry(2, { author: { ...MAREN, you: true } })]);
  expect([...freshKeys(view, 1)]).toEqual(['reporter/1']);
  expect([...freshKeys(view, 0)]).toEqual([]);
});

test('the title is the first line, cut between words', () => {
  const long = `${'word '.repeat(30)}end\nsecond line`;
  expect(titleOf(caseOf([entry(0, { kind: 'open', text: '\n A short line\nmore' })]))).toBe('A short line');
  expect(titleOf(caseOf([entry(0, { kind: 'open', text: long })]))).toMatch(/^(word ){15}word…$/);
  expect(titleOf(caseOf([entry(0, { kind: 'open', text: '照'.repeat(200) })]))).toBe(`${'照'.repeat(80)}…`);
  const stopped = `${'word '.repeat(15)}end. ${'longer '.repeat(9)}`;
  expect(titleOf(caseOf([entry(0, { kind: 'open', text: stopped })]))).toMatch(/ word end…$/);
  expect(titleOf(caseOf([]))).toBe('');
});

test('the letter speaks the language of the report and names the readers and the next date', () => {
  const due = [
    { kind: 'feedback', at: Date.UTC(2027, 1, 14, 12) / 1000, state: 'open', doneAt: null, duty: null },
  ] as const;
  const view = caseOf([entry(0, { kind: 'open', lang: 'de-AT', text: 'Im Lager' })], due);
  expect(letterLanguage(view)).toBe('de');
  expect(acknowledgementLetter(view)).toContain('14. Februar 2027');
  expect(acknowledgementLetter(view)).toContain('Maren Oduvale');
  expect(letterLanguage(caseOf([entry(0, { kind: 'open', lang: 'ja' })]))).toBe('en');
});

test('only what opens the room of the reporter is called the report', () => {
  expect(entryKind(entry(0, { kind: 'open' }))).toBe('Report');
  expect(entryKind(entry(0, { kind: 'open', room: 'internal' }))).toBe('');
  expect(entryKind(entry(1, { kind: 'acknowledge', room: 'internal' }))).toBe('Acknowledgement');
});
