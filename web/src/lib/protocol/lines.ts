/** Text objects: ASCII lines `key SP value LF` in a fixed order, one spelling (spec/README.md). */
import { type Bytes, encodeText } from './bytes.ts';
import { MalformedError } from './errors.ts';

export type Line = readonly [key: string, value: string];

/** The text object with first line `first` and one line for each (key, value). */
export function encodeLines(first: string, pairs: Iterable<Line>): Bytes {
  let text = `${first}\n`;
  for (const [key, value] of pairs) text += `${key} ${value}\n`;
  return encodeText(text);
}

/** Throws MalformedError "text-size", "text-ascii", "text-first-line", "text-line". */
export function parseLines(data: Uint8Array, first: string, limitBytes: number): Line[] {
  if (data.length > limitBytes) throw new MalformedError('text-size');
  if (data.some((byte) => byte > 127 || byte === 13 || byte === 0)) throw new MalformedError('text-ascii');
  if (data.at(-1) !== 10) throw new MalformedError('text-line', 'no final newline');
  const [head, ...rest] = new TextDecoder().decode(data.subarray(0, -1)).split('\n');
  if (head !== first) throw new MalformedError('text-first-line');
  return rest.map(parseLine);
}

function parseLine(line: string): Line {
  const space = line.indexOf(' ');
  const value = line.slice(space + 1);
  if (space < 1 || !/^[!-~](?:[ -~]*[!-~])?$/.test(value)) throw new MalformedError('text-line');
  return [line.slice(0, space), value];
}

/** Takes lines in their fixed order; every refusal is "text-order". */
export class LineReader {
  readonly #pairs: readonly Line[];
  #at = 0;

  constructor(pairs: readonly Line[]) {
    this.#pairs = pairs;
  }

  /** The key of the next line, or null at the end. */
  peek(): string | null {
    return this.#pairs[this.#at]?.[0] ?? null;
  }

  /** The value of the next line, which must have `key`. */
  take(key: string): string {
    const pair = this.#pairs[this.#at];
    if (pair?.[0] !== key) throw new MalformedError('text-order', key);
    this.#at++;
    return pair[1];
  }

  takeOptional(key: string): string | null {
    return this.peek() === key ? this.take(key) : null;
  }

  takeMany(key: string): string[] {
    const values: string[] = [];
    while (this.peek() === key) values.push(this.take(key));
    return values;
  }

  finish(): void {
    if (this.peek() !== null) throw new MalformedError('text-order', 'unknown line');
  }
}

/** A decimal without sign or leading zeros, below `limit`. Throws MalformedError "text-integer". */
export function parseInteger(text: string, limit: number = 2 ** 53): number {
  if (text.length > 16 || !/^(?:0|[1-9][0-9]*)$/.test(text)) throw new MalformedError('text-integer');
  const value = Number(text);
  if (value >= limit) throw new MalformedError('text-integer');
  return value;
}
