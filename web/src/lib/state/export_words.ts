/** The words of what leaves the device about one person; the command line reads the same file, so that both write the same bytes. */
const TABLES = import.meta.glob<Readonly<Record<string, Readonly<Record<string, string>>>>>(
  '../../../../src/plaint/client/export_words.json',
  { eager: true, import: 'default' },
);
const [TABLE] = Object.values(TABLES);

export type ExportLanguage = 'en' | 'de' | 'zh' | 'ar';

/** A sentence with what it names put in. */
export type Say = (key: string, values?: Readonly<Record<string, string>>) => string;

export function loadExportWords(language: ExportLanguage): Say {
  const words = TABLE?.[language] ?? {};
  return (key, values = {}) =>
    (words[key] ?? key).replace(/\{(\w+)\}/gu, (whole, name: string) => values[name] ?? whole);
}
