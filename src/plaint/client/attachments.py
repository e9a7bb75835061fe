"""Files sealed while they are sent and opened while they are fetched; none is ever whole in memory (spec/age.md)."""

from __future__ import annotations

import mimetypes
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from plaint.client.ahead import read_ahead
from plaint.client.files import PRIVATE_FILE
from plaint.client.http import Api
from plaint.crypto.age import AgeOpener, AgeSealer, compute_sealed_bytes
from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import Sha256, compute_sha256, random_bytes
from plaint.encoding.padme import compute_padme
from plaint.errors import PlaintError, RefusedError, UnavailableError, VerificationError
from plaint.protocol.content import Attachment

READ_BYTES = 1024 * 1024
LIMIT_BLOB_BYTES = 2 * 1024**3
LIMIT_NAME_CHARACTERS = 255
TRIES = 3
ZEROS = bytes(READ_BYTES)

Progress = Callable[[int], None]
"""Called with the number of plaintext bytes done so far."""

Admit = Callable[[bytes], Mapping[str, str]]
"""Returns the headers that let a blob of this id be written: work, a session or a room's capability."""


def upload_file(api: Api, path: Path, *, admit: Admit, progress: Progress | None = None) -> Attachment:
    """Seal the file at `path` to a fresh key while sending it, and return what an entry must say about it.

    A line that breaks is tried again from the start under another id; what was sent before is taken back.
    Raises: RefusedError "attachment-size", "attachment-changed", "attachment-kind"; UnavailableError "network"; the
            server's codes.
    """
    for attempt in range(TRIES):
        try:
            return _upload(api, path, admit=admit, progress=progress)
        except UnavailableError:
            if attempt == TRIES - 1:
                raise
    raise UnavailableError("network")


def download_file(api: Api, item: Attachment, target: Path, *, progress: Progress | None = None) -> None:
    """Fetch, open and check an attachment into the new file `target`, for its owner only.

    The file appears under its name only when size and digest are right.
    Raises: RefusedError "file-exists"; VerificationError "attachment-digest", "age-payload"; UnavailableError.
    """
    if not 0 <= item.size <= item.sealed <= LIMIT_BLOB_BYTES:
        raise VerificationError("attachment-digest")
    if target.exists():
        raise RefusedError("file-exists")
    fresh = target.with_name(target.name + ".part")
    fresh.unlink(missing_ok=True)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        with os.fdopen(file, "wb") as sink:
            _open_into(api, item, sink, progress)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def is_same_file(path: Path, item: Attachment) -> bool:
    """Tell whether a file on this device is the attachment, byte for byte."""
    if path.stat().st_size != item.size:
        return False
    digest = Sha256()
    with path.open("rb") as file:
        while part := file.read(READ_BYTES):
            digest.update(part)
    return digest.digest() == item.sha256


def compute_safe_name(name: str) -> str:
    """Return a name that cannot leave the folder it is saved in, nor hide what it is."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if c.isprintable())[:LIMIT_NAME_CHARACTERS].strip(". ")
    return plain or "file"


def discard_blob(api: Api, upload_key: bytes) -> None:
    """Take back a blob that no entry names; a failure is left to the server's own sweeping."""
    try:
        api.send("DELETE", f"blobs/{compute_sha256(upload_key).hex()}", headers={"plaint-upload": upload_key.hex()})
    except PlaintError:
        return


def _upload(api: Api, path: Path, *, admit: Admit, progress: Progress | None) -> Attachment:
    with path.open("rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise RefusedError("attachment-kind")
        size, padded = about.st_size, compute_padme(about.st_size)
        sealed = compute_sealed_bytes(padded)
        if sealed > LIMIT_BLOB_BYTES:
            raise RefusedError("attachment-size")
        key, upload_key = AgreementKey(random_bytes(32)), random_bytes(32)
        blob, digest = compute_sha256(upload_key), Sha256()

        def read() -> Iterator[bytes]:
            done = 0
            while part := file.read(READ_BYTES):
                digest.update(part)
                done += len(part)
                if done > size:
                    raise RefusedError("attachment-changed")
                yield part
                if progress:
                    progress(done)
            if done != size:
                raise RefusedError("attachment-changed")
            for at in range(size, padded, READ_BYTES):
                yield ZEROS[: padded - at]

        headers = {"plaint-upload": upload_key.hex(), "content-length": str(sealed), **admit(blob)}
        try:
            sealed_parts = read_ahead(AgeSealer(key.public).seal_parts(read()))
            api.send_stream(f"blobs/{blob.hex()}", sealed_parts, headers=headers)
        except BaseException:
            discard_blob(api, upload_key)
            raise
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Attachment(blob, key.secret, compute_safe_name(path.name), kind, size, digest.digest(), sealed)


def _open_into(api: Api, item: Attachment, sink: BinaryIO, progress: Progress | None) -> None:
    digest, done = Sha256(), 0
    with api.open_stream(f"blobs/{item.id.hex()}") as parts:
        for part in AgeOpener(AgreementKey(item.key)).open_parts(_limit(parts, item.sealed)):
            own = part[: max(0, item.size - done)]
            if part[len(own) :].strip(b"\0"):
                raise VerificationError("attachment-digest")
            sink.write(own)
            digest.update(own)
            done += len(part)
            if progress:
                progress(min(done, item.size))
    sink.flush()
    os.fsync(sink.fileno())
    if done < item.size or digest.digest() != item.sha256:
        raise VerificationError("attachment-digest")


def _limit(parts: Iterator[bytes], limit_bytes: int) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > limit_bytes:
            raise VerificationError("attachment-digest")
        yield part
