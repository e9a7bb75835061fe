import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLocalEngine } from '../api/engine.ts';
import { Api } from '../api/http.ts';
import { readStream } from '../api/stream.ts';
import { sortIds } from '../protocol/access.ts';
import { createMemberWriter } from '../protocol/authorship.ts';
import { encodeHex, parseHex } from '../protocol/bytes.ts';
import { NOTHING_SAID, PLAIN_ENTRY } from '../protocol/content.ts';
import type { Hands } from './acting.ts';
import { findRoom } from './cases.ts';
import { takeHands as takeHandsOf } from './hands.test-support.ts';
import { sendOnce } from './erasing.ts';
import { judgeCertificate } from '../protocol/erasure.ts';
import { catchCode } from '../protocol/errors.test-support.ts';
import { parseTrust } from '../protocol/trust.ts';
import { fetchDirectory } from '../../verify/directory_copies.ts';
import { createDesk } from './desk.ts';
import { createReporter } from './reporter.ts';
import { type Served, eventually, serveWorld } from './server.test-support.ts';
import { createMemoryShelf } from './shelf.ts';
import type { OpenedRoom } from './rooms.ts';
import type { CaseView, DeskSession, QueueItem, SentReport } from './types.ts';
import { type SealedWrite, sealEntry, sealSlots } from './writing.ts';

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

const EMPTY = { people: [], exclusions: [], files: [], told: null };

async function report(text: string): Promise<SentReport> {
  const reporter = createReporter({ base: served.url, engine: createLocalEngine() });
  await reporter.loadOrganisation();
  return reporter.createReport({ ...EMPTY, channel: 'reports', text, lang: 'en' });
}

const waitFor = (desk: DeskSession, excerpt: string): Promise<QueueItem> =>
  eventually(async () => (await desk.loadQueue()).items.find((item) => item.excerpt === excerpt) ?? null);

/** Once this member reads both rooms. */
const waitForRooms = (desk: DeskSession, id: string) =>
  eventually(async () => {
    await desk.loadQueue();
    return (await desk.openCase(id)).rooms.length === 2 ? true : null;
  });

const takeHands = (name: string): Promise<Hands> => takeHandsOf(served, name);

/** Signs to erase the internal room of a case, the first or the second half, and leaves the report alone. */
async function eraseInternal(name: string, id: string, second: boolean): Promise<string> {
  const hands = await takeHands(name);
  const room = findRoom(await hands.cases.open(id), 'internal');
  if (room === null) throw new Error('no internal room');
  const said = second ? { ground: null, confirms: room.head } : ({ ground: 'irrelevant', confirms: null } as const);
  await sendOnce(hands, room, { ...NOTHING_SAID, kind: 'erase', ...said }, {});
  return encodeHex(room.id);
}

async function answer(desk: DeskSession, text: string): Promise<string> {
  await report(text);
  const { id } = await waitFor(desk, text);
  await desk.acknowledge(id, 'Thank you.');
  await desk.feedback(id, 'We looked.', 'Nobody knows more.');
  await desk.note(id, 'He admitted it.', []);
  return id;
}

const ERASED = 'The bill of the summer fair.';

