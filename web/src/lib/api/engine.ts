/**
 * The heavy work: puzzles, cells, files. The screens run it in a worker (state/worker/), tests right here; both do the same.
 */
import { createCellOpener } from '../protocol/age_cells.ts';
import { type Bytes, equalBytes } from '../protocol/bytes.ts';
import { splitCells } from '../protocol/cells.ts';
import { PlaintError } from '../protocol/errors.ts';
import { type Slot, parseOwnSlot } from '../protocol/slots.ts';
import { type Work, type WorkSubject, searchWork } from '../protocol/work.ts';
import { checkCancelled } from './http.ts';
import { FileOpener, FileSealer, type SealedFacts, type SealedPart } from './sealing.ts';

const TRIES = 20_000;

export interface CellsTask {
  /** The member's age secret. */
  readonly secret: Bytes;
  readonly member: Bytes;
  readonly org: Bytes;
  /** Whole cells of a stream answer. */
  readonly data: Bytes;
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
  /** What opens and is a slot for this member; anything else is dropped. */
  readonly openCells: (task: CellsTask) => Promise<Slot[]>;
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
    openCells,
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

/** One cell after the other, through one key; a member has thousands a month, almost all for nobody. */
export async function openCells({ secret, member, org, data }: CellsTask): Promise<Slot[]> {
  const open = await createCellOpener(secret);
  const slots: Slot[] = [];
  for (const cell of splitCells(data)) {
    const plaintext = await open(cell);
    const slot = plaintext && tryParse(plaintext, member);
    if (slot && equalBytes(slot.org, org)) slots.push(slot);
  }
  return slots;
}

function tryParse(plaintext: Bytes, member: Bytes): Slot | null {
  try {
    return parseOwnSlot(plaintext, member);
  } catch (error) {
    if (error instanceof PlaintError) return null; // somebody's mistake: nobody else's slot suffers from it
    throw error;
  }
}

function settle<Result>(run: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    resolve(run());
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
