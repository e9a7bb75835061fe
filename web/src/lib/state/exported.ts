/** The files of an export for one person: three to hand over, one to keep. */
import type { Authorship } from '../protocol/authorship.ts';
import { encodeHex, encodeText } from '../protocol/bytes.ts';
import { computeSha256 } from '../protocol/hashes.ts';
import { type ExportLanguage, type Say, loadExportWords } from './export_words.ts';
import type { Redactor } from './redact.ts';

const STYLE =
  'body{font:1rem/1.5 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}' +
  'article{border-top:1px solid;padding:1rem 0}pre{white-space:pre-wrap;font:inherit}';
const LINE = '-'.repeat(40);

/** Whose data it is, which entries by their keys, whom to black out, and what may stay though it names somebody. */
export interface Choice {
  readonly subject: string;
  readonly entries: readonly string[];
  readonly redact: readonly string[];
  readonly leave: readonly string[];
  readonly language: ExportLanguage;
}

/**
 * An entry as handed over; `original` is H(header), which binds the sealed original and shows nothing of it. `authorship` is what its
 * reader could show of its author (spec/room.md), `proved` for what the reader wrote.
 */
export interface ExportedEntry {
  readonly name: string;
  readonly kind: string;
  readonly author: string;
  readonly authorship: Exclude<Authorship, 'own'>;
  readonly loggedAt: number | null;
  readonly text: string;
  readonly files: readonly string[];
  readonly original: string;
  readonly before: string;
}

export interface ExportedFiles {
  readonly html: string;
  readonly text: string;
  readonly json: string;
  /** Stays with whoever made the export: it names who was blacked out. */
  readonly log: string;
}

export function encodeExport(entries: readonly ExportedEntry[], redactor: Redactor, choice: Choice): ExportedFiles {
  const say = loadExportWords(choice.language);
  return {
    html: encodeHtml(entries, choice.language, say),
    text: `${entries.map((entry) => [...listLines(entry, say), '', entry.text, '', LINE].join('\n')).join('\n')}\n`,
    json: encodeIndented({ v: 1, entries: entries.map(encodeEntry) }),
    log: encodeIndented({
      v: 1,
      for: choice.subject,
      redacted: choice.redact.map((name) => ({ name, count: redactor.count(name) })),
      left: choice.leave,
      entries: entries.map(({ name, original, before }) => {
        return { entry: name, original, text_sha256: encodeHex(computeSha256(encodeText(before))) };
      }),
    }),
  };
}

function encodeEntry({ name, kind, author, authorship, loggedAt, text, files, original }: ExportedEntry): object {
  return { entry: name, kind, author, authorship, logged_at: loggedAt, text, files, original };
}

function encodeIndented(value: object): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

function listLines({ kind, author, authorship, loggedAt, original, files }: ExportedEntry, say: Say): string[] {
  const who = author === 'reporter' ? say('reporter') : author;
  const when = loggedAt === null ? say('unlogged') : formatDate(loggedAt);
  const head = `${say(`kind-${kind}`)} · ${who} · ${when}`;
  const proved = authorship === 'proved' ? [] : [say(`author-${authorship}`)];
  return [head, ...proved, say('original', { hash: original }), ...files.map((file) => say('file', { file }))];
}

/** A date that reads the same everywhere. */
function formatDate(moment: number): string {
  return `${new Date(moment * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function encodeHtml(entries: readonly ExportedEntry[], language: ExportLanguage, say: Say): string {
  const articles = entries.map((entry) => {
    const lines = listLines(entry, say).map(escape).join('<br>');
    return `<article><p><small dir="auto">${lines}</small></p><pre dir="auto">${escape(entry.text)}</pre></article>`;
  });
  const way = language === 'ar' ? 'rtl' : 'ltr';
  const head = `<html lang="${language}" dir="${way}"><meta charset="utf-8"><title>${escape(say('title'))}</title>`;
  return `${['<!doctype html>', head, `<style>${STYLE}</style>`, ...articles, '</html>'].join('\n')}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/gu, (letter) => ESCAPES[letter] ?? letter);
}
