"""The text forms of age keys, `age1…` and `AGE-SECRET-KEY-1…`, so that stock tools can use ours. Source: BIP-173."""

from __future__ import annotations

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode_age_recipient(public: bytes) -> str:
    """Return `age1…` for a 32-byte X25519 public key."""
    return _encode_bech32("age", public)


def encode_age_identity(secret: bytes) -> str:
    """Return `AGE-SECRET-KEY-1…` for a 32-byte X25519 private key."""
    return _encode_bech32("age-secret-key-", secret).upper()


def _encode_bech32(prefix: str, data: bytes) -> str:
    bits = int.from_bytes(data, "big") << (-len(data) * 8 % 5)
    count = -(-len(data) * 8 // 5)
    values = [bits >> 5 * (count - 1 - i) & 31 for i in range(count)]
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = _compute_polymod([*spread, *values, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values)


def _compute_polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate(_GENERATOR):
            check ^= generator if top >> i & 1 else 0
    return check
