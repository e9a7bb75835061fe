/** Where a page finds its organisation and whose keys it takes: as its kit says, or else below the very address it came from. */
import type { Kit } from '../protocol/kit.ts';
import { type ApiOptions, Api, findBase } from './http.ts';

const KIT_ID = 'kit';
const NO_KIT = 'null';
const LIVE_MS = 8_000;

export interface Place {
  readonly api: Api;
  /** Null on the organisation's own page: then the server's word is taken for its keys. */
  readonly kit: Kit | null;
  /** Whether an answer came from the copy that the page carries. */
  readonly isCopied: () => boolean;
}

export function hasKit(): boolean {
  return readKit() !== NO_KIT;
}

function readKit(): string {
  return document.getElementById(KIT_ID)?.textContent ?? NO_KIT;
}

/** Throws MalformedError "address" on a page that is nobody's, "kit-form". */
export async function findPlace(options: ApiOptions = {}): Promise<Place> {
  const text = readKit();
  if (text === NO_KIT) return { api: new Api(findBase(location), options), kit: null, isCopied: () => false };
  const { parseKit } = await import('../protocol/kit.ts');
  return createPlace(parseKit(new TextEncoder().encode(text)), options.fetch);
}

/** What no network answers is answered from the kit's copy; a network that hangs is none. */
export function createPlace(kit: Kit, call: typeof fetch = fetch.bind(globalThis)): Place {
  let copied = false;
  const answer: typeof fetch = async (url, init) => {
    const asked = init?.method === 'GET' && typeof url === 'string';
    const body = asked ? kit.copy?.answers.get(url.slice(kit.api.length)) : undefined;
    if (body === undefined) return call(url, init);
    try {
      const signals = [init?.signal ?? [], AbortSignal.timeout(LIVE_MS)].flat();
      return await call(url, { ...init, signal: AbortSignal.any(signals) });
    } catch (error) {
      if (init?.signal?.aborted === true) throw error;
      copied = true;
      return new Response(body);
    }
  };
  return { api: new Api(kit.api, { fetch: answer }), kit, isCopied: () => copied };
}
