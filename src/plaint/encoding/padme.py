"""Padmé: sizes rounded up so that at most O(log log n) bits of the true size are seen."""

from __future__ import annotations


def compute_padme(size_bytes: int, *, least_bytes: int = 4096) -> int:
    """Return the padded size of `size_bytes`, never below `least_bytes`.

    Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PETS 2019, algorithm 1.
    """
    size = max(size_bytes, least_bytes)
    exponent = size.bit_length() - 1
    mantissa_bits = exponent.bit_length()
    mask = (1 << (exponent - mantissa_bits)) - 1
    return (size + mask) & ~mask
