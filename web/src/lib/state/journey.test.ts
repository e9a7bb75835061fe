import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLocalEngine } from '../api/engine.ts';
import { catchCode } from '../protocol/errors.test-support.ts';
import { parseReceipt } from '../protocol/receipt.ts';
import { createDesk } from './desk.ts';
import { createReporter } from './reporter.ts';
import { type Served, eventually, serveWorld } from './server.test-support.ts';
import { createMemoryShelf } from './shelf.ts';
import type { Conversation, DateView, DeskSession, Draft, Reporter, SendProgress, SentReport } from './types.ts';

const NAMED = { name: 'Lea Invented', person: 'lea', where: 'inside' } as const;
const STRANGER = { name: 'Somebody Elsewhere', person: null, where: 'outside' } as const;

let served: Served;
const desks: DeskSession[] = [];

beforeAll(async () => {
  served = await serveWorld();
});

afterAll(async () => {
  for (const desk of desks) desk.lock();
  await served.stop();
});

function makeReporter(): Reporter {
  return createReporter({ base: served.url, engine: createLocalEngine() });
}

async function signIn(name: string): Promise<DeskSession> {
  const desk = createDesk({ base: served.url, engine: createLocalEngine(), shelf: createMemoryShelf() });
  const session = await desk.signIn(served.words[name] ?? '');
  desks.push(session);
  return session;
}

function makeDraft(text: string, about: Partial<Draft> = {}): Draft {
  return { channel: 'reports', text, lang: 'en', people: [], exclusions: [], files: [], told: null, ...about };
}

const waitForCase = (desk: DeskSession, excerpt: string) =>
  eventually(async () => (await desk.loadQueue()).items.find((item) => item.excerpt === excerpt) ?? null);

test('a first page learns name and slug before anything is checked', async () => {
  expect(await makeReporter().loadHeading()).toEqual({ name: 'Aurora Invented', slug: 'aurora', demo: false });
});

test('who will read it follows from the people she names', async () => {
  const reporter = makeReporter();
  const organisation = await reporter.loadOrganisation();
  expect(organisation.channels.map(({ id }) => id)).toEqual(['reports']);
  expect(organisation.people).toHaveLength(6);
  const nobody = reporter.previewAccess('reports', [], []);
  expect(nobody.readers.filter(({ when }) => when === 'now').map(({ name }) => name)).toEqual([
    'Ben Invented',
    'Cai Invented',
    'Ida Invented',
  ]);
  const preview = reporter.previewAccess('reports', [NAMED, STRANGER], []);
  expect(preview.readers.map(({ name, when, why }) => [name, when, why])).toEqual([
    ['Cai Invented', 'now', 'channel'],
    ['Ida Invented', 'now', 'channel'],
    ['Dov Invented', 'if-late', 'independent'],
    ['Eva Invented', 'if-late', 'independent'],
  ]);
  expect(preview.excluded.map(({ name, why, of }) => [name, why, of])).toEqual([
    ['Ben Invented', 'line', 'Lea Invented'],
    ['Lea Invented', 'named', null],
  ]);
  expect(preview.unmatched).toEqual([STRANGER]);
  expect(reporter.searchPeople('LEA').map(({ id }) => id)).toEqual(['lea']);
  expect(reporter.searchPeople('inv mo').map(({ id }) => id)).toEqual(['mona']);
});

test('too few handlers let the independents in, and nobody left is refused', async () => {
  const reporter = makeReporter();
  await reporter.loadOrganisation();
  const chief = { name: 'Ben Invented', person: 'ben', where: 'inside' } as const;
  const preview = reporter.previewAccess('reports', [chief], []);
  expect(preview.readers.map(({ name, why }) => [name, why])).toEqual([
    ['Dov Invented', 'fallback'],
    ['Eva Invented', 'fallback'],
  ]);
  const members = (await reporter.loadOrganisation()).members.filter(({ roles }) => roles.includes('independent'));
  const exclusions = members.map(({ id, name }) => ({ name, person: null, member: id }));
  expect(reporter.previewAccess('reports', [chief], exclusions).refused).toBe('access-nobody');
  const draft = makeDraft('nobody may read this', { people: [chief], exclusions });
  expect(await catchCode(() => reporter.createReport(draft))).toBe('access-nobody');
});

test('words that are no words are told on the device', async () => {
  const reporter = createReporter({
    base: served.url,
    engine: createLocalEngine(),
    fetch: () => {
      throw new Error('something was sent');
    },
  });
  expect(await catchCode(() => reporter.openReport('one two three'))).toBe('words-count');
  expect(await catchCode(() => reporter.openReport('zzzz '.repeat(12)))).toBe('words-unknown');
});

