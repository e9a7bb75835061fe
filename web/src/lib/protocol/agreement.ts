/** X25519: public keys and shared secrets. */
import { x25519 } from '@noble/curves/ed25519.js';
import type { Bytes } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';

const KEY_BYTES = 32;

/** An X25519 private key of 32 bytes, clamped in use. */
export class AgreementKey {
  readonly public: Bytes;
  readonly #secret: Bytes;

  constructor(secret: Bytes) {
    if (secret.length !== KEY_BYTES) throw new MalformedError('key-length');
    this.#secret = secret;
    this.public = x25519.getPublicKey(secret);
  }

  /**
   * The 32 bytes shared with the owner of `publicKey`. Throws MalformedError "key-length"; VerificationError "key-agreement" when
   * they are all zero. Source: RFC 7748, section 6.1.
   */
  agree(publicKey: Uint8Array): Bytes {
    if (publicKey.length !== KEY_BYTES) throw new MalformedError('key-length');
    try {
      return x25519.getSharedSecret(this.#secret, publicKey);
    } catch {
      throw new VerificationError('key-agreement');
    }
  }

  /** Runs `use` on the secret itself: for handing it to WebCrypto or to a worker, and for nothing else. */
  withSecret<Result>(use: (secret: Bytes) => Result): Result {
    return use(this.#secret);
  }
}

/** The X25519 public key of 32 secret bytes. */
export function computeAgreementPublic(secret: Bytes): Bytes {
  return new AgreementKey(secret).public;
}
