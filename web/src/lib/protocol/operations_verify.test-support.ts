/** What the vectors of verify and excerpt say that a receipt proves, and with which leaves. */
import { encodeBase64 } from './base64.ts';
import { type Bytes, encodeHex, encodeText, equalBytes, joinBytes, readHex } from './bytes.ts';
import { encodeCounter, parseCounter } from './counter.ts';
import { computeErasureExit, encodeCertificate, judgeCertificate, parseCertificate } from './erasure.ts';
import { cutExcerpt, encodeExcerpt, openExcerpt, parseExcerpt } from './excerpt.ts';
import { computeMissedExit, judgeMissed } from './missed.ts';
import { parseNote } from './note.ts';
import { type Operation, type Value, decode, expectSame, n, s, text } from './operations_keys.test-support.ts';
import { parseReceipt } from './receipt.ts';
import { encodeHeader } from './room.ts';
import type { Leaves } from './scan.ts';
import type { DirectoryCopy } from './signers.ts';
import { parseTrust } from './trust.ts';
import { computeExitCode, judgeReceipt } from './verify.ts';

function readExcerpt(value: Value): Bytes {
  const data = Uint8Array.from(atob(s(value, 'excerpt')), (character) => character.charCodeAt(0));
  return joinBytes(data, new Uint8Array((value['zeros'] as number | undefined) ?? 0));
}

function readLeaves(value: Value): Leaves | undefined {
  if ('excerpt' in value) return openExcerpt(parseExcerpt(readExcerpt(value)));
  if (!value['leaves']) return undefined;
  const leaves = (value['leaves'] as string[]).map(readHex);
  const kept = value['kept'] as Record<string, string>;
  return {
    size: leaves.length,
    readLeaf: (index) => leaves[index] ?? new Uint8Array(0),
    kept: Object.keys(kept)
      .map(Number)
      .sort((a, b) => a - b),
    readKept: (size) => parseNote(encodeText(kept[String(size)] ?? '')),
  };
}

function readDirectory(value: { entries: string[]; checkpoints: string[] }): DirectoryCopy {
  const checkpoints = value.checkpoints.map((note) => parseNote(encodeText(note)));
  return { entries: value.entries.map(encodeText), checkpoints };
}

export const VERIFY: Record<string, Operation> = {
  erasure_judge(value) {
    const data = encodeText(s(value, 'certificate'));
    const found = judgeCertificate(data, {
      trust: parseTrust(encodeText(s(value, 'trust'))),
      now: n(value, 'now'),
      directory:
        'directory' in value ? readDirectory(value['directory'] as Parameters<typeof readDirectory>[0]) : undefined,
    });
    if (found.room) expectSame(encodeCertificate(parseCertificate(data)), data);
    const { room, members } = found;
    return { ...found, room: text(room), members: members.map(encodeHex), exit: computeErasureExit(found) };
  },
  missed_judge(value) {
    const verdict = judgeMissed(encodeText(s(value, 'text')), {
      trust: parseTrust(encodeText(s(value, 'trust'))),
      now: n(value, 'now'),
      leaves: readLeaves(value),
      directory:
        'directory' in value ? readDirectory(value['directory'] as Parameters<typeof readDirectory>[0]) : undefined,
    });
    return { ...verdict, exit: computeMissedExit(verdict) };
  },
  excerpt_parse(value) {
    const excerpt = parseExcerpt(readExcerpt(value));
    const { first = 0, before = [], size, kept, readLeaf } = openExcerpt(excerpt);
    if (!equalBytes(encodeExcerpt(excerpt), readExcerpt(value))) throw new Error('another spelling');
    return { first, before: before.map(encodeHex), size, kept, last_leaf: encodeHex(readLeaf(size - 1)) };
  },
  excerpt_cut(value) {
    const leaves = readLeaves(value);
    if (leaves === undefined) throw new Error('no leaves');
    const trust = parseTrust(encodeText(s(value, 'trust')));
    const excerpt = cutExcerpt(leaves, parseReceipt(encodeText(s(value, 'receipt'))), trust, n(value, 'now'));
    return { excerpt: encodeBase64(encodeExcerpt(excerpt)) };
  },
  verify_judge(value) {
    const verdict = judgeReceipt(encodeText(s(value, 'receipt')), {
      trust: parseTrust(encodeText(s(value, 'trust'))),
      now: n(value, 'now'),
      leaves: readLeaves(value),
      later: ((value['later'] as string[] | undefined) ?? []).map(encodeText),
      counters: ((value['counters'] as string[] | undefined) ?? []).map(encodeText),
      directory:
        'directory' in value ? readDirectory(value['directory'] as Parameters<typeof readDirectory>[0]) : undefined,
    });
    return { ...verdict, exit: computeExitCode(verdict) };
  },
  counter_parse(value) {
    const data = encodeText(s(value, 'text'));
    const counter = parseCounter(data);
    expectSame(encodeCounter(counter), data);
    return {
      header: decode(encodeHeader(counter.header)),
      opening: encodeHex(counter.opening),
      member: text(counter.signed?.member ?? null),
      content: text(counter.signed?.content ?? null),
      sig: text(counter.signed?.signature ?? null),
      close: text(counter.confirms?.close ?? null),
      secret: text(counter.reveal?.secret ?? null),
      proof: decode(counter.proof),
    };
  },
};
