/**
 * The quick way through a stream of cells: small age files in our own form, most of which are for nobody.
 *
 * The identity is imported once as a CryptoKey that cannot be read back; where the browser has no X25519, noble does the same.
 */
import { AgreementKey } from './agreement.ts';
import { openOwn, quietly, tryOpenSmall } from './age.ts';
import { HEADER_BYTES, parseOwnHeader } from './age_header.ts';
import { type Bytes, joinBytes, readHex } from './bytes.ts';

/** The plaintext of a file of one chunk in our own form, or null when it is not for this identity or not of this form. */
export type CellOpener = (cell: Bytes) => Promise<Bytes | null>;

const PKCS8_X25519 = readHex('302e020100300506032b656e04220420');
const ALGORITHM = 'X25519';
const AT_ONCE = 64;

export async function createCellOpener(secret: Bytes): Promise<CellOpener> {
  const identity = new AgreementKey(secret);
  const own = await importSecret(secret);
  if (own === null) return (cell) => Promise.resolve(tryOpenSmall(identity, cell));
  return async (cell) => {
    const header = quietly(() => parseOwnHeader(cell.subarray(0, HEADER_BYTES)));
    const shared = header && (await deriveShared(own, header.share));
    return shared && quietly(() => openOwn(cell, header, shared, identity.public));
  };
}

/** The plaintexts of the cells of `cellBytes` in `data` that open; a member has thousands a month, almost all for nobody. */
export async function openCells(secret: Bytes, data: Bytes, cellBytes: number): Promise<Bytes[]> {
  const open = await createCellOpener(secret);
  const count = Math.floor(data.length / cellBytes);
  const found: Bytes[] = [];
  for (let first = 0; first < count; first += AT_ONCE) {
    // The browser agrees on keys in its own threads while this one tries them.
    const group = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => {
      const at = (first + i) * cellBytes;
      return open(data.subarray(at, at + cellBytes));
    });
    found.push(...(await Promise.all(group)).filter((plaintext) => plaintext !== null));
  }
  return found;
}

/** Null where the page is not served securely or the browser has no X25519. */
async function importSecret(secret: Bytes): Promise<CryptoKey | null> {
  if (!globalThis.isSecureContext && typeof window !== 'undefined') return null;
  try {
    const key = joinBytes(PKCS8_X25519, secret);
    return await crypto.subtle.importKey('pkcs8', key, ALGORITHM, false, ['deriveBits']);
  } catch {
    return null;
  }
}

async function deriveShared(own: CryptoKey, share: Bytes): Promise<Uint8Array | null> {
  try {
    const other = await crypto.subtle.importKey('raw', share, ALGORITHM, true, []);
    return new Uint8Array(await crypto.subtle.deriveBits({ name: ALGORITHM, public: other }, own, 256));
  } catch {
    return null; // all zero: a share nobody made in earnest
  }
}