test('words of no report and words of nobody have their one answer', async () => {
  expect(await catchCode(() => makeReporter().openReport(served.words['cai'] ?? ''))).toBe('not-found');
  const desk = createDesk({ base: served.url, engine: createLocalEngine(), shelf: createMemoryShelf() });
  const words = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
  expect(await catchCode(() => desk.signIn(words))).toBe('member-unknown');
});

test('a report is sent, read, answered, closed by two and opened again', async () => {
  const steps: SendProgress[] = [];
  const file = new File(['a bill from an invented bar'], '../bill.txt', { type: 'text/plain' });
  const text = 'I was on the trip to Port Calder.\nIt was late.';
  const told = { on: null, to: 'hr', name: 'The 3rd floor' } as const;
  const draft = makeDraft(text, { people: [NAMED], files: [file], told });
  const reporter = makeReporter();
  await reporter.loadOrganisation();
  const sent = await reporter.createReport(draft, { onProgress: (step) => steps.push(step) });

  expect(new Set(steps.map(({ step }) => step))).toEqual(new Set(['file', 'sealing', 'work', 'sending']));
  expect(sent.words).toHaveLength(12);
  expect(sent.checkWords).toHaveLength(4);
  expect(sent.wordsQr).toBe(`PLAINT1:${sent.words.join(' ')}`);
  expect(sent.due.map(({ kind, state }) => [kind, state])).toEqual([
    ['acknowledge', 'open'],
    ['feedback', 'open'],
  ]);
  expect(sent.due[0]?.at).toBe(sent.receivedAt + 7 * 86_400);
  expect(sent.alarms).toEqual([]);

  const cai = await signIn('cai');
  const item = await waitForCase(cai, 'I was on the trip to Port Calder.');
  expect(item).toMatchObject({ mode: 'read', status: 'received', channel: 'Reports', unread: 1, alarms: [] });

  const opened = await cai.openCase(item.id);
  expect(opened.checkWords).toEqual(sent.checkWords);
  expect(opened.entries).toMatchObject([{ kind: 'open', text, authorship: 'proved', author: { who: 'reporter' } }]);
  expect(opened.excluded.map(({ name }) => name)).toEqual(['Lea Invented', 'Ben Invented']);
  expect(opened.claims).toMatchObject([told]);
  expect(opened.due.map(({ at }) => at)).toEqual(sent.due.map(({ at }) => at)); // a claim moves no date
  const attachment = opened.entries[0]?.attachments[0];
  expect(attachment).toMatchObject({ name: 'bill.txt', sizeBytes: 27 });
  const saved = await cai.downloadAttachment(item.id, attachment?.id ?? '');
  expect(await saved.blob.text()).toBe('a bill from an invented bar');

  await cai.acknowledge(item.id, 'It arrived.');
  await cai.reply(item.id, 'You need not be near him.', [new File(['plan'], 'plan.txt')]);
  const noted = await cai.note(item.id, 'Asked for the video.', []);
  expect(noted.rooms.map(({ label }) => label)).toEqual(['reporter', 'internal']);
  expect(noted.alarms).toEqual([]);

  const conversation = await readBack(sent);
  const read = conversation.view();
  expect(read.entries.map(({ kind, authorship }) => [kind, authorship])).toEqual([
    ['open', 'own'],
    ['acknowledge', 'proved'],
    ['entry', 'proved'],
  ]);
  const answered = await conversation.reply('Thank you.', []);
  expect(answered.entries.at(-1)).toMatchObject({ text: 'Thank you.', authorship: 'own', author: { you: true } });
  const plan = answered.entries[2]?.attachments[0];
  expect(await (await conversation.downloadAttachment(plan?.id ?? '')).blob.text()).toBe('plan');

  await shareAndClose(cai, conversation, item.id);
  await completeReceipt(conversation);
  await checkDates(conversation);
  conversation.lock();
  expect(await catchCode(() => conversation.refresh())).toBe('locked');
});

async function readBack(sent: SentReport): Promise<Conversation> {
  const conversation = await makeReporter().openReport(` ${sent.words.join('  ').toUpperCase()}\n`);
  expect(conversation.view().checkWords).toEqual(sent.checkWords);
  expect(conversation.view().alarms).toEqual([]);
  return conversation;
}

