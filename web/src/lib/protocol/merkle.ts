/** Merkle trees of RFC 9162: hashes, proofs and the frontier that grows a root leaf by leaf. */
import { type Bytes, equalBytes } from './bytes.ts';
import { MalformedError, VerificationError } from './errors.ts';
import { computeSha256 } from './hashes.ts';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
export const LIMIT_SIZE = 2 ** 53;
export const EMPTY_ROOT: Bytes = computeSha256();

/** Entries [start, end). */
export type Range = readonly [start: number, end: number];

/** The hash of a log entry. Source: RFC 9162, section 2.1.1. */
export function computeLeafHash(entry: Uint8Array): Bytes {
  return computeSha256(LEAF, entry);
}

export function computeNodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  return computeSha256(NODE, left, right);
}

/** The root above perfect subtrees of falling size; no subtrees give the empty root. */
export function computeFold(nodes: readonly Bytes[]): Bytes {
  return nodes.length ? nodes.reduceRight((right, left) => computeNodeHash(left, right)) : EMPTY_ROOT;
}

/** The perfect subtrees of a growing tree: at most 53 hashes, whatever the size. */
export class Frontier {
  size: number;
  readonly nodes: Bytes[];

  /** Throws MalformedError "frontier-shape". */
  constructor(size = 0, nodes: readonly Bytes[] = []) {
    this.size = size;
    this.nodes = [...nodes];
    const ones = size.toString(2).replaceAll('0', '').length;
    if (nodes.length !== ones) throw new MalformedError('frontier-shape');
  }

  /** Adds a perfect subtree of 2^height leaves at an index that is a multiple of its size. Throws "frontier-shape". */
  append(node: Bytes, height = 0): void {
    const width = 2 ** height;
    if (this.size % width !== 0) throw new MalformedError('frontier-shape');
    let grown = node;
    for (let position = this.size / width; position % 2 === 1; position = half(position)) {
      grown = computeNodeHash(this.nodes.pop() ?? EMPTY_ROOT, grown);
    }
    this.nodes.push(grown);
    this.size += width;
  }

  computeRoot(): Bytes {
    return computeFold(this.nodes);
  }
}

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  /** From the leaf upwards. */
  readonly proof: readonly Bytes[];
  readonly root: Bytes;
}

/**
 * Checks that `leaf` is entry `index` of the `size`-entry tree under `root`. Throws MalformedError "inclusion-range",
 * "inclusion-length"; VerificationError "inclusion-root". Source: RFC 9162, section 2.1.3.2.
 */
export function verifyInclusion(leaf: Bytes, { index, size, proof, root }: InclusionClaim): void {
  if (!(index >= 0 && index < size && size < LIMIT_SIZE)) throw new MalformedError('inclusion-range');
  let [first, last, node] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) throw new MalformedError('inclusion-length');
    if (first % 2 === 1 || first === last) {
      node = computeNodeHash(sibling, node);
      while (first !== 0 && first % 2 === 0) [first, last] = [half(first), half(last)];
    } else {
      node = computeNodeHash(node, sibling);
    }
    [first, last] = [half(first), half(last)];
  }
  if (last !== 0) throw new MalformedError('inclusion-length');
  if (!equalBytes(node, root)) throw new VerificationError('inclusion-root');
}

export interface ConsistencyClaim {
  readonly old: number;
  readonly new: number;
  readonly proof: readonly Bytes[];
  readonly oldRoot: Bytes;
  readonly newRoot: Bytes;
}

/**
 * Checks that the `new`-entry tree begins with all entries of the `old`-entry tree. Throws MalformedError "consistency-range",
 * "consistency-length"; VerificationError "consistency-old-root", "consistency-new-root". Source: RFC 9162, section 2.1.4.2.
 */
export function verifyConsistency(claim: ConsistencyClaim): void {
  const { old, new: size, proof, oldRoot, newRoot } = claim;
  if (!(old >= 0 && old <= size && size < LIMIT_SIZE)) throw new MalformedError('consistency-range');
  if (old === 0 || old === size) {
    verifyTrivial(claim);
    return;
  }
  const path = isPowerOfTwo(old) ? [oldRoot, ...proof] : proof;
  const [start, ...siblings] = path;
  if (start === undefined) throw new MalformedError('consistency-length');
  let [first, last] = [old - 1, size - 1];
  while (first % 2 === 1) [first, last] = [half(first), half(last)];
  let [left, right] = [start, start];
  for (const sibling of siblings) {
    if (last === 0) throw new MalformedError('consistency-length');
    if (first % 2 === 1 || first === last) {
      [left, right] = [computeNodeHash(sibling, left), computeNodeHash(sibling, right)];
      while (first !== 0 && first % 2 === 0) [first, last] = [half(first), half(last)];
    } else {
      right = computeNodeHash(right, sibling);
    }
    [first, last] = [half(first), half(last)];
  }
  if (last !== 0) throw new MalformedError('consistency-length');
  if (!equalBytes(left, oldRoot)) throw new VerificationError('consistency-old-root');
  if (!equalBytes(right, newRoot)) throw new VerificationError('consistency-new-root');
}

function verifyTrivial({ old, new: size, proof, oldRoot, newRoot }: ConsistencyClaim): void {
  if (proof.length) throw new MalformedError('consistency-length');
  if (old === 0 && !equalBytes(oldRoot, EMPTY_ROOT)) throw new VerificationError('consistency-old-root');
  if (old === size && !equalBytes(oldRoot, newRoot)) throw new VerificationError('consistency-new-root');
}

/** The ranges whose hashes are the inclusion proof, from the leaf upwards. Throws MalformedError "inclusion-range". */
export function computeInclusionRanges(index: number, size: number): Range[] {
  if (!(index >= 0 && index < size && size < LIMIT_SIZE)) throw new MalformedError('inclusion-range');
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + computeSplit(end - start);
    if (index < middle) {
      ranges.push([middle, end]);
      end = middle;
    } else {
      ranges.push([start, middle]);
      start = middle;
    }
  }
  return ranges.reverse();
}

/** The ranges whose hashes are the consistency proof. Throws MalformedError "consistency-range". */
export function computeConsistencyRanges(old: number, size: number): Range[] {
  if (!(old >= 0 && old <= size && size < LIMIT_SIZE)) throw new MalformedError('consistency-range');
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  while (old !== 0 && old !== end) {
    const middle = start + computeSplit(end - start);
    if (old <= middle) {
      ranges.push([middle, end]);
      end = middle;
    } else {
      ranges.push([start, middle]);
      start = middle;
    }
  }
  if (start) ranges.push([start, end]);
  return ranges.reverse();
}

/** The largest power of two below `count` (count > 1). */
function computeSplit(count: number): number {
  return 2 ** ((count - 1).toString(2).length - 1);
}

function isPowerOfTwo(value: number): boolean {
  return value.toString(2).lastIndexOf('1') === 0;
}

function half(value: number): number {
  return Math.floor(value / 2);
}
