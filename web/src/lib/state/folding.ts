/** A case with its dates, its state and what does not check. Start at `foldDesk`. */
import type { Connection } from '../api/connection.ts';
import type { Case } from './cases.ts';
import { type DatedRoom, dateRoom, foldRooms, listAlarms, listDueViews } from './casework.ts';
import type { CaseState } from './docket.ts';
import type { Alarm, DueView } from './types.ts';

/** A case with its dates and what follows from them; the reporter's room first. */
export interface FoldedCase {
  readonly rooms: readonly [DatedRoom, ...DatedRoom[]];
  readonly state: CaseState;
  readonly due: readonly DueView[];
  readonly alarms: readonly Alarm[];
}

export async function foldDesk(connection: Connection, found: Case, signal?: AbortSignal): Promise<FoldedCase> {
  const main = await dateRoom(connection, found.room, signal);
  const rooms: [DatedRoom, ...DatedRoom[]] = [main];
  for (const room of found.others) rooms.push(await dateRoom(connection, room, signal));
  const alarms: Alarm[] = [];
  for (const dated of rooms) alarms.push(...(await listAlarms(connection, dated, null, signal)));
  const state = foldRooms(connection, rooms, null);
  return { rooms, state, due: await listDueViews(connection, found.room, state, signal), alarms };
}
