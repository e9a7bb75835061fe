import { expect, test } from 'vitest';
import { type Bytes, encodeText, joinBytes } from '../protocol/bytes.ts';
import { encodeCheckpoint, encodeRun, encodeSizes } from '../protocol/checkpoint.ts';
import { PlaintError } from '../protocol/errors.ts';
import { createHashLevels } from '../protocol/hash_levels.test-support.ts';
import { computeSha256 } from '../protocol/hashes.ts';
import { COSIGNATURE, ED25519, type Note, cosignNote, encodeNote, signNote } from '../protocol/note.ts';
import { SigningKey } from '../protocol/signing.ts';
import { TILE_WIDTH, computeRoot, encodeBundle, parseTilePath } from '../protocol/tiles.ts';
import type { Trust } from '../protocol/trust.ts';
import { createMemoryShelf } from '../state/shelf.ts';
import type { Shelf } from './device_copy.ts';
import { Api } from './http.ts';
import { CaseLeaves } from './leaves.ts';

const BATCH = 64;
const BASE = 'https://plaint.test/o/aurora/';
const NAME = 'plaint.test/aurora';
const log = new SigningKey(computeSha256(Uint8Array.of(1)));
const cosigner = new SigningKey(computeSha256(Uint8Array.of(2)));

const trust: Trust = {
  org: new Uint8Array(16),
  receipts: { name: `${NAME}/receipts`, type: ED25519, public: log.public },
  policy: {
    logs: [
      { key: { name: `${NAME}/log/cases`, type: ED25519, public: log.public }, url: null },
      { key: { name: `${NAME}/log/directory`, type: ED25519, public: cosigner.public }, url: null },
    ],
    witnesses: [{ name: 'north', key: { name: 'north.test', type: COSIGNATURE, public: cosigner.public }, url: null }],
    groups: [],
    quorum: 'north',
  },
  graceS: 0,
  upstream: null,
  former: [],
};

/** A log as its server gives it out, with one checkpoint a batch, the n-th dated 1000·n. */
class Server {
  readonly asked: string[] = [];
  readonly leaves: readonly Bytes[];
  readonly notes = new Map<number, Note>();
  readonly #levels: ReturnType<typeof createHashLevels>;

  constructor(size: number, change = -1) {
    this.leaves = Array.from({ length: size }, (_, i) => makeLeaf(i === change ? size + i : i));
    this.#levels = createHashLevels(this.leaves);
    for (let at = BATCH; at <= size; at += BATCH) {
      const origin = `${NAME}/log/cases`;
      const text = encodeCheckpoint({ origin, size: at, root: computeRoot(this.#levels, at), extensions: [] });
      const signatures = [signNote(text, origin, log), cosignNote(text, 'north.test', cosigner, (1000 * at) / BATCH)];
      this.notes.set(at, { text, signatures });
    }
  }

  answer(path: string): Bytes | null {
    const run = /^at\/(\d+)-(\d+)$/.exec(path);
    if (path === 'checkpoint') return encodeNote(this.#note(this.leaves.length));
    if (path === 'at') return encodeSizes(this.notes.keys());
    if (run !== null) {
      const sizes = [...this.notes.keys()].filter((size) => Number(run[1]) <= size && size <= Number(run[2]));
      if (sizes.length > 32) return null;
      return encodeRun(sizes.map((size) => this.#note(size)));
    }
    const { level, index, width } = parseTilePath(path);
    const first = index * TILE_WIDTH;
    return level === null
      ? encodeBundle(this.leaves.slice(first, first + width))
      : joinBytes(...this.#levels(level, first, width));
  }

  #note(size: number): Note {
    const note = this.notes.get(size);
    if (note === undefined) throw new Error(`no checkpoint of ${size}`);
    return note;
  }
}

function makeLeaf(index: number): Bytes {
  return joinBytes(Uint8Array.of(1), computeSha256(encodeText(`leaf ${index}`)));
}

/** A client of `server`; `twist` changes what comes over the line. */
function open(server: Server, shelf: Shelf | null = null, twist = (_: string, body: Bytes) => body): CaseLeaves {
  const call = (address: string, init?: RequestInit) => {
    if (init?.signal?.aborted === true) return Promise.reject(new DOMException('stopped', 'AbortError'));
    const path = address.slice(`${BASE}log/cases/`.length);
    server.asked.push(path);
    const body = server.answer(path);
    const missing = () => new Response('{"code":"not-found"}', { status: 404 });
    return Promise.resolve(body === null ? missing() : new Response(twist(path, body)));
  };
  return new CaseLeaves(new Api(BASE, { fetch: call as typeof fetch }), trust, shelf);
}

function flip(body: Bytes, at: number): Bytes {
  return body.map((byte, i) => (i === at ? byte ^ 1 : byte));
}

async function catchCode(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof PlaintError) return error.code;
    throw error;
  }
  return 'nothing was refused';
}

const isBundle = (path: string) => path.startsWith('tile/entries/');
const SIZE = 256 * 30 + 128;

test('a copy from the leaf on that comes next has the one before it, and the checkpoint over that', async () => {
  const leaves = open(new Server(512));
  await leaves.update(512);
  const { first, size, kept } = await leaves.openCopy([]);
  expect([first, size, kept.at(-1)]).toEqual([256, 512, 512]);
});

/** Copies until half of the log is here, and stops. */
async function stopHalfway(leaves: CaseLeaves): Promise<void> {
  const stop = new AbortController();
  const seen: [number, number][] = [];
  const onProgress = (done: number, total: number) => {
    seen.push([done, total]);
    if (done >= SIZE / 2) stop.abort();
  };
  expect(await catchCode(leaves.update(0, { signal: stop.signal, onProgress }))).toBe('cancelled');
  expect(seen[0]).toEqual([0, SIZE]);
  expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).toSorted((a, b) => a - b));
}

test.each(['on the same page', 'after a reload'])('a copy that was stopped goes on from there, %s', async (when) => {
  const [server, shelf] = [new Server(SIZE), createMemoryShelf()];
  const leaves = open(server, shelf);
  await stopHalfway(leaves);
  const here = leaves.size;
  expect(here).toBeGreaterThanOrEqual(SIZE / 2);
  expect(here).toBeLessThan(SIZE);
  server.asked.length = 0;
  const other = when === 'after a reload' ? open(server, shelf) : leaves;
  await other.update();
  expect(server.asked.filter(isBundle)).toHaveLength(Math.ceil((SIZE - here) / 256));
  expect(other.find(makeLeaf(7_000))).toBe(7_000);
  expect(await other.computeDate(7_000)).toBe(1_000 * 110);
});

test('what was read whole is not read again, and neither are its dates', async () => {
  const [server, shelf] = [new Server(SIZE), createMemoryShelf()];
  const first = open(server, shelf);
  await first.update();
  expect(await first.computeDate(10)).toBe(1_000);
  server.asked.length = 0;
  const again = open(server, shelf);
  await again.update();
  expect(await again.computeDate(10)).toBe(1_000);
  expect(server.asked.filter((path) => path.startsWith('tile/entries/0') && !path.includes('.p/'))).toEqual([]);
  expect(server.asked.filter((path) => path.startsWith('at/'))).toEqual([]);
  expect(again.find(makeLeaf(SIZE - 1))).toBe(SIZE - 1);
});

test.each([
  ['leaves', (name: string) => name.endsWith('/0')],
  ['dates', (name: string) => name.includes('/at/')],
  ['the checkpoint', (name: string) => name.endsWith('/checkpoint')],
])('%s that were damaged on the device accuse nobody and are read again', async (_, isHit) => {
  const [server, kept] = [new Server(SIZE), createMemoryShelf()];
  const first = open(server, kept);
  await first.update();
  await first.computeDate(10);
  const damaged: Shelf = {
    ...kept,
    read: async (name) => {
      const data = await kept.read(name);
      return data !== null && isHit(name) ? flip(data, 130) : data;
    },
  };
  const again = open(server, damaged);
  await again.update();
  expect(again.find(makeLeaf(3))).toBe(3);
  expect(await again.computeDate(10)).toBe(1_000);
});

test('a log that was rewritten, or is shorter than what this device saw whole, is a fork', async () => {
  const shelf = createMemoryShelf();
  await open(new Server(SIZE), shelf).update();
  expect(await catchCode(open(new Server(SIZE + 512, 5), shelf).update())).toBe('log-fork');
  expect(await catchCode(open(new Server(SIZE - 512), shelf).update())).toBe('log-fork');
  expect(await catchCode(open(new Server(SIZE + 512), shelf).update())).toBe('nothing was refused');
});

test('what was stopped midway and does not fit is read anew', async () => {
  const shelf = createMemoryShelf();
  await stopHalfway(open(new Server(SIZE), shelf));
  const other = open(new Server(SIZE, 5), shelf);
  await other.update();
  expect(other.find(makeLeaf(5))).toBeNull();
  expect(other.size).toBe(SIZE);
});

test('a bundle that is not under the root is refused, and nothing of it stays', async () => {
  const server = new Server(SIZE);
  const leaves = open(server, null, (path, body) => (path === 'tile/entries/020' ? flip(body, 40) : body));
  expect(await catchCode(leaves.update())).toBe('log-fork');
  expect(leaves.size).toBe(256 * 20);
  expect(leaves.find(makeLeaf(256 * 20))).toBeNull();
});

test.each([5, 60])('a checkpoint of %i that was dated since the list was read disturbs nobody', async (count) => {
  const server = new Server(count * BATCH);
  const before = encodeSizes([...server.notes.keys()].filter((size) => size !== 3 * BATCH));
  const leaves = open(server, null, (path, body) => (path === 'at' ? before : body));
  await leaves.update();
  expect(await leaves.computeDate(2 * BATCH + 1)).toBe(4_000);
});

test('another run than the one asked for, or a false date in it, is refused when it is wanted', async () => {
  const server = new Server(SIZE);
  const isRun = (path: string) => path.startsWith('at/');
  const cut = open(server, null, (path, body) => (isRun(path) ? encodeRun([]) : body));
  await cut.update();
  expect(await catchCode(cut.computeDate(10))).toBe('run-form');
  const note = server.notes.get(BATCH);
  const signatures = (note?.signatures ?? []).map((one) => ({ ...one, signature: flip(one.signature, 20) }));
  server.notes.set(BATCH, { text: note?.text ?? new Uint8Array(0), signatures });
  const forged = open(server);
  await forged.update();
  expect(await catchCode(forged.computeDate(10))).toBe('note-known-key');
  expect(await forged.computeDate(BATCH)).toBe(2_000);
  const wanted = server.asked.filter(isRun);
  expect(new Set(wanted)).toEqual(new Set([`at/${BATCH}-${32 * BATCH}`]));
});