test('two members erase a case, nobody sooner and nobody alone', async () => {
  await report(ERASED);
  const [cai, ben] = [await signIn('cai'), await signIn('ben')];
  const { id } = await waitFor(cai, ERASED);
  await waitFor(ben, ERASED);
  const ask = (desk: DeskSession) => desk.askErasure(id, 'irrelevant', 'It is about another company. ');
  expect(await catchCode(() => ask(cai))).toBe('erase-unread');
  expect((await cai.openCase(id)).erase).toEqual({
    ask: 'erase-unread',
    retention: 'erase-unread',
    agree: 'erase-unread',
  });
  await cai.acknowledge(id, 'It is here.');
  await cai.note(id, 'Ask the stand.', []);
  expect(await catchCode(() => ask(cai))).toBe('erase-due');
  await cai.feedback(id, 'None.', 'It is about another company.');
  await waitForRooms(ben, id);
  // What has not reached a stream when its room goes never does, and Ida is told of both below.
  const ida = await signIn('ida');
  await waitFor(ida, ERASED);
  await waitForRooms(ida, id);
  const hold = { is: 'hold', type: 'legal', until: null, reason: 'A court asked for it.', internal: true } as const;
  const { holds } = await cai.record(id, hold);
  expect(await catchCode(() => ask(ben))).toBe('erase-held');
  await cai.record(id, { is: 'lift', key: holds[0]?.key ?? '' });
  expect(await catchCode(() => ben.agreeErasure(id, ''))).toBe('erase-nothing');

  const asked = await ask(cai);
  expect(asked).toMatchObject({
    status: 'erasing',
    erasing: { by: 'Cai Invented', you: true, ground: 'irrelevant', text: 'It is about another company.' },
    erase: { ask: null, retention: 'erase-open', agree: 'erase-same' },
  });
  expect(await catchCode(() => cai.agreeErasure(id, asked.erasing?.wish ?? ''))).toBe('erase-same');
  expect(await catchCode(() => ask(ben))).toBe('erase-waiting');
  await ben.reply(id, 'Wait.', []);
  expect(await ben.openCase(id)).toMatchObject({ status: 'feedback', erase: { agree: 'erase-nothing' } });
  await ben.note(id, 'Not so fast.', []);
  await ask(cai);
  expect((await ben.openCase(id)).erase).toMatchObject({ ask: 'erase-waiting', agree: null });

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

test('an internal room that two members erased alone is an alarm in its case', async () => {
  const [cai, ben, ida] = [await signIn('cai'), await signIn('ben'), await signIn('ida')];
  const id = await answer(cai, 'The safe was empty.');
  for (const desk of [ben, ida]) {
    await waitFor(desk, 'The safe was empty.');
    await waitForRooms(desk, id);
  }
  expect((await cai.openCase(id)).alarms).toEqual([]);
  await eraseInternal('ben', id, false);
  const room = await eraseInternal('ida', id, true);
  const view = await cai.openCase(id);
  expect(view.alarms).toEqual([{ code: 'room-erased', detail: room, room: 'internal' }]);
  expect(view.erased).toMatchObject([
    { id: room, by: ['Ben Invented', 'Ida Invented'], place: { label: 'internal', case: id } },
  ]);
  const { items } = await cai.loadQueue();
  expect(items.find((item) => item.id === id)?.alarms).toEqual(view.alarms);
  const { erased } = await (await signIn('ben')).loadQueue();
  expect(erased.find((one) => one.id === room)?.place).toBeNull();
});

test('a room that the second cannot read stays, is said to, and is erased by two who can', async () => {
  const [cai, ben, fay] = [await signIn('cai'), await signIn('ben'), await signIn('fay')];
  const id = await answer(cai, 'A chair is missing.');
  await waitFor(ben, 'A chair is missing.');
  await waitForRooms(ben, id);
  const free = (await cai.openCase(id)).rooms[0]?.grantable.find(({ name }) => name === 'Fay Invented');
  await cai.grant(id, 'reporter', free?.id ?? '');
  await waitFor(fay, 'A chair is missing.');
  const asked = await cai.askErasure(id, 'irrelevant', '');
  expect(asked.staying).toMatchObject([{ label: 'internal', why: 'unless' }]);
  expect(asked.staying[0]?.names.toSorted()).toEqual(['Ben Invented', 'Ida Invented']);
  expect(await ben.openCase(id)).toMatchObject({ staying: [], erase: { agree: null } });
  const read = await fay.openCase(id);
  expect([read.staying, read.erase.agree]).toEqual([[], null]); // nobody ever told of the internal room
  await fay.agreeErasure(id, read.erasing?.wish ?? '');
  const [left] = (await cai.loadQueue()).left;
  expect(left).toMatchObject({ label: 'internal', case: id, erasing: { you: true }, erase: { ask: 'erase-waiting' } });
  const [his] = (await ben.loadQueue()).left;
  expect(his).toMatchObject({ id: left?.id, erasing: { by: 'Cai Invented', you: false }, erase: { agree: null } });
  expect((await ben.previewRetention({ under: ['SE'], outcome: null })).left).toBe(1);
  expect(await catchCode(() => cai.agreeLeft(his?.id ?? '', his?.erasing?.wish ?? ''))).toBe('erase-same');
  expect(await catchCode(() => ben.agreeLeft(his?.id ?? '', '00'))).toBe('entry-conflict');
  await ben.agreeLeft(his?.id ?? '', his?.erasing?.wish ?? '');
  const queue = await ben.loadQueue();
  expect([queue.left, queue.erased.find((room) => room.id === his?.id)?.place]).toMatchObject([
    [],
    { label: 'internal', case: id },
  ]);
});

test('a first signature that was cut off goes on for its reason only', async () => {
  const [cai, ben] = [await signIn('cai'), await signIn('ben')];
  const id = await answer(cai, 'A chair is missing.');
  await waitFor(ben, 'A chair is missing.');
  await waitForRooms(ben, id);
  await eraseInternal('ben', id, false);
  expect(await ben.openCase(id)).toMatchObject({
    erasing: { you: true, ground: 'irrelevant', text: null, whole: false },
    erase: { ask: null, agree: 'erase-nothing' },
  });
  expect(await catchCode(() => ben.askErasure(id, 'request', ''))).toBe('erase-other');
  expect(await catchCode(() => ben.askErasure(id, 'irrelevant', 'Another stand.'))).toBe('erase-other');
  expect((await ben.askErasure(id, 'irrelevant', '')).erasing).toMatchObject({ you: true, whole: true });
  const read = await cai.openCase(id);
  expect([read.erasing?.whole, read.erase.agree]).toEqual([true, null]);
  await ben.note(id, 'Wait.', []);
  expect((await ben.openCase(id)).erasing).toMatchObject({ you: true, whole: false });

  const hands = await takeHands('ben');
  const room = findRoom(await hands.cases.open(id), 'internal');
  if (room === null) throw new Error('no internal room');
  await sendOnce(hands, room, { ...NOTHING_SAID, kind: 'erase', ground: 'order', confirms: null }, {});
  expect((await ben.openCase(id)).erase.ask).toBe('erase-other');
});

test('whoever asks in the report alone is agreed to by somebody who reads more, whose room stays', async () => {
  const [cai, fay] = [await signIn('cai'), await signIn('fay')];
  const id = await answer(cai, 'A table is missing.');
  const free = (await cai.openCase(id)).rooms[0]?.grantable.find(({ name }) => name === 'Fay Invented');
  await cai.grant(id, 'reporter', free?.id ?? '');
  await waitFor(fay, 'A table is missing.');
  expect((await fay.openCase(id)).erase).toEqual({ ask: null, retention: 'erase-open', agree: 'erase-nothing' });
  expect(await catchCode(() => fay.askErasure(id, 'retention', ''))).toBe('erase-open');
  await fay.askErasure(id, 'irrelevant', '');
  const read = await cai.openCase(id);
  expect([read.staying, read.erase.agree]).toMatchObject([
    [{ label: 'internal', why: 'first', names: ['Fay Invented'] }],
    null,
  ]);
  await cai.agreeErasure(id, read.erasing?.wish ?? '');
  const [left] = (await cai.loadQueue()).left;
  await cai.askLeft(left?.id ?? '', 'irrelevant', '');
  expect((await cai.loadQueue()).left).toMatchObject([{ case: id, erasing: { you: true } }]);
});

test('whoever was let into an internal room alone sees it and writes there, and is promised no case', async () => {
  const [cai, fay] = [await signIn('cai'), await signIn('fay')];
  const id = await answer(cai, 'A vase is missing.');
  const internal = (await cai.openCase(id)).rooms.find(({ label }) => label === 'internal');
  const free = internal?.grantable.find(({ name }) => name === 'Fay Invented');
  await cai.grant(id, 'internal', free?.id ?? '');
  const find = async () => {
    const { alone, items } = await fay.loadQueue();
    const room = alone.find((one) => one.id === internal?.id);
    return room ? { room, cases: items.map((item) => item.id) } : null;
  };
  const { room, cases } = await eventually(find);
  expect(cases).not.toContain(id);
  expect(room).toMatchObject({ label: 'internal', caseHandle: id.slice(0, 6).toUpperCase(), by: 'Cai Invented' });
  expect([room.readers.includes('Fay Invented'), room.alarms]).toEqual([true, []]);
  expect(room.entries.map(({ text }) => text)).toContain('He admitted it.');
  await fay.writeAlone(room.id, 'I have it.', []);
  expect((await find())?.room.entries.at(-1)).toMatchObject({ text: 'I have it.', author: { you: true } });
  expect((await cai.openCase(id)).entries.map(({ text }) => text)).toContain('I have it.');
  expect((await cai.loadQueue()).alone).toEqual([]);
  expect(await catchCode(() => cai.writeAlone(room.id, 'No.', []))).toBe('not-found');
});

test('a grant whose notice was cut off is told by whoever lets the same member in again, and nobody is let in twice', async () => {
  let broken = false;
  const through: typeof fetch = async (input, init) => {
    const body = init?.body;
    const isEntry = init?.method === 'POST' && /\/rooms\/[0-9a-f]+$/u.test(input as string);
    const kind =
      isEntry && body instanceof Uint8Array ? /\nkind (\w+)\n/u.exec(new TextDecoder().decode(body))?.[1] : '';
    if (broken && kind === 'entry') return new Response('{"code":"cap"}', { status: 403 });
    return fetch(input, init);
  };
  const [cai, ben] = [await signIn('cai', through), await signIn('ben')];
  const id = await answer(cai, 'A stool is missing.');
  await waitFor(ben, 'A stool is missing.');
  await waitForRooms(ben, id);
  const internal = (view: CaseView) => view.rooms.find(({ label }) => label === 'internal');
  const fay = internal(await cai.openCase(id))?.grantable.find(({ name }) => name === 'Fay Invented')?.id ?? '';
  broken = true;
  expect(await catchCode(() => cai.grant(id, 'internal', fay))).toBe('cap');
  const cut = await ben.openCase(id);
  expect(cut.alarms).toEqual([{ code: 'grant-untold', detail: fay, room: 'internal' }]);
  expect(internal(cut)?.grantable.map((member) => member.id)).toContain(fay);
  const told = await ben.grant(id, 'internal', fay);
  expect(told.alarms).toEqual([]);
  expect(told.entries.filter(({ kind }) => kind === 'slots')).toHaveLength(1);
  expect(internal(told)?.grantable.map((member) => member.id)).not.toContain(fay);
  expect(await catchCode(() => ben.grant(id, 'internal', fay))).toBe('grant-already');
});

test('what somebody signs who was never let in is theirs and changes nothing', async () => {
  const [cai, ben, fay] = [await signIn('cai'), await takeHands('ben'), await takeHands('fay')];
  await report('A rug is missing.');
  const { id } = await waitFor(cai, 'A rug is missing.');
  await cai.close(id, 'Nothing to see.');
  const { room } = await eventually(async () => {
    ben.store.add((await readStream(ben.connection, ben.keys, ben.session, 0, {})).slots);
    return (await ben.cases.list()).find((known) => encodeHex(known.room.id) === id) ?? null; // it comes with a tick of its own
  });
  const writer = createMemberWriter(fay.keys.id, fay.keys.sign);
  const write = sealEntry(room, { ...PLAIN_ENTRY, confirms: room.head }, writer).write;
  await fay.connection.send(write, { cap: room.cap });
  const view = await cai.openCase(id);
  expect([view.entries.at(-1)?.authorship, view.status]).toEqual(['unadmitted', 'closing']);
});

/** Comes last: Ben is suspended afterwards. */
test('what a member signs once suspended tells of nobody, and what he signed before stands', async () => {
  const [cai, ben] = [await signIn('cai'), await signIn('ben')];
  const hands = await takeHands('ben');
  const { conversation } = await report('A lamp is missing.');
  const { id } = await waitFor(cai, 'A lamp is missing.');
  await cai.acknowledge(id, 'Thank you.');
  await cai.feedback(id, 'We looked.', 'Nobody knows more.');
  await cai.note(id, 'He admitted it.', []);
  await waitFor(ben, 'A lamp is missing.');
  await waitForRooms(ben, id);
  const fay = (await cai.openCase(id)).rooms[1]?.grantable.find(({ name }) => name === 'Fay Invented');
  hands.store.add((await readStream(hands.connection, hands.keys, hands.session, 0, {})).slots);
  const found = await hands.cases.open(id);
  const internal = findRoom(found, 'internal');
  if (internal === null || fay === undefined) throw new Error('no internal room');
  const [member, writer] = [parseHex(fay.id, 16), createMemberWriter(hands.keys.id, hands.keys.sign)];
  const access = { ...internal.access, granted: sortIds([...internal.access.granted, member]) };
  const granted = { member, name: fay.name };
  const send = ({ write }: SealedWrite, { cap }: OpenedRoom) => hands.connection.send(write, { cap });
  await send(sealSlots(internal, { ...NOTHING_SAID, kind: 'slots', access, granted }, writer), internal);
  await ben.reply(id, 'I still work here.', []);
  await eventually(async () => ((await cai.openCase(id)).entries.every(({ loggedAt }) => loggedAt) ? true : null));

  await served.suspend('ben');
  const room = await hands.cases.reread(found.room);
  const notice = { type: 'access', room: internal.id, label: 'internal', member, name: fay.name } as const;
  await send(sealEntry(room, { ...PLAIN_ENTRY, notice }, writer), room);
  const fresh = await signIn('cai');
  await waitForRooms(fresh, id);
  const view = await fresh.openCase(id);
  expect(view.entries.slice(-2).map(({ authorship }) => authorship)).toEqual(['proved', 'former']);
  expect(view.alarms.map(({ code, detail }) => [code, detail])).toEqual([['grant-untold', fay.id]]);

  await fresh.askErasure(id, 'irrelevant', '');
  const asked = await hands.cases.reread(found.room);
  const write = sealEntry(asked, { ...PLAIN_ENTRY, text: 'No.' }, writer);
  expect(await catchCode(() => send(write, asked))).toBe('erase-writer');
  expect((await fresh.openCase(id)).status).toBe('erasing');
  await conversation.refresh();
  await conversation.reply('I need it in court.', []);
  expect((await fresh.openCase(id)).status).toBe('feedback');
});

test('rooms are judged again by a directory that has grown: a colleague may have other keys by now', async () => {
  await report('A key is missing.');
  const { cases, connection, keys, session, store } = await takeHands('ida');
  const list = async () => {
    store.add((await readStream(connection, keys, session, 0, {})).slots);
    return (await cases.list()).find(({ room }) => room.entries[0]?.content?.text === 'A key is missing.')?.room;
  };
  const first = await eventually(async () => (await list()) ?? null);
  expect(await list()).toBe(first);
  await served.suspend('eva');
  await connection.refreshView();
  const again = await list();
  expect(again?.id).toEqual(first.id);
  expect(again).not.toBe(first);
  expect(await list()).toBe(again);
});
