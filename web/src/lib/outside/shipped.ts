/** The outside routes that are built in, and those that the organisation adds; the reader's country never leaves the device. */
import type { Api } from '../api/http.ts';
import type { Json } from '../protocol/json.ts';
import { LIMIT_OUTSIDE_BYTES, type Outside, type Route, parseAdditions, readOutside } from '../protocol/outside.ts';

const FILES = import.meta.glob<Json>('../../../../src/plaint/outside/*.json', { eager: true, import: 'default' });
const SHIPPED: readonly Outside[] = Object.values(FILES).map(readOutside);

/** Countries about which something is known. */
export function listCountries(): string[] {
  return [...new Set(SHIPPED.flatMap(({ countries }) => countries))].sort();
}

/** A country's own routes, then those of its region. */
export function listRoutes(country: string): Route[] {
  const ordered = [...SHIPPED].sort((a, b) => Number(a.region !== country) - Number(b.region !== country));
  return ordered.flatMap(({ routes }) => routes).filter(({ countries }) => countries.includes(country));
}

/** What the organisation adds, for all countries; nothing when it cannot be read: what is shipped must never depend on it. */
export async function loadAdditions(api: Api): Promise<readonly Route[]> {
  try {
    return parseAdditions((await api.get('outside', { limitBytes: LIMIT_OUTSIDE_BYTES })).body).routes;
  } catch {
    return [];
  }
}
