/** What the vectors of bodies, state notes, receipts, writes, work and sessions say that Plaint does: JSON in, JSON out. */
import { AgreementKey } from './agreement.ts';
import {
  type Author,
  type KeysById,
  computeTagKey,
  createHolderReader,
  createHolderWriter,
  createMemberReader,
  createMemberWriter,
} from './authorship.ts';
import { type Body, encodeBody, encodeBodyMessage, openBody, parseBody, sealBody } from './body.ts';
import { encodeHex, encodeText, readHex } from './bytes.ts';
import { computeSha256 } from './hashes.ts';
import { type Missed, encodeMissed, parseMissed, signMissed } from './missed.ts';
import { parseVkey } from './note.ts';
import { type Operation, type Value, decode, expectSame, h, n, s, text } from './operations_keys.test-support.ts';
import { encodeReceipt, parseReceipt } from './receipt.ts';
import { type Duty, encodeHeader, parseHeader } from './room.ts';
import { encodeSessionMessage, signSession, verifySession } from './session.ts';
import { SigningKey } from './signing.ts';
import {
  type State,
  checkClock,
  checkDues,
  encodeState,
  openState,
  parseState,
  signState,
  verifyHeaders,
} from './state.ts';
import { solveWork, verifyWork } from './work.ts';
import { encodeRoomAnswer, encodeWrite, parseRoomAnswer, parseWrite } from './write.ts';

const readKeys = (value: unknown): KeysById =>
  new Map(Object.entries(value as Record<string, string>).map(([id, key]) => [id, readHex(key)]));

function readAuthor(value: Value): Author {
  if ('sig' in value) return { who: 'member', id: h(value, 'id'), signature: h(value, 'sig') };
  return { who: 'holder', tags: readKeys(value['tags']) };
}

function showAuthor(author: Author): Value {
  if (author.who === 'member') return { id: encodeHex(author.id), sig: encodeHex(author.signature) };
  return { tags: Object.fromEntries([...author.tags].map(([id, tag]) => [id, encodeHex(tag)])) };
}

function showBody(body: Body): Value {
  const { author, bind, opening, salt } = body.proof;
  return {
    content: decode(body.content),
    author: showAuthor(author),
    bind: decode(bind),
    opening: encodeHex(opening),
    salt: encodeHex(salt),
    message: decode(encodeBodyMessage(body)),
  };
}

function showState(state: State): Value {
  return {
    log: state.log,
    org: encodeHex(state.org),
    room: encodeHex(state.room),
    at: state.at,
    entries: state.entries,
    head: encodeHex(state.head),
    size: state.size,
    leaves: state.leaves.map(({ leaf, includeBy }) => ({ leaf: encodeHex(leaf), include_by: includeBy })),
    dues: state.dues.map(({ kind, at, hash }) => ({ kind, at, hash: encodeHex(hash) })),
  };
}

const facts = (value: Value) => ({ org: h(value, 'org'), tick: n(value, 'tick'), subject: h(value, 'subject') });
const session = (value: Value) => ({
  org: h(value, 'org'),
  member: h(value, 'member'),
  challenge: h(value, 'challenge'),
});

