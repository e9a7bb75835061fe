/** JSON in one spelling: RFC 8785 out; in, no duplicate keys, no floats, no integers outside ±2^53. */
import { type Bytes, encodeText, equalBytes, parseText } from './bytes.ts';
import { MalformedError } from './errors.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

const LIMIT_INTEGER = 2 ** 53;
const LIMIT_DEPTH = 200;

/** The RFC 8785 bytes of `value`. Throws MalformedError "json-value". */
export function encodeJson(value: Json): Bytes {
  return encodeText(write(value));
}

function write(value: Json): string {
  if (typeof value === 'number') return writeNumber(value);
  if (typeof value === 'string') return writeString(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (isList(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value !== 'object') throw new MalformedError('json-value');
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${writeString(key)}:${write(value[key] as Json)}`).join(',')}}`;
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) >= LIMIT_INTEGER)) {
    throw new MalformedError('json-value');
  }
  return JSON.stringify(value);
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw new MalformedError('json-value');
  return JSON.stringify(text);
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value of strict JSON in any spelling of white space. Objects have no prototype.
 * Throws MalformedError "json-size", "json-form", "json-duplicate-key", "json-number".
 */
export function parseJson(data: Uint8Array, limitBytes: number): Json {
  if (data.length > limitBytes) throw new MalformedError('json-size');
  return new Parser(parseText(data, 'json-form')).parse();
}

/** JSON that is already in RFC 8785 form. Throws MalformedError "json-canonical" and those of `parseJson`. */
export function parseCanonicalJson(data: Uint8Array, limitBytes: number): Json {
  const value = parseJson(data, limitBytes);
  if (!equalBytes(encodeJson(value), data)) throw new MalformedError('json-canonical');
  return value;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Json {
    const value = this.#value(0);
    this.#skip();
    if (this.#at !== this.#text.length) throw new MalformedError('json-form');
    return value;
  }

  #value(depth: number): Json {
    if (depth > LIMIT_DEPTH) throw new MalformedError('json-form');
    this.#skip();
    const character = this.#text[this.#at];
    if (character === '{') return this.#object(depth);
    if (character === '[') return this.#list(depth);
    if (character === '"') return this.#string();
    for (const [word, value] of WORDS) if (this.#has(word)) return value;
    if (REFUSED.some((word) => this.#has(word))) throw new MalformedError('json-number');
    return this.#number();
  }

  #object(depth: number): JsonObject {
    const value = Object.create(null) as Record<string, Json>;
    let count = 0;
    this.#at++;
    this.#skip();
    if (this.#has('}')) return value;
    do {
      this.#skip();
      if (this.#text[this.#at] !== '"') throw new MalformedError('json-form');
      const key = this.#string();
      this.#skip();
      this.#take(':');
      value[key] = this.#value(depth + 1);
      count++;
      this.#skip();
    } while (this.#has(','));
    this.#take('}');
    if (Object.keys(value).length !== count) throw new MalformedError('json-duplicate-key');
    return value;
  }

  #list(depth: number): Json[] {
    const value: Json[] = [];
    this.#at++;
    this.#skip();
    if (this.#has(']')) return value;
    do {
      value.push(this.#value(depth + 1));
      this.#skip();
    } while (this.#has(','));
    this.#take(']');
    return value;
  }

  #string(): string {
    const start = this.#at;
    do {
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
      if (this.#at >= this.#text.length) throw new MalformedError('json-form');
    } while (this.#text[this.#at] !== '"');
    this.#at++;
    return unquote(this.#text.slice(start, this.#at));
  }

  #number(): number {
    const match = this.#match(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y);
    if (match === null) throw new MalformedError('json-form');
    const value = Number(match);
    if (/[.eE]/.test(match) || Math.abs(value) >= LIMIT_INTEGER) throw new MalformedError('json-number');
    return value === 0 ? 0 : value;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0] ?? null;
    this.#at += match?.length ?? 0;
    return match;
  }

  #has(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #take(word: string): void {
    if (!this.#has(word)) throw new MalformedError('json-form');
  }

  #skip(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '-')) this.#at++;
  }
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw new MalformedError('json-form');
  }
}

const WORDS: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
const REFUSED = ['NaN', 'Infinity', '-Infinity'];
