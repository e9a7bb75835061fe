from __future__ import annotations

import hmac

import pytest

from plaint.crypto.hashes import compute_hmac, expand, extract


@pytest.mark.parametrize("size", [0, 1, 32, 63, 64, 65, 200])
@pytest.mark.parametrize("count", [0, 1, 55, 64, 1000])
def test_our_hmac_is_the_library_s(size: int, count: int) -> None:
    key, message = bytes(range(size)), b"\x5c" * count
    assert compute_hmac(key, message[:7], message[7:]) == hmac.digest(key, message, "sha256")


def test_the_first_example_of_rfc_5869() -> None:
    prk = extract(bytes(range(13)), b"\x0b" * 22)
    assert prk.hex() == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    assert expand(prk, bytes(range(0xF0, 0xFA)), 42).hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


def test_the_third_example_of_rfc_5869() -> None:
    prk = extract(b"", b"\x0b" * 22)
    assert prk.hex() == "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"
    assert expand(prk, b"", 42).hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )
