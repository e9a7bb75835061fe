/**
 * The reporter's facade: small itself, everything heavy is fetched when it is first needed. Keys live in the closures of the
 * conversations it opens, and nowhere else.
 */
import type { Connection } from '../api/connection.ts';
import { Api, findBase } from '../api/http.ts';
import type { Engine } from '../api/engine.ts';
import type { View } from '../api/view.ts';
import { RefusedError } from '../protocol/errors.ts';
import { Fields } from '../protocol/fields.ts';
import type { Reporter, WorkOptions } from './types.ts';

export interface FacadeOptions {
  /** The organisation's address; the page's own when absent. */
  readonly base?: string;
  readonly fetch?: typeof fetch;
  readonly engine?: Engine;
  /** Unix seconds. */
  readonly now?: () => number;
}

const SEARCH_LIMIT = 8;

export function createReporter(options: FacadeOptions = {}): Reporter {
  const base = options.base ?? findBase(location);
  const api = new Api(base, options.fetch ? { fetch: options.fetch } : {});
  const now = options.now ?? readClock;
  let ready: Ready | null = null;
  let connecting: Promise<Ready> | null = null;

  const connect = async (work: WorkOptions = {}): Promise<Ready> => {
    connecting ??= prepare(api, options.engine, now, work).catch((error: unknown) => {
      connecting = null; // tried again when asked again
      throw error;
    });
    return (ready = await connecting);
  };

  const use = (): Ready => {
    if (ready === null) throw new RefusedError('view-missing');
    return ready;
  };

  return {
    loadHeading: () => loadHeading(api),
    loadAdditions: async () => (await import('../outside/shipped.ts')).loadAdditions(api),
    loadOrganisation: async (work) => {
      const { connection, show } = await connect(work);
      return show(connection.view);
    },
    previewAccess: (channel, people, exclusions) => {
      const { connection, people: code } = use();
      return code.previewAccess(connection.view, channel, people, exclusions);
    },
    searchPeople: (query, limit = SEARCH_LIMIT) => {
      const { connection, people: code } = use();
      return code.searchPeople(connection.view, query, limit);
    },
    createReport: async (draft, send = {}) => {
      const [{ connection }, { createReport }] = await Promise.all([connect(), import('./report.ts')]);
      return createReport(connection, draft, send);
    },
    openReport: async (words, work = {}) => {
      // The words are read before anything is asked of the server: a slip of the pen is told here.
      const { readHolderKeys, openReport } = await import('./opening.ts');
      const keys = await readHolderKeys(words);
      const { connection } = await connect(work);
      return openReport(connection, keys, work);
    },
    findErased: async (words, work = {}) => {
      const { readHolderKeys, findErased } = await import('./opening.ts');
      const keys = await readHolderKeys(words);
      const { connection } = await connect(work);
      return findErased(connection, keys, work);
    },
  };
}

interface Ready {
  readonly connection: Connection;
  readonly people: typeof import('./people.ts');
  readonly show: (view: View) => ReturnType<typeof import('./views.ts').showOrganisation>;
}

async function prepare(api: Api, engine: Engine | undefined, now: () => number, work: WorkOptions): Promise<Ready> {
  const [{ connect }, people, { showOrganisation }, own] = await Promise.all([
    import('../api/connection.ts'),
    import('./people.ts'),
    import('./views.ts'),
    engine ?? import('./worker/engine.ts').then((module) => module.createWorkerEngine()),
  ]);
  const onProgress = (done: number, total: number) => work.onProgress?.({ step: 'checking', done, total });
  const connection = await connect(api, own, { now, signal: work.signal, onProgress });
  const slug = new URL(api.base, 'http://localhost').pathname.split('/').at(-2) ?? '';
  return { connection, people, show: (view) => showOrganisation(view, slug) };
}

/** What a first page needs to know, before anything was checked. */
export async function loadHeading(api: Api): Promise<Awaited<ReturnType<Reporter['loadHeading']>>> {
  const fields = new Fields(await api.getJson('config'), 'config-form');
  return { name: fields.takeName('name'), slug: fields.takeName('slug'), demo: fields.take('demo') === true };
}

export function readClock(): number {
  return Math.floor(Date.now() / 1000);
}
