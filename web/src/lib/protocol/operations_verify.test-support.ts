/** What the vectors of verify say that a receipt proves. */
import { encodeText, readHex } from './bytes.ts';
import { parseNote } from './note.ts';
import { type Operation, type Value, n, s } from './operations_keys.test-support.ts';
import type { Leaves } from './scan.ts';
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

export const VERIFY: Record<string, Operation> = {
  verify_judge(value) {
    const verdict = judgeReceipt(encodeText(s(value, 'receipt')), {
      trust: parseTrust(encodeText(s(value, 'trust'))),
      now: n(value, 'now'),
      leaves: 'leaves' in value ? readLeaves(value) : undefined,
      later: ((value['later'] as string[] | undefined) ?? []).map(encodeText),
    });
    return { ...verdict, exit: computeExitCode(verdict) };
  },
};
