/**
 * age v1 files with exactly one X25519 stanza, so that a size is a function of the plaintext's size alone.
 * Source: spec/age.md; C2SP age.md, "X25519 recipient stanza", "Payload".
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { AgreementKey } from './agreement.ts';
import {
  HEADER_BYTES,
  LIMIT_HEADER_BYTES,
  type OwnHeader,
  encodeHeader,
  findHeaderEnd,
  openHeader,
  parseOwnHeader,
  unwrapOwnHeader,
} from './age_header.ts';
import { type Bytes, joinBytes } from './bytes.ts';
import { MalformedError, PlaintError, VerificationError } from './errors.ts';
import { expand, extract, randomBytes } from './hashes.ts';

const TAG_BYTES = 16;
export const NONCE_BYTES = 16;
export const CHUNK_BYTES = 65_536;
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
const EMPTY: Bytes = new Uint8Array(0);

/** The three secrets of a file: random unless given, and never twice with different plaintexts. */
export interface AgeSecrets {
  readonly esk: Bytes;
  readonly fileKey: Bytes;
  readonly nonce: Bytes;
}

/** The size of the file that seals `plainBytes`. */
export function computeSealedBytes(plainBytes: number): number {
  return HEADER_BYTES + NONCE_BYTES + plainBytes + TAG_BYTES * Math.max(1, Math.ceil(plainBytes / CHUNK_BYTES));
}

/** Throws VerificationError "key-agreement" for a recipient nobody can hold; MalformedError "key-length". */
export function sealAge(recipient: Uint8Array, plaintext: Bytes, secrets?: AgeSecrets): Bytes {
  const sealer = new AgeSealer(recipient, secrets);
  return joinBytes(sealer.header, sealer.update(plaintext), sealer.finish());
}

/**
 * The plaintext of any age v1 file with an X25519 stanza for `identity`.
 * Throws MalformedError "age-form"; VerificationError "age-no-identity", "age-payload".
 */
export function openAge(identity: AgreementKey, data: Bytes): Bytes {
  const opener = new AgeOpener(identity);
  return joinBytes(opener.update(data), opener.finish());
}

/** The plaintext of a file of one chunk in our own form, or null when it is not for `identity` or not of this form. */
export function tryOpenSmall(identity: AgreementKey, data: Bytes): Bytes | null {
  return quietly(() => {
    const own = parseOwnHeader(data.subarray(0, HEADER_BYTES));
    return own && openOwn(data, own, identity.agree(own.share), identity.public);
  });
}

/** The same for a header that was parsed and a secret that was agreed on before; see age_cells.ts. */
export function openOwn(data: Bytes, own: OwnHeader, shared: Uint8Array, recipient: Bytes): Bytes | null {
  const fileKey = unwrapOwnHeader(data.subarray(0, HEADER_BYTES), own, shared, recipient);
  if (fileKey === null) return null;
  const chunks = new AgeChunks(fileKey, data.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES));
  return chunks.open(data.subarray(HEADER_BYTES + NONCE_BYTES), true);
}

/** Null instead of an error of ours: whatever does not open is for nobody. */
export function quietly<Result>(run: () => Result | null): Result | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof PlaintError) return null;
    throw error;
  }
}

/** Seals a stream: send `header`, then what each `update` returns, then `finish`. */
export class AgeSealer {
  readonly header: Bytes;
  readonly #chunks: AgeChunks;
  #held: Bytes = EMPTY;

  constructor(recipient: Uint8Array, secrets?: AgeSecrets) {
    const { esk, fileKey, nonce } = secrets ?? drawSecrets();
    if (fileKey.length !== 16 || nonce.length !== NONCE_BYTES) throw new MalformedError('key-length');
    this.header = joinBytes(encodeHeader(recipient, new AgreementKey(esk), fileKey), nonce);
    this.#chunks = new AgeChunks(fileKey, nonce);
  }

