/** What new keys carry of the old ones: whoever has the new words opens what was sealed before (spec/directory.md). */
import { computeSealedBytes, openAge, sealAge } from './age.ts';
import type { AgreementKey } from './agreement.ts';
import { type Bytes, encodeText, equalBytes } from './bytes.ts';
import { VerificationError } from './errors.ts';
import { ENTROPY_BYTES } from './words.ts';

const FIRST_LINE = encodeText('plaint/v1/carry\n');
const PLAIN_BYTES = 256;
export const CARRY_BYTES = computeSealedBytes(PLAIN_BYTES);

/** The entropy of the words before, sealed to the new age key: as long as a slot. */
export function sealCarry(recipient: Bytes, entropy: Bytes): Bytes {
  const plain = new Uint8Array(PLAIN_BYTES);
  plain.set(FIRST_LINE);
  plain.set(entropy, FIRST_LINE.length);
  return sealAge(recipient, plain);
}

/** The 16 bytes of entropy of the words before. Throws VerificationError "carry-form" and those of `openAge`. */
export function openCarry(identity: AgreementKey, carry: Bytes): Bytes {
  const plain = openAge(identity, carry);
  const end = FIRST_LINE.length + ENTROPY_BYTES;
  const right = plain.length === PLAIN_BYTES && equalBytes(plain.slice(0, FIRST_LINE.length), FIRST_LINE);
  if (!right || plain.slice(end).some((byte) => byte !== 0)) throw new VerificationError('carry-form');
  return plain.slice(FIRST_LINE.length, end);
}
