/** Which release this page is, by its own account, and what the organisation's directory log says about it. */
import type { View } from '../api/view.ts';
import { encodeHex, equalBytes } from '../protocol/bytes.ts';
import { listReleases } from '../protocol/directory_state.ts';
import { computeSha256 } from '../protocol/hashes.ts';
import type { ReleaseView } from './types_place.ts';

const MANIFEST = 'manifest.json';
const LIMIT_MANIFEST_BYTES = 2 ** 20;

/** The digest of the manifest that came with this page; null for a page of one file, and where there is none. */
export async function fetchManifestDigest(call: typeof fetch = fetch.bind(globalThis)): Promise<Uint8Array | null> {
  if (import.meta.env.SINGLE) return null;
  try {
    const response = await call(import.meta.env.BASE_URL + MANIFEST, {
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    });
    const data = response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
    return data === null || data.length > LIMIT_MANIFEST_BYTES ? null : computeSha256(data);
  } catch {
    return null; // said as unknown; nothing else rests on it
  }
}

/** A page of one file knows its version only: its manifest names it, and cannot stand in it. */
export function showRelease(view: View | null, digest: Uint8Array | null): ReleaseView {
  const { VERSION: version } = import.meta.env;
  const shown = { version, digest: digest && encodeHex(digest) };
  if (view === null) return { ...shown, logged: null };
  const releases = listReleases(view.state, view.trust.upstream);
  const at = releases.findLastIndex(({ release }) =>
    digest === null ? release.version === version : equalBytes(release.manifest, digest),
  );
  if (releases.length === 0) return { ...shown, logged: 'none' };
  return { ...shown, logged: at < 0 ? 'no' : at === releases.length - 1 ? 'newest' : 'older' };
}
