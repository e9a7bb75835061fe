/** What an organisation holds of one person in a case, for that person; made on the device, from what this member can read. */
import type { View } from '../api/view.ts';
import { compareBytes, encodeHex, encodeText } from '../protocol/bytes.ts';
import { RefusedError } from '../protocol/errors.ts';
import type { DatedRoom, LogFacts } from './casework.ts';
import { describeContent } from './described.ts';
import { type Choice, type ExportedEntry, type ExportedFiles, encodeExport } from './exported.ts';
import { type Say, loadExportWords } from './export_words.ts';
import { Redactor, compareLetters, findLeft, fold, isNamed, listPieces } from './redact.ts';
import type { OpenedEntry } from './rooms.ts';
import { saveFile } from './sending.ts';
import type { ExportView } from './types.ts';
import { nameEntry } from './views.ts';

const FILES = import.meta.glob<readonly string[]>('../../../../src/plaint/client/file_types.json', {
  eager: true,
  import: 'default',
});
const TYPES: ReadonlySet<string> = new Set(Object.values(FILES).flat());

/** What a page shows of an export, and saves. */
export function showExport(made: Export): ExportView {
  if (made.left !== null) return made;
  const { html, text, json, log } = made.files;
  const save = (name: string, data: string) => saveFile(name, encodeText(data));
  return {
    left: null,
    count: made.count,
    preview: text,
    files: [save('export.html', html), save('export.txt', text), save('export.json', json)],
    log: save('log.json', log),
  };
}

/** Either what may still name somebody else, and no file; or the files, and how often something was blacked out. */
export type Export =
  { readonly left: readonly string[] } | { readonly left: null; readonly files: ExportedFiles; readonly count: number };

/**
 * Throws RefusedError "export-entry" when no entry is chosen, or one that is not there or was not opened; "export-subject" when the
 * person themself would be blacked out.
 */
export function makeExport(view: View, rooms: readonly DatedRoom[], choice: Choice): Export {
  const names = nameRooms(rooms);
  const known = new Map(rooms.flatMap((dated) => listEntries(dated, names)));
  const chosen = choice.entries.map((key) => known.get(key));
  if (chosen.length === 0 || chosen.some((found) => !found?.entry.content)) throw new RefusedError('export-entry');
  if (choice.redact.some((name) => fold(name) === fold(choice.subject))) throw new RefusedError('export-subject');
  const say = loadExportWords(choice.language);
  const redactor = new Redactor(choice.redact, say);
  const entries = chosen.flatMap((found) => (found ? [exportEntry(view, found, redactor, say)] : []));
  const left = findNamed(view, rooms, choice, entries, redactor);
  if (left.length > 0) return { left };
  const count = choice.redact.reduce((sum, name) => sum + redactor.count(name), 0);
  return { left: null, files: encodeExport(entries, redactor, choice), count };
}

interface Dated {
  /** What its file calls it: its room's name and its number there. */
  readonly name: string;
  readonly entry: OpenedEntry;
  readonly facts: LogFacts | undefined;
}

/** Every entry with the key by which it is chosen, that of its view. */
function listEntries({ room, facts }: DatedRoom, names: ReadonlyMap<string, string>): [string, Dated][] {
  const id = encodeHex(room.id);
  return room.entries.map((entry, i) => {
    const { seq } = entry.header;
    return [nameEntry(room, seq), { name: `${names.get(id) ?? room.manifest.label}:${seq}`, entry, facts: facts[i] }];
  });
}

/** Labels by the hex of their rooms' ids; of rooms that share one, all but the first by their ids have a number as well. */
function nameRooms([main, ...others]: readonly DatedRoom[]): Map<string, string> {
  const [names, counts] = [new Map<string, string>(), new Map<string, number>()];
  const sorted = others.toSorted((one, other) => compareBytes(one.room.id, other.room.id));
  for (const { room } of main ? [main, ...sorted] : sorted) {
    const { label } = room.manifest;
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    names.set(encodeHex(room.id), count === 1 ? label : `${label}-${count}`);
  }
  return names;
}

function exportEntry(view: View, { name, entry, facts }: Dated, redactor: Redactor, say: Say): ExportedEntry {
  const { header, content, author, authorship, hash } = entry;
  const before = content === null ? '' : describeContent(content, say);
  return {
    name,
    kind: header.kind,
    author: redactor.redact(author?.who === 'member' ? view.name(author.id) : 'reporter'),
    authorship: authorship === 'own' ? 'proved' : authorship,
    loggedAt: facts?.loggedAt ?? null,
    text: redactor.redact(before),
    // A file's own name may name somebody, as may a type that nobody knows; files are not part of an export.
    files: (content?.attachments ?? []).map(({ type, size }) => {
      return say('file-size', { type: TYPES.has(type) ? type : say('file-untyped'), size: `${size}` });
    }),
    original: encodeHex(hash),
    before,
  };
}

/** What may still name somebody else: whole names of people of the case, and pieces of blacked out names. */
function findNamed(
  view: View,
  rooms: readonly DatedRoom[],
  { subject, redact, leave }: Choice,
  entries: readonly ExportedEntry[],
  redactor: Redactor,
): string[] {
  const texts = entries.flatMap(({ text, author }) => [text, author]);
  const allowed = [subject, ...leave];
  const free = new Set(allowed.map(fold));
  const people = new Set([...view.names.values(), ...rooms.flatMap(listPeople)]);
  const whole = [...people].filter((name) => !free.has(fold(name)) && isNamed(name, texts)).sort(compareLetters);
  // Whoever reports about "Rafe Ostellan, Teldane Stores" writes of Rafe.
  const named = new Set(rooms.flatMap(listNamed));
  const pieces = [...named].filter((name) => !whole.includes(name) && !free.has(fold(name))).flatMap(listPieces);
  const plain = texts.map((text) => redactor.strip(text));
  return [...whole, ...findLeft(plain, [...redact, ...pieces], allowed)];
}

/** Everybody whom a room was opened about, or without. */
function listNamed({ room }: DatedRoom): string[] {
  return room.entries.flatMap(({ content }) =>
    content?.kind === 'open' ? [...content.people, ...content.access.excluded].map(({ name }) => name) : [],
  );
}

/** Everybody a room knows by name. */
function listPeople({ room }: DatedRoom): string[] {
  return room.entries.flatMap(({ content }) => {
    const told = content?.kind === 'open' || content?.kind === 'entry' ? content.disclosure?.name : '';
    const earlier = told ? [told] : [];
    if (content?.kind === 'open') {
      return [...[...content.people, ...content.access.excluded].map(({ name }) => name), ...earlier];
    }
    if (content?.kind === 'slots') return content.granted ? [content.granted.name] : [];
    return content?.kind === 'entry' && content.notice ? [content.notice.name] : earlier;
  });
}
