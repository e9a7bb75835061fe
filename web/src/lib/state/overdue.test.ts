import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLocalEngine } from '../api/engine.ts';
import { encodeHex } from '../protocol/bytes.ts';
import { catchCode } from '../protocol/errors.test-support.ts';
import { PlaintError } from '../protocol/errors.ts';
import { parseMissed } from '../protocol/missed.ts';
import { createDesk } from './desk.ts';
import { createReporter } from './reporter.ts';
import { type Served, eventually, serveWorld } from './server.test-support.ts';
import { createMemoryShelf } from './shelf.ts';
import type { Conversation, DeskSession, QueueItem } from './types.ts';

const WEEK_S = 7 * 86_400;
const AGO_S = 8 * 86_400;
const KEPT = 'Nobody ever answered this.';
const LET_IN = 'Nobody answered this either.';

let served: Served;
let conversation: Conversation;
const desks: DeskSession[] = [];

/** Two reports of a week ago that nobody acknowledged; into one of them its reporter let both independents. */
beforeAll(async () => {
  served = await serveWorld('withholding');
  const reporter = createReporter({ base: served.url, engine: createLocalEngine(), now: () => nowS() - AGO_S });
  await reporter.loadOrganisation();
  const send = async (text: string, exclude: string[] = []) => {
    const { members } = await reporter.loadOrganisation();
    const exclusions = members
      .filter(({ name }) => exclude.includes(name))
      .map(({ id, name }) => ({ name, person: null, member: id }));
    const draft = { channel: 'reports', text, lang: null, people: [], exclusions, files: [], told: null };
    return (await reporter.createReport(draft)).conversation;
  };
  const kept = await send(KEPT, ['Eva Invented']);
  conversation = await send(LET_IN);
  for (const name of ['Dov Invented', 'Eva Invented']) {
    const one = conversation.view().access.find((access) => access.name === name);
    await conversation.letIn(one?.id ?? '');
  }
  for (const one of [kept, conversation]) {
    await eventually(async () =>
      (await one.refresh()).entries.every(({ loggedAt }) => loggedAt !== null) ? true : null,
    );
  }
  await served.letPass();
});

afterAll(async () => {
  for (const desk of desks) desk.lock();
  await served.stop();
});

const nowS = () => Math.floor(Date.now() / 1000);

async function signIn(name: string): Promise<DeskSession> {
  const desk = createDesk({ base: served.url, engine: createLocalEngine(), shelf: createMemoryShelf() });
  const session = await desk.signIn(served.words[name] ?? '');
  desks.push(session);
  return session;
}

const find = (desk: DeskSession, is: (item: QueueItem) => boolean) =>
  eventually(async () => (await desk.loadQueue()).items.find(is) ?? null);

test('a key that was not handed out shows, and the file about it says nothing of the report', async () => {
  const dov = await signIn('dov');
  const watched = await find(dov, ({ mode }) => mode === 'watch');
  expect(watched.due.map(({ kind, state }) => [kind, state])).toEqual([
    ['acknowledge', 'unreleased'],
    ['feedback', 'open'],
  ]);
  expect(watched.alarms.map(({ code }) => code)).toEqual(['unreleased']);
  const { name, blob } = await dov.signMissed(watched.id, 'acknowledge');
  const text = await blob.text();
  expect(name).toBe('missed.txt');
  for (const secret of [watched.id, watched.handle, KEPT, 'Dov']) expect(text).not.toContain(secret);
  const { missed } = parseMissed(new Uint8Array(await blob.arrayBuffer()));
  expect(missed.kind).toBe('acknowledge');
  expect(encodeHex(missed.member)).toBe(dov.me.id);
  expect(missed.due - missed.opened).toBe(WEEK_S);
  expect(await catchCode(() => dov.signMissed(watched.id, 'feedback'))).toBe('not-found');
});

test('what somebody reads by now gives a file that says nothing of keys, what they may not know of gives none', async () => {
  const [dov, eva] = [await signIn('dov'), await signIn('eva')];
  const watched = await find(dov, ({ mode }) => mode === 'watch');
  const read = await find(dov, ({ excerpt }) => excerpt === LET_IN);
  const { blob } = await eventually(async () => {
    await dov.loadQueue();
    try {
      return await dov.signMissed(read.id, 'acknowledge');
    } catch (error) {
      // What he watches of it comes after what he reads.
      if (error instanceof PlaintError && error.code === 'not-found') return null;
      throw error;
    }
  });
  expect(parseMissed(new Uint8Array(await blob.arrayBuffer())).missed.cells).toBe(0);
  await find(eva, ({ excerpt }) => excerpt === LET_IN);
  expect((await eva.loadQueue()).items.map(({ excerpt }) => excerpt)).toEqual([LET_IN]);
  expect(await catchCode(() => eva.signMissed(watched.id, 'acknowledge'))).toBe('not-found');
});

test('independents open one room about it, and two of them close it; the line sees nothing', async () => {
  const [dov, eva, ben] = [await signIn('dov'), await signIn('eva'), await signIn('ben')];
  const { id, mayHandle, handling } = await find(dov, ({ excerpt }) => excerpt === LET_IN);
  expect([mayHandle, handling]).toEqual([true, null]);
  const theirs = await find(ben, ({ excerpt }) => excerpt === LET_IN);
  expect(theirs.mayHandle).toBe(false);
  expect(await catchCode(() => ben.openHandling(id, 'All is well.', false))).toBe('handling-member');
  expect(await catchCode(() => ben.closeHandling(id, 'All is well.'))).toBe('handling-member');
  expect(await catchCode(() => dov.closeHandling(id, 'Too early.'))).toBe('handling-none');

  const opened = await dov.openHandling(id, 'Nobody acknowledged it.', false);
  expect(opened.handling).toMatchObject({ by: 'Dov Invented', status: 'open', mayClose: true, mayConfirm: false });
  expect(opened.alarms).toEqual([]);
  await find(eva, (item) => item.id === id && item.handling !== null);
  const written = await eva.openHandling(id, 'Who was on duty?', false);
  const said = written.entries.filter(({ room }) => room === 'handling').map(({ text }) => text);
  expect(said).toEqual(['Nobody acknowledged it.', 'Who was on duty?']);
  expect(written.rooms.map(({ label }) => label)).toEqual(['reporter', 'handling']);

  const closing = await eva.closeHandling(id, 'A stand-in was named.');
  expect(closing.handling).toMatchObject({ status: 'closing', mayClose: false, mayConfirm: false });
  expect(closing.handling?.closing).toEqual({ by: 'Eva Invented', reason: 'A stand-in was named.' });
  expect(await catchCode(() => eva.closeHandling(id, 'Again.'))).toBe('handling-closing');
  const closed = await dov.closeHandling(id, '');
  expect(closed.handling?.status).toBe('closed');
  expect(closed.status).toBe('received');

  const told = (await conversation.refresh()).entries.flatMap(({ grant }) =>
    grant?.room === 'handling' ? [grant.name] : [],
  );
  expect(told.sort()).toEqual(['Dov Invented', 'Eva Invented']);
  const seen = await ben.openCase(id);
  expect(seen.rooms.map(({ label }) => label)).toEqual(['reporter']);
  expect([seen.handling, seen.mayHandle]).toEqual([null, false]);
  expect((await ben.loadQueue()).items.find((item) => item.id === id)?.handling).toBeNull();
});
