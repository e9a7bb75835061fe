/** A sealed report handed in by anybody: it is not opened here, and nobody needs its words. */
import type { Connection } from '../api/connection.ts';
import { equalBytes } from '../protocol/bytes.ts';
import { MalformedError, PlaintError, RefusedError } from '../protocol/errors.ts';
import { type State, checkClock } from '../protocol/state.ts';
import { LIMIT_WRITE_BYTES, parseWrite } from '../protocol/write.ts';
import { createWorked } from './report.ts';
import { saveFile, sendPatiently } from './sending.ts';
import type { Alarm, SendOptions } from './types.ts';
import type { SubmittedReport } from './types_place.ts';

const NOTE_NAME = 'note.txt';

/**
 * Does the work for a sealed report and sends it; sent again, the same report gets the same answer. Throws RefusedError "submit-answer"
 * when it is no report, "submit-other" when it is for another organisation; those of `parseWrite`, `Connection.send`.
 */
export async function submitReport(connection: Connection, file: Blob, options: SendOptions): Promise<SubmittedReport> {
  if (file.size > LIMIT_WRITE_BYTES) throw new MalformedError('file-size');
  const write = parseWrite(new Uint8Array(await file.arrayBuffer()));
  if (write.opening === null) throw new RefusedError('submit-answer');
  if (!equalBytes(write.header.org, connection.view.org)) throw new RefusedError('submit-other');
  const prepare = createWorked(connection, write, options);
  const send = (worked: typeof write) => connection.send(worked, { signal: options.signal });
  const { state, note } = await sendPatiently(write, prepare, send, options, connection);
  return {
    receivedAt: state.at,
    includeBy: Math.max(state.at, ...state.leaves.map(({ includeBy }) => includeBy)),
    due: state.dues.map(({ kind, at }) => ({ kind, at })),
    note: saveFile(NOTE_NAME, note),
    alarms: listAlarms(connection, state),
  };
}

/**
 * By a wrong clock the dates of the note are wrong. A report that had arrived before is answered as it was then, and an early date is to
 * nobody's cost but the organisation's: only a clock ahead of ours is told.
 */
function listAlarms({ now, tickS }: Connection, state: State): Alarm[] {
  try {
    if (state.at > now()) checkClock(state, now(), tickS);
    return [];
  } catch (error) {
    if (error instanceof PlaintError) return [{ code: error.code, detail: error.detail, room: 'reporter' }];
    throw error;
  }
}
