import { expect, test } from 'vitest';
import type { Bytes } from '../protocol/bytes.ts';
import type { DatedRoom } from './casework.ts';
import { catchCode } from '../protocol/errors.test-support.ts';
import { findWish } from './erasing.ts';
import { checkAsk } from './left_rooms.ts';
import type { OpenedEntry } from './rooms.ts';

const [BEN, CAI, FAY] = [1, 2, 3].map((first) => new Uint8Array(16).fill(first)) as [Bytes, Bytes, Bytes];

function makeRoom(granted: readonly Bytes[], label: string, entries: readonly unknown[] = []): DatedRoom {
  const room = { id: BEN, access: { granted }, keptOut: [], manifest: { label }, entries };
  return { room, facts: entries.map(() => ({ loggedAt: 1 })) } as unknown as DatedRoom;
}

function wish(id: Bytes, authorship: OpenedEntry['authorship'] = 'proved'): unknown {
  const content = { kind: 'erase', ground: 'irrelevant', confirms: null, text: null };
  const author = { who: 'member', id, signature: new Uint8Array(64) };
  return { header: { kind: 'erase', seq: 0 }, hash: BEN, content, author, authorship };
}

const code = (label: string, entry: unknown) =>
  catchCode(() => Promise.resolve().then(() => findWish([], makeRoom([BEN, CAI], label, [entry]))));

test('nobody agrees to a signature of somebody who was never let in', async () => {
  expect(findWish([], makeRoom([BEN, CAI], 'internal', [wish(CAI)]))?.member).toBe(CAI);
  for (const authorship of ['unadmitted', 'former', 'unproved'] as const) {
    expect(await code('internal', wish(CAI, authorship))).toBe('erase-doubtful');
  }
});

test('readers who have left are nobody who could sign the second time', () => {
  const active = (...ids: Bytes[]) => ({ active: (id: Bytes) => ids.includes(id) });
  const room = makeRoom([BEN, CAI], 'internal');
  expect(() => checkAsk(room, BEN, active(BEN, CAI))).not.toThrow();
  expect(() => checkAsk(room, BEN, active(BEN, FAY))).toThrow('erase-alone');
  expect(() => checkAsk(makeRoom([BEN], 'internal'), BEN, active(BEN, CAI))).toThrow('erase-alone');
});
