/** Runs work one after the other: an older answer must never arrive after a newer one, or it would look like a fork. */
export type Line = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createLine(): Line {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
