import { expect, test } from 'vitest';
import { encodeHex, readHex } from '../protocol/bytes.ts';
import { parseContent } from '../protocol/content.ts';
import { type Json, encodeJson } from '../protocol/json.ts';
import { parsePack } from '../protocol/packs.ts';
import { runPython } from '../protocol/python.test-support.ts';
import { loadVectors } from '../protocol/vectors.test-support.ts';
import { type CaseState, type Closing, foldCase } from './docket.ts';
import type { DatedEntry } from './entries.ts';
import { type Handling, foldHandling } from './handling.ts';

interface EntryCase extends Pick<DatedEntry, 'label' | 'seq' | 'kind' | 'proved'> {
  room: string;
  hash: string;
  author: string | null;
  logged_at: number | null;
  content: Json;
  until?: DatedEntry['until'];
}

interface Case {
  operation: string;
  input: {
    pack: Json;
    begin: number;
    entries: EntryCase[];
    now: number;
    grace_s: number;
    independents: string[];
  };
  expect: unknown;
}

test.each(loadVectors<Case>('case'))('case %s', (_name, { operation, input, expect: wanted }) => {
  if (operation === 'handling') {
    const found = foldHandling(input.entries.map(read), new Set(input.independents));
    expect({ handling: found.map(showHandling) }).toEqual(wanted);
    return;
  }
  expect(operation).toBe('fold');
  const { pack, begin, now, grace_s: graceS } = input;
  const facts = { pack: parsePack(pack), begin, now, graceS };
  expect(show(foldCase(input.entries.map(read), facts))).toEqual(wanted);
});

interface RandomCase extends Pick<Case, 'input'> {
  readonly fold: unknown;
  readonly handling: unknown;
}

/** What Python and we make of cases that nobody thought of: always the same ones. */
test('random cases are what Python makes of them', { timeout: 240_000 }, () => {
  const cases = runPython<RandomCase>('random_cases', 600);
  for (const { input, fold, handling } of cases) {
    const facts = { pack: parsePack(input.pack), begin: input.begin, now: input.now, graceS: input.grace_s };
    expect(show(foldCase(input.entries.map(read), facts))).toEqual(fold);
    const found = foldHandling(input.entries.map(read), new Set(input.independents));
    expect({ handling: found.map(showHandling) }).toEqual(handling);
  }
});

function read({
  room,
  label,
  seq,
  kind,
  hash,
  author,
  proved,
  logged_at: loggedAt,
  content,
  until,
}: EntryCase): DatedEntry {
  return {
    room: readHex(room),
    label,
    seq,
    kind,
    hash: readHex(hash),
    author: author === null || author === 'holder' ? author : readHex(author),
    proved,
    loggedAt,
    content: content === null ? null : parseContent(kind, encodeJson(content)),
    until: until ?? null,
  };
}

function showHandling({ room, by, at, status, closing }: Handling): unknown {
  return { room: encodeHex(room), by: encodeHex(by), at, status, closing: closing && showClosing(closing) };
}

function showClosing({ hash, first, reason, second }: Closing): unknown {
  return { hash: encodeHex(hash), first: encodeHex(first), reason, second: second && encodeHex(second) };
}

function show({ status, obligations, closing, erasing, grants, participants, unproved, ...more }: CaseState): unknown {
  return {
    status,
    obligations: obligations.map(({ metAt, ...rest }) => ({ ...rest, met_at: metAt })),
    closing: closing && showClosing(closing),
    erasing: erasing && { ...erasing, hash: encodeHex(erasing.hash), first: encodeHex(erasing.first) },
    grants: grants.map(({ room, label, member, since, told }) => ({
      room: encodeHex(room),
      label,
      member: encodeHex(member),
      since,
      told,
    })),
    participants: participants.map((who) => (who === 'holder' ? who : encodeHex(who))),
    unproved: unproved.map(({ room, seq }) => ({ room: encodeHex(room), seq })),
    holds: more.holds.map(({ hash, room, member, liftedAt, ...rest }) => ({
      ...rest,
      hash: encodeHex(hash),
      room: encodeHex(room),
      member: encodeHex(member),
      lifted_at: liftedAt,
    })),
    claims: more.claims.map(({ author, ...rest }) => ({
      ...rest,
      author: author === 'holder' ? author : encodeHex(author),
    })),
    risk: more.risk && { ...more.risk, member: encodeHex(more.risk.member) },
  };
}
