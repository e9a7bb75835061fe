/** What every write goes through: files first, then the entry, sent again by itself for as long as it takes. */
import { type Admit, type Uploaded, uploadFile } from '../api/blobs.ts';
import type { Connection, Sent } from '../api/connection.ts';
import { checkCancelled, sleep } from '../api/http.ts';
import type { Bytes } from '../protocol/bytes.ts';
import type { Attachment } from '../protocol/content.ts';
import { UnavailableError } from '../protocol/errors.ts';
import { type Write, encodeWrite } from '../protocol/write.ts';
import type { SavedFile, SendOptions } from './types.ts';

const FIRST_WAIT_S = 5;
const LAST_WAIT_S = 120;
const WRITE_NAME = 'sealed.bin';

/** Files that no entry claims yet. */
export interface Files {
  readonly attachments: readonly Attachment[];
  readonly discard: () => Promise<void>;
}

/** Seals and sends files, one after the other; stopping or failing takes back those that were sent. */
export async function sendFiles(
  { api, engine }: Connection,
  files: readonly File[],
  admit: Admit,
  { onProgress, signal }: SendOptions = {},
): Promise<Files> {
  const uploaded: Uploaded[] = [];
  const discard = async () => {
    await Promise.all(uploaded.map((one) => one.discard()));
  };
  try {
    for (const [index, file] of files.entries()) {
      checkCancelled(signal);
      const report = (done: number) => {
        onProgress?.({ step: 'file', name: file.name, index, count: files.length, done, total: file.size });
      };
      report(0);
      uploaded.push(await uploadFile(api, engine, file, admit, { signal, onProgress: report }));
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return { attachments: uploaded.map(({ attachment }) => attachment), discard };
}

/** What is shown while a write waits; words only where a new report has them. */
export interface Keepsake {
  readonly words: readonly string[];
  readonly checkWords: readonly string[];
}

export const NOTHING_TO_KEEP: Keepsake = { words: [], checkWords: [] };

/**
 * Sends `sealed` as `prepare` completes it, and again whenever the server refuses for now or cannot be reached, until it is taken or stopped.
 * Throws RefusedError "cancelled" and whatever else sending throws.
 */
export async function sendPatiently(
  sealed: Write,
  prepare: () => Promise<Write>,
  send: (write: Write) => Promise<Sent>,
  { onProgress, signal }: SendOptions,
  { now, tickS }: Connection,
  keepsake: Keepsake = NOTHING_TO_KEEP,
): Promise<Sent> {
  for (let tries = 1; ; tries++) {
    checkCancelled(signal);
    try {
      const write = await prepare();
      onProgress?.({ step: 'sending' });
      return await send(write);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      const waitS = Math.min(Math.min(tickS, FIRST_WAIT_S) * 2 ** (tries - 1), LAST_WAIT_S);
      const save = () => saveFile(WRITE_NAME, encodeWrite(sealed));
      onProgress?.({ step: 'waiting', tries, nextTryAt: now() + waitS, ...keepsake, save });
      await sleep(waitS, signal);
    }
  }
}

export function saveFile(name: string, data: Bytes): SavedFile {
  return { name, blob: new Blob([data], { type: 'application/octet-stream' }) };
}
