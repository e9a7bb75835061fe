/** A report on its way: words drawn, files sent, everything sealed, work done, sent, sent again. Start at `createReport`. */
import type { Connection } from '../api/connection.ts';
import { createHolderWriter } from '../protocol/authorship.ts';
import { ConflictError, UnavailableError } from '../protocol/errors.ts';
import { computeSha256 } from '../protocol/hashes.ts';
import { type HolderKeys, computeCheckWords, computeHolderKeys } from '../protocol/keys.ts';
import { type Receipt, encodeReceipt } from '../protocol/receipt.ts';
import { computeFullMembers } from '../protocol/slots.ts';
import { LIMIT_SKEW_S, type State } from '../protocol/state.ts';
import { drawWords, encodeWords, encodeWordsQr } from '../protocol/words.ts';
import type { Work } from '../protocol/work.ts';
import type { Write } from '../protocol/write.ts';
import { createConversation, findReport } from './conversation.ts';
import { RECEIPT_NAME } from './guard.ts';
import { type Plan, listReaders, planAccess } from './people.ts';
import { createHolderEyes, listAuthors, openRoom } from './rooms.ts';
import { type Keepsake, saveFile, sendFiles, sendPatiently } from './sending.ts';
import type { Draft, SendOptions, SentReport, WordLanguage } from './types.ts';
import { showExcluded } from './views.ts';
import { type SealedWrite, makeManifest, sealOpen } from './writing.ts';

type Found = Awaited<ReturnType<typeof findReport>>;

const OLD_VIEW_S = 20 * 3600;
const OLD_WORK_S = 3600;

/** Throws ConflictError "view-changed" when the people to choose from changed since she chose: show her again. */
export async function createReport(
  connection: Connection,
  draft: Draft,
  options: SendOptions & { readonly words?: WordLanguage },
): Promise<SentReport> {
  await refreshOldView(connection, options);
  const { view } = connection;
  const plan = planAccess(view, draft.channel, draft.people, draft.exclusions);
  const words = await drawWords(options.words);
  const text = await encodeWords(words.entropy, words.language);
  const keys = computeHolderKeys(words.entropy);
  const admit = connection.admitByWork(options.signal);
  const files = await sendFiles(connection, draft.files, admit, options);
  try {
    options.onProgress?.({ step: 'sealing' });
    const sealed = sealReport(connection, plan, keys, draft, files.attachments);
    const { header, body, slots } = sealed.write;
    const checkWords = (await computeCheckWords(header.room, header.slots ?? header.room)).split(' ');
    const keepsake: Keepsake = { words: text.split(' '), checkWords };
    const prepare = createWorked(connection, sealed.write, options);
    const send = (write: Write) => connection.send(write, { signal: options.signal });
    const { state, note } = await sendPatiently(sealed.write, prepare, send, options, connection, keepsake);
    const receipt: Receipt = { header, opening: sealed.opening, note, proof: null };
    const answer = { entries: [{ header, body }], slots, slotsSeq: 0, opening: note, note };
    const eyes = createHolderEyes(keys, view);
    const first = { answer, room: openRoom({ answer, state, secret: keys.room }, eyes, view) };
    const later = hadArrived(connection, state) ? await readLater(connection, keys, options) : null;
    const conversation = await createConversation(connection, keys, { ...(later ?? first), receipt });
    const { due, alarms } = conversation.view();
    return {
      ...keepsake,
      wordsQr: await encodeWordsQr(words),
      readers: listReaders(view, plan.roster, plan.access),
      excluded: plan.access.excluded.map((one) => showExcluded(view, one)),
      due,
      receivedAt: state.at,
      includeBy: Math.max(state.at, ...state.leaves.map(({ includeBy }) => includeBy)),
      receipt: saveFile(RECEIPT_NAME, encodeReceipt(receipt)),
      alarms,
      conversation,
    };
  } catch (error) {
    await files.discard();
    throw error;
  }
}

/** Whether the answer is from before: the connection broke when the server had taken the report, and it was sent again. */
function hadArrived({ now, tickS }: Connection, { at }: State): boolean {
  return at < now() - LIMIT_SKEW_S - tickS;
}

/** The room as it is by now, or null where it cannot be read: the report is in, and that is what she is told. */
async function readLater(connection: Connection, keys: HolderKeys, { signal }: SendOptions): Promise<Found | null> {
  try {
    return await findReport(connection, keys, signal);
  } catch (error) {
    if (error instanceof UnavailableError) return null;
    throw error;
  }
}

async function refreshOldView(connection: Connection, { onProgress, signal }: SendOptions): Promise<void> {
  if (connection.now() - connection.view.date < OLD_VIEW_S) return;
  onProgress?.({ step: 'checking', done: 0, total: null });
  const before = connection.view.size;
  await connection.refreshView(signal);
  if (connection.view.size !== before) throw new ConflictError('view-changed');
}

function sealReport(
  { view }: Connection,
  { channel, roster, access, people }: Plan,
  holder: HolderKeys,
  { text, lang, told: disclosure }: Draft,
  attachments: Parameters<typeof sealOpen>[0]['attachments'],
): SealedWrite {
  const secret = holder.room;
  const manifest = makeManifest(view, { channel, secret, label: 'reporter', holder, parent: null });
  const readers = listAuthors(computeFullMembers(manifest, roster, access));
  const said = { text: text || null, lang, people, attachments, disclosure };
  const room = { secret, manifest, roster, access, ...said, unique: null, holder };
  return sealOpen(room, createHolderWriter(holder.author, readers));
}

/** The write with work that is still young enough; done again when it had to wait for long. */
export function createWorked(
  connection: Connection,
  write: Write,
  { onProgress, signal }: SendOptions,
): () => Promise<Write> {
  let done: { readonly work: Work; readonly at: number } | null = null;
  const subject = computeSha256(write.body);
  return async () => {
    if (done === null || connection.now() - done.at > OLD_WORK_S) {
      onProgress?.({ step: 'work' });
      done = { work: await connection.solve(subject, signal), at: connection.now() };
    }
    return { ...write, opening: write.opening && { ...write.opening, work: done.work } };
  };
}
