/** The engine that works in a worker. */
import type { Engine } from '../../api/engine.ts';
import { checkCancelled } from '../../api/http.ts';
import {
  ConflictError,
  type Family,
  MalformedError,
  type PlaintError,
  RefusedError,
  UnavailableError,
  VerificationError,
} from '../../protocol/errors.ts';
import { startWorker } from '../worker.ts';
import workerUrl from './crypto.worker.ts?worker&url';
import type { Answered, Answers, Question } from './protocol.ts';

const TRIES = 50_000;

interface Waiting {
  readonly resolve: (value: Answers[keyof Answers]) => void;
  readonly reject: (error: Error) => void;
}

export function createWorkerEngine(): Engine {
  const worker = startWorker(workerUrl);
  const waiting = new Map<number, Waiting>();
  let count = 0;

  worker.addEventListener('message', ({ data }: MessageEvent<Answered>) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.ok) asked?.resolve(data.value);
    else asked?.reject(makeError(data.family, data.code, data.detail));
  });
  worker.addEventListener('error', () => {
    for (const { reject } of waiting.values()) reject(new UnavailableError('worker'));
    waiting.clear();
  });

  const ask = <Op extends Question['op']>(question: Question & { op: Op }, transfer: Transferable[] = []) =>
    new Promise<Answers[Op]>((resolve, reject) => {
      const id = ++count;
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      worker.postMessage({ id, question }, transfer);
    });
  const close = (job: number) => void ask({ op: 'close', job }).catch(() => undefined);

  return {
    solveWork: async (about, bits, signal) => {
      for (let start = 0; ; start += TRIES) {
        checkCancelled(signal);
        const work = await ask({ op: 'work', about, bits, start, count: TRIES });
        if (work) return work;
      }
    },
    openCells: (task) => ask({ op: 'cells', ...task }),
    startSeal: async (file, recipient) => {
      const job = ++count;
      await ask({ op: 'seal', job, file, recipient });
      return {
        next: () => ask({ op: 'seal-next', job }),
        finish: () => ask({ op: 'seal-finish', job }),
        close: () => {
          close(job);
        },
      };
    },
    startOpen: async (identity, size) => {
      const job = ++count;
      await ask({ op: 'open', job, identity, size });
      return {
        push: (chunk) => ask({ op: 'open-push', job, chunk }),
        finish: () => ask({ op: 'open-finish', job }),
        close: () => {
          close(job);
        },
      };
    },
    close: () => {
      worker.terminate();
      for (const { reject } of waiting.values()) reject(new RefusedError('cancelled'));
      waiting.clear();
    },
  };
}

function makeError(family: Family | null, code: string, detail: string): PlaintError {
  switch (family) {
    case 'malformed':
      return new MalformedError(code, detail);
    case 'verification':
      return new VerificationError(code, detail);
    case 'refused':
      return new RefusedError(code, detail);
    case 'conflict':
      return new ConflictError(code, detail);
    case 'unavailable':
    case null:
      return new UnavailableError(code, detail);
  }
}
