/** The heavy work, out of the way of the screen. It opens no connection and keeps nothing but the files it is busy with. */
import { FileOpener, FileSealer } from '../../api/sealing.ts';
import { openCells } from '../../protocol/age_cells.ts';
import { PlaintError, UnavailableError } from '../../protocol/errors.ts';
import { searchWork } from '../../protocol/work.ts';
import type { Answered, Answers, Asked, Question } from './protocol.ts';

const sealers = new Map<number, FileSealer>();
const openers = new Map<number, FileOpener>();

addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  void answer(data.question).then(
    (value) => {
      reply({ id: data.id, ok: true, value });
    },
    (error: unknown) => {
      reply({ id: data.id, ok: false, ...describe(error) });
    },
  );
});

async function answer(question: Question): Promise<Answers[keyof Answers]> {
  switch (question.op) {
    case 'work':
      return searchWork(question.about, question.bits, question.start, question.count);
    case 'cells':
      return openCells(question.secret, question.data, question.cellBytes);
    case 'seal':
      sealers.set(question.job, new FileSealer(question.file, question.recipient));
      return null;
    case 'seal-next':
      return find(sealers, question.job).next();
    case 'seal-finish':
      return find(sealers, question.job).finish();
    case 'open':
      openers.set(question.job, new FileOpener(question.identity, question.size));
      return null;
    case 'open-push':
      return find(openers, question.job).push(question.chunk);
    case 'open-finish':
      return find(openers, question.job).finish();
    case 'close':
      sealers.delete(question.job);
      openers.delete(question.job);
      return null;
  }
}

function find<Job>(jobs: ReadonlyMap<number, Job>, job: number): Job {
  const found = jobs.get(job);
  if (found === undefined) throw new UnavailableError('worker');
  return found;
}

function describe(error: unknown): Pick<Answered & { ok: false }, 'family' | 'code' | 'detail'> {
  if (error instanceof PlaintError) return { family: error.family, code: error.code, detail: error.detail };
  // A file that cannot be read any more was changed or taken away while it was sealed.
  if (error instanceof DOMException) return { family: 'refused', code: 'attachment-changed', detail: '' };
  return { family: null, code: 'worker', detail: '' };
}

function reply(answered: Answered): void {
  postMessage(answered);
}
