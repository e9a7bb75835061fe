/** Takes typed values out of parsed JSON objects, so that every parser refuses wrong shapes alike. */
import { type Bytes, parseHex } from './bytes.ts';
import { MalformedError, PlaintError } from './errors.ts';
import { type Json, type JsonObject, isList, isObject } from './json.ts';

const LIMIT_TEXT = 2 ** 20;

export interface TextLimits {
  /** Code points. */
  readonly limit?: number;
  readonly empty?: boolean;
}

export interface NameLimits {
  readonly least?: number;
  readonly limit?: number;
  readonly pattern?: RegExp;
}

/** An object whose values are checked as they are taken; `code` names the format in errors. */
export class Fields {
  readonly #rest: Map<string, Json>;
  readonly #code: string;

  constructor(value: Json, code: string) {
    if (!isObject(value)) throw new MalformedError(code);
    this.#rest = new Map(Object.entries(value));
    this.#code = code;
  }

  /** The value of `key`, which must be there. */
  take(key: string): Json {
    const value = this.#rest.get(key);
    if (value === undefined) throw this.refuse(key);
    this.#rest.delete(key);
    return value;
  }

  has(key: string): boolean {
    return this.#rest.has(key);
  }

  takeText(key: string, { limit = LIMIT_TEXT, empty = false }: TextLimits = {}): string {
    const value = this.take(key);
    if (typeof value !== 'string' || !(value || empty) || isLonger(value, limit)) throw this.refuse(key);
    return value;
  }

  /** A string of `least` to `limit` code points without controls, that matches `pattern`. */
  takeName(key: string, { least = 1, limit = 200, pattern }: NameLimits = {}): string {
    const value = this.takeText(key, { limit, empty: true });
    if (value.length < least || hasControls(value) || pattern?.test(value) === false) throw this.refuse(key);
    return value;
  }

  takeInteger(key: string, least = 0, most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.take(key);
    if (typeof value !== 'number' || value < least || value > most) throw this.refuse(key);
    return value;
  }

  takeExactly(key: string, expected: string | number): void {
    if (this.take(key) !== expected) throw this.refuse(key);
  }

  takeHex(key: string, sizeBytes: number): Bytes {
    return this.#parseHex(this.take(key), key, sizeBytes);
  }

  takeOneOf<Value extends string>(key: string, allowed: readonly Value[]): Value {
    const text = this.takeText(key);
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw this.refuse(key);
    return found;
  }

  /** Null for null, else what `take` returns for `key`. */
  takeNull<Value>(key: string, take: (key: string) => Value): Value | null {
    if (this.#rest.get(key) !== null) return take(key);
    this.#rest.delete(key);
    return null;
  }

  /** Null when `key` is absent, else what `take` returns for it. */
  takeOptional<Value>(key: string, take: (key: string) => Value): Value | null {
    return this.has(key) ? take(key) : null;
  }

  takeList<Value>(key: string, parse: (item: Json) => Value, limit: number): Value[] {
    const value = this.take(key);
    if (!isList(value) || value.length > limit) throw this.refuse(key);
    return value.map((item) => parse(item));
  }

  takeHexList(key: string, sizeBytes: number, limit: number): Bytes[] {
    return this.takeList(key, (item) => this.#parseHex(item, key, sizeBytes), limit);
  }

  /** What nobody took. */
  takeRest(): JsonObject {
    const rest = Object.fromEntries(this.#rest);
    this.#rest.clear();
    return rest;
  }

  finish(): void {
    if (this.#rest.size) throw new MalformedError(this.#code, 'unknown key');
  }

  #parseHex(value: Json, key: string, sizeBytes: number): Bytes {
    if (typeof value !== 'string') throw this.refuse(key);
    try {
      return parseHex(value, sizeBytes);
    } catch (error) {
      throw error instanceof PlaintError ? this.refuse(key) : error;
    }
  }

  /** The error that names `key`. */
  refuse(key: string): MalformedError {
    return new MalformedError(this.#code, key);
  }
}

/** Whether `text` has a character that cannot be seen and may change how the rest looks. */
export function hasControls(text: string): boolean {
  return /[\p{Cc}\p{Cs}]/u.test(text);
}

function isLonger(text: string, limit: number): boolean {
  return text.length > limit && Array.from(text).length > limit;
}
