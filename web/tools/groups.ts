// Which modules come as one file. What every report needs is fetched together, right after the first page: apart it would weigh a sixth
// more, since each small file is packed without what the others say, and a train in a tunnel could hold back the part that sends.
interface Group {
  readonly name: string;
  readonly priority: number;
  readonly test: (id: string) => boolean;
}

/** What the bundler adds to fetch a file. */
const START = /\0vite\/preload-helper/;
/** The first page, with what it cannot start without: svelte among it. */
const FIRST = /\/src\/reporter\/main\.ts$/;
/** All other pages, which bring along what only they need of svelte. */
const LATER = /\/src\/reporter\/Later\.svelte$/;
const OUTSIDE = /\/src\/(?:reporter\/OutsideRoutes\.svelte|lib\/outside\/shipped\.ts)$/;
const OURS = /\/src\/lib\/(?:protocol|api|state)\//;
/** What a worker needs too: no more than that, or it would start with all the rest. */
const CRYPTO =
  /\/node_modules\/@noble\/|\/src\/lib\/(?:protocol\/(?:age|age_cells|age_header|agreement|base64|bytes|errors|hashes|lines|padme|work)|api\/sealing)\.ts$/;
/** What few people need, and who does has shown it already by what the page asks of the server for it. */
const SELDOM =
  /\/(?:worker\/crypto\.worker|protocol\/(?:age_cells|counter|counter_facts|erasure|excerpt|kit|outside|scan|verify)|state\/(?:erased|keeping|proof|submitting))\.ts$/;

/** The pages have builds of their own; of the others nothing is put together. */
export function listGroups(page: string): Group[] {
  if (page !== 'production') return [];
  return [
    { name: 'reporter', priority: 3, test: (id) => START.test(id) || FIRST.test(id) },
    { name: 'crypto', priority: 2, test: (id) => CRYPTO.test(id) && !SELDOM.test(id) },
    { name: 'report', priority: 1, test: (id) => LATER.test(id) || (OURS.test(id) && !SELDOM.test(id)) },
    { name: 'outside', priority: 1, test: (id) => OUTSIDE.test(id) },
  ];
}
