import { connect } from '../api/connection.ts';
import { createLocalEngine } from '../api/engine.ts';
import { Api } from '../api/http.ts';
import { createSession, findMember } from '../api/session.ts';
import { readStream } from '../api/stream.ts';
import { computeMemberKeys } from '../protocol/keys.ts';
import { parseWords } from '../protocol/words.ts';
import type { Hands } from './acting.ts';
import { Cases } from './cases.ts';
import type { Served } from './server.test-support.ts';
import { createMemoryShelf } from './shelf.ts';
import { StreamStore } from './stream_store.ts';

/** What a member has in hand who does not keep to what our own desk allows. */
export async function takeHands({ url, words }: Served, name: string): Promise<Hands> {
  const connection = await connect(new Api(url), createLocalEngine(), { now: () => Date.now() / 1000 });
  const keys = findMember(connection.view, computeMemberKeys((await parseWords(words[name] ?? '')).entropy));
  const session = createSession(connection, keys, keys.id);
  const store = new StreamStore(createMemoryShelf(), keys.cache);
  store.add((await readStream(connection, keys, session, 0, {})).slots);
  return { connection, keys, session, cases: new Cases(connection, keys, store), store };
}