  /** The chunks that are full; the last one is held, because only the end tells that it was the last. */
  update(plaintext: Bytes): Bytes {
    const data = this.#held.length ? joinBytes(this.#held, plaintext) : plaintext;
    const full = Math.floor(Math.max(0, data.length - 1) / CHUNK_BYTES);
    const out = new Uint8Array(full * SEALED_CHUNK_BYTES);
    for (let i = 0; i < full; i++) {
      const sealed = this.#chunks.seal(data.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES), false);
      out.set(sealed, i * SEALED_CHUNK_BYTES);
    }
    this.#held = data.slice(full * CHUNK_BYTES);
    return out;
  }

  finish(): Bytes {
    return this.#chunks.seal(this.#held, true);
  }
}

/** Opens a stream; each plaintext returned is authentic, but only `finish` says that nothing was cut off. */
export class AgeOpener {
  readonly #identity: AgreementKey;
  #chunks: AgeChunks | null = null;
  #held: Bytes = EMPTY;

  constructor(identity: AgreementKey) {
    this.#identity = identity;
  }

  /** The plaintext of the chunks that are complete. Throws as `openAge`. */
  update(data: Bytes): Bytes {
    let all = this.#held.length ? joinBytes(this.#held, data) : data;
    if (this.#chunks === null) {
      const end = findHeaderEnd(all);
      if (end === null || all.length < end + NONCE_BYTES) {
        if (all.length > LIMIT_HEADER_BYTES + NONCE_BYTES) throw new MalformedError('age-form');
        this.#held = all.slice();
        return EMPTY;
      }
      const fileKey = openHeader(this.#identity, all.subarray(0, end));
      this.#chunks = new AgeChunks(fileKey, all.subarray(end, end + NONCE_BYTES));
      all = all.subarray(end + NONCE_BYTES);
    }
    const full = Math.floor(Math.max(0, all.length - 1) / SEALED_CHUNK_BYTES);
    const out = new Uint8Array(full * CHUNK_BYTES);
    for (let i = 0; i < full; i++) {
      const sealed = all.subarray(i * SEALED_CHUNK_BYTES, (i + 1) * SEALED_CHUNK_BYTES);
      out.set(this.#chunks.open(sealed, false), i * CHUNK_BYTES);
    }
    this.#held = all.slice(full * SEALED_CHUNK_BYTES);
    return out;
  }

  /** Throws MalformedError "age-form" when the header never ended; VerificationError "age-payload". */
  finish(): Bytes {
    if (this.#chunks === null) throw new MalformedError('age-form');
    return this.#chunks.open(this.#held, true);
  }
}

/** The STREAM of a payload: 64 KiB chunks under a counter, the last one flagged. Source: C2SP age.md, "Payload". */
export class AgeChunks {
  readonly #key: Bytes;
  #count = 0;

  constructor(fileKey: Uint8Array, nonce: Uint8Array) {
    this.#key = expand(extract(nonce, fileKey), 'payload');
  }

  seal(plaintext: Uint8Array, last: boolean): Bytes {
    return chacha20poly1305(this.#key, this.#nonce(last)).encrypt(plaintext);
  }

  /** Throws VerificationError "age-payload". */
  open(sealed: Uint8Array, last: boolean): Bytes {
    const first = this.#count === 0;
    const plain = this.#decrypt(sealed, last);
    // age: an empty chunk stands only for an empty payload
    if (plain === null || (plain.length === 0 && !first)) throw new VerificationError('age-payload');
    return plain;
  }

  #decrypt(sealed: Uint8Array, last: boolean): Bytes | null {
    try {
      return chacha20poly1305(this.#key, this.#nonce(last)).decrypt(sealed);
    } catch {
      return null;
    }
  }

  #nonce(last: boolean): Bytes {
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setUint32(7, this.#count++); // 11 bytes of counter, of which the last 4 are ever used
    nonce[11] = last ? 1 : 0;
    return nonce;
  }
}

function drawSecrets(): AgeSecrets {
  return { esk: randomBytes(32), fileKey: randomBytes(16), nonce: randomBytes(NONCE_BYTES) };
}
