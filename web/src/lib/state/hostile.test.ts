import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLocalEngine } from '../api/engine.ts';
import { type Bytes, joinBytes } from '../protocol/bytes.ts';
import { catchCode } from '../protocol/errors.test-support.ts';
import { parseWrite } from '../protocol/write.ts';
import { createDesk } from './desk.ts';
import { createReporter } from './reporter.ts';
import { type Served, eventually, serveWorld } from './server.test-support.ts';
import { createMemoryShelf } from './shelf.ts';
import type { Conversation, Draft, Reporter, SendProgress } from './types.ts';

/** What a network or a server in bad faith does to one answer: other bytes, an error answer, or none at all. */
type Twist = (body: Bytes, answer: Response) => Response | Bytes | null;

const BUNDLE = 256;

let served: Served;

beforeAll(async () => {
  served = await serveWorld();
});

afterAll(() => served.stop());

/** The real network, but for calls that `matches`, of which the first `times` answers are twisted. */
function twist(matches: (method: string, path: string) => boolean, change: Twist, times = Infinity): typeof fetch {
  let left = times;
  return async (input, init) => {
    const answer = await fetch(input, init);
    const path = new URL(input as string).pathname.split('/o/aurora/')[1] ?? '';
    if (!matches(init?.method ?? 'GET', path) || left-- <= 0) return answer;
    const body: Bytes = new Uint8Array(await answer.arrayBuffer());
    const twisted = change(body, answer);
    if (twisted === null) throw new TypeError('the line broke');
    return twisted instanceof Response ? twisted : new Response(twisted, { status: answer.status });
  };
}

const makeReporter = (through: typeof fetch = fetch): Reporter =>
  createReporter({ base: served.url, engine: createLocalEngine(), fetch: through });

const makeDraft = (text: string): Draft => ({
  channel: 'reports',
  text,
  lang: null,
  people: [],
  exclusions: [],
  told: null,
  files: [],
});

function flip(body: Bytes, at: number): Bytes {
  const other = body.slice();
  const place = at < 0 ? body.length + at : at;
  other[place] = (other[place] ?? 0) ^ 1;
  return other;
}

test.each([
  ['names', 'view-name', (body: Bytes) => replaceText(body, 'Ben Invented', 'Ban Invented')],
  ['chart', 'chart-digest', (body: Bytes) => replaceText(body, 'Lea Invented', 'Leo Invented')],
  ['directory', 'view-root', (body: Bytes) => replaceText(body, 'Aurora Invented', 'Aurora Imagined')],
  ['directory', 'view-short', (body: Bytes) => body.slice(0, body.indexOf(10) + 1)],
  ['log/directory/checkpoint', 'note-known-key', (body: Bytes) => replaceText(body, '\n3\n', '\n4\n')],
  ['log/keys', 'vkey-id', (body: Bytes) => replaceText(body, 'receipts ', 'receipts x')],
] as const)('a false %s is refused as %s', async (path, code, change) => {
  const reporter = makeReporter(twist((_, asked) => asked === path, change));
  expect(await catchCode(() => reporter.loadOrganisation())).toBe(code);
});

function replaceText(body: Bytes, before: string, after: string): Bytes {
  const text = new TextDecoder().decode(body);
  expect(text).toContain(before);
  return new TextEncoder().encode(text.replace(before, after));
}

test('a directory nobody dated for a day is refused', async () => {
  const late = () => Math.floor(Date.now() / 1000) + 25 * 3600;
  const reporter = createReporter({ base: served.url, engine: createLocalEngine(), now: late });
  expect(await catchCode(() => reporter.loadOrganisation())).toBe('view-old');
});

test('after a failure everything can be tried again', async () => {
  const reporter = makeReporter(
    twist(
      (_, path) => path === 'chart',
      (body) => flip(body, 40),
      1,
    ),
  );
  expect(await catchCode(() => reporter.loadOrganisation())).toBe('chart-digest');
  expect((await reporter.loadOrganisation()).people).toHaveLength(6);
});

test('an answer that got lost is asked for again with the same bytes', async () => {
  const sent: Bytes[] = [];
  const breaking = twist(
    (method, path) => method === 'POST' && path === 'rooms',
    () => null,
    2,
  );
  const reporter = makeReporter((input, init) => {
    if (init?.method === 'POST' && (input as string).endsWith('/rooms')) sent.push(init.body as Bytes);
    return breaking(input, init);
  });
  await reporter.loadOrganisation();
  const { conversation } = await reporter.createReport(makeDraft('the line broke twice'));
  expect(conversation.view().entries).toHaveLength(1);
  expect(sent).toHaveLength(3);
  expect(sent[1]).toEqual(sent[0]);
  expect(sent[2]).toEqual(sent[0]);
});

