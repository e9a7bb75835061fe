/** Files sealed and opened piece by piece; none is ever whole in memory as ciphertext (spec/age.md, "Attachments"). */
import { AgeOpener, AgeSealer, computeSealedBytes } from '../protocol/age.ts';
import { AgreementKey } from '../protocol/agreement.ts';
import { type Bytes, joinBytes } from '../protocol/bytes.ts';
import { VerificationError } from '../protocol/errors.ts';
import { createHasher } from '../protocol/hashes.ts';
import { computePadme } from '../protocol/padme.ts';

const READ_BYTES = 1024 * 1024;
const EMPTY: Bytes = new Uint8Array(0);
export const PART_BYTES = 8 * 1024 * 1024;
export const LIMIT_BLOB_BYTES = 2 * 1024 ** 3;

export interface SealedPart {
  /** 8 MiB of the sealed file; the last may be shorter. */
  readonly bytes: Bytes;
  /** Plaintext bytes read so far. */
  readonly done: number;
}

/** What an entry, and the server, must be told about a sealed file. */
export interface SealedFacts {
  readonly sha256: Bytes;
  readonly sealed: number;
  readonly sealedSha256: Bytes;
}

/** The size that a file of `size` bytes has once padded and sealed. */
export function computeBlobBytes(size: number): number {
  return computeSealedBytes(computePadme(size));
}

/** Seals a file to `recipient`; ask for `next` until it is null, then for `finish`. */
export class FileSealer {
  readonly #file: Blob;
  readonly #sealer: AgeSealer;
  readonly #plain = createHasher();
  readonly #cipher = createHasher();
  readonly #padded: number;
  #waiting: Bytes[];
  #waitingBytes: number;
  #read = 0;
  #sealed = 0;
  #ended = false;

  constructor(file: Blob, recipient: Bytes) {
    this.#file = file;
    this.#sealer = new AgeSealer(recipient);
    this.#padded = computePadme(file.size);
    this.#waiting = [this.#sealer.header];
    this.#waitingBytes = this.#sealer.header.length;
  }

  async next(): Promise<SealedPart | null> {
    while (this.#waitingBytes < PART_BYTES && !this.#ended) await this.#step();
    if (this.#waitingBytes === 0) return null;
    const all = joinBytes(...this.#waiting);
    const bytes = all.slice(0, PART_BYTES);
    this.#waiting = [all.slice(bytes.length)];
    this.#waitingBytes = all.length - bytes.length;
    this.#cipher.update(bytes);
    this.#sealed += bytes.length;
    return { bytes, done: Math.min(this.#read, this.#file.size) };
  }

  finish(): SealedFacts {
    return { sha256: this.#plain.digest(), sealed: this.#sealed, sealedSha256: this.#cipher.digest() };
  }

  async #step(): Promise<void> {
    const plain = await this.#readPlain();
    this.#keep(this.#sealer.update(plain));
    if (this.#read < this.#padded) return;
    this.#keep(this.#sealer.finish());
    this.#ended = true;
  }

  /** The next bytes of the file, then zeros up to the padded size. */
  async #readPlain(): Promise<Bytes> {
    const size = this.#file.size;
    const end = Math.min(this.#read + READ_BYTES, this.#read < size ? size : this.#padded);
    const start = this.#read;
    this.#read = end;
    if (start >= size) return new Uint8Array(end - start);
    const plain = new Uint8Array(await this.#file.slice(start, end).arrayBuffer());
    this.#plain.update(plain);
    return plain;
  }

  #keep(part: Bytes): void {
    this.#waiting.push(part);
    this.#waitingBytes += part.length;
  }
}

/** Opens a sealed file of `size` true bytes; what `push` returns counts only once `finish` gave the digest. */
export class FileOpener {
  readonly #opener: AgeOpener;
  readonly #hasher = createHasher();
  readonly #size: number;
  #done = 0;

  constructor(identity: Bytes, size: number) {
    this.#opener = new AgeOpener(new AgreementKey(identity));
    this.#size = size;
  }

  /** Throws VerificationError "attachment-digest" for padding that is not zeros, and as `AgeOpener`. */
  push(chunk: Bytes): Bytes {
    return this.#take(this.#opener.update(chunk));
  }

  /** The last bytes and the digest of all. Throws VerificationError "attachment-digest" when bytes are missing. */
  finish(): { readonly last: Bytes; readonly sha256: Bytes } {
    const last = this.#take(this.#opener.finish());
    if (this.#done < this.#size) throw new VerificationError('attachment-digest');
    return { last, sha256: this.#hasher.digest() };
  }

  #take(plain: Bytes): Bytes {
    const own = plain.subarray(0, Math.max(0, this.#size - this.#done));
    if (plain.subarray(own.length).some(Boolean)) throw new VerificationError('attachment-digest');
    this.#done += plain.length;
    this.#hasher.update(own);
    return own.length ? own.slice() : EMPTY;
  }
}
