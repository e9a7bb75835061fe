/**
 * The reporter's facade. What every report needs comes with it as one file, after the first page; what few people need is fetched when
 * they ask for it. Keys live in the closures of the conversations it opens, and nowhere else.
 */
import { type Connection, connect as connectTo } from '../api/connection.ts';
import { Api } from '../api/http.ts';
import type { Engine } from '../api/engine.ts';
import { type Place, findPlace } from '../api/place.ts';
import { PlaintError, RefusedError, UnavailableError } from '../protocol/errors.ts';
import { Fields } from '../protocol/fields.ts';
import { openReport, readHolderKeys } from './opening.ts';
import { previewAccess, searchPeople } from './people.ts';
import { fetchManifestDigest } from './release.ts';
import { createReport } from './report.ts';
import type { OrganisationView, Reporter, WorkOptions } from './types.ts';
import { showOrganisation } from './views.ts';

export interface FacadeOptions {
  /** The organisation's address; the page's own, or that of its kit, when absent. */
  readonly base?: string;
  readonly fetch?: typeof fetch;
  readonly engine?: Engine;
  /** Unix seconds. */
  readonly now?: () => number;
}

const SEARCH_LIMIT = 8;

export function createReporter(options: FacadeOptions = {}): Reporter {
  const calls = options.fetch ? { fetch: options.fetch } : {};
  const { base } = options;
  let found: Promise<Place> | null = null;
  const place = () =>
    (found ??=
      base === undefined
        ? findPlace(calls)
        : Promise.resolve({ api: new Api(base, calls), kit: null, isCopied: () => false }));
  const now = options.now ?? readClock;
  let ready: Ready | null = null;
  let connecting: Promise<Ready> | null = null;

  const connect = async (work: WorkOptions = {}): Promise<Ready> => {
    connecting ??= prepare(await place(), options.engine, now, work).catch((error: unknown) => {
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
    loadHeading: async () => loadHeading((await place()).api),
    loadAdditions: async () => (await import('../outside/shipped.ts')).loadAdditions((await place()).api),
    loadOrganisation: async (work) => {
      return (await connect(work)).show();
    },
    previewAccess: (channel, people, exclusions) => {
      return previewAccess(use().connection.view, channel, people, exclusions);
    },
    searchPeople: (query, limit = SEARCH_LIMIT) => {
      return searchPeople(use().connection.view, query, limit);
    },
    createReport: async (draft, send = {}) => {
      return createReport((await connect()).connection, draft, send);
    },
    openReport: async (words, work = {}) => {
      // The words are read before anything is asked of the server: a slip of the pen is told here.
      const keys = await readHolderKeys(words);
      const { connection } = await connect(work);
      return openReport(connection, keys, work);
    },
    findErased: async (words, work = {}) => {
      const { findErased } = await import('./erased.ts');
      const keys = await readHolderKeys(words);
      const { connection } = await connect(work);
      return findErased(connection, keys, work);
    },
    submitReport: async (file, send = {}) => {
      const [{ connection }, { submitReport }] = await Promise.all([connect(), import('./submitting.ts')]);
      return submitReport(connection, file, send);
    },
    savePage: async (work = {}) => {
      const [{ connection }, { savePage }] = await Promise.all([connect(work), import('./keeping.ts')]);
      return savePage(connection, work);
    },
  };
}

interface Ready {
  readonly connection: Connection;
  readonly show: () => OrganisationView;
}

async function prepare(place: Place, engine: Engine | undefined, now: () => number, work: WorkOptions): Promise<Ready> {
  const digest = fetchManifestDigest(); // nobody waits for it but what shows it
  const own = engine ?? (await import('./worker/engine.ts')).createWorkerEngine();
  const onProgress = (done: number, total: number) => work.onProgress?.({ step: 'checking', done, total });
  const { api, kit, isCopied } = place;
  const pinned = kit ? { trust: kit.trust } : {};
  const connection = await connectTo(api, own, { now, signal: work.signal, onProgress, ...pinned }).catch(
    (error: unknown) => {
      throw isCopied() && error instanceof PlaintError && error.code === 'view-old'
        ? new UnavailableError('copy-old')
        : error;
    },
  );
  const shown = await digest;
  const show = () => {
    const place = { pinned: kit !== null, copied: isCopied(), single: import.meta.env.SINGLE };
    return showOrganisation(connection.view, api.base, place, shown);
  };
  return { connection, show };
}

/** What a first page needs to know, before anything was checked. */
export async function loadHeading(api: Api): Promise<Awaited<ReturnType<Reporter['loadHeading']>>> {
  const fields = new Fields(await api.getJson('config'), 'config-form');
  return { name: fields.takeName('name'), slug: fields.takeName('slug'), demo: fields.take('demo') === true };
}

export function readClock(): number {
  return Math.floor(Date.now() / 1000);
}
