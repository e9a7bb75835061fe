const trusted = typeof window === 'undefined' ? undefined : window.trustedTypes;
const policy = trusted?.createPolicy('plaint', { createScriptURL: checkOwnScript });
/** Scripts that a page of one file carries, as addresses; nothing else may become a worker there. */
const carried = new Set<string>();

/** Only a built file of this very origin may become a worker. */
function checkOwnScript(url: string): string {
  if (import.meta.env.SINGLE) {
    if (!carried.has(url)) throw new TypeError('a worker is carried by its own page');
    return url;
  }
  const { origin, pathname } = new URL(url, location.href);
  if (origin !== location.origin || !pathname.startsWith(import.meta.env.BASE_URL)) {
    throw new TypeError('a worker is loaded from its own origin only');
  }
  return url;
}

/**
 * Starts a worker from a `?worker&url` import, the only form that Trusted Types let through:
 * `import sealUrl from './seal.worker.ts?worker&url'; startWorker(sealUrl)`.
 */
export function startWorker(script: string): Worker {
  const url = import.meta.env.SINGLE ? carry(script) : script;
  const checked = policy ? policy.createScriptURL(url) : checkOwnScript(url);
  return new Worker(checked as string, { type: 'module' });
}

function carry(code: string): string {
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  carried.add(url);
  return url;
}
