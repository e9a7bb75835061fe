/** Handling-failure rooms: the line neither reads nor closes them (spec/content.md, "Handling failures"). */
import { type Bytes, encodeHex, equalBytes } from '../protocol/bytes.ts';
import type { Closing } from './docket.ts';
import { type DatedEntry, readMember } from './entries.ts';

/** A room about how a case was handled. */
export interface Handling {
  readonly room: Bytes;
  readonly by: Bytes;
  readonly at: number | null;
  readonly status: 'open' | 'closing' | 'closed';
  readonly closing: Closing | null;
}

/**
 * The handling-failure rooms among `entries`; `independents` are the ids, in hex, of those whom the report does not keep out. A room that
 * none of them opened is not one, whatever its label. Two of them close it, or the one there is.
 */
export function foldHandling(entries: readonly DatedEntry[], independents: ReadonlySet<string>): Handling[] {
  const rooms = new Map<string, DatedEntry[]>();
  for (const entry of [...entries].sort((one, other) => one.seq - other.seq)) {
    const member = readMember(entry);
    if (entry.label !== 'handling' || member === null || !independents.has(encodeHex(member))) continue;
    const id = encodeHex(entry.room);
    rooms.set(id, [...(rooms.get(id) ?? []), entry]);
  }
  return [...rooms]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, own]) => foldRoom(own, independents.size === 1));
}

function foldRoom(entries: readonly DatedEntry[], alone: boolean): Handling[] {
  const first = entries[0];
  const by = first && readMember(first);
  if (!first || !by || first.seq !== 0 || first.content?.kind !== 'open') return [];
  let closing: Closing | null = null;
  for (const entry of entries) closing = foldEntry(closing, entry, alone);
  const status = closing === null ? 'open' : closing.second === null ? 'closing' : 'closed';
  return [{ room: first.room, by, at: first.loggedAt, status, closing }];
}

function foldEntry(closing: Closing | null, entry: DatedEntry, alone: boolean): Closing | null {
  const { content, hash } = entry;
  const member = readMember(entry);
  if (content === null || member === null) return closing;
  if (content.kind === 'reopen') return null;
  if (content.kind === 'close' && closing === null) {
    return { hash, first: member, reason: content.reason, second: alone ? member : null };
  }
  const confirms = content.kind === 'entry' ? content.confirms : null;
  if (!confirms || closing === null || closing.second !== null) return closing;
  const right = equalBytes(confirms, closing.hash) && !equalBytes(member, closing.first);
  return right ? { ...closing, second: member } : closing;
}
