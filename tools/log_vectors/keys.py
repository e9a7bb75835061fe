"""Invented keys, names and times, and notes signed with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plaint.crypto.signing import SigningKey
from plaint.protocol.checkpoint import Checkpoint, encode_checkpoint
from plaint.protocol.merkle import Hash
from plaint.protocol.note import (
    ED25519,
    Note,
    VerifierKey,
    cosign_note,
    encode_note,
    encode_vkey,
    sign_note,
)

Case = dict[str, Any]
Cases = dict[str, Case]

RFC_ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
SIZES = (0, 1, 255, 256, 257, 65_535, 65_536, 65_537)
ORIGIN = "reports.example/acme/log/cases"
DIRECTORY = "reports.example/acme/log/directory"
TIME = 1_800_000_000
EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SOFA_TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
SOFA_LINES = (
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def key(number: int) -> SigningKey:
    """Return an invented key: its seed is `number`, 32 times."""
    return SigningKey(bytes([number]) * 32)


def vkey(name: str, kind: int, number: int) -> str:
    """Return the vkey of an invented key."""
    return encode_vkey(VerifierKey(name, kind, key(number).public))


LOG_VKEY = vkey(ORIGIN, ED25519, 1)
DIRECTORY_VKEY = vkey(DIRECTORY, ED25519, 2)
WITNESSES = {name: (f"{name}.example", 10 + at) for at, name in enumerate(("w1", "w2", "w3"))}


def checkpoint_text(size: int, root: bytes, *, origin: str = ORIGIN) -> bytes:
    """Return the text of a checkpoint."""
    return encode_checkpoint(Checkpoint(origin, size, Hash(root)))


def signed(text: bytes, *, name: str = ORIGIN, number: int = 1, times: dict[str, int] | None = None) -> str:
    """Return a note signed by the log and cosigned by the witnesses in `times`."""
    lines = [sign_note(text, name=name, key=key(number))]
    for witness, time in (times or {}).items():
        witness_name, seed = WITNESSES[witness]
        lines.append(cosign_note(text, name=witness_name, key=key(seed), timestamp=time))
    return encode_note(Note(text, tuple(lines))).decode()


def signature_lines(note: Note) -> str:
    """Return what stands below the blank line."""
    return encode_note(note).decode().removeprefix(note.text.decode() + "\n")


def last_line(note: str) -> str:
    """Return the last signature line."""
    return note.split("\n")[-2] + "\n"


def to_hex(values: Sequence[bytes]) -> list[str]:
    """Return each value in hex."""
    return [value.hex() for value in values]
