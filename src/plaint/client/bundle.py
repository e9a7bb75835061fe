"""What a receipt comes with: in a folder, in an archive as `plaint proof` writes it, or beside it (spec/excerpt.md).

Nothing in here is believed because it lies there, and nothing is written anywhere.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from plaint.client.proof import LEAVES_NAME, RECEIPT_NAME
from plaint.errors import MalformedError, UnavailableError
from plaint.protocol.excerpt import LIMIT_EXCERPT_BYTES
from plaint.protocol.receipt import LIMIT_RECEIPT_BYTES
from plaint.protocol.state import LIMIT_NOTE_BYTES

ARCHIVE = b"PK\x03\x04"
LIMIT_FILES = 256
LIMIT_BUNDLE_BYTES = LIMIT_EXCERPT_BYTES + 1_048_576
_RECEIPT = re.compile(r"receipt.*\.txt")
_NOTE = re.compile(r"note(?:-[2-8])?\.txt")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A receipt, the notes that lie beside it by name, and the excerpt of the log; a trust file is not taken along.

    What is longer than it can rightly be is cut one byte later, so that no parser takes it.
    """

    receipt: bytes = field(repr=False)
    notes: Mapping[str, bytes] = field(repr=False)
    leaves: bytes | None = field(default=None, repr=False)


def read_bundle(path: Path) -> Bundle:
    """Return what lies at `path`: a folder, an archive, or a receipt with what is beside it.

    Raises: UnavailableError "receipt-missing"; MalformedError "archive-receipts" where there are several,
            "archive-size", "archive-path", "archive-form".
    """
    if path.is_dir():
        return _read_folder(path)
    if not path.is_file():
        raise UnavailableError("receipt-missing")
    start = _read(path, LIMIT_RECEIPT_BYTES)
    if start.startswith(ARCHIVE):
        return _read_archive(path)
    return Bundle(start, _read_notes(path.parent) if path.name == RECEIPT_NAME else {})


def _read_folder(folder: Path) -> Bundle:
    receipt = folder / _find_receipt([found.name for found in folder.iterdir() if found.is_file()])
    leaves = folder / LEAVES_NAME
    found = _read(leaves, LIMIT_EXCERPT_BYTES) if leaves.is_file() else None
    return Bundle(_read(receipt, LIMIT_RECEIPT_BYTES), _read_notes(folder), found)


def _read_notes(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.iterdir() if _NOTE.fullmatch(path.name) and path.is_file())
    return {path.name: _read(path, LIMIT_NOTE_BYTES) for path in found}


def _read(path: Path, limit_bytes: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit_bytes + 1)


def _read_archive(path: Path) -> Bundle:
    if path.stat().st_size > LIMIT_BUNDLE_BYTES:
        raise MalformedError("archive-size")
    try:
        with zipfile.ZipFile(path) as archive:
            return _take(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
        # Damaged, encrypted, or packed in a way that no bundle is.
        raise MalformedError("archive-form") from error


def _take(archive: zipfile.ZipFile) -> Bundle:
    names = archive.namelist()
    if len(names) > LIMIT_FILES:
        raise MalformedError("archive-size")
    for name in names:
        if "\\" in name or name.startswith("/") or ".." in name.split("/"):
            raise MalformedError("archive-path")
    receipt = _find_receipt([name for name in names if not name.endswith("/")])
    folder = receipt[: receipt.rfind("/") + 1]
    beside = {name.removeprefix(folder): name for name in names if name.startswith(folder)}
    notes = {name: inside for name, inside in sorted(beside.items()) if _NOTE.fullmatch(name)}
    return Bundle(
        _unpack(archive, receipt, LIMIT_RECEIPT_BYTES),
        {name: _unpack(archive, inside, LIMIT_NOTE_BYTES) for name, inside in notes.items()},
        _unpack(archive, beside[LEAVES_NAME], LIMIT_EXCERPT_BYTES) if LEAVES_NAME in beside else None,
    )


def _unpack(archive: zipfile.ZipFile, name: str, limit_bytes: int) -> bytes:
    """Return a file of the archive, unpacked no further than it can rightly be long."""
    with archive.open(name) as file:
        data = file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise MalformedError("archive-size")
    return data


def _find_receipt(names: Sequence[str]) -> str:
    found = [name for name in names if _RECEIPT.fullmatch(PurePosixPath(name).name)]
    if len(found) > 1:
        raise MalformedError("archive-receipts")
    if not found:
        raise UnavailableError("receipt-missing")
    return found[0]
