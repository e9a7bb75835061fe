import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createLocalEngine } from '../api/engine.ts';
import { Api } from '../api/http.ts';
import { judgeCertificate } from '../protocol/erasure.ts';
import { catchCode } from '../protocol/errors.test-support.ts';
import { parseTrust } from '../protocol/trust.ts';
import { fetchDirectory } from '../../verify/directory_copies.ts';
import { createDesk } from './desk.ts';
import { createReporter } from './reporter.ts';
import { type Served, eventually, serveWorld } from './server.test-support.ts';
import { createMemoryShelf } from './shelf.ts';
import type { DeskSession, QueueItem } from './types.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let served: Served;
const desks: DeskSession[] = [];

beforeAll(async () => {
  served = await serveWorld();
});

afterAll(async () => {
  for (const desk of desks) desk.lock();
  await served.stop();
});

async function signIn(name: string, through: typeof fetch = fetch): Promise<DeskSession> {
  const shelf = createMemoryShelf();
  const desk = createDesk({ base: served.url, engine: createLocalEngine(), shelf, fetch: through });
  const session = await desk.signIn(served.words[name] ?? '');
  desks.push(session);
  return session;
}

async function report(text: string): Promise<void> {
  const reporter = createReporter({ base: served.url, engine: createLocalEngine() });
  await reporter.loadOrganisation();
  await reporter.createReport({
    channel: 'reports',
    text,
    lang: 'en',
    people: [],
    exclusions: [],
    files: [],
    told: null,
  });
}

const waitFor = (desk: DeskSession, excerpt: string): Promise<QueueItem> =>
  eventually(async () => (await desk.loadQueue()).items.find((item) => item.excerpt === excerpt) ?? null);

/** Once this member reads both rooms. */
const waitForRooms = (desk: DeskSession, id: string) =>
  eventually(async () => {
    await desk.loadQueue();
    return (await desk.openCase(id)).rooms.length === 2 ? true : null;
  });

const ERASED = 'The bill of the summer fair.';

test('two members erase a case, nobody sooner and nobody alone', async () => {
  await report(ERASED);
  const [cai, ben] = [await signIn('cai'), await signIn('ben')];
  const { id } = await waitFor(cai, ERASED);
  await waitFor(ben, ERASED);
  const ask = (desk: DeskSession) => desk.askErasure(id, 'irrelevant', 'It is about another company. ');
  expect(await catchCode(() => ask(cai))).toBe('erase-unread');
  expect((await cai.openCase(id)).erase).toEqual({ ask: 'erase-unread', agree: 'erase-unread' });
  await cai.acknowledge(id, 'It is here.');
  await cai.note(id, 'Ask the stand.', []);
  expect(await catchCode(() => ask(cai))).toBe('erase-due');
  await cai.feedback(id, 'None.', 'It is about another company.');
  await waitForRooms(ben, id);
  const hold = { is: 'hold', type: 'legal', until: null, reason: 'A court asked for it.', internal: true } as const;
  const { holds } = await cai.record(id, hold);
  expect(await catchCode(() => ask(ben))).toBe('erase-held');
  await cai.record(id, { is: 'lift', key: holds[0]?.key ?? '' });
  expect(await catchCode(() => ben.agreeErasure(id, ''))).toBe('erase-nothing');

  const asked = await ask(cai);
  expect(asked).toMatchObject({
    status: 'erasing',
    erasing: { by: 'Cai Invented', you: true, ground: 'irrelevant', text: 'It is about another company.' },
    erase: { ask: null, agree: 'erase-same' },
  });
  expect(await catchCode(() => cai.agreeErasure(id, asked.erasing?.wish ?? ''))).toBe('erase-same');
  expect(await catchCode(() => ask(ben))).toBe('erase-waiting');
  await ben.reply(id, 'Wait.', []);
  expect(await ben.openCase(id)).toMatchObject({ status: 'feedback', erase: { agree: 'erase-nothing' } });
  await ben.note(id, 'Not so fast.', []);
  await ask(cai);
  expect((await ben.openCase(id)).erase).toEqual({ ask: 'erase-waiting', agree: null });

  expect(await catchCode(() => ben.agreeErasure(id, asked.erasing?.wish ?? ''))).toBe('entry-conflict');

  const gone = await ben.agreeErasure(id, (await ben.openCase(id)).erasing?.wish ?? '');
  expect(gone.map(({ ground, by }) => [ground, by])).toEqual([
    ['irrelevant', ['Cai Invented', 'Ben Invented']],
    ['irrelevant', ['Cai Invented', 'Ben Invented']],
  ]);
  expect(gone.map((room) => room.id)).toContain(id);
  expect(await catchCode(() => cai.openCase(id))).toBe('not-found');
  const queue = await cai.loadQueue();
  expect([queue.items, queue.erased.map((room) => room.id).sort()]).toEqual([[], gone.map((room) => room.id).sort()]);
});

