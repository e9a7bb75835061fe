/** What a page carries that leaves the server: where the organisation is, whose keys count, a directory (spec/pages.md). */
import { type Bytes, encodeText, parseText } from './bytes.ts';
import { MalformedError } from './errors.ts';
import { Fields } from './fields.ts';
import { encodeJson, isObject, parseJson } from './json.ts';
import { type Trust, encodeTrust, parseTrust } from './trust.ts';

const LIMIT_KIT_BYTES = 16 * 1024 * 1024;
const LIMIT_ANSWERS = 4_096;
const NO_KIT = '<script type="application/json" id="kit">null</script>';
const NO_CONNECTION = "connect-src 'none'";
const TITLE = '<title>';
const CODE = 'kit-form';
const API =
  /^(?:https:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|http:\/\/(?:[a-z0-9-]+\.)*localhost|http:\/\/127\.0\.0\.1)(?::[1-9][0-9]{0,4})?\/(?:[A-Za-z0-9_-]+\/)*o\/[a-z0-9][a-z0-9-]*\/$/;
const PATH = /^(?:config|names|chart|directory\?from=0|log\/directory\/(?:checkpoint|at(?:\/[1-9][0-9]{0,15})?))$/;

/** Answers of the API as they came, by path; `at` is when they were taken and nothing rests on it. */
export interface Copy {
  readonly at: number;
  readonly answers: ReadonlyMap<string, Bytes>;
}

/** An organisation's address, the keys pinned for it, and a copy of its directory or none. */
export interface Kit {
  readonly api: string;
  readonly trust: Trust;
  readonly copy: Copy | null;
}

/** Whether an answer to `path` may stand in a copy. */
export function isCopied(path: string): boolean {
  return PATH.test(path);
}

/** The kit's JSON, which cannot end the element it is put into. Throws MalformedError "kit-form" for what `parseKit` would not take. */
export function encodeKit({ api, trust, copy }: Kit): Bytes {
  const answers = [...(copy?.answers ?? [])].map(([path, body]) => [path, parseText(body, CODE)] as const);
  const value = {
    api,
    copy: copy && { answers: Object.fromEntries(answers), at: copy.at },
    trust: parseText(encodeTrust(trust), CODE),
    v: 1,
  };
  const data = encodeText(parseText(encodeJson(value), CODE).replaceAll('<', '\\u003c'));
  parseKit(data);
  return data;
}

/** The kit of a page. Throws MalformedError "kit-form" and those of `parseJson`, `parseTrust`. */
export function parseKit(data: Bytes): Kit {
  const fields = new Fields(parseJson(data, LIMIT_KIT_BYTES), CODE);
  fields.takeExactly('v', 1);
  const api = fields.takeName('api', { limit: 400, pattern: API });
  const trust = parseTrust(encodeText(fields.takeText('trust')));
  const copy = fields.takeNull('copy', (key) => parseCopy(new Fields(fields.take(key), CODE)));
  fields.finish();
  return { api, trust, copy };
}

/**
 * A page of one file with `kit` in it, and with leave to reach the kit's organisation and nobody else.
 * Throws MalformedError "kit-page" when it is no such page, or has a kit already; those of `encodeKit`.
 */
export function embedKit(page: string, kit: Kit): string {
  const data = parseText(encodeKit(kit), CODE);
  const at = page.indexOf(TITLE); // scripts further down may speak of these places
  const allowed = replaceOnce(page.slice(0, Math.max(0, at)), NO_CONNECTION, `connect-src ${kit.api}`);
  return (
    replaceOnce(
      allowed,
      NO_KIT,
      NO_KIT.replace('null', () => data),
    ) + page.slice(at)
  );
}

function replaceOnce(text: string, what: string, by: string): string {
  const parts = text.split(what);
  if (parts.length !== 2) throw new MalformedError('kit-page');
  return parts.join(by);
}

function parseCopy(fields: Fields): Copy {
  const at = fields.takeInteger('at');
  const answers = fields.take('answers');
  fields.finish();
  if (!isObject(answers)) throw new MalformedError(CODE, 'answers');
  const entries = Object.entries(answers).map(([path, body]) => {
    if (!isCopied(path) || typeof body !== 'string') throw new MalformedError(CODE, 'answers');
    return [path, encodeText(body)] as const;
  });
  if (entries.length > LIMIT_ANSWERS) throw new MalformedError(CODE, 'answers');
  return { at, answers: new Map(entries) };
}
