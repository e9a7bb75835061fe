import { describe, expect, test } from 'vitest';
import type { DueView, QueueItem } from '../lib/state/types.ts';
import { groupByClock, groupOf, isHandedUp, isQuiet, matches, usedPercent } from './queue.ts';

const DAY = 86_400;
const NOW = 1_800_000_000;

function dueIn(days: number, state: DueView['state'] = 'open'): DueView {
  return { kind: 'acknowledge', at: NOW + days * DAY, state, doneAt: null, duty: null };
}

function item(id: string, next: DueView | null, status: QueueItem['status'] = 'received'): QueueItem {
  return {
    id,
    handle: id,
    mode: 'read',
    channel: null,
    status,
    excerpt: '',
    due: next === null ? [] : [next],
    next,
    openedAt: NOW - 2 * DAY,
    last: null,
    entries: 1,
    unread: 0,
    risk: null,
    handling: null,
    mayHandle: false,
    alarms: [],
  };
}

describe('the queue by the clock', () => {
  test.each([
    ['missed', dueIn(-1, 'missed')],
    ['missed', dueIn(3, 'withheld')],
    ['missed', dueIn(-1)], // past by this device's clock, before the next reading says so
    ['today', { ...dueIn(0), at: new Date(NOW * 1000).setHours(23, 59, 59, 0) / 1000 }],
    ['week', { ...dueIn(0), at: new Date(NOW * 1000).setHours(24, 0, 1, 0) / 1000 }],
    ['week', dueIn(7)],
    ['later', dueIn(7.01)],
    ['none', null],
  ] as const)('puts it under %s', (group, next) => {
    expect(groupOf(item('a', next), NOW)).toBe(group);
  });

  test('a closed case with a missed date stays under missed', () => {
    expect(groupOf(item('a', dueIn(-1, 'missed'), 'closed'), NOW)).toBe('missed');
    expect(groupOf(item('a', null, 'closed'), NOW)).toBe('closed');
  });

  test('says to a case manager alone what is theirs to take up', () => {
    const up = (escalated: 'case-manager' | 'outside' | null) => {
      return { ...item('a', null), due: [{ ...dueIn(-1, 'missed'), duty: { escalated } as DueView['duty'] }] };
    };
    expect(isHandedUp(up('case-manager'), ['investigator', 'case-manager'])).toBe(true);
    expect(isHandedUp(up('case-manager'), ['investigator'])).toBe(false);
    expect(isHandedUp(up('outside'), ['case-manager'])).toBe(true);
    expect(isHandedUp(up(null), ['case-manager'])).toBe(false);
  });

  test('shows what went worst first among those with the same clock', () => {
    const up = { ...dueIn(-1, 'missed'), duty: { escalated: 'outside' } as DueView['duty'] };
    const one = { ...item('one', dueIn(-3, 'missed')), due: [dueIn(-3, 'missed')] };
    const two = { ...item('two', dueIn(-1, 'missed')), due: [dueIn(-1, 'missed'), dueIn(-1, 'missed')] };
    const outside = { ...item('outside', dueIn(-1, 'missed')), due: [up] };
    const alarm = {
      ...item('alarm', dueIn(-1, 'missed')),
      alarms: [{ code: 'state-fork', detail: '', room: 'reporter' as const }],
    };
    const [group] = groupByClock([one, outside, two, alarm], NOW);
    expect(group?.items.map(({ id }) => id)).toEqual(['alarm', 'two', 'outside', 'one']);
  });

  test('puts the greater risk first inside one clock, what nobody assessed with what is medium, and the clock before all', () => {
    const at = (risk: QueueItem['risk'], hours: number) => ({ ...item(`${risk}`, dueIn(hours)), risk });
    const missed = { ...dueIn(-1, 'missed'), kind: 'feedback' } as const;
    const worse = { ...item('worse', missed), due: [missed], risk: 'severe' as const };
    const late = { ...item('late', missed), due: [missed, missed], risk: 'low' as const };
    const groups = groupByClock(
      [late, at('low', 50), at('medium', 65), at(null, 60), at('high', 70), at('severe', 80), worse],
      NOW,
    );
    expect(groups.map(({ items }) => items.map(({ id }) => id))).toEqual([
      ['worse', 'late'],
      ['severe', 'high', 'null', 'medium', 'low'],
    ]);
  });

  test('shows the nearest date first, what waits for a second member next, and no empty group', () => {
    const items = [
      item('none', null),
      item('far', dueIn(80)),
      item('late', dueIn(-2, 'missed')),
      item('near', dueIn(8)),
      item('sign', null, 'closing'),
    ];
    const groups = groupByClock(items, NOW).map(({ group, items: rows }) => [group, ...rows.map(({ id }) => id)]);
    expect(groups).toEqual([
      ['missed', 'late'],
      ['later', 'near', 'far'],
      ['none', 'sign', 'none'],
    ]);
  });

  test('says how much of the term is used, between nothing and all', () => {
    expect(usedPercent(item('a', dueIn(2)), NOW)).toBe(50);
    expect(usedPercent(item('a', dueIn(-1, 'missed')), NOW)).toBe(100);
    expect(usedPercent(item('a', null), NOW)).toBeNull();
    expect(usedPercent({ ...item('a', dueIn(2)), openedAt: null }, NOW)).toBeNull();
  });
});

describe('the search', () => {
  test('finds words without their accents, in any order and any case', () => {
    expect(matches(['Überstunden im Lager', 'QF7M'], 'lager uberstunden')).toBe(true);
    expect(matches(['团队聊天里有人发了一张照片'], '照片')).toBe(true);
    expect(matches(['Überstunden im Lager', 'QF7M'], 'lager dienst')).toBe(false);
  });
});

test('a hold that nobody looked at again is overdue, and weighs less than a missed date', () => {
  const review = { ...dueIn(-9, 'missed'), kind: 'review' } as const;
  const [held, late] = [{ ...item('held', dueIn(1)), due: [review], next: review }, item('late', dueIn(-1, 'missed'))];
  expect(groupOf(held, NOW)).toBe('missed');
  expect(groupByClock([held, late], NOW)[0]?.items.map(({ id }) => id)).toEqual(['late', 'held']);
});

test('what is only watched is folded unless a date of it was missed or something does not check', () => {
  const watched = (next: DueView | null): QueueItem => ({ ...item('a', next), mode: 'watch' });
  const alarm = { code: 'unreleased', detail: '', room: 'reporter' } as const;
  expect(isQuiet(watched(dueIn(3)), NOW)).toBe(true);
  expect(isQuiet(watched(null), NOW)).toBe(true);
  expect(isQuiet(item('a', dueIn(3)), NOW)).toBe(false);
  expect(isQuiet(watched(dueIn(-1)), NOW)).toBe(false);
  expect(isQuiet(watched(dueIn(-1, 'unreleased')), NOW)).toBe(false);
  expect(isQuiet({ ...watched(dueIn(3)), alarms: [alarm] }, NOW)).toBe(false);
});
