from __future__ import annotations

import pytest

from plaint.crypto.agreement import AgreementKey, agree_once, compute_agreement_public
from plaint.errors import MalformedError, VerificationError


def test_the_iterated_example_of_rfc_7748() -> None:
    nine = b"\x09" + bytes(31)
    assert AgreementKey(nine).agree(nine).hex() == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"


def test_the_public_key_of_the_second_example_of_rfc_7748() -> None:
    secret = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    public = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    assert compute_agreement_public(secret).hex() == public


def test_both_sides_share_the_same_bytes() -> None:
    left, right = AgreementKey(b"\x01" * 32), AgreementKey(b"\x02" * 32)
    assert left.agree(right.public) == right.agree(left.public)


@pytest.mark.parametrize("low_order", [bytes(32), b"\x01" + bytes(31)])
def test_a_shared_secret_of_zeros_aborts(low_order: bytes) -> None:
    with pytest.raises(VerificationError) as caught:
        AgreementKey(b"\x01" * 32).agree(low_order)
    assert caught.value.code == "key-agreement"


def test_keys_of_another_length_are_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        AgreementKey(bytes(31))
    assert caught.value.code == "key-length"
    with pytest.raises(MalformedError) as caught:
        AgreementKey(bytes(32)).agree(bytes(33))
    assert caught.value.code == "key-length"


def test_the_secret_does_not_show() -> None:
    assert "01" not in repr(AgreementKey(b"\x01" * 32))


def test_agreeing_once_is_agreeing() -> None:
    key, other = AgreementKey(b"\x01" * 32), AgreementKey(b"\x02" * 32)
    assert agree_once(key.secret, other.public) == (key.public, key.agree(other.public))


@pytest.mark.parametrize("low_order", [bytes(32), b"\x01" + bytes(31)])
def test_agreeing_once_aborts_at_a_shared_secret_of_zeros(low_order: bytes) -> None:
    with pytest.raises(VerificationError) as caught:
        agree_once(b"\x01" * 32, low_order)
    assert caught.value.code == "key-agreement"
