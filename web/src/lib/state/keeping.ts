/** This page as one file: what was checked here goes along, so that it can be used elsewhere and without a network. */
import type { Connection } from '../api/connection.ts';
import { Api } from '../api/http.ts';
import { fetchView } from '../api/view.ts';
import type { Bytes } from '../protocol/bytes.ts';
import { UnavailableError } from '../protocol/errors.ts';
import { type Copy, embedKit, isCopied } from '../protocol/kit.ts';
import type { SavedFile, WorkOptions } from './types.ts';

const PAGE = 'saved/reporter.html';
const NAME = 'saved-page.html';

/**
 * The page that the release has for this, from where this page came, with the keys this page trusts and a directory checked again now.
 * Throws those of `fetchView`, `embedKit`; UnavailableError "network".
 */
export async function savePage(
  connection: Connection,
  { signal }: WorkOptions = {},
  call: typeof fetch = fetch.bind(globalThis),
): Promise<SavedFile> {
  const page = await fetchPage(call, signal);
  const copy = await copyView(connection, call, signal);
  const kept = embedKit(page, { api: connection.api.base, trust: connection.view.fullTrust, copy });
  return { name: NAME, blob: new Blob([kept], { type: 'text/html' }) };
}

/** All answers that checking the directory asked for, as they came. */
async function copyView({ api, trust, now }: Connection, call: typeof fetch, signal?: AbortSignal): Promise<Copy> {
  const answers = new Map<string, Bytes>();
  const listen: typeof fetch = async (url, init) => {
    const response = await call(url, init);
    const path = typeof url === 'string' ? url.slice(api.base.length) : '';
    if (response.ok && isCopied(path)) answers.set(path, new Uint8Array(await response.clone().arrayBuffer()));
    return response;
  };
  const heard = new Api(api.base, { fetch: listen });
  await Promise.all([fetchView(heard, trust, { now, signal }), heard.getJson('config', { signal })]);
  return { at: now(), answers };
}

async function fetchPage(call: typeof fetch, signal?: AbortSignal): Promise<string> {
  try {
    const response = await call(import.meta.env.BASE_URL + PAGE, {
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal: signal ?? null,
    });
    if (response.ok) return await response.text();
  } catch (error) {
    if (signal?.aborted === true) throw error;
  }
  throw new UnavailableError('network');
}
