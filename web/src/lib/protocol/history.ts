/** What the directory says that a member did, and what it says about the member (spec/directory.md, "Own history"). */
import { type Bytes, equalBytes } from './bytes.ts';
import { type Entry, encodeEntryMessage, parseEntry } from './directory.ts';
import { computeSha256 } from './hashes.ts';

/** One entry that a member must know: it carries the member's signature, is about the member, or is an alarm. */
export interface HistoryEvent {
  readonly entry: Entry;
  readonly digest: Bytes;
  readonly signed: boolean;
}

/** What a device remembers of an entry: the same whoever else signs it. */
export function computeEntryDigest(org: Bytes, entry: Entry): Bytes {
  return computeSha256(encodeEntryMessage(org, entry));
}

/** The member's own history, oldest first; to independent members every void key is one of the events. */
export function listEvents(
  entries: readonly Bytes[],
  { org, member, independent }: { readonly org: Bytes; readonly member: Bytes; readonly independent: boolean },
): HistoryEvent[] {
  return entries.flatMap((data) => {
    const entry = parseEntry(data);
    const signed = entry.by.some(({ id }) => equalBytes(id, member));
    const known = signed || isAbout(entry, member, independent);
    return known ? [{ entry, digest: computeEntryDigest(org, entry), signed }] : [];
  });
}

function isAbout({ content }: Entry, member: Bytes, independent: boolean): boolean {
  switch (content.type) {
    case 'member':
      return equalBytes(content.member.id, member);
    case 'rotate':
      return equalBytes(content.rotate.id, member);
    case 'suspend':
    case 'leave':
      return equalBytes(content.id, member);
    case 'key-compromised':
      return independent || ('id' in content.key && equalBytes(content.key.id, member));
    default:
      return false;
  }
}
