"""age v1 files with exactly one X25519 stanza, so that a size is a function of the plaintext's size alone.

Files by others may hold more stanzas (`age_header` reads them). Source: spec/age.md; C2SP age.md, "Payload".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from plaint.crypto.age_header import (
    HEADER_BYTES,
    LIMIT_HEADER_BYTES,
    encode_header,
    find_header_end,
    open_header,
    unwrap_own_header,
)
from plaint.crypto.agreement import KEY_BYTES, AgreementKey
from plaint.crypto.hashes import expand, extract, random_bytes
from plaint.errors import MalformedError, PlaintError, VerificationError

NONCE_BYTES = 16
FILE_KEY_BYTES = 16
TAG_BYTES = 16
CHUNK_BYTES = 65_536
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES


def compute_sealed_bytes(plain_bytes: int) -> int:
    """Return the size of the file that seals `plain_bytes`."""
    chunks = max(1, -(-plain_bytes // CHUNK_BYTES))
    return HEADER_BYTES + NONCE_BYTES + plain_bytes + TAG_BYTES * chunks


def seal_age(
    recipient: bytes,
    plaintext: bytes,
    *,
    esk: bytes | None = None,
    file_key: bytes | None = None,
    nonce: bytes | None = None,
) -> bytes:
    """Return `plaintext` sealed to the X25519 public key `recipient`.

    The three secrets are random unless given: 32, 16 and 16 bytes, never twice with different plaintexts.
    Raises: VerificationError "key-agreement" for a recipient nobody can hold; MalformedError "key-length".
    """
    sealer = AgeSealer(recipient, esk=esk, file_key=file_key, nonce=nonce)
    return b"".join([sealer.header, *sealer.seal_chunks(plaintext), sealer.finish()])


def open_age(identity: AgreementKey, data: bytes) -> bytes:
    """Return the plaintext of any age v1 file with an X25519 stanza for `identity`.

    Raises: MalformedError "age-form"; VerificationError "age-no-identity", "age-payload".
    """
    opener = AgeOpener(identity)
    return opener.update(data) + opener.finish()


def try_open_small(identity: AgreementKey, data: bytes) -> bytes | None:
    """Return the plaintext of a file of one chunk in our own form, or None: the cheap way through a stream of cells.

    Costs one X25519 and one 32-byte decryption when the file is for somebody else.
    """
    try:
        file_key = unwrap_own_header(identity, data[:HEADER_BYTES])
        if file_key is None:
            return None
        opener = _Chunks(file_key, data[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES])
        return opener.open(data[HEADER_BYTES + NONCE_BYTES :], last=True)
    except PlaintError:
        return None


class AgeSealer:
    """Seals a stream: send `header`, then what each `update` returns, then `finish`."""

    def __init__(
        self,
        recipient: bytes,
        *,
        esk: bytes | None = None,
        file_key: bytes | None = None,
        nonce: bytes | None = None,
    ) -> None:
        drawn = random_bytes(KEY_BYTES + FILE_KEY_BYTES + NONCE_BYTES)
        esk = drawn[:KEY_BYTES] if esk is None else esk
        file_key = drawn[KEY_BYTES:-NONCE_BYTES] if file_key is None else file_key
        nonce = drawn[-NONCE_BYTES:] if nonce is None else nonce
        if len(file_key) != FILE_KEY_BYTES or len(nonce) != NONCE_BYTES:
            raise MalformedError("key-length")
        self.header = encode_header(recipient, esk, file_key) + nonce
        self._chunks = _Chunks(file_key, nonce)
        self._held = b""

    def update(self, plaintext: bytes) -> bytes:
        """Return the chunks that are full; the last one is held, because only the end tells that it was the last."""
        return b"".join(self.seal_chunks(plaintext))

    def seal_chunks(self, plaintext: bytes) -> list[bytes]:
        """Return what `update` returns, not yet joined."""
        data = memoryview(self._held + plaintext if self._held else plaintext)
        full = max(0, len(data) - 1) // CHUNK_BYTES
        self._held = bytes(data[full * CHUNK_BYTES :])
        return [self._chunks.seal(data[i * CHUNK_BYTES : (i + 1) * CHUNK_BYTES], last=False) for i in range(full)]

    def finish(self) -> bytes:
        """Return the last chunk."""
        return self._chunks.seal(self._held, last=True)

    def seal_parts(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the whole file of the concatenated `parts`, header first."""
        yield self.header
        for part in parts:
            sealed = self.update(part)
            if sealed:
                yield sealed
        yield self.finish()


class AgeOpener:
    """Opens a stream; each plaintext returned is authentic, but only `finish` says that nothing was cut off."""

    def __init__(self, identity: AgreementKey) -> None:
        self._identity = identity
        self._chunks: _Chunks | None = None
        self._held = b""

    def update(self, data: bytes) -> bytes:
        """Return the plaintext of the chunks that are complete.

        Raises: MalformedError "age-form"; VerificationError "age-no-identity", "age-payload".
        """
        data = self._held + data if self._held else data
        if self._chunks is None:
            end = find_header_end(data)
            if end is None or len(data) < end + NONCE_BYTES:
                if len(data) > LIMIT_HEADER_BYTES + NONCE_BYTES:
                    raise MalformedError("age-form")
                self._held = data
                return b""
            file_key = open_header(self._identity, data[:end])
            self._chunks = _Chunks(file_key, data[end : end + NONCE_BYTES])
            data = data[end + NONCE_BYTES :]
        full = max(0, len(data) - 1) // SEALED_CHUNK_BYTES
        self._held = bytes(memoryview(data)[full * SEALED_CHUNK_BYTES :])
        return self._chunks.open_many(memoryview(data), full)

    def finish(self) -> bytes:
        """Return the plaintext of the last chunk.

        Raises: MalformedError "age-form" when the header never ended; VerificationError "age-payload".
        """
        if self._chunks is None:
            raise MalformedError("age-form")
        return self._chunks.open(self._held, last=True)

    def open_parts(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the plaintext of the file in the concatenated `parts`; an exception takes back what was yielded."""
        for part in parts:
            plain = self.update(part)
            if plain:
                yield plain
        yield self.finish()


class _Chunks:
    """The STREAM of a payload: 64 KiB chunks under a counter, the last one flagged. Source: C2SP age.md, "Payload"."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._cipher = ChaCha20Poly1305(expand(extract(nonce, file_key), b"payload"))
        self._count = 0

    def seal(self, plaintext: bytes | memoryview, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last=last), plaintext, None)

    def open(self, sealed: bytes | memoryview, *, last: bool) -> bytes:
        first = self._count == 0
        try:
            plain = self._cipher.decrypt(self._nonce(last=last), sealed, None)
        except InvalidTag as error:
            raise VerificationError("age-payload") from error
        if not plain and not first:
            raise VerificationError("age-payload")  # age: an empty chunk stands only for an empty payload
        return plain

    def open_many(self, data: memoryview, count: int) -> bytes:
        step = SEALED_CHUNK_BYTES
        return b"".join(self.open(data[i * step : (i + 1) * step], last=False) for i in range(count))

    def _nonce(self, *, last: bool) -> bytes:
        nonce = self._count.to_bytes(11, "big") + bytes([last])
        self._count += 1
        return nonce
