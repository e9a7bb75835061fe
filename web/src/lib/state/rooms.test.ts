import { expect, test } from 'vitest';
import { type Access, type Roster, listStandingAccesses } from '../protocol/access.ts';
import type { Author } from '../protocol/authorship.ts';
import { encodeHex } from '../protocol/bytes.ts';
import type { Content } from '../protocol/content.ts';
import { listTold } from './cases.ts';
import {
  type OpenedEntry,
  type OpenedRoom,
  belongsTo,
  checkDropped,
  checkGrant,
  checkLifted,
  checkShut,
  checkTold,
  isMembersRoom,
} from './rooms.ts';

const [BEN, CAI, FAY, DOV] = [1, 2, 3, 4].map((first) => new Uint8Array(16).fill(first)) as [
  Uint8Array<ArrayBuffer>,
  Uint8Array<ArrayBuffer>,
  Uint8Array<ArrayBuffer>,
  Uint8Array<ArrayBuffer>,
];
const NOBODY = new Uint8Array(16).fill(99);
const MAIN = new Uint8Array(32).fill(8);
const INTERNAL = new Uint8Array(32).fill(9);

type Bytes16 = typeof BEN;
type Written = Pick<OpenedEntry, 'content' | 'author' | 'authorship'>;

const access = (granted: Bytes16[]): Access => ({ granted, conflicted: [], excluded: [] });
const by = (id: Bytes16): Author => ({ who: 'member', id, signature: new Uint8Array(64) });
const opened = (granted: Bytes16[], kind: 'open' | 'slots' = 'open'): Written => ({
  content: { kind, access: access(granted) } as Content,
  author: by(BEN),
  authorship: 'proved',
});

function tell(
  member: Bytes16,
  room = INTERNAL,
  authorship: OpenedEntry['authorship'] = 'proved',
  label = 'internal',
): Written {
  const notice = { what: 'access', room, label, member, name: 'Somebody' };
  return { content: { kind: 'entry', notice } as unknown as Content, author: by(BEN), authorship };
}

const member = (of: Bytes16, independent: boolean) => ({ id: of, independent, channel: !independent });
const ROSTER = {
  delivered: [member(BEN, false), member(CAI, false), member(FAY, false), member(DOV, true)],
  held: [member(DOV, true)],
} as unknown as Roster;

function makeRoom(id: typeof MAIN, label: 'reporter' | 'internal', entries: Written[]): OpenedRoom {
  return { id, manifest: { label, holder: null }, roster: ROSTER, entries } as unknown as OpenedRoom;
}

const codes = (main: Written[], internal: Written[]) =>
  checkTold(makeRoom(MAIN, 'reporter', main), makeRoom(INTERNAL, 'internal', internal)).map(
    ({ code, detail }) => `${code} ${detail}`,
  );

const untold = (id: Bytes16) => [`grant-untold ${encodeHex(id)}`];

test('who reads the report needs no notice, nor an independent whom a missed date lets in', () => {
  expect(codes([opened([BEN, CAI])], [opened([BEN, CAI, DOV])])).toEqual([]);
});

test('who was let into another room is told of by a notice', () => {
  const rooms = [opened([BEN, CAI]), opened([BEN, CAI, FAY], 'slots')];
  expect(codes([opened([BEN, CAI])], rooms)).toEqual(untold(FAY));
  expect(codes([opened([BEN, CAI]), tell(FAY)], rooms)).toEqual([]);
  expect(codes([opened([BEN, CAI])], [opened([BEN, CAI, FAY])])).toEqual(untold(FAY));
});

test('who is named as let in without a place in the slot set needs no notice: no key was given', () => {
  expect(codes([opened([BEN, CAI])], [opened([BEN, CAI]), opened([BEN, CAI, NOBODY], 'slots')])).toEqual([]);
});

test('a notice that nobody signed, or about another room or member, tells nothing', () => {
  const rooms = [opened([BEN, CAI, FAY])];
  expect(codes([opened([BEN, CAI]), tell(FAY, INTERNAL, 'unproved')], rooms)).toEqual(untold(FAY));
  expect(codes([opened([BEN, CAI]), tell(FAY, MAIN)], rooms)).toEqual(untold(FAY));
  expect(codes([opened([BEN, CAI]), tell(CAI)], rooms)).toEqual(untold(FAY));
});

