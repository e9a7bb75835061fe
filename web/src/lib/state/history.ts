/** A member's own history, held against what this device remembers: who uses the key elsewhere is seen at sign-in. */
import type { Connection } from '../api/connection.ts';
import { openAge, sealAge } from '../protocol/age.ts';
import { AgreementKey } from '../protocol/agreement.ts';
import { type Bytes, encodeHex, encodeText } from '../protocol/bytes.ts';
import { encodeEntry, signEntry } from '../protocol/directory.ts';
import type { Content } from '../protocol/directory_contents.ts';
import { PlaintError } from '../protocol/errors.ts';
import { computeSha256 } from '../protocol/hashes.ts';
import { type HistoryEvent, listEvents } from '../protocol/history.ts';
import { isList, parseJson, encodeJson } from '../protocol/json.ts';
import type { MemberKeys } from '../protocol/keys.ts';
import { listRing } from '../protocol/ring.ts';
import type { Shelf } from './shelf.ts';
import type { HistoryItem } from './types.ts';

const LIMIT_BYTES = 4 * 1024 * 1024;
const LIMIT_LATER_BYTES = 64 * 1024 * 1024;

/** What a device remembers, sealed under a key that only the words give. */
export class History {
  readonly #connection: Connection;
  readonly #keys: MemberKeys;
  readonly #shelf: Shelf;

  constructor(connection: Connection, keys: MemberKeys, shelf: Shelf) {
    this.#connection = connection;
    this.#keys = keys;
    this.#shelf = shelf;
  }

  /** What the directory says and this device does not know, oldest first. */
  async listUnknown(): Promise<HistoryItem[]> {
    const known = await this.#readKnown();
    const { view } = this.#connection;
    return this.#listEvents()
      .filter(({ digest }) => !known.has(encodeHex(digest)))
      .map(({ entry: { index, content }, signed }) => {
        const member = findSubject(content);
        return { index, signed, what: content.type, name: member && view.name(member) };
      });
  }

  /** All of it was the member, or is right. */
  async remember(): Promise<void> {
    const known = [
      ...new Set([...(await this.#readKnown()), ...this.#listEvents().map(({ digest }) => encodeHex(digest))]),
    ];
    const key = new AgreementKey(this.#keys.cache);
    await this.#shelf.write(nameShelf(key), sealAge(key.public, encodeJson(known)));
  }

  /** Lets the key itself declare that somebody else may hold it. Throws ConflictError "directory-index" when others wrote meanwhile. */
  async voidKey(signal?: AbortSignal): Promise<void> {
    const { api, view } = this.#connection;
    const later = await api.get('directory', {
      query: { from: String(view.size) },
      limitBytes: LIMIT_LATER_BYTES,
      signal,
    });
    const index = view.size + later.body.filter((byte) => byte === 10).length;
    const content: Content = { type: 'key-compromised', key: { id: this.#keys.id } };
    const entry = signEntry(view.org, { index, content, by: [] }, this.#keys.id, this.#keys.sign);
    const value = {
      chart: null,
      entry: parseJson(encodeEntry(entry), LIMIT_BYTES),
      names: {},
      org: encodeHex(view.org),
    };
    await api.sendJson('POST', 'directory', value, { signal });
  }

  #listEvents(): HistoryEvent[] {
    const { view } = this.#connection;
    const member = this.#keys.id;
    const independent = view.findMember(member)?.roles.includes('independent') ?? false;
    return listEvents(view.entries, { org: view.org, member, independent });
  }

  /** Also under the keys before: a rotation does not make a device forget. */
  async #readKnown(): Promise<Set<string>> {
    const found = new Set<string>();
    for (const { cache } of listRing(this.#keys)) {
      const key = new AgreementKey(cache);
      const sealed = await this.#shelf.read(nameShelf(key));
      for (const digest of sealed ? openList(key, sealed) : []) found.add(digest);
    }
    return found;
  }
}

/** What cannot be opened is not remembered: then it is shown once more. */
function openList(key: AgreementKey, sealed: Bytes): string[] {
  try {
    const value = parseJson(openAge(key, sealed), LIMIT_BYTES);
    return isList(value) ? value.filter((item) => typeof item === 'string') : [];
  } catch (error) {
    if (error instanceof PlaintError) return [];
    throw error;
  }
}

function nameShelf(key: AgreementKey): string {
  return encodeHex(computeSha256(encodeText('history'), key.public)).slice(0, 32);
}

function findSubject(content: Content): Bytes | null {
  switch (content.type) {
    case 'member':
      return content.member.id;
    case 'rotate':
      return content.rotate.id;
    case 'suspend':
    case 'leave':
      return content.id;
    case 'key-compromised':
      return 'id' in content.key ? content.key.id : null;
    default:
      return null;
  }
}
