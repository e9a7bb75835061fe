import { expect, test } from 'vitest';
import type { DueView, QueueItem } from '../lib/state/types.ts';
import { escalatedNames } from './names.ts';
import { listHandled, listOverdue } from './overdue.ts';

const DAY = 86_400;
const NOW = 1_800_000_000;

function due(kind: DueView['kind'], days: number, state: DueView['state']): DueView {
  return { kind, at: NOW + days * DAY, state, doneAt: null, duty: null };
}

function item(id: string, dues: readonly DueView[], more: Partial<QueueItem> = {}): QueueItem {
  return {
    id,
    handle: id,
    mode: 'read',
    channel: null,
    status: 'received',
    excerpt: '',
    due: dues,
    next: null,
    openedAt: null,
    last: null,
    entries: 1,
    unread: 0,
    risk: null,
    handling: null,
    mayHandle: false,
    alarms: [],
    ...more,
  };
}

test('the board shows the gravest first, then the longest late, then what falls due within a day', () => {
  const unreleased = { code: 'unreleased', detail: '', room: 'reporter' } as const;
  const items = [
    item('new', [due('acknowledge', -1, 'missed')]),
    item('old', [due('acknowledge', -9, 'missed'), due('feedback', 80, 'open')]),
    item('kept', [due('acknowledge', -0.1, 'unreleased')], { mode: 'watch', alarms: [unreleased] }),
    item('soon', [due('feedback', 0.5, 'open')]),
    item('passed', [due('feedback', -0.01, 'open')]), // by this device's clock, before the next reading says so
    item('done', [due('acknowledge', -3, 'late'), due('contact', -3, 'lapsed'), due('inquiry', -1, 'met')]),
    item('far', [due('feedback', 1.01, 'open')]),
  ];
  const { late, soon } = listOverdue(items, NOW);
  expect(late.map((row) => `${row.item.id} ${row.due.kind}`)).toEqual([
    'kept acknowledge',
    'old acknowledge',
    'new acknowledge',
    'passed feedback',
  ]);
  expect(soon.map((row) => row.item.id)).toEqual(['soon']);
});

test('rooms about missed dates that wait for a signature come first', () => {
  const room = (status: 'open' | 'closing' | 'closed'): Partial<QueueItem> => ({
    handling: { by: 'Dov Invented', at: NOW, status, closing: null, mayClose: true, mayConfirm: false },
  });
  const items = [item('closed', [], room('closed')), item('none', []), item('open', [], room('open'))];
  expect(listHandled([...items, item('closing', [], room('closing'))]).map(({ id }) => id)).toEqual([
    'closing',
    'open',
    'closed',
  ]);
});

test('no date is said to be with independents who can know nothing of it', () => {
  const up = (kind: DueView['kind'], escalated: 'independent' | 'outside'): DueView => {
    const facts = {
      source: '',
      checkedOn: null,
      count: 30,
      unit: 'days',
      from: 'receipt',
      start: NOW,
      begun: true,
    } as const;
    const more = { kind, extend: null, met: [], by: 'organisation', extension: null, most: null } as const;
    return { ...due(kind, -20, 'missed'), duty: { ...facts, ...more, escalated } };
  };
  const untold =
    'For the independent members. This date lets nobody in: somebody who can read the case has to let them in.';
  expect(escalatedNames(up('inquiry', 'independent'), false)).toEqual([untold]);
  expect(escalatedNames(up('inquiry', 'outside'), false)).toEqual([untold, 'The way outside is open']);
  expect(escalatedNames(up('inquiry', 'independent'), true)).toEqual(['Now with the independent members']);
  expect(escalatedNames(up('feedback', 'independent'), false)).toEqual(['Now with the independent members']);
  expect(escalatedNames(due('inquiry', -20, 'missed'), false)).toEqual([]);
});
