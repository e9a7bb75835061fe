/** Copies of the directory log, to know who could sign at a date: a mirror's folder, or fetched now. */
import { type Api, mapParallel } from '../lib/api/http.ts';
import { fetchRun } from '../lib/api/kept_dates.ts';
import { type Bytes, readU64 } from '../lib/protocol/bytes.ts';
import { RUN, openCheckpoint, parseSizes } from '../lib/protocol/checkpoint.ts';
import { MalformedError, PlaintError } from '../lib/protocol/errors.ts';
import { LIMIT_NOTE_BYTES, type Note, parseNote } from '../lib/protocol/note.ts';
import type { DirectoryCopy } from '../lib/protocol/signers.ts';
import { type Trust, findDirectoryKey } from '../lib/protocol/trust.ts';
import { type PickedFile, cutRuns, readBytes } from './copies.ts';

const WIDTH = 6;
const NEWLINE = 10;
const LIMIT_DIRECTORY_BYTES = 64 * 1024 * 1024;
const LIMIT_SIZES_BYTES = 16 * 1024 * 1024;
const CHECKPOINT = /(?:^|\/)directory\/(?:at\/[1-9][0-9]{0,15}|checkpoint)$/;

/** The directory log in a mirror's folder (spec/log.md); undefined where it was not copied. Throws MalformedError "log-range". */
export async function readDirectory(files: readonly PickedFile[]): Promise<DirectoryCopy | undefined> {
  const find = (name: string) => files.find(({ webkitRelativePath: path }) => path.endsWith(`directory/${name}`));
  const [entries, offsets] = [find('entries.bin'), find('offsets.bin')];
  if (entries === undefined || offsets === undefined) return undefined;
  const notes = files.filter((file) => CHECKPOINT.test(file.webkitRelativePath) && file.size <= LIMIT_NOTE_BYTES);
  const checkpoints = await mapParallel(notes, WIDTH, async (file) => parseKept(await readBytes(file)));
  return { entries: splitEntries(await readBytes(entries), await readBytes(offsets)), checkpoints: checkpoints.flat() };
}

/** As the organisation serves it now. Throws those of `openCheckpoint`, `parseSizes`; UnavailableError "network". */
export async function fetchDirectory(api: Api, trust: Trust): Promise<DirectoryCopy> {
  const get = async (path: string, limitBytes = LIMIT_NOTE_BYTES) =>
    (await api.get(`log/directory/${path}`, { limitBytes })).body;
  const latest = parseNote(await get('checkpoint'));
  const { size } = openCheckpoint(latest, findDirectoryKey(trust.policy));
  const answer = await api.get('directory', { query: { from: '0' }, limitBytes: LIMIT_DIRECTORY_BYTES });
  const kept = parseSizes(await get('at', LIMIT_SIZES_BYTES));
  const runs = await mapParallel(cutRuns(kept, RUN), WIDTH, (run) => fetchRun(get, run));
  return { entries: splitLines(answer.body).slice(0, size), checkpoints: [...runs.flat(), latest] };
}

/** The signed note in a file; a file that is none vouches for nothing. */
function parseKept(data: Bytes): Note[] {
  try {
    return [parseNote(data)];
  } catch (error) {
    if (error instanceof PlaintError) return [];
    throw error;
  }
}

function splitEntries(data: Bytes, offsets: Bytes): Bytes[] {
  let start = 0;
  return Array.from({ length: Math.floor(offsets.length / 8) }, (_, i) => {
    const end = readU64(offsets, 8 * i);
    if (end < start || end > data.length) throw new MalformedError('log-range');
    const entry = data.subarray(start, end);
    start = end;
    return entry;
  });
}

function splitLines(data: Bytes): Bytes[] {
  const lines: Bytes[] = [];
  for (let start = 0, end; (end = data.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
    lines.push(data.subarray(start, end));
  }
  return lines;
}