async function shareAndClose(cai: DeskSession, conversation: Conversation, id: string): Promise<void> {
  const before = await cai.openCase(id);
  const fay = before.rooms[0]?.grantable.find(({ name }) => name === 'Fay Invented');
  expect(before.rooms[0]?.grantable.map(({ name }) => name)).not.toContain('Ben Invented');
  await cai.grant(id, 'reporter', fay?.id ?? '');
  await cai.grant(id, 'internal', fay?.id ?? '');
  expect(await catchCode(() => cai.grant(id, 'internal', fay?.id ?? ''))).toBe('grant-already');
  const told = await conversation.refresh();
  expect(told.entries.flatMap(({ grant }) => (grant ? [[grant.name, grant.room]] : []))).toEqual([
    ['Fay Invented', 'reporter'],
    ['Fay Invented', 'internal'],
  ]);
  expect(told.access.map(({ name, state }) => [name, state])).toContainEqual(['Fay Invented', 'can-read']);

  const desk = await signIn('fay');
  await eventually(async () => {
    const found = (await desk.loadQueue()).items.find((item) => item.id === id);
    return found && (await desk.openCase(id)).rooms.length === 2 ? found : null;
  });
  const seen = await desk.openCase(id);
  expect(seen.entries.find(({ kind }) => kind === 'open')?.authorship).toBe('earlier');
  expect(seen.entries.find(({ text }) => text === 'Asked for the video.')?.authorship).toBe('proved');

  const closing = await cai.close(id, 'All was done.');
  expect(closing.closing).toEqual({ by: 'Cai Invented', reason: 'All was done.', mayConfirm: false });
  expect((await desk.confirmClose(id)).status).toBe('closed');
  expect((await conversation.refresh()).status).toBe('closed');
  expect((await conversation.reopen('There is more.')).status).toBe('reopened');
}

async function completeReceipt(conversation: Conversation): Promise<void> {
  const receipt = await eventually(async () => {
    const built = await conversation.buildReceipt();
    return built.state === 'complete' ? built : null;
  });
  const parsed = parseReceipt(new Uint8Array(await receipt.file.blob.arrayBuffer()));
  expect(parsed.proof).not.toBeNull();
  expect(receipt.loggedAt).toBeGreaterThan(1_700_000_000);
}

async function checkDates(conversation: Conversation): Promise<void> {
  const view = await eventually(async () => {
    const found = await conversation.refresh();
    return found.entries.every(({ loggedAt }) => loggedAt !== null) ? found : null;
  });
  expect(view.due[0]).toMatchObject({ kind: 'acknowledge', state: 'met' });
  expect(view.entries.map(({ tokenLogged }) => tokenLogged)).not.toContain(false);
  expect(view.alarms).toEqual([]);
}

test('members say how great the risk of further harm is, and the reporter does not see it', async () => {
  const reporter = makeReporter();
  await reporter.loadOrganisation();
  const { conversation } = await reporter.createReport(makeDraft('We share a room.'));
  const ben = await signIn('ben');
  const { id, risk } = await waitForCase(ben, 'We share a room.');
  expect(risk).toBeNull();
  expect(await catchCode(() => ben.record(id, { is: 'risk', level: 'high', reason: '\u2003' }))).toBe('risk-reason');
  await ben.record(id, { is: 'risk', level: 'high', reason: 'They travel on Friday.' });
  const view = await ben.record(id, { is: 'risk', level: 'medium', reason: 'Not on Friday.' });
  expect(view.risk).toMatchObject({ level: 'medium', by: 'Ben Invented', reason: 'Not on Friday.' });
  expect(view.entries.map(({ deed }) => deed).filter((deed) => deed?.is === 'risk')).toHaveLength(2);
  expect((await ben.loadQueue()).items.find((item) => item.id === id)?.risk).toBe('medium');
  expect((await conversation.refresh()).entries.map(({ kind }) => kind)).toEqual(['open']);
});

test('a hold is kept from the reporter where it may be, and ends alone', async () => {
  const reporter = makeReporter();
  await reporter.loadOrganisation();
  const { conversation } = await reporter.createReport(makeDraft('Two people saw it.'));
  const ben = await signIn('ben');
  const { id } = await waitForCase(ben, 'Two people saw it.');
  const until = Math.floor(Date.now() / 1000) + 86_400;
  const hold = { is: 'hold', type: 'interview', until, internal: true } as const;
  await ben.record(id, { ...hold, reason: 'The other first.' });
  const { holds } = await ben.record(id, { ...hold, reason: 'Both are away.', internal: false });
  const reviews = (due: readonly DateView[]) => due.filter(({ kind }) => kind === 'review');
  expect(reviews((await ben.openCase(id)).due)).toMatchObject([{ at: until, state: 'open' }]);
  expect(reviews(conversation.view().due)).toEqual([]);
  expect(holds.map(({ reason, shown }) => [reason, shown])).toEqual([
    ['Both are away.', true],
    ['The other first.', false],
  ]);
  expect((await conversation.refresh()).holds.map(({ reason }) => reason)).toEqual(['Both are away.']);
  for (const [record, code] of [
    [{ ...hold, type: 'external', reason: 'Wait.' }, 'hold-hidden'],
    [{ ...hold, until: null, reason: 'Wait.' }, 'hold-review'],
    [{ ...hold, until: until + 30 * 86_400, reason: 'Wait.' }, 'hold-review'],
    [{ ...hold, reason: ' \u200b' }, 'hold-reason'],
    [{ is: 'told', to: 'forum', on: '2999-01-01', name: '' }, 'told-ahead'],
    [{ is: 'told', to: 'forum', on: null, name: 'x'.repeat(513) }, 'content-form'],
    [{ is: 'lift', key: 'none' }, 'not-found'],
  ] as const) {
    expect(await catchCode(() => ben.record(id, record))).toBe(code);
  }
  const lifted = await ben.record(id, { is: 'lift', key: holds[1]?.key ?? '' });
  expect(lifted.holds.map(({ reason }) => reason)).toEqual(['Both are away.']);
  const both = await ben.record(id, { is: 'lift', key: lifted.holds[0]?.key ?? '' });
  expect(reviews(both.due)).toMatchObject([{ at: until, state: 'met' }]);
});