test('whoever signs in for the first time afterwards sees who had it erased, with a certificate', async () => {
  const ida = await signIn('ida');
  const found = await eventually(async () => {
    const { erased } = await ida.loadQueue();
    return erased.length === 2 && erased.every(({ complete }) => complete) ? erased : null;
  });
  expect((await ida.loadQueue()).items).toEqual([]);
  const api = new Api(served.url);
  const trust = parseTrust((await api.get('log/keys', { limitBytes: 65_536 })).body);
  const directory = await fetchDirectory(api, trust);
  for (const { certificate, loggedAt } of found) {
    const data = new Uint8Array(await certificate.blob.arrayBuffer());
    const verdict = judgeCertificate(data, { trust, now: Math.floor(Date.now() / 1000) + 5, directory });
    expect([verdict.verdict, verdict.reasons, verdict.date]).toEqual(['holds', [], loggedAt]);
  }
});

test.each([
  ['says nothing of it', () => new Response('{"error":"not-found"}', { status: 404 })],
  [
    'shows something else',
    (body: Uint8Array<ArrayBuffer>) => new Response(body.map((one, i) => (i > 900 ? one ^ 1 : one))),
  ],
  ['shows half of it', (body: Uint8Array<ArrayBuffer>) => new Response(body.slice(0, body.length / 2))],
])('a room that the server %s is not called erased', async (_, answer) => {
  const ida = await signIn('ida', async (input, init) => {
    const real = await fetch(input, init);
    const asked = String(input instanceof Request ? input.url : input);
    return asked.includes('/erasures/') ? answer(new Uint8Array(await real.arrayBuffer())) : real;
  });
  const { items, erased } = await ida.loadQueue();
  expect(erased).toEqual([]);
  expect(items.map(({ alarms }) => alarms.map(({ code }) => code))).toEqual([['not-found'], ['not-found']]);
});

test('the preview names the rules of a case and erases nothing', async () => {
  await report('A gift from a supplier.');
  const [cai, ben] = [await signIn('cai'), await signIn('ben')];
  const { id } = await waitFor(cai, 'A gift from a supplier.');
  const preview = async (...under: string[]) =>
    (await cai.previewRetention({ under, outcome: null })).items.find((item) => item.id === id);
  expect((await preview('DE'))?.state).toBe('unread');
  await cai.acknowledge(id, 'Thank you.');
  await cai.feedback(id, 'It was sent back.', 'Nobody may keep one.');
  await eventually(async () => ((await preview('DE'))?.state === 'open' ? true : null));
  await cai.close(id, 'It was sent back.');
  await waitFor(ben, 'A gift from a supplier.');
  await ben.confirmClose(id);
  const kept = await eventually(async () => {
    const found = await preview('SE', 'NL');
    return found?.state === 'keep' ? found : null;
  });
  expect(kept.terms.map(({ rule, over }) => [rule.id, rule.bound, over])).toEqual([
    ['nl-none', 'usual', false],
    ['se-any', 'longest', false],
  ]);
  expect(kept.terms[1]?.until).toBeGreaterThan((kept.closedAt ?? Infinity) + 700 * 86_400);
  expect((await preview())?.state).toBe('unruled');
  await cai.askErasure(id, 'retention', '');
  expect(await preview('SE')).toMatchObject({ state: 'keep', closedAt: kept.closedAt });
  const hold = { is: 'hold', type: 'legal', until: null, reason: 'A court asked for it.', internal: false } as const;
  await cai.record(id, hold);
  expect(await preview('SE')).toMatchObject({ state: 'held', holds: ['A court asked for it.'] });
});
