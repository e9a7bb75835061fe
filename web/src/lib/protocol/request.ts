/** Member requests: a member's public keys and name, made on their own device (spec/directory.md). */
import { type Bytes, encodeHex, encodeText, equalBytes, joinBytes } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { Fields, hasControls } from './fields.ts';
import { computeHmac, randomBytes } from './hashes.ts';
import { encodeJson, parseCanonicalJson } from './json.ts';
import { type MemberKeys, computeMemberId } from './keys.ts';
import { verifySignature } from './signing.ts';

const CODE = 'request-form';
const LIMIT_REQUEST_BYTES = 4_096;
const LIMIT_NAME_CHARACTERS = 200;
export const SALT_BYTES = 16;

/** Public keys, a name with its salt, and the proof that the owner of the keys put them together. */
export interface Request {
  readonly id: Bytes;
  readonly age: Bytes;
  readonly author: Bytes;
  readonly sign: Bytes;
  readonly name: string;
  readonly salt: Bytes;
  readonly pop: Bytes;
}

/** What a member's proof of possession is about; `name` is the name's hash. */
export interface ProofFacts {
  readonly id: Bytes;
  readonly age: Bytes;
  readonly author: Bytes;
  readonly sign: Bytes;
  readonly name: Bytes;
}

/** HMAC(salt, name): what the directory keeps of a name once name and salt are deleted. */
export function computeNameHash(salt: Bytes, name: string): Bytes {
  return computeHmac(salt, encodeText(name));
}

/** The request of the owner of `keys`; the name is kept in NFC without outer white space. Throws "request-form". */
export function makeRequest(keys: MemberKeys, name: string, salt: Bytes = randomBytes(SALT_BYTES)): Request {
  const kept = name.normalize('NFC').trim();
  const count = Array.from(kept).length;
  if (count < 1 || count > LIMIT_NAME_CHARACTERS || hasControls(kept)) throw new MalformedError(CODE, 'name');
  const facts = { id: keys.id, age: keys.age.public, author: keys.author.public, sign: keys.sign.public };
  const pop = keys.sign.sign(encodeProofMessage({ ...facts, name: computeNameHash(salt, kept) }));
  return { ...facts, name: kept, salt, pop };
}

export function encodeRequest(request: Request): Bytes {
  return encodeJson({
    age: encodeHex(request.age),
    author: encodeHex(request.author),
    id: encodeHex(request.id),
    name: request.name,
    pop: encodeHex(request.pop),
    salt: encodeHex(request.salt),
    sign: encodeHex(request.sign),
    type: 'request',
    v: 1,
  });
}

/**
 * A request whose id and proof hold; one final newline is forgiven.
 * Throws MalformedError "request-form", "json-…"; VerificationError "directory-request".
 */
export function parseRequest(data: Bytes): Request {
  const bare = data.at(-1) === 10 ? data.subarray(0, -1) : data;
  const fields = new Fields(parseCanonicalJson(bare, LIMIT_REQUEST_BYTES), CODE);
  fields.takeExactly('type', 'request');
  fields.takeExactly('v', 1);
  const request = {
    id: fields.takeHex('id', 16),
    age: fields.takeHex('age', 32),
    author: fields.takeHex('author', 32),
    sign: fields.takeHex('sign', 32),
    name: fields.takeName('name', { limit: LIMIT_NAME_CHARACTERS }),
    salt: fields.takeHex('salt', SALT_BYTES),
    pop: fields.takeHex('pop', 64),
  };
  fields.finish();
  verifyRequest(request);
  return request;
}

/** Checks that the id is that of the keys, and the proof. Throws VerificationError "directory-request". */
export function verifyRequest(request: Request): void {
  if (!equalBytes(request.id, computeMemberId(request.age, request.author, request.sign))) {
    throw new VerificationError('directory-request', 'id');
  }
  verifyProof({ ...request, name: computeNameHash(request.salt, request.name) }, request.pop);
}

/** Checks that the owner of `sign` put these keys and the name's hash together. Throws "directory-request". */
export function verifyProof(facts: ProofFacts, pop: Bytes): void {
  try {
    verifySignature(facts.sign, encodeProofMessage(facts), pop);
  } catch (error) {
    if (error instanceof VerificationError) throw new VerificationError('directory-request', 'pop');
    throw error;
  }
}

function encodeProofMessage({ id, age, author, sign, name }: ProofFacts): Bytes {
  return joinBytes(encodeText('plaint/v1/request\n'), id, age, author, sign, name);
}
