const trusted = typeof window === 'undefined' ? undefined : window.trustedTypes;
const policy = trusted?.createPolicy('plaint', { createScriptURL: checkOwnScript });

/** Only a built file of this very origin may become a worker. */
function checkOwnScript(url: string): string {
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
export function startWorker(url: string): Worker {
  const checked = policy ? policy.createScriptURL(url) : checkOwnScript(url);
  return new Worker(checked as string, { type: 'module' });
}
