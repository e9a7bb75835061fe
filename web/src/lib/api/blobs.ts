/** Attachments: sealed to a fresh key while they are sent in parts, opened while they are fetched. */
import { AgreementKey } from '../protocol/agreement.ts';
import { encodeHex, equalBytes, type Bytes } from '../protocol/bytes.ts';
import type { Attachment } from '../protocol/content.ts';
import { PlaintError, RefusedError, VerificationError } from '../protocol/errors.ts';
import { computeSha256, randomBytes } from '../protocol/hashes.ts';
import type { Engine, SealJob } from './engine.ts';
import type { Api } from './http.ts';
import { LIMIT_BLOB_BYTES, computeBlobBytes } from './sealing.ts';

const LIMIT_NAME_CHARACTERS = 255;

/** The headers that let a blob of this id be written: work, a session, or a room with its capability. */
export type Admit = (blob: Bytes) => Promise<Readonly<Record<string, string>>>;

export interface TransferOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of plaintext bytes done so far. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/**
 * What an entry must say about the uploaded file, and the way to take it back while no entry claims it. Stopping or failing takes back
 * what was sent. Throws RefusedError "attachment-size", "cancelled", "attachment-changed"; UnavailableError; the server's codes.
 */
export async function uploadFile(
  api: Api,
  engine: Engine,
  file: File,
  admit: Admit,
  options: TransferOptions = {},
): Promise<Uploaded> {
  const sealed = computeBlobBytes(file.size);
  if (sealed > LIMIT_BLOB_BYTES) throw new RefusedError('attachment-size');
  const [secret, uploadKey] = [randomBytes(32), randomBytes(32)];
  const id = computeSha256(uploadKey);
  const upload = { path: `blobs/${encodeHex(id)}`, headers: { 'plaint-upload': encodeHex(uploadKey) } };
  const discard = () => discardBlob(api, upload);
  const job = await engine.startSeal(file, new AgreementKey(secret).public);
  try {
    const facts = await sendParts(api, job, upload, await admit(id), options);
    if (facts.sealed !== sealed) throw new RefusedError('attachment-changed');
    const [name, type] = [makeSafeName(file.name), file.type || 'application/octet-stream'];
    const attachment = { id, key: secret, name, type, size: file.size, sha256: facts.sha256, sealed };
    return { attachment, discard };
  } catch (error) {
    await discard();
    throw error instanceof DOMException ? new RefusedError('attachment-changed') : error;
  } finally {
    job.close();
  }
}

export interface Uploaded {
  readonly attachment: Attachment;
  readonly discard: () => Promise<void>;
}

/**
 * The file of an attachment, after its size and digest were checked.
 * Throws VerificationError "attachment-digest", "age-payload"; RefusedError "not-found", "cancelled"; UnavailableError.
 */
export async function downloadFile(
  api: Api,
  engine: Engine,
  item: Attachment,
  { signal, onProgress }: TransferOptions = {},
): Promise<Blob> {
  if (!(item.size <= item.sealed && item.sealed <= LIMIT_BLOB_BYTES)) throw new VerificationError('attachment-digest');
  const job = await engine.startOpen(item.key, item.size);
  try {
    const parts: Bytes[] = [];
    let [sealed, done] = [0, 0];
    for await (const chunk of api.openStream(`blobs/${encodeHex(item.id)}`, { signal })) {
      sealed += chunk.length;
      if (sealed > item.sealed) throw new VerificationError('attachment-digest');
      const plain = await job.push(chunk);
      parts.push(plain);
      done += plain.length;
      onProgress?.(done);
    }
    const { last, sha256 } = await job.finish();
    if (!equalBytes(sha256, item.sha256)) throw new VerificationError('attachment-digest');
    // Never the type the sender claims: a browser would run what says that it is a page.
    return new Blob([...parts, last], { type: 'application/octet-stream' });
  } finally {
    job.close();
  }
}

/** A name that cannot leave the folder it is saved in, nor hide what it is. */
export function makeSafeName(name: string): string {
  const last = name.replaceAll('\\', '/').split('/').at(-1) ?? '';
  const visible = Array.from(last.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '')).slice(0, LIMIT_NAME_CHARACTERS);
  return visible.join('').replaceAll(/^[. ]+|[. ]+$/g, '') || 'file';
}

interface Upload {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function sendParts(
  api: Api,
  job: SealJob,
  { path, headers }: Upload,
  admission: Readonly<Record<string, string>>,
  { signal, onProgress }: TransferOptions,
): Promise<Awaited<ReturnType<SealJob['finish']>>> {
  const sent = { headers: { ...headers, ...admission }, signal };
  let parts = 0;
  let next = job.next();
  for (let part = await next; part !== null; part = await next) {
    next = job.next(); // the next part is sealed while this one is sent
    next.catch(() => undefined); // looked at when its turn comes, if it comes
    await api.send('PUT', `${path}/parts/${parts}`, part.bytes, sent);
    parts++;
    onProgress?.(part.done);
  }
  const facts = await job.finish();
  await api.sendJson('POST', path, { parts, size: facts.sealed, sha256: encodeHex(facts.sealedSha256) }, sent);
  return facts;
}

/** Takes back a blob that no entry names; a failure is left to the server's own sweeping. */
async function discardBlob(api: Api, { path, headers }: Upload): Promise<void> {
  try {
    await api.send('DELETE', path, new Uint8Array(0), { headers });
  } catch (error) {
    if (!(error instanceof PlaintError)) throw error;
  }
}
