import { expect, test } from 'vitest';
import { encodeBase64 } from './base64.ts';
import { type Bytes, encodeHex, encodeText, encodeU64, readHex } from './bytes.ts';
import {
  encodeCheckpoint,
  encodeRun,
  encodeSizes,
  openCheckpoint,
  parseCheckpoint,
  parseRun,
  parseSizes,
} from './checkpoint.ts';
import { encodeCosignedMessage, parseCosignature, verifyCosignature } from './cosignature.ts';
import { PlaintError } from './errors.ts';
import { computeRangeRoot, createHashLevels, createUniformLevels } from './hash_levels.test-support.ts';
import { Frontier, computeLeafHash, verifyConsistency, verifyInclusion } from './merkle.ts';
import {
  computeKeyId,
  cosignNote,
  encodeNote,
  encodeVkey,
  findSignatures,
  parseNote,
  parseSignatures,
  parseVkey,
  signNote,
  verifyNote,
} from './note.ts';
import { computeDate, encodePolicy, parsePolicy } from './policy.ts';
import { encodeProof, openProof, parseProof } from './proof.ts';
import { SigningKey } from './signing.ts';
import {
  type HashReader,
  TILE_WIDTH,
  computeConsistency,
  computeInclusion,
  computeNewTiles,
  computeRoot,
  encodeBundle,
  encodeTilePath,
  parseBundle,
  parseTilePath,
} from './tiles.ts';
import { encodeTrust, findCasesKey, findDirectoryKey, parseTrust } from './trust.ts';
import { loadVectors } from './vectors.test-support.ts';

interface InclusionCase {
  index: number;
  size: number;
  proof: string[];
}

interface ConsistencyCase {
  old: number;
  new: number;
  old_root: string;
  proof: string[];
}

/** The union of all keys: each check reads its own, and a missing one fails the comparison. */
interface Case {
  check?: string;
  error?: string;
  entries: string[];
  roots: string[];
  inclusion: InclusionCase[];
  consistency: ConsistencyCase[];
  size: number;
  root: string;
  leaf: string;
  index: number;
  proof: unknown;
  old: number;
  new: number;
  old_root: string;
  new_root: string;
  path: string;
  level: number | null;
  width: number;
  levels: { full: number; partial: number }[];
  bundle: string;
  count: number;
  note: string;
  note_hex?: string;
  keys: string[];
  text: string;
  signers: string[];
  vkey: string;
  name: string;
  key_id: string;
  type: number;
  public: string;
  seed: string;
  timestamp?: number;
  message: string;
  line: string;
  log: string;
  origin: string;
  extensions: string[];
  sizes: number[];
  data: string;
  notes: string[];
  cosignature: string;
  entry: string;
  policy: string;
  date: number | null;
  trust: string;
  receipts: string;
  cases: string;
  directory: string;
  org: string;
  quorum: string;
  upstream?: string;
}

const decode = (data: Uint8Array) => new TextDecoder().decode(data);
const read = (value: unknown) => (value as string[]).map(readHex);

interface Tree {
  readonly levels: HashReader;
  readonly count: number;
  readonly entryAt: (index: number) => Bytes;
}

function listTree(entries: Bytes[]): Tree {
  const entryAt = (index: number) => entries[index] ?? new Uint8Array(0);
  return { levels: createHashLevels(entries), count: entries.length, entryAt };
}

function checkRanges(tree: Tree, { inclusion, consistency }: Case, rootOf: (size: number) => Bytes): void {
  const { levels, count, entryAt } = tree;
  for (const { index, size = count, proof } of inclusion as (InclusionCase & { size?: number })[]) {
    expect(computeInclusion(levels, index, size).map(encodeHex)).toEqual(proof);
    verifyInclusion(computeLeafHash(entryAt(index)), { index, size, proof: read(proof), root: rootOf(size) });
  }
  for (const { old, new: size = count, proof, old_root } of consistency as (ConsistencyCase & {
    new?: number;
  })[]) {
    expect(computeConsistency(levels, old, size).map(encodeHex)).toEqual(proof);
    const oldRoot = (old_root as string | undefined) === undefined ? rootOf(old) : readHex(old_root);
    verifyConsistency({ old, new: size, proof: read(proof), oldRoot, newRoot: rootOf(size) });
  }
}

