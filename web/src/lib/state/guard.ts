/** What stands before everything that uses keys, and what keeps readings in their order. */
import { RefusedError } from '../protocol/errors.ts';

export const RECEIPT_NAME = 'receipt.txt';

/** Once locked, every call is refused with "locked". */
export interface Guard {
  readonly check: <Result>(use: () => Result) => Result;
  readonly run: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly lock: () => void;
  readonly locked: () => boolean;
}

export function createGuard(forget: () => void = () => undefined): Guard {
  let locked = false;
  const check = <Result>(use: () => Result): Result => {
    if (locked) throw new RefusedError('locked');
    return use();
  };
  return {
    check,
    run: async (work) => check(work),
    lock: () => {
      locked = true;
      forget();
    },
    locked: () => locked,
  };
}