test('a report whose answer was lost is sent again an hour later, and ends with its receipt', async () => {
  const posted: string[] = [];
  const calls: string[] = [];
  let laterS = 0;
  const reporter = createReporter({
    base: served.url,
    engine: createLocalEngine(),
    now: () => Math.floor(Date.now() / 1000) + laterS,
    fetch: async (input, init) => {
      const path = new URL(input as string).pathname.replace(/^.*\/o\/[^/]+/, '');
      calls.push(`${init?.method ?? 'GET'} ${path.replace(/[0-9a-f]{64}/, 'ID')}`);
      const answer = await fetch(input, init);
      if (init?.method !== 'POST' || path !== '/rooms') return answer;
      posted.push(await answer.clone().text());
      if (posted.length > 1) return answer;
      laterS = 3_600;
      throw new TypeError('the connection broke');
    },
  });
  await reporter.loadOrganisation();
  const sent = await reporter.createReport(makeDraft('Did it arrive?'));
  expect(posted).toEqual([posted[0], posted[0]]);
  expect(new TextDecoder().decode(parseReceipt(new Uint8Array(await sent.receipt.blob.arrayBuffer())).note)).toBe(
    posted[0],
  );
  expect(calls.slice(calls.lastIndexOf('POST /rooms') + 1)).toEqual(['GET /locator', 'GET /rooms/ID']);
  expect(sent.conversation.view().entries[0]?.text).toBe('Did it arrive?');
});

test('she lets an independent in without waiting for a missed date', async () => {
  const reporter = makeReporter();
  await reporter.loadOrganisation();
  const { conversation } = await reporter.createReport(makeDraft('I do not want to wait.'));
  const findDov = () => conversation.view().access.find(({ name }) => name === 'Dov Invented');
  const dov = findDov()?.id ?? '';
  expect(findDov()?.state).toBe('if-late');
  const view = await conversation.letIn(dov);
  expect(findDov()?.state).toBe('can-read');
  expect(view.alarms).toEqual([]);
  expect(view.entries.at(-1)).toMatchObject({ author: { who: 'reporter' }, grant: { name: 'Dov Invented' } });
  expect(await catchCode(() => conversation.letIn(dov))).toBe('grant-already');
  expect(await catchCode(() => conversation.letIn('00'.repeat(16)))).toBe('grant-roster');
  const desk = await signIn('dov');
  const item = await waitForCase(desk, 'I do not want to wait.');
  expect(item.mode).toBe('read');
});

test('stopping while files go up leaves nothing behind', async () => {
  const calls: [method: string, url: string][] = [];
  const reporter = createReporter({
    base: served.url,
    engine: createLocalEngine(),
    fetch: (input, init) => {
      calls.push([init?.method ?? 'GET', input as string]);
      return fetch(input, init);
    },
  });
  await reporter.loadOrganisation();
  const stop = new AbortController();
  const file = new File([new Uint8Array(20 * 1024 * 1024)], 'film.bin');
  const sending = reporter.createReport(makeDraft('stopped', { files: [file] }), {
    signal: stop.signal,
    onProgress: (step) => {
      if (step.step === 'file' && step.done > 0) stop.abort();
    },
  });
  expect(await catchCode(() => sending)).toBe('cancelled');
  const sent = calls.filter(([method]) => method === 'PUT').map(([, url]) => url.split('/parts/')[0]);
  const deleted = calls.filter(([method]) => method === 'DELETE').map(([, url]) => url);
  expect(deleted).toEqual([...new Set(sent)]);
  expect((await fetch(deleted[0] ?? '')).status).toBe(404);
  expect(calls.some(([method, url]) => method === 'POST' && url.endsWith('/rooms'))).toBe(false);
});
