"""A reporter's folder: words, receipt, the last state seen, and a sealed write that could not be sent yet.

File names say nothing; all files are for their owner only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plaint.client.files import make_private_directory, read_limited, replace_private
from plaint.protocol.erasure import LIMIT_CERTIFICATE_BYTES, Certificate, encode_certificate, parse_certificate
from plaint.protocol.receipt import LIMIT_RECEIPT_BYTES, Receipt, encode_receipt, parse_receipt
from plaint.protocol.state import LIMIT_NOTE_BYTES
from plaint.protocol.write import LIMIT_WRITE_BYTES, Write, encode_write, parse_write


@dataclass(frozen=True, slots=True)
class Outbox:
    """The files in one folder."""

    folder: Path

    @property
    def words(self) -> Path:
        """The twelve words."""
        return self.folder / "words.txt"

    @property
    def receipt(self) -> Path:
        """The receipt."""
        return self.folder / "receipt.txt"

    @property
    def note(self) -> Path:
        """The last state note: what the organisation said of the report when it was last read."""
        return self.folder / "note.txt"

    @property
    def certificate(self) -> Path:
        """Who had the report erased, once it was."""
        return self.folder / "erasure.txt"

    @property
    def unsent(self) -> Path:
        """A sealed write that waits; without the words it says nothing."""
        return self.folder / "unsent"

    def keep(self, write: Write) -> None:
        """Keep a sealed write until it is sent."""
        make_private_directory(self.folder)
        replace_private(self.unsent, encode_write(write))

    def read(self) -> Write | None:
        """Return the sealed write that waits."""
        if not self.unsent.exists():
            return None
        return parse_write(read_limited(self.unsent, limit_bytes=LIMIT_WRITE_BYTES))

    def clear(self) -> None:
        """Forget the write that waited: it was sent."""
        self.unsent.unlink(missing_ok=True)

    def read_receipt(self) -> Receipt | None:
        """Return the receipt kept here."""
        if not self.receipt.exists():
            return None
        return parse_receipt(read_limited(self.receipt, limit_bytes=LIMIT_RECEIPT_BYTES))

    def save_receipt(self, receipt: Receipt) -> None:
        """Keep a receipt; a newer one takes the place of the older."""
        make_private_directory(self.folder)
        replace_private(self.receipt, encode_receipt(receipt))

    def read_note(self) -> bytes | None:
        """Return the last state note kept here."""
        return read_limited(self.note, limit_bytes=LIMIT_NOTE_BYTES) if self.note.exists() else None

    def save_note(self, note: bytes) -> None:
        """Keep a state note."""
        make_private_directory(self.folder)
        replace_private(self.note, note)

    def read_certificate(self) -> Certificate | None:
        """Return the certificate of erasure kept here."""
        if not self.certificate.exists():
            return None
        return parse_certificate(read_limited(self.certificate, limit_bytes=LIMIT_CERTIFICATE_BYTES))

    def save_certificate(self, certificate: Certificate) -> None:
        """Keep a certificate of erasure; a newer one takes the place of the older."""
        make_private_directory(self.folder)
        replace_private(self.certificate, encode_certificate(certificate))
