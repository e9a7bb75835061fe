// The page shows one source of each outside route, the first; the others stand in the repository and need not be fetched by everybody.
import type { Plugin } from 'vite';

const SHIPPED = /\/src\/plaint\/outside\/[a-z]{2}\.json$/;

interface Shipped {
  readonly entries: readonly { readonly sources: readonly string[] }[];
}

/** The file with the first source of each entry. */
export function keepFirstSources(text: string): string {
  const file = JSON.parse(text) as Shipped;
  const entries = file.entries.map((entry) => ({ ...entry, sources: entry.sources.slice(0, 1) }));
  return JSON.stringify({ ...file, entries });
}

export function outsideSources(): Plugin {
  return {
    name: 'plaint-outside-sources',
    apply: 'build',
    enforce: 'pre',
    transform: (text, id) => (SHIPPED.test(id) ? { code: keepFirstSources(text), map: null } : null),
  };
}
