from __future__ import annotations

import subprocess
from pathlib import Path

import pyrage  # type: ignore[import-untyped]
import pytest

from plaint.crypto.age import AgeOpener, AgeSealer, compute_sealed_bytes, open_age, seal_age, try_open_small
from plaint.crypto.age_keys import encode_age_identity, encode_age_recipient
from plaint.crypto.agreement import AgreementKey
from plaint.errors import MalformedError, PlaintError, VerificationError

OWNER = AgreementKey(b"\x11" * 32)
OTHER = AgreementKey(b"\x22" * 32)
SIZES = [0, 1, 256, 65_535, 65_536, 65_537, 131_072, 200_001]


def fill(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


@pytest.mark.parametrize("size", SIZES)
def test_pyrage_opens_what_we_seal(size: int) -> None:
    identity = pyrage.x25519.Identity.from_str(encode_age_identity(OWNER.secret))
    sealed = seal_age(OWNER.public, fill(size))
    assert len(sealed) == compute_sealed_bytes(size)
    assert pyrage.decrypt(sealed, [identity]) == fill(size)


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_pyrage_seals(size: int) -> None:
    recipients = [
        pyrage.x25519.Recipient.from_str(encode_age_recipient(OTHER.public)),
        pyrage.x25519.Recipient.from_str(encode_age_recipient(OWNER.public)),
    ]
    assert open_age(OWNER, pyrage.encrypt(fill(size), recipients)) == fill(size)


@pytest.mark.parametrize("size", [0, 256, 65_537])
def test_stock_age_opens_what_we_seal_and_we_open_what_it_seals(tmp_path: Path, size: int) -> None:
    (tmp_path / "identity").write_text(encode_age_identity(OWNER.secret) + "\n")
    (tmp_path / "sealed").write_bytes(seal_age(OWNER.public, fill(size)))
    opened = subprocess.run(["age", "-d", "-i", "identity", "sealed"], cwd=tmp_path, capture_output=True, check=True)
    assert opened.stdout == fill(size)
    command = ["age", "-r", encode_age_recipient(OWNER.public)]
    sealed = subprocess.run(command, input=fill(size), capture_output=True, check=True).stdout
    assert open_age(OWNER, sealed) == fill(size)


@pytest.mark.parametrize("part", [1, 100, 65_536, 70_000])
def test_streams_in_parts_are_the_same_file(part: int) -> None:
    plain = fill(140_000)[: 2_000 if part == 1 else None]
    secrets = {"esk": b"\x01" * 32, "file_key": b"\x02" * 16, "nonce": b"\x03" * 16}
    parts = [plain[i : i + part] for i in range(0, len(plain), part)]
    sealed = b"".join(AgeSealer(OWNER.public, **secrets).seal_parts(parts))
    assert sealed == seal_age(OWNER.public, plain, **secrets)
    pieces = (sealed[i : i + part] for i in range(0, len(sealed), part))
    assert b"".join(AgeOpener(OWNER).open_parts(pieces)) == plain


def test_a_cell_opens_for_its_owner_only() -> None:
    cell = seal_age(OWNER.public, fill(256))
    assert len(cell) == 456
    assert try_open_small(OWNER, cell) == fill(256)
    assert try_open_small(OTHER, cell) is None
    assert try_open_small(OWNER, cell[:-1] + bytes([cell[-1] ^ 1])) is None
    assert try_open_small(OWNER, bytes(456)) is None
    assert try_open_small(OWNER, b"") is None


def check_code(
    code: str, data: bytes, identity: AgreementKey = OWNER, family: type[PlaintError] = MalformedError
) -> None:
    with pytest.raises(PlaintError) as caught:
        open_age(identity, data)
    assert caught.value.code == code
    assert isinstance(caught.value, family)


def test_files_for_others_and_damaged_files_say_which() -> None:
    sealed = seal_age(OWNER.public, fill(70_000))
    check_code("age-no-identity", sealed, OTHER, VerificationError)
    check_code("age-payload", sealed[:-1], family=VerificationError)
    check_code("age-payload", sealed[: 184 + 65_552], family=VerificationError)
    check_code("age-payload", sealed[:190] + bytes([sealed[190] ^ 1]) + sealed[191:], family=VerificationError)
    mac = sealed[:124] + (b"A" if sealed[124:125] != b"A" else b"B") + sealed[125:]
    check_code("age-payload", mac, family=VerificationError)
    check_code("age-form", sealed[:100])
    check_code("age-form", b"")
    check_code("age-form", b"-----BEGIN AGE ENCRYPTED FILE-----\n")
    check_code("age-form", sealed.replace(b"-> X25519 ", b"-> X25519  ", 1))
    check_code("age-form", b"age-encryption.org/v1\n" + b"-> grease\n\n" * 4_000)


def test_a_share_of_low_order_is_refused() -> None:
    sealed = seal_age(OWNER.public, b"")
    check_code("age-form", sealed[:32] + b"A" * 43 + sealed[75:])


def test_an_empty_last_chunk_is_refused() -> None:
    sealer = AgeSealer(OWNER.public)
    chunks = sealer._chunks
    sealed = sealer.header + chunks.seal(fill(65_536), last=False) + chunks.seal(b"", last=True)
    check_code("age-payload", sealed, family=VerificationError)
