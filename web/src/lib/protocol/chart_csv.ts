/** Charts as spreadsheets give them: CSV with columns id, name, title, reports_to and perhaps member. */
import { type Chart, type Person, makeChart, parsePerson } from './chart.ts';
import { MalformedError } from './errors.ts';

const COLUMNS = 'id,name,title,reports_to';
const LINES = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/**
 * Outer white space is dropped and names are brought to NFC.
 * Throws MalformedError "chart-csv" (detail: line), those of `makeChart` (detail: id).
 */
export function parseChartCsv(text: string): Chart {
  const lines = (text.startsWith('\ufeff') ? text.slice(1) : text).split(LINES);
  if (lines.at(-1) === '') lines.pop();
  const [head = '', ...rest] = lines;
  const columns = parseRow(head, 1).map((name) => name.trim());
  if (![COLUMNS, `${COLUMNS},member`].includes(columns.join())) throw new MalformedError('chart-csv', 'line 1');
  const people = rest.flatMap((line, i) => (line === '' ? [] : [readPerson(parseRow(line, i + 2), columns, i + 2)]));
  return makeChart(people);
}

function readPerson(row: readonly string[], columns: readonly string[], line: number): Person {
  if (row.length !== columns.length) throw refuse(line);
  const [id = '', name = '', title = '', reportsTo, member] = row.map((cell) => cell.trim().normalize('NFC'));
  return parsePerson({ id, name, title, reports_to: reportsTo || null, member: member || null });
}

/** One line in the dialect that Python calls `excel`, strict: quotes only around a whole cell, doubled inside. */
function parseRow(line: string, number: number): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] === '"') {
      const match = /"((?:[^"]|"")*)"(?=,|$)/y;
      match.lastIndex = at;
      const found = match.exec(line);
      if (found === null) throw refuse(number);
      cells.push((found[1] ?? '').replaceAll('""', '"'));
      at += found[0].length;
    } else {
      const end = line.indexOf(',', at);
      cells.push(line.slice(at, end < 0 ? line.length : end));
      at = end < 0 ? line.length : end;
    }
    if (at >= line.length) return cells;
    at++;
  }
}

function refuse(line: number): MalformedError {
  return new MalformedError('chart-csv', `line ${line}`);
}
