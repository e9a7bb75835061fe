import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { PlaintError } from './errors.ts';
import { CALENDAR } from './operations_calendar.test-support.ts';
import { DIRECTORY } from './operations_directory.test-support.ts';
import { KEYS, type Value } from './operations_keys.test-support.ts';
import { OUTSIDE } from './operations_outside.test-support.ts';
import { PAGES } from './operations_pages.test-support.ts';
import { ROOMS } from './operations_rooms.test-support.ts';
import { TALK } from './operations_talk.test-support.ts';
import { VERIFY } from './operations_verify.test-support.ts';
import { loadVectors } from './vectors.test-support.ts';

interface Case {
  operation: string;
  input: Value;
  expect?: Value;
  error?: string;
  detail?: string;
}

const OPERATIONS = { ...CALENDAR, ...DIRECTORY, ...KEYS, ...PAGES, ...OUTSIDE, ...ROOMS, ...TALK, ...VERIFY };
// of the log: vectors_log.test.ts; of cases: state/docket.test.ts, state/retention.test.ts; of exports: state/exporting.test.ts
const ELSEWHERE = [
  'case',
  'checkpoint',
  'cosignature',
  'export',
  'merkle',
  'note',
  'policy',
  'proof',
  'retention',
  'tiles',
  'trust',
];
const FORMS = readdirSync(resolve(import.meta.dirname, '../../../../vectors')).filter(
  (form) => !ELSEWHERE.includes(form),
);
const DETAILED = ['slots-position', 'words-unknown'];
const ALL = FORMS.flatMap((form) => loadVectors<Case>(form).map(([name, c]) => [form, name, c] as const));

test.each(ALL)('%s %s', async (form, _name, c) => {
  const answer = await run(`${form}_${c.operation}`, c.input);
  const wanted = Object.entries({ expect: c.expect, error: c.error, detail: c.detail });
  expect(answer).toEqual(Object.fromEntries(wanted.filter(([, value]) => value !== undefined)));
});

async function run(name: string, input: Value): Promise<Value> {
  const operation = OPERATIONS[name];
  if (operation === undefined) throw new Error(`no operation ${name}`);
  try {
    return { expect: await operation(input) };
  } catch (error) {
    if (!(error instanceof PlaintError)) throw error;
    return DETAILED.includes(error.code) ? { error: error.code, detail: error.detail } : { error: error.code };
  }
}
