/** A place on this device: for sealed bytes, and for those that everybody may read. */
import type { Shelf } from '../api/device_copy.ts';
import type { Bytes } from '../protocol/bytes.ts';

export type { Shelf } from '../api/device_copy.ts';

const DATABASE = 'plaint';
const STORE = 'sealed';

/** Keeps nothing beyond this page. */
export function createMemoryShelf(): Shelf {
  const kept = new Map<string, Bytes>();
  return {
    read: (name) => Promise.resolve(kept.get(name) ?? null),
    write: (name, data) => {
      kept.set(name, data);
      return Promise.resolve();
    },
  };
}

/** IndexedDB; where a browser has none, or refuses, nothing is kept and nothing fails. */
export function createDeviceShelf(): Shelf {
  if (typeof indexedDB === 'undefined') return createMemoryShelf();
  const open = async () => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    return settle(request);
  };
  return {
    read: async (name) => {
      try {
        const database = await open();
        const found = await settle<unknown>(database.transaction(STORE).objectStore(STORE).get(name));
        database.close();
        return found instanceof Uint8Array ? (found as Bytes) : null;
      } catch {
        return null;
      }
    },
    write: async (name, data) => {
      try {
        const database = await open();
        await settle(database.transaction(STORE, 'readwrite').objectStore(STORE).put(data, name));
        database.close();
      } catch {
        // Full, or private browsing: the stream is read again next time.
      }
    },
  };
}

function settle<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('indexedDB'));
    };
  });
}