test('a refused report stays sealed here, can be saved, and is sent again by itself', async () => {
  const refuse = () => new Response('{"code":"admission"}', { status: 503 });
  const isOpen = (method: string, path: string) => method === 'POST' && path === 'rooms';
  const reporter = makeReporter((input, init) => {
    const path = new URL(input as string).pathname.split('/o/aurora/')[1] ?? '';
    return isOpen(init?.method ?? 'GET', path) && refusals-- > 0 ? Promise.resolve(refuse()) : fetch(input, init);
  });
  let refusals = 2;
  await reporter.loadOrganisation();
  const steps: SendProgress[] = [];
  const sent = await reporter.createReport(makeDraft('refused twice'), { onProgress: (step) => steps.push(step) });
  const waiting = steps.filter((step) => step.step === 'waiting');
  expect(waiting.map(({ tries }) => tries)).toEqual([1, 2]);
  expect(waiting[0]?.words).toEqual(sent.words);
  expect(waiting[0]?.checkWords).toEqual(sent.checkWords);
  const file = waiting[0]?.save();
  const write = parseWrite(new Uint8Array((await file?.blob.arrayBuffer()) ?? new ArrayBuffer(0)));
  expect(write.header.kind).toBe('open');
  expect(new TextDecoder().decode(write.body)).not.toContain('refused twice');
});

test('stopping while it waits gives up, and says so', async () => {
  const reporter = makeReporter((input, init) =>
    init?.method === 'POST'
      ? Promise.resolve(new Response('{"code":"admission"}', { status: 503 }))
      : fetch(input, init),
  );
  await reporter.loadOrganisation();
  const stop = new AbortController();
  const onProgress = ({ step }: SendProgress) => {
    if (step === 'waiting') stop.abort();
  };
  const sending = reporter.createReport(makeDraft('stopped'), { signal: stop.signal, onProgress });
  expect(await catchCode(() => sending)).toBe('cancelled');
});

test('a promise that is not the server’s, or not about this report, is refused', async () => {
  const isOpen = (method: string, path: string) => method === 'POST' && path === 'rooms';
  const first: Bytes[] = [];
  const keep = makeReporter(
    twist(isOpen, (body) => {
      first.push(body);
      return body;
    }),
  );
  await keep.loadOrganisation();
  await keep.createReport(makeDraft('kept'));
  const other = makeReporter(twist(isOpen, () => first[0] ?? null));
  await other.loadOrganisation();
  expect(await catchCode(() => other.createReport(makeDraft('another')))).toBe('state-room');
  const forged = makeReporter(twist(isOpen, (body) => replaceText(body, '\nentries 1\n', '\nentries 2\n')));
  await forged.loadOrganisation();
  expect(await catchCode(() => forged.createReport(makeDraft('forged')))).toBe('note-known-key');
});

test('a server that hands out another room than the one that was is seen', async () => {
  const reporter = makeReporter();
  await reporter.loadOrganisation();
  const { words, conversation } = await reporter.createReport(makeDraft('what was said'));
  const text = words.join(' ');
  const isRead = (method: string, path: string) => method === 'GET' && path.startsWith('rooms/');
  let before: Bytes = new Uint8Array(0);
  const keeping = makeReporter(
    twist(isRead, (body) => {
      if (before.length === 0) before = body;
      return body;
    }),
  );
  const seen = await keeping.openReport(text);
  await conversation.reply('and more', []);

  const swallowing = makeReporter(twist(isRead, () => before, 1));
  const short = await swallowing.openReport(text);
  expect(short.view().entries).toHaveLength(1);
  expect((await short.refresh()).entries).toHaveLength(2);

  await seen.refresh();
  const rolled = makeReporter(twist(isRead, (body, answer) => (answer.ok && calls++ ? before : body)));
  let calls = 0;
  const back = await rolled.openReport(text);
  expect(await catchCode(() => back.refresh())).toBe('state-fork');
  const noteless = makeReporter(twist(isRead, (body) => flip(body, -20)));
  expect(await catchCode(() => noteless.openReport(text))).not.toBe('nothing was refused');
});