const CHECKS: Record<string, (c: Case) => void> = {
  tree(c) {
    const entries = read(c.entries);
    const frontier = new Frontier();
    for (const [size, root] of c.roots.entries()) {
      expect(encodeHex(frontier.computeRoot())).toBe(root);
      expect(encodeHex(computeRangeRoot(entries.slice(0, size)))).toBe(root);
      const entry = entries[size];
      if (entry) frontier.append(computeLeafHash(entry));
    }
    checkRanges(listTree(entries), c, (size) => readHex(c.roots[size] ?? ''));
  },
  counted(c) {
    const entries = Array.from({ length: c.size }, (_, i) => encodeU64(i));
    checkRanges(listTree(entries), c, () => readHex(c.root));
  },
  uniform(c) {
    const entry = readHex(c.entry);
    const levels = createUniformLevels(entry);
    expect(encodeHex(computeRoot(levels, c.size))).toBe(c.root);
    checkRanges({ levels, count: c.size, entryAt: () => entry }, c, () => readHex(c.root));
  },
  inclusion(c) {
    verifyInclusion(readHex(c.leaf), { index: c.index, size: c.size, proof: read(c.proof), root: readHex(c.root) });
  },
  consistency(c) {
    const roots = { oldRoot: readHex(c.old_root), newRoot: readHex(c.new_root) };
    verifyConsistency({ old: c.old, new: c.new, proof: read(c.proof), ...roots });
  },
  path(c) {
    const tile = parseTilePath(c.path);
    expect(tile).toEqual({ level: c.level, index: c.index, width: c.width });
    expect(encodeTilePath(tile)).toBe(c.path);
  },
  geometry(c) {
    for (const [level, want] of c.levels.entries()) {
      const widths = computeNewTiles(level, 0, c.size).map((tile) => tile.width);
      expect(widths.filter((width) => width === TILE_WIDTH)).toHaveLength(want.full);
      expect(widths.filter((width) => width !== TILE_WIDTH)).toEqual(want.partial ? [want.partial] : []);
    }
  },
  bundle(c) {
    const entries = parseBundle(readHex(c.bundle), c.count);
    expect(entries.map(encodeHex)).toEqual(c.entries);
    expect(encodeHex(encodeBundle(entries))).toBe(c.bundle);
  },
  note(c) {
    const data = c.note_hex === undefined ? encodeText(c.note) : readHex(c.note_hex);
    const note = parseNote(data);
    const keys = c.keys.map(parseVkey);
    expect(encodeNote(note)).toEqual(data);
    verifyNote(note, keys);
    expect(decode(note.text)).toBe(c.text);
    expect(keys.filter((key) => findSignatures(note, key).length).map((key) => key.name)).toEqual(c.signers);
  },
  vkey(c) {
    const key = parseVkey(c.vkey);
    expect([key.name, encodeHex(computeKeyId(key)), key.type, encodeHex(key.public)]).toEqual([
      c.name,
      c.key_id,
      c.type,
      c.public,
    ]);
    expect(encodeVkey(key)).toBe(c.vkey);
  },
  sign(c) {
    const [key, text] = [new SigningKey(readHex(c.seed)), encodeText(c.text)];
    expect(parseVkey(c.vkey).public).toEqual(key.public);
    if (c.timestamp === undefined) {
      expect(decode(encodeNote({ text, signatures: [signNote(text, c.name, key)] }))).toBe(c.note);
      return;
    }
    expect(decode(encodeCosignedMessage(text, c.timestamp))).toBe(c.message);
    const note = { text: new Uint8Array(0), signatures: [cosignNote(text, c.name, key, c.timestamp)] };
    expect(decode(encodeNote(note))).toBe(`\n${c.line}`);
  },
  checkpoint(c) {
    const note = parseNote(encodeText(c.note));
    const checkpoint = openCheckpoint(note, parseVkey(c.log));
    expect({ ...checkpoint, root: encodeHex(checkpoint.root) }).toEqual({
      origin: c.origin,
      size: c.size,
      root: c.root,
      extensions: c.extensions,
    });
    expect(encodeCheckpoint(checkpoint)).toEqual(note.text);
  },
  text(c) {
    const checkpoint = parseCheckpoint(encodeText(c.text));
    expect([checkpoint.origin, checkpoint.size, encodeHex(checkpoint.root)]).toEqual([c.origin, c.size, c.root]);
  },
  sizes(c) {
    expect(parseSizes(encodeText(c.text))).toEqual(c.sizes);
    expect(decode(encodeSizes(c.sizes))).toBe(c.text);
  },
  run(c) {
    const notes = parseRun(readHex(c.data));
    expect(notes.map((note) => decode(encodeNote(note)))).toEqual(c.notes);
    expect(encodeHex(encodeRun(notes))).toBe(c.data);
  },
  cosignature(c) {
    const cosignature = parseCosignature(readHex(c.cosignature));
    verifyCosignature(readHex(c.public), encodeText(c.text), cosignature);
    expect(cosignature.timestamp).toBe(c.timestamp);
  },
  line(c) {
    const signatures = parseSignatures(encodeText(c.line));
    const [line] = signatures;
    expect(signatures).toHaveLength(1);
    expect([line?.name, line && encodeHex(line.keyId)]).toEqual([c.name, c.key_id]);
    expect(line && parseCosignature(line.signature).timestamp).toBe(c.timestamp);
    expect(decode(encodeNote({ text: new Uint8Array(0), signatures }))).toBe(`\n${c.line}`);
  },
  proof(c) {
    const proof = parseProof(encodeText(c.proof as string));
    const checkpoint = openProof(proof, readHex(c.entry), parseVkey(c.log));
    expect([proof.index, checkpoint.size]).toEqual([c.index, c.size]);
    expect(decode(encodeProof(proof))).toBe(c.proof);
  },
  policy(c) {
    const policy = parsePolicy(encodeText(c.policy));
    expect(computeDate(policy, parseNote(encodeText(c.note)))).toBe(c.date);
    expect(parsePolicy(encodePolicy(policy))).toEqual(policy);
  },
  trust(c) {
    const trust = parseTrust(encodeText(c.trust));
    const keys = [trust.receipts, findCasesKey(trust.policy), findDirectoryKey(trust.policy)].map(encodeVkey);
    expect(keys).toEqual([c.receipts, c.cases, c.directory]);
    expect([encodeHex(trust.org), trust.policy.quorum]).toEqual([c.org, c.quorum]);
    expect(trust.upstream && encodeVkey(trust.upstream)).toBe(c.upstream ?? null);
    expect(decode(encodeTrust(trust))).toBe(c.trust);
  },
};

const FOLDERS = ['merkle', 'tiles', 'note', 'checkpoint', 'cosignature', 'proof', 'policy', 'trust'];
const ALL = FOLDERS.flatMap((folder) => loadVectors<Case>(folder).map(([name, c]) => [folder, name, c] as const));

test.each(ALL)('%s %s', (folder, _name, c) => {
  const check = CHECKS[c.check ?? folder];
  if (check === undefined) throw new Error(`no check for ${folder}`);
  if (c.error === undefined) {
    check(c);
    return;
  }
  expect(
    catchCode(() => {
      check(c);
    }),
  ).toBe(c.error);
});

function catchCode(run: () => void): string | null {
  try {
    run();
  } catch (error) {
    if (error instanceof PlaintError) return error.code;
    throw error;
  }
  return null;
}

test('base64 of a root is in its one spelling', () => {
  expect(encodeBase64(readHex('00ff'))).toBe('AP8=');
});
