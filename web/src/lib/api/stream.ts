/** A member's stream: every cell fetched and tried, and the ticks as they happen. */
import { type Bytes, equalBytes } from '../protocol/bytes.ts';
import { PlaintError, VerificationError } from '../protocol/errors.ts';
import { CELL_BYTES } from '../protocol/cells.ts';
import type { MemberKeys } from '../protocol/keys.ts';
import { listRing } from '../protocol/ring.ts';
import { parseInteger } from '../protocol/lines.ts';
import { type Slot, parseOwnSlot } from '../protocol/slots.ts';
import type { Connection } from './connection.ts';
import { sleep } from './http.ts';
import type { SessionSource } from './session.ts';

const LIMIT_TICKS = 4_320;
const AGAIN_S = 5;

export interface StreamRead {
  /** Up to which tick was read. */
  readonly tick: number;
  readonly slots: readonly Slot[];
}

export interface StreamOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((tick: number) => void) | undefined;
}

/** Every slot in the cells after tick `from`. Throws VerificationError "stream-size", "stream-tick". */
export async function readStream(
  connection: Connection,
  keys: MemberKeys,
  session: SessionSource,
  from: number,
  { signal, onProgress }: StreamOptions = {},
): Promise<StreamRead> {
  const cells = connection.view.state.clock.cells * CELL_BYTES;
  const slots: Slot[] = [];
  let tick = from;
  for (;;) {
    const start = tick;
    const { body, headers } = await connection.api.get('stream', {
      query: { from: String(start) },
      headers: { 'plaint-session': await session(signal) },
      limitBytes: LIMIT_TICKS * cells,
      signal,
    });
    tick = parseInteger(headers.get('plaint-tick') ?? '');
    if (!(start <= tick && tick <= start + LIMIT_TICKS)) throw new VerificationError('stream-tick');
    if (body.length !== (tick - start) * cells) throw new VerificationError('stream-size');
    const open = (secret: Bytes) => connection.engine.openCells({ secret, data: body, cellBytes: CELL_BYTES });
    for (const { age } of listRing(keys)) {
      const plaintexts = await age.withSecret(open);
      slots.push(...plaintexts.flatMap((plaintext) => readSlot(plaintext, keys.id, connection.view.org)));
    }
    onProgress?.(tick);
    if (tick - start < LIMIT_TICKS) return { tick, slots };
  }
}

/** What opens and is no slot for this member is somebody's mistake: nobody else's slot suffers from it. */
function readSlot(plaintext: Bytes, member: Bytes, org: Bytes): Slot[] {
  try {
    const slot = parseOwnSlot(plaintext, member);
    return equalBytes(slot.org, org) ? [slot] : [];
  } catch (error) {
    if (error instanceof PlaintError) return [];
    throw error;
  }
}

/** Calls `listener` with each tick number as it happens, until `signal` says stop; a broken line is taken up again. */
export async function followTicks(
  connection: Connection,
  session: SessionSource,
  listener: (tick: number) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await followOnce(connection, session, listener, signal);
      await sleep(AGAIN_S, signal);
    } catch {
      await sleep(AGAIN_S, signal).catch(() => undefined);
    }
  }
}

async function followOnce(
  { api }: Connection,
  session: SessionSource,
  listener: (tick: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const headers = { 'plaint-session': await session(signal) };
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of api.openStream('events', { headers, signal })) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split('\n');
    text = (lines.pop() ?? '').slice(-64);
    for (const line of lines) {
      const tick = /^data: ([0-9]{1,15})$/.exec(line)?.[1];
      if (tick !== undefined) listener(Number(tick));
    }
  }
}
