/** A member's session: one signature over the server's challenge, nothing stored (spec/api.md, "Session"). */
import { type Bytes, encodeHex, encodeText } from './bytes.ts';
import { VerificationError } from './errors.ts';
import { type SigningKey, verifySignature } from './signing.ts';

export interface SessionFacts {
  readonly org: Bytes;
  readonly member: Bytes;
  readonly challenge: Bytes;
}

/** What a member signs to begin a session. */
export function encodeSessionMessage({ org, member, challenge }: SessionFacts): Bytes {
  const lines = ['plaint/v1/session', ...[org, member, challenge].map(encodeHex), ''];
  return encodeText(lines.join('\n'));
}

/** The 64-byte signature that begins a session. */
export function signSession(key: SigningKey, facts: SessionFacts): Bytes {
  return key.sign(encodeSessionMessage(facts));
}

/** Throws VerificationError "session-signature". */
export function verifySession(signature: Bytes, publicKey: Bytes, facts: SessionFacts): void {
  try {
    verifySignature(publicKey, encodeSessionMessage(facts), signature);
  } catch (error) {
    if (error instanceof VerificationError) throw new VerificationError('session-signature');
    throw error;
  }
}
