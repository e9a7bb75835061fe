/** A member signed in: the keys are those the directory holds, the session is one signature and lasts an hour. */
import { type Bytes, encodeHex } from '../protocol/bytes.ts';
import { RefusedError, VerificationError } from '../protocol/errors.ts';
import { Fields } from '../protocol/fields.ts';
import type { MemberKeys } from '../protocol/keys.ts';
import { findFormerOwner, findOwner, identifyKeys } from '../protocol/ring.ts';
import { signSession } from '../protocol/session.ts';
import type { Connection } from './connection.ts';
import type { View } from './view.ts';

const RENEW_S = 50 * 60;
const CODE = 'session-form';

/** A token that is still good. Throws RefusedError "session"; UnavailableError. */
export type SessionSource = (signal?: AbortSignal) => Promise<string>;

/** Begins when first needed, and anew before the hour is over. */
export function createSession(connection: Connection, keys: MemberKeys, member: Bytes): SessionSource {
  let current: { readonly token: string; readonly since: number } | null = null;
  return async (signal) => {
    const now = connection.now();
    const age = current === null ? RENEW_S : now - current.since;
    if (current === null || age < 0 || age >= RENEW_S) {
      current = { token: await begin(connection, keys, member, signal), since: now };
    }
    return current.token;
  };
}

/**
 * The keys under the id they have in the directory, together with those before them. Throws RefusedError "not-found" for words of
 * nobody here, "member-rotated" for words that others replaced, "member-inactive"; VerificationError "member-keys" when the directory
 * names other keys under this id, and "ring-carry": alarms.
 */
export function findMember({ state }: View, keys: MemberKeys): MemberKeys {
  const found = findOwner(state, keys);
  if (found === null) {
    if (findFormerOwner(state, keys) !== null) throw new RefusedError('member-rotated');
    if (state.members.has(encodeHex(keys.id))) throw new VerificationError('member-keys');
    throw new RefusedError('not-found');
  }
  if (found.status !== 'active') throw new RefusedError('member-inactive');
  return identifyKeys(found, keys);
}

async function begin(
  { api, view }: Connection,
  keys: MemberKeys,
  member: Bytes,
  signal?: AbortSignal,
): Promise<string> {
  const challenge = new Fields(await api.getJson('session', { signal }), CODE).takeHex('challenge', 32);
  const sig = signSession(keys.sign, { org: view.org, member, challenge });
  const sent = { challenge: encodeHex(challenge), member: encodeHex(member), sig: encodeHex(sig) };
  return new Fields(await api.sendJson('POST', 'session', sent, { signal }), CODE).takeName('token', { limit: 1_024 });
}
