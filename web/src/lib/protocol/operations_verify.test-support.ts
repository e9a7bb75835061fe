/** What the vectors of verify say that a receipt proves. */
import { encodeHex, encodeText, readHex } from './bytes.ts';
import { encodeCounter, parseCounter } from './counter.ts';
import { parseNote } from './note.ts';
import { type Operation, type Value, decode, expectSame, n, s, text } from './operations_keys.test-support.ts';
import { encodeHeader } from './room.ts';
import type { Leaves } from './scan.ts';
import type { DirectoryCopy } from './signers.ts';
import { parseTrust } from './trust.ts';
import { computeExitCode, judgeReceipt } from './verify.ts';

function readLeaves(value: Value): Leaves {
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
  verify_judge(value) {
    const verdict = judgeReceipt(encodeText(s(value, 'receipt')), {
      trust: parseTrust(encodeText(s(value, 'trust'))),
      now: n(value, 'now'),
      leaves: 'leaves' in value ? readLeaves(value) : undefined,
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
