/** Another key signs receipts: what was reported before still opens, and is still proved. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../api/connection.ts';
import { createLocalEngine } from '../api/engine.ts';
import { Api } from '../api/http.ts';
import { encodeText } from '../protocol/bytes.ts';
import { parseKit } from '../protocol/kit.ts';
import { parseReceipt } from '../protocol/receipt.ts';
import { type Trust, parseTrust } from '../protocol/trust.ts';
import { judgeReceipt } from '../protocol/verify.ts';
import { createDesk } from './desk.ts';
import { savePage } from './keeping.ts';
import { createReporter } from './reporter.ts';
import { type Served, eventually, serveWorld } from './server.test-support.ts';
import { createMemoryShelf } from './shelf.ts';
import type { Conversation, Draft, Reporter } from './types.ts';

let served: Served;

beforeAll(async () => {
  served = await serveWorld();
});

afterAll(() => served.stop());

const makeReporter = (): Reporter => createReporter({ base: served.url, engine: createLocalEngine() });

const makeDraft = (text: string): Draft => ({
  channel: 'reports',
  text,
  lang: null,
  people: [],
  exclusions: [],
  told: null,
  files: [],
});

async function send(text: string): Promise<{ words: string; conversation: Conversation }> {
  const reporter = makeReporter();
  await reporter.loadOrganisation();
  const { words, conversation } = await reporter.createReport(makeDraft(text));
  await eventually(async () => (await conversation.refresh()).entries[0]?.loggedAt ?? null);
  return { words: words.join(' '), conversation };
}

/** The trust file in the page that she would save now. */
async function saveKit(): Promise<Trust> {
  const connection = await connect(new Api(served.url), createLocalEngine(), {
    now: () => Math.floor(Date.now() / 1000),
  });
  const page = `connect-src 'none' <script type="application/json" id="kit">null</script><title>`;
  const answer: typeof fetch = (url, init) =>
    typeof url === 'string' && url.endsWith('saved/reporter.html')
      ? Promise.resolve(new Response(page))
      : fetch(url, init);
  const text = await (await savePage(connection, {}, answer)).blob.text();
  return parseKit(encodeText(text.slice(text.indexOf('id="kit">') + 9, text.indexOf('</script>')))).trust;
}

test('reports of before and after the change are read, and their receipts hold', async () => {
  const before = await send('Before the change.');
  await served.changeReceiptKey();
  const after = await send('After the change.');
  for (const [{ words }, text] of [
    [before, 'Before the change.'],
    [after, 'After the change.'],
  ] as const) {
    const conversation = await makeReporter().openReport(words);
    expect(conversation.view().entries[0]?.text).toBe(text);
    expect(conversation.view().alarms).toEqual([]);
    const { files } = await conversation.buildProof();
    const [receipt, trust, note] = [files['receipt.txt'], files['trust.txt'], files['note.txt']];
    if (!receipt || !trust || !note) throw new Error('no files');
    expect(parseReceipt(receipt).proof).not.toBeNull();
    expect(parseTrust(trust).former.map((known) => known.void)).toEqual([false]);
    const now = Math.floor(Date.now() / 1000);
    expect(judgeReceipt(receipt, { trust: parseTrust(trust), now, later: [note] }).verdict).toBe('holds');
  }
  // Whoever has no directory: a page saved now, and the trust file that the organisation offers now.
  const saved = await saveKit();
  const offered = parseTrust((await new Api(served.url).get('log/keys', { limitBytes: 65_536 })).body);
  expect(saved).toEqual(offered);
  const { files } = await (await makeReporter().openReport(before.words)).buildProof();
  const now = Math.floor(Date.now() / 1000);
  const receipt = files['receipt.txt'] ?? new Uint8Array();
  expect(judgeReceipt(receipt, { trust: saved, now }).verdict).toBe('holds');
  expect(judgeReceipt(receipt, { trust: { ...saved, former: [] }, now }).reasons).toEqual(['note-no-known-key']);
  const desk = createDesk({ base: served.url, engine: createLocalEngine(), shelf: createMemoryShelf() });
  const cai = await desk.signIn(served.words['cai'] ?? '');
  for (const excerpt of ['Before the change.', 'After the change.']) {
    const item = await eventually(
      async () => (await cai.loadQueue()).items.find((found) => found.excerpt === excerpt) ?? null,
    );
    expect(item.alarms).toEqual([]);
    expect((await cai.openCase(item.id)).entries[0]?.text).toBe(excerpt);
  }
  cai.lock();
});
