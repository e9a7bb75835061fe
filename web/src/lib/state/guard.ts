import { RefusedError } from '../protocol/errors.ts';

export const RECEIPT_NAME = 'receipt.txt';

/** Stands before everything that uses keys: once locked, every call is refused, and calls run one after the other. */
export interface Guard {
  readonly check: <Result>(use: () => Result) => Result;
  readonly run: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly lock: () => void;
  readonly locked: () => boolean;
}

export function createGuard(forget: () => void = () => undefined): Guard {
  let locked = false;
  let last: Promise<unknown> = Promise.resolve();
  const check = <Result>(use: () => Result): Result => {
    if (locked) throw new RefusedError('locked');
    return use();
  };
  return {
    check,
    run: (work) => {
      const next = last.catch(() => undefined).then(() => check(work));
      last = next.catch(() => undefined);
      return next;
    },
    lock: () => {
      locked = true;
      forget();
    },
    locked: () => locked,
  };
}