test('a case that the server no longer gives out, or as it was before, is an alarm, and no case', async () => {
  const reporter = makeReporter();
  await reporter.loadOrganisation();
  const { conversation } = await reporter.createReport(makeDraft('It was here.'));
  const first = new Map<string, Bytes>();
  let way: 'as it is' | 'gone' | 'as before' = 'as it is';
  const isAsked = (method: string, path: string) =>
    (method === 'GET' && path.startsWith('rooms/')) || (method === 'POST' && path === 'heads');
  const through = twist(isAsked, (body, answer) => {
    const isHeads = answer.url.endsWith('/heads');
    if (!first.has(answer.url)) first.set(answer.url, body);
    if (way === 'as it is') return new Response(body, { status: answer.status });
    if (isHeads) return new Uint8Array(body.length);
    return way === 'gone' ? new Response('{"code":"not-found"}', { status: 404 }) : (first.get(answer.url) ?? body);
  });
  const shelf = createMemoryShelf();
  const desk = await createDesk({ base: served.url, engine: createLocalEngine(), shelf, fetch: through }).signIn(
    served.words['ida'] ?? '',
  );
  const { id } = await eventually(
    async () => (await desk.loadQueue()).items.find(({ excerpt }) => excerpt === 'It was here.') ?? null,
  );
  const look = async () => {
    const found = (await desk.loadQueue()).items.filter((item) => item.id === id);
    return found.map(({ excerpt, alarms }) => [excerpt, alarms.map(({ code }) => code).join()]);
  };
  await conversation.reply('And more.', []);
  expect(await look()).toEqual([['It was here.', '']]);
  way = 'gone';
  expect(await look()).toEqual([['', 'not-found']]);
  expect(await catchCode(() => desk.openCase(id))).toBe('not-found');
  way = 'as before';
  expect(await look()).toEqual([['', 'state-fork']]);
  expect(await catchCode(() => desk.openCase(id))).toBe('state-fork');
  way = 'as it is';
  expect(await look()).toEqual([['It was here.', '']]);
  desk.lock();
});

test('a report that was promised to the log and never logged is an alarm to her, and one that was logged is not', async () => {
  const forgetful = await serveWorld('forgetful');
  try {
    expect(await lookLater(forgetful.url)).toContain('leaf-missing');
    expect(await lookLater(served.url)).not.toContain('leaf-missing');
  } finally {
    await forgetful.stop();
  }
});

/** The alarms in a report when she looks at it, a day and two hours after it was sent. */
async function lookLater(base: string): Promise<string[]> {
  let later = 0;
  const now = () => Math.floor(Date.now() / 1000) + later;
  const reporter = createReporter({ base, engine: createLocalEngine(), now });
  await reporter.loadOrganisation();
  const { conversation } = await reporter.createReport(makeDraft('was it logged?'));
  if (base === served.url) await waitUntilLogged(conversation);
  later = 26 * 3600;
  const look = async () => (await conversation.refresh()).alarms.map(({ code }) => code);
  if (base !== served.url) return look();
  // Her report has two leaves: the second may come some ticks after the first.
  return eventually(async () => {
    const codes = await look();
    return codes.includes('leaf-missing') ? null : codes;
  });
}

const waitUntilLogged = (conversation: Conversation) =>
  eventually(async () => (await conversation.refresh()).entries[0]?.loggedAt ?? null);

test('leaves that are not those under the root are an alarm, and date nothing', async () => {
  const reporter = makeReporter();
  await reporter.loadOrganisation();
  await eventually(async () => ((await readSize()) > BUNDLE ? true : null)); // then there is a part that she need not read
  const { words, conversation: honest } = await reporter.createReport(makeDraft('in a false log'));
  await waitUntilLogged(honest);
  const isBundle = (_: string, path: string) => path.startsWith('log/cases/tile/entries/');
  const lying = makeReporter(twist(isBundle, (body) => flip(body, 10)));
  const conversation = await lying.openReport(words.join(' '));
  expect(conversation.view().alarms.map(({ code }) => code)).toContain('log-fork');
  expect(conversation.view().entries[0]?.loggedAt).toBeNull();
  const longer = makeReporter(twist(isBundle, (body) => joinBytes(body, Uint8Array.of(0))));
  const other = await longer.openReport(words.join(' '));
  expect(other.view().alarms.map(({ code }) => code)).toContain('bundle-size');
});

async function readSize(): Promise<number> {
  return Number((await (await fetch(`${served.url}log/cases/checkpoint`)).text()).split('\n')[1]);
}
