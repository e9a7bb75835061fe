/**
 * The padded size of `sizeBytes`, never below `leastBytes`: at most O(log log n) bits of the true size are seen.
 * Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PETS 2019, algorithm 1.
 */
export function computePadme(sizeBytes: number, leastBytes = 4096): number {
  const size = Math.max(sizeBytes, leastBytes);
  const exponent = size.toString(2).length - 1;
  const unit = 2 ** (exponent - exponent.toString(2).length);
  return Math.ceil(size / unit) * unit;
}
