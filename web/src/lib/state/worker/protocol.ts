/** What the page and its worker say to each other; every question has a number and gets one answer. */
import type { CellsTask } from '../../api/engine.ts';
import type { SealedFacts, SealedPart } from '../../api/sealing.ts';
import type { Bytes } from '../../protocol/bytes.ts';
import type { Family } from '../../protocol/errors.ts';
import type { Work, WorkSubject } from '../../protocol/work.ts';

/** `job` names a file that is being sealed or opened. */
export type Question =
  | {
      readonly op: 'work';
      readonly about: WorkSubject;
      readonly bits: number;
      readonly start: number;
      readonly count: number;
    }
  | ({ readonly op: 'cells' } & CellsTask)
  | { readonly op: 'seal'; readonly job: number; readonly file: Blob; readonly recipient: Bytes }
  | { readonly op: 'seal-next'; readonly job: number }
  | { readonly op: 'seal-finish'; readonly job: number }
  | { readonly op: 'open'; readonly job: number; readonly identity: Bytes; readonly size: number }
  | { readonly op: 'open-push'; readonly job: number; readonly chunk: Bytes }
  | { readonly op: 'open-finish'; readonly job: number }
  | { readonly op: 'close'; readonly job: number };

/** What each question is answered with. */
export interface Answers {
  work: Work | null;
  cells: Bytes[];
  seal: null;
  'seal-next': SealedPart | null;
  'seal-finish': SealedFacts;
  open: null;
  'open-push': Bytes;
  'open-finish': { readonly last: Bytes; readonly sha256: Bytes };
  close: null;
}

export interface Asked {
  readonly id: number;
  readonly question: Question;
}

export type Answered =
  | { readonly id: number; readonly ok: true; readonly value: Answers[keyof Answers] }
  | {
      readonly id: number;
      readonly ok: false;
      readonly family: Family | null;
      readonly code: string;
      readonly detail: string;
    };
