/** Ed25519 signatures. */
import { ed25519 } from '@noble/curves/ed25519.js';
import type { Bytes } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';

/** An Ed25519 private key made from a 32-byte seed. */
export class SigningKey {
  readonly public: Bytes;
  readonly #seed: Bytes;

  constructor(seed: Bytes) {
    if (seed.length !== 32) throw new MalformedError('key-length');
    this.#seed = seed;
    this.public = ed25519.getPublicKey(seed);
  }

  sign(message: Uint8Array): Bytes {
    return ed25519.sign(message, this.#seed);
  }

  /** Runs `use` on the seed itself. */
  withSeed<Result>(use: (seed: Bytes) => Result): Result {
    return use(this.#seed);
  }
}

/** Checks an Ed25519 signature. Throws VerificationError "signature". Source: RFC 8032. */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): void {
  if (publicKey.length !== 32 || signature.length !== 64 || !isValid(publicKey, message, signature)) {
    throw new VerificationError('signature');
  }
}

function isValid(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
