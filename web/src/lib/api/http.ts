/**
 * The organisation's HTTP API as calls; answers are bytes that nobody has checked yet (spec/api.md).
 *
 * No cookies, no cache, no referrer: nothing about a visit stays in the browser or goes anywhere else.
 */
import { type Bytes, joinBytes } from '../protocol/bytes.ts';
import {
  ConflictError,
  MalformedError,
  PlaintError,
  RefusedError,
  UnavailableError,
  VerificationError,
} from '../protocol/errors.ts';
import { type Json, encodeJson, isObject, parseJson } from '../protocol/json.ts';

const LIMIT_ANSWER_BYTES = 64 * 1024 * 1024;
const LIMIT_ERROR_BYTES = 4_096;
const RETRY_WAITS_S = [0.2, 0.8, 2];
/** What passes by itself; "blob-busy": the server has not noticed yet that the line broke on which this part came before. */
const PASSING = ['network', 'server', 'blob-busy'];
const OCTETS = 'application/octet-stream';
const PLAIN_CODE = /^[a-z0-9][a-z0-9-]{0,63}$/;

export interface CallOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly limitBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly body: Bytes;
  readonly headers: Headers;
}

export interface ApiOptions {
  readonly fetch?: typeof fetch;
  /** Lets the browser keep tiles of the log, which never change; only where a visit is no secret. */
  readonly keepTiles?: boolean;
}

/** `…/o/<slug>/` out of the address of a page below it. Throws MalformedError "address". */
export function findBase(location: { readonly origin: string; readonly pathname: string }): string {
  const match = /^(.*?\/o\/[^/]+\/)/.exec(location.pathname);
  if (match?.[1] === undefined) throw new MalformedError('address');
  return location.origin + match[1];
}

/**
 * One organisation's address; every call either returns bytes or throws a family with the server's code.
 *
 * A call whose answer got lost is sent again with identical bytes: the server answers a repeated write as it did the first time. A
 * refusal ("admission") is never tried again here, because it is for the caller to keep the write.
 */
export class Api {
  readonly base: string;
  readonly #fetch: typeof fetch;
  readonly #keepTiles: boolean;

  constructor(base: string, { fetch: call = fetch.bind(globalThis), keepTiles = false }: ApiOptions = {}) {
    this.base = base.endsWith('/') ? base : `${base}/`;
    this.#fetch = call;
    this.#keepTiles = keepTiles;
  }

  get(path: string, options: CallOptions = {}): Promise<Answer> {
    return this.#call('GET', path, null, options);
  }

  async getJson(path: string, options: CallOptions = {}): Promise<Json> {
    return parseJson((await this.get(path, options)).body, options.limitBytes ?? LIMIT_ANSWER_BYTES);
  }

  /** Sends bytes that may be sent again when the answer is lost. */
  async send(method: string, path: string, body: Bytes, options: CallOptions = {}): Promise<Bytes> {
    return (await this.#call(method, path, body, options)).body;
  }

  async sendJson(method: string, path: string, value: Json, options: CallOptions = {}): Promise<Json> {
    const headers = { 'content-type': 'application/json', ...options.headers };
    const answer = await this.send(method, path, encodeJson(value), { ...options, headers });
    return answer.length ? parseJson(answer, LIMIT_ANSWER_BYTES) : null;
  }

  /** The chunks of a GET that may be long or never end; once, without a second try. */
  async *openStream(path: string, options: CallOptions = {}): AsyncGenerator<Bytes> {
    const response = await this.#once('GET', path, null, options);
    if (!response.ok) throw readError(response.status, await readBody(response, LIMIT_ERROR_BYTES, options.signal));
    yield* readChunks(response, options.signal);
  }

  async #call(method: string, path: string, body: Bytes | null, options: CallOptions): Promise<Answer> {
    for (const waitS of [...RETRY_WAITS_S, null]) {
      try {
        const response = await this.#once(method, path, body, options);
        const data = await readBody(response, options.limitBytes ?? LIMIT_ANSWER_BYTES, options.signal);
        if (!response.ok) throw readError(response.status, data);
        return { body: data, headers: response.headers };
      } catch (error) {
        const again = error instanceof PlaintError && PASSING.includes(error.code);
        if (!again || waitS === null) throw error;
        await sleep(waitS, options.signal);
      }
    }
    throw new UnavailableError('network');
  }

  async #once(method: string, path: string, body: Bytes | null, options: CallOptions): Promise<Response> {
    const query = options.query ? `?${new URLSearchParams(options.query).toString()}` : '';
    try {
      return await this.#fetch(this.base + path + query, {
        method,
        body,
        headers: { ...(body === null ? {} : { 'content-type': OCTETS }), ...options.headers },
        cache: this.#keepTiles && path.includes('/tile/') ? 'default' : 'no-store',
        credentials: 'omit',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        signal: options.signal ?? null,
      });
    } catch {
      throw stopped(options.signal);
    }
  }
}

/** Waits, or throws RefusedError "cancelled" as soon as `signal` says so. */
export function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    checkCancelled(signal);
    const stop = () => {
      clearTimeout(timer);
      reject(new RefusedError('cancelled'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** Throws RefusedError "cancelled" when the person stopped it. */
export function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new RefusedError('cancelled');
}

/** Runs `work` on each item, at most `width` at a time, and returns the results in order. */
export async function mapParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const run = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as Item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, run));
  return results;
}

function stopped(signal: AbortSignal | undefined): PlaintError {
  return signal?.aborted ? new RefusedError('cancelled') : new UnavailableError('network');
}

async function readBody(response: Response, limitBytes: number, signal: AbortSignal | undefined): Promise<Bytes> {
  const parts: Bytes[] = [];
  let size = 0;
  for await (const part of readChunks(response, signal)) {
    size += part.length;
    if (size > limitBytes) throw new MalformedError('answer-size');
    parts.push(part);
  }
  return joinBytes(...parts);
}

async function* readChunks(response: Response, signal: AbortSignal | undefined): AsyncGenerator<Bytes> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw stopped(signal);
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The family of the status with the server's code; what speaks no code is "server", or "not-found". */
function readError(status: number, body: Bytes): PlaintError {
  const [code, detail] = readCode(body);
  const name = code || (status === 404 ? 'not-found' : 'server');
  switch (status) {
    case 400:
    case 413:
      return new MalformedError(name, detail);
    case 403:
    case 404:
    case 405:
    case 429:
      return new RefusedError(name, detail);
    case 409:
      return new ConflictError(name, detail);
    case 422:
      return new VerificationError(name, detail);
    default:
      return new UnavailableError(name, detail);
  }
}

function readCode(body: Bytes): [code: string, room: string] {
  try {
    const value = parseJson(body, LIMIT_ERROR_BYTES);
    if (!isObject(value)) return ['', ''];
    const { code, room } = value;
    // The only detail the API gives: the room that was there first (api.md, "room-unique").
    return [typeof code === 'string' && PLAIN_CODE.test(code) ? code : '', typeof room === 'string' ? room : ''];
  } catch (error) {
    if (error instanceof PlaintError) return ['', ''];
    throw error;
  }
}
