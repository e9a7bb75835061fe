/** Timestamped Ed25519 cosignatures (type 0x04): "the largest tree I have seen by then has this root". */
import { type Bytes, encodeText, encodeU64, joinBytes, readU64 } from './bytes.ts';
import { MalformedError, PlaintError, VerificationError } from './errors.ts';
import { type SigningKey, verifySignature } from './signing.ts';

const COSIGNATURE_BYTES = 72;
const LIMIT_TIMESTAMP = 2 ** 53;

/** When a cosigner signed, and its 64 signature bytes. */
export interface Cosignature {
  readonly timestamp: number;
  readonly signature: Bytes;
}

/** What a cosigner signs. Source: C2SP tlog-cosignature v1.0.1, "Ed25519 signed message". */
export function encodeCosignedMessage(text: Bytes, timestamp: number): Bytes {
  return joinBytes(encodeText(`cosignature/v1\ntime ${timestamp}\n`), text);
}

/** Throws MalformedError "cosignature-timestamp". */
export function makeCosignature(key: SigningKey, text: Bytes, timestamp: number): Cosignature {
  checkTimestamp(timestamp);
  return { timestamp, signature: key.sign(encodeCosignedMessage(text, timestamp)) };
}

/** The 72 bytes that follow the key id in a signature line. */
export function encodeCosignature({ timestamp, signature }: Cosignature): Bytes {
  return joinBytes(encodeU64(timestamp), signature);
}

/** Throws MalformedError "cosignature-size", "cosignature-timestamp". */
export function parseCosignature(data: Bytes): Cosignature {
  if (data.length !== COSIGNATURE_BYTES) throw new MalformedError('cosignature-size');
  const timestamp = readU64(data, 0);
  checkTimestamp(timestamp);
  return { timestamp, signature: data.slice(8) };
}

/** Throws VerificationError "cosignature-signature". */
export function verifyCosignature(publicKey: Bytes, text: Bytes, cosignature: Cosignature): void {
  try {
    verifySignature(publicKey, encodeCosignedMessage(text, cosignature.timestamp), cosignature.signature);
  } catch (error) {
    if (error instanceof PlaintError) throw new VerificationError('cosignature-signature');
    throw error;
  }
}

function checkTimestamp(timestamp: number): void {
  if (!(timestamp > 0 && timestamp < LIMIT_TIMESTAMP)) throw new MalformedError('cosignature-timestamp');
}
