/**
 * Releases of the client: what the project that makes it signs, once for everybody (spec/directory.md, "Release"). The same
 * signature stands in a note beside the released files and in the directory of every organisation that runs them.
 */
import { type Bytes, encodeHex, parseHex } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { LineReader, encodeLines, parseLines } from './lines.ts';
import { type VerifierKey, findSignatures, parseNote, verifyNote } from './note.ts';
import { verifySignature } from './signing.ts';

const FIRST_LINE = 'plaint/v1/release';
const LIMIT_TEXT_BYTES = 512;
export const VERSION_PATTERN = /^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/;

/** A release of the client: `manifest` is H(manifest.json), `upstream` the project's signature. */
export interface Release {
  readonly version: string;
  readonly manifest: Bytes;
  readonly upstream: Bytes;
}

/** The text that the project signs: three lines. */
export function encodeReleaseText({ version, manifest }: Pick<Release, 'version' | 'manifest'>): Bytes {
  return encodeLines(FIRST_LINE, [
    ['version', version],
    ['manifest', encodeHex(manifest)],
  ]);
}

/** Checks the project's signature. Throws VerificationError "release-signature". */
export function verifyRelease(release: Release, key: VerifierKey): void {
  try {
    verifySignature(key.public, encodeReleaseText(release), release.upstream);
  } catch (error) {
    if (error instanceof VerificationError) throw new VerificationError('release-signature');
    throw error;
  }
}

/**
 * The release of a note that `key` signed; other signatures are left aside. Throws VerificationError "note-no-known-key",
 * "note-known-key"; MalformedError "release-version", those of `parseNote` and `parseLines`.
 */
export function openReleaseNote(data: Bytes, key: VerifierKey): Release {
  const note = parseNote(data);
  verifyNote(note, [key]);
  const reader = new LineReader(parseLines(note.text, FIRST_LINE, LIMIT_TEXT_BYTES));
  const [version, manifest] = [reader.take('version'), parseHex(reader.take('manifest'), 32)];
  reader.finish();
  const [found] = findSignatures(note, key);
  if (found === undefined || !VERSION_PATTERN.test(version)) throw new MalformedError('release-version');
  return { version, manifest, upstream: found.signature };
}
