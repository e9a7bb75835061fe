/** The desk's facade: small itself; everything else is fetched when a member signs in. */
import { Api, findBase } from '../api/http.ts';
import { type FacadeOptions, loadHeading, readClock } from './reporter.ts';
import { type Shelf, createDeviceShelf } from './shelf.ts';
import type { Desk } from './types.ts';

export interface DeskOptions extends FacadeOptions {
  /** Where what the stream opened is kept between visits. */
  readonly shelf?: Shelf;
}

export function createDesk(options: DeskOptions = {}): Desk {
  const base = options.base ?? findBase(location);
  const api = new Api(base, { keepTiles: true, ...(options.fetch ? { fetch: options.fetch } : {}) });
  return {
    loadHeading: () => loadHeading(api),
    signIn: async (words, work = {}) => {
      const [{ signIn }, engine] = await Promise.all([
        import('./desk_session.ts'),
        options.engine ?? import('./worker/engine.ts').then((module) => module.createWorkerEngine()),
      ]);
      const shelf = options.shelf ?? createDeviceShelf();
      try {
        return await signIn({ api, engine, shelf, now: options.now ?? readClock }, words, work);
      } catch (error) {
        engine.close();
        throw error;
      }
    },
  };
}
