/**
 * The heavy work: puzzles, cells, files. The screens run it in a worker (state/worker/), tests right here; both do the same.
 */
import { openCells } from '../protocol/age_cells.ts';
import type { Bytes } from '../protocol/bytes.ts';
import { type Work, type WorkSubject, searchWork } from '../protocol/work.ts';
import { checkCancelled } from './http.ts';
import { pause } from './pause.ts';
import { FileOpener, FileSealer, type SealedFacts, type SealedPart } from './sealing.ts';

const TRIES = 20_000;

export interface CellsTask {
  /** The member's age secret. */
  readonly secret: Bytes;
  /** Whole cells of a stream answer. */
  readonly data: Bytes;
  readonly cellBytes: number;
}

export interface SealJob {
  readonly next: () => Promise<SealedPart | null>;
  readonly finish: () => Promise<SealedFacts>;
  readonly close: () => void;
}

export interface OpenJob {
  readonly push: (chunk: Bytes) => Promise<Bytes>;
  readonly finish: () => Promise<{ readonly last: Bytes; readonly sha256: Bytes }>;
  readonly close: () => void;
}

export interface Engine {
  readonly solveWork: (about: WorkSubject, bits: number, signal?: AbortSignal) => Promise<Work>;
  /** The plaintexts of the cells that open. */
  readonly openCells: (task: CellsTask) => Promise<Bytes[]>;
  readonly startSeal: (file: Blob, recipient: Bytes) => Promise<SealJob>;
  readonly startOpen: (identity: Bytes, size: number) => Promise<OpenJob>;
  readonly close: () => void;
}

/** Does everything in this very thread, with a pause now and then. */
export function createLocalEngine(): Engine {
  return {
    solveWork: async (about, bits, signal) => {
      for (let start = 0; ; start += TRIES) {
        const work = searchWork(about, bits, start, TRIES);
        if (work) return work;
        await pause();
        checkCancelled(signal);
      }
    },
    openCells: ({ secret, data, cellBytes }) => openCells(secret, data, cellBytes),
    startSeal: (file, recipient) => {
      const sealer = new FileSealer(file, recipient);
      const finish = () => Promise.resolve(sealer.finish());
      return Promise.resolve({ next: () => sealer.next(), finish, close: () => undefined });
    },
    startOpen: (identity, size) => {
      const opener = new FileOpener(identity, size);
      return Promise.resolve({
        push: (chunk) => settle(() => opener.push(chunk)),
        finish: () => settle(() => opener.finish()),
        close: () => undefined,
      });
    },
    close: () => undefined,
  };
}

function settle<Result>(run: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    resolve(run());
  });
}
