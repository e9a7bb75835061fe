/** The one root error and its five families; a family tells the caller what to do next. Codes: spec/errors.md. */
export type Family = 'malformed' | 'verification' | 'refused' | 'conflict' | 'unavailable';

/** Anything Plaint refuses or cannot do, named by a stable `code`; `detail` never holds plaintext, keys, words or names. */
export abstract class PlaintError extends Error {
  abstract readonly family: Family;
  readonly code: string;
  readonly detail: string;

  constructor(code: string, detail = '') {
    super(detail ? `${code}: ${detail}` : code);
    this.name = new.target.name;
    this.code = code;
    this.detail = detail;
  }
}

/** The bytes do not have the form they claim: send other bytes. */
export class MalformedError extends PlaintError {
  override readonly family = 'malformed';
}

/** The form is right and the claim is false: do not trust the sender. */
export class VerificationError extends PlaintError {
  override readonly family = 'verification';
}

/** Well formed and true, but not allowed: ask somebody who may. */
export class RefusedError extends PlaintError {
  override readonly family = 'refused';
}

/** Somebody else was first: read again, then decide again. */
export class ConflictError extends PlaintError {
  override readonly family = 'conflict';
}

/** Not now: keep what you have and send the same bytes later. */
export class UnavailableError extends PlaintError {
  override readonly family = 'unavailable';
}