test('members talk in a room below a case that a member opened, and that is not called the report', () => {
  const open = opened([BEN, CAI]);
  expect(isMembersRoom(makeRoom(INTERNAL, 'internal', [open]))).toBe(true);
  expect(isMembersRoom(makeRoom(INTERNAL, 'reporter', [open]))).toBe(false);
  expect(isMembersRoom(makeRoom(INTERNAL, 'internal', [{ ...open, authorship: 'unproved' }]))).toBe(false);
});

test('a room belongs to a case when somebody opened it who reads the report', () => {
  const report = makeRoom(MAIN, 'reporter', [opened([BEN, CAI])]);
  const main = { ...report, access: { granted: [BEN, CAI], conflicted: [FAY], excluded: [] }, keptOut: [FAY] };
  const openedBy = (id: Bytes16) => makeRoom(INTERNAL, 'internal', [{ ...opened([BEN, CAI, id]), author: by(id) }]);
  expect([BEN, DOV, FAY, NOBODY].map((id) => belongsTo(main, openedBy(id)))).toEqual([true, true, false, false]);
  const lifted = { ...main, access: { ...main.access, granted: [BEN, CAI, FAY], conflicted: [] } };
  expect(belongsTo(lifted, openedBy(FAY))).toBe(false);
  expect(belongsTo(main, makeRoom(INTERNAL, 'reporter', [opened([BEN])]))).toBe(false);
});

test('a room is told of under whatever name', () => {
  const told = (label: string, authorship?: OpenedEntry['authorship']) =>
    listTold(makeRoom(MAIN, 'reporter', [tell(FAY, INTERNAL, authorship, label)])).map((room) => room.label);
  expect([told('legal'), told('a cupboard')]).toEqual([['legal'], ['internal']]);
  expect([told('internal', 'former'), told('internal', 'unproved')]).toEqual([[], []]);
});

test('taking the key away again does not undo it', () => {
  const rooms = [opened([BEN, FAY]), opened([BEN], 'slots')];
  expect(codes([opened([BEN])], rooms)).toEqual(untold(FAY));
});

test('whoever is kept out later than by the report is named, and is not kept out', () => {
  const first: Access = { granted: [BEN, CAI], conflicted: [FAY], excluded: [] };
  const later: Access = { granted: [BEN], conflicted: [CAI, FAY, DOV], excluded: [] };
  const shut = (id: Bytes16) => ({ code: 'access-shut', detail: encodeHex(id) });
  expect(checkShut(first, [first])).toEqual([]);
  expect(checkShut(first, [later, first])).toEqual([shut(CAI), shut(DOV)]);
  const access = listStandingAccesses([first, later], ROSTER)[1] ?? later;
  expect(access).toEqual({ granted: [BEN, CAI], conflicted: [FAY], excluded: [] });
  const room = { ...makeRoom(MAIN, 'reporter', []), access, keptOut: first.conflicted };
  expect(() => checkGrant(room, DOV, { active: () => true })).not.toThrow();
  expect(() => checkGrant(room, FAY, { active: () => true })).toThrow('grant-conflict');
  expect(() => checkGrant(room, DOV, { active: (id) => id !== DOV })).toThrow('grant-left');
});

test('whoever was kept out and is let in all the same is named, and stands there as let in', () => {
  const first: Access = { granted: [BEN, CAI], conflicted: [FAY], excluded: [] };
  const later: Access = { granted: [BEN, FAY], conflicted: [], excluded: [] };
  expect(checkLifted(first, [later])).toEqual([{ code: 'access-lifted', detail: encodeHex(FAY) }]);
  expect(checkShut(first, [later])).toEqual([]);
  expect(listStandingAccesses([first, later], ROSTER)[1]).toEqual({ ...later, granted: [BEN, CAI, FAY] });
});

test('whoever was let in and is left off a later list is named, and stays let in', () => {
  const list = (...granted: Bytes16[]): Access => ({ granted, conflicted: [], excluded: [] });
  const [first, fewer, more] = [list(BEN, CAI), list(CAI), list(CAI, DOV)];
  expect(checkDropped([first, list(BEN, CAI, DOV)], ROSTER)).toEqual([]);
  expect(checkDropped([first, fewer, first], ROSTER)).toEqual([{ code: 'access-dropped', detail: encodeHex(BEN) }]);
  expect(checkDropped([first, list(BEN, CAI, NOBODY), first], ROSTER)).toEqual([]);
  const granted = listStandingAccesses([first, fewer, list(NOBODY), more], ROSTER).map((access) => access.granted);
  expect(granted).toEqual([
    [BEN, CAI],
    [BEN, CAI],
    [BEN, CAI],
    [BEN, CAI, DOV],
  ]);
});