export const TALK: Record<string, Operation> = {
  body_seal(value) {
    const writer =
      'sign_seed' in value
        ? createMemberWriter(h(value, 'id'), new SigningKey(h(value, 'sign_seed')))
        : createHolderWriter(new AgreementKey(h(value, 'author_secret')), readKeys(value['members']));
    const random = {
      opening: h(value, 'opening'),
      salt: h(value, 'salt'),
      esk: h(value, 'esk'),
      fileKey: h(value, 'file_key'),
      nonce: h(value, 'nonce'),
    };
    const content = encodeText(s(value, 'content').repeat((value['times'] as number | undefined) ?? 1));
    const header = parseHeader(encodeText(s(value, 'header')));
    const sealed = sealBody(h(value, 'recipient'), header, content, writer, random);
    if (sealed.length > 8_192) return { size: sealed.length, sha256: encodeHex(computeSha256(sealed)) };
    return { size: sealed.length, sealed: encodeHex(sealed) };
  },
  body_open(value) {
    const identity = new AgreementKey(h(value, 'identity'));
    return showBody(openBody(identity, parseHeader(encodeText(s(value, 'header'))), h(value, 'sealed')));
  },
  body_parse(value) {
    const body = parseBody(h(value, 'plaintext'));
    expectSame(encodeBody(body), h(value, 'plaintext'));
    return showBody(body);
  },
  body_judge(value) {
    const [author, key] = [readAuthor(value['author'] as Value), new AgreementKey(h(value, 'author_secret'))];
    const signers = new Map([...readKeys(value['signers'])].map(([id, key]) => [id, [key]] as const));
    const holder = value['holder'] ? h(value, 'holder') : null;
    const reader =
      'reader' in value
        ? createMemberReader({
            id: h(value, 'reader'),
            author: key,
            holder,
            signers,
            grantedSeq: n(value, 'granted_seq'),
          })
        : createHolderReader(key, readKeys(value['members']), signers);
    return { authorship: reader(author, encodeText(s(value, 'message')), n(value, 'seq')) };
  },
  body_tag_key(value) {
    const key = new AgreementKey(h(value, 'secret'));
    return { key: encodeHex(computeTagKey(key, h(value, 'public'), value['as_holder'] as boolean)) };
  },
  state_parse(value) {
    const data = encodeText(s(value, 'text'));
    const state = parseState(data);
    expectSame(encodeState(state), data);
    return showState(state);
  },
  state_sign(value) {
    const state = parseState(encodeText(s(value, 'text')));
    return { note: decode(signState(state, new SigningKey(h(value, 'seed')), s(value, 'name'))) };
  },
  state_open(value) {
    return showState(openState(encodeText(s(value, 'note')), parseVkey(s(value, 'vkey'))));
  },
  state_check(value) {
    const state = parseState(encodeText(s(value, 'text')));
    checkClock(state, n(value, 'now'));
    const expected = (value['expected'] as Value[]).map((due) => ({
      kind: s(due, 'kind') as Duty,
      at: n(due, 'at'),
      hash: h(due, 'hash'),
    }));
    checkDues(state, expected, value['met'] as string[]);
    const headers = (value['headers'] as string[]).map((item) => parseHeader(encodeText(item)));
    verifyHeaders(state, headers, n(value, 'start'), h(value, 'prev'));
    return {};
  },
  receipt_parse(value) {
    const data = encodeText(s(value, 'text'));
    const receipt = parseReceipt(data);
    expectSame(encodeReceipt(receipt), data);
    return {
      header: decode(encodeHeader(receipt.header)),
      opening: encodeHex(receipt.opening),
      note: decode(receipt.note),
      proof: receipt.proof && decode(receipt.proof),
    };
  },
  missed_parse(value) {
    const { missed, note } = parseMissed(encodeText(s(value, 'text')));
    expectSame(encodeMissed(missed), note.text);
    return {
      org: encodeHex(missed.org),
      member: encodeHex(missed.member),
      pack: encodeHex(missed.pack),
      kind: missed.kind,
      opened: missed.opened,
      open: encodeHex(missed.open),
      token: encodeHex(missed.token),
      due: missed.due,
      cells: missed.cells,
      checkpoint: decode(missed.checkpoint),
    };
  },
  missed_sign(value) {
    const said = value['missed'] as Value;
    const missed: Missed = {
      org: h(said, 'org'),
      member: h(said, 'member'),
      pack: h(said, 'pack'),
      kind: s(said, 'kind') as Duty,
      opened: n(said, 'opened'),
      open: h(said, 'open'),
      token: h(said, 'token'),
      due: n(said, 'due'),
      cells: n(said, 'cells'),
      checkpoint: encodeText(s(said, 'checkpoint')),
    };
    return { text: decode(signMissed(missed, new SigningKey(h(value, 'seed')))) };
  },
  work_solve(value) {
    return { nonce: solveWork(facts(value), n(value, 'bits')).nonce };
  },
  work_verify(value) {
    const work = { tick: n(value, 'tick'), nonce: n(value, 'nonce') };
    verifyWork(work, h(value, 'org'), h(value, 'subject'), n(value, 'bits'));
    return {};
  },
  session_sign(value) {
    const sig = signSession(new SigningKey(h(value, 'seed')), session(value));
    return { message: decode(encodeSessionMessage(session(value))), sig: encodeHex(sig) };
  },
  session_verify(value) {
    verifySession(h(value, 'sig'), h(value, 'public'), session(value));
    return {};
  },
  write_parse(value) {
    const data = h(value, 'write');
    const write = parseWrite(data);
    expectSame(encodeWrite(write), data);
    const opening = write.opening && {
      channel: write.opening.channel,
      pack: encodeHex(write.opening.pack),
      roster: write.opening.roster,
      locator_hash: text(write.opening.locatorHash),
      cap_hash: encodeHex(write.opening.capHash),
      tally: encodeHex(write.opening.tally),
      unique: text(write.opening.unique),
      work: write.opening.work,
    };
    return {
      header: decode(encodeHeader(write.header)),
      body: encodeHex(write.body),
      slots: encodeHex(write.slots),
      leaves: write.leaves.map(encodeHex),
      blobs: write.blobs.map(encodeHex),
      opening,
    };
  },
  write_answer(value) {
    const data = h(value, 'answer');
    const answer = parseRoomAnswer(data);
    expectSame(encodeRoomAnswer(answer), data);
    const entries = answer.entries.map(({ header, body }): { header: string; body: string } => ({
      header: decode(encodeHeader(header)),
      body: encodeHex(body),
    }));
    const [opening, note] = [decode(answer.opening), decode(answer.note)];
    return { entries, slots: encodeHex(answer.slots), slots_seq: answer.slotsSeq, opening, note };
  },
};
