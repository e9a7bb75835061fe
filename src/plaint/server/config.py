"""What one process is told at its start."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from plaint.errors import MalformedError
from plaint.server.notify.settings import NoticeSettings
from plaint.store.database import parse_database_url

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_PUBLIC_URL = re.compile(r"https?://[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Config:
    """One data directory, one database, the address people use when it is not where the process listens, notices.

    `blobs` is a folder for sealed files that several servers share; without it they are in the data directory.
    """

    data_dir: Path
    database_url: str | None = None
    public_url: str | None = None
    notices: NoticeSettings | None = None
    blobs: Path | None = None
    keys_url: str | None = None

    def __post_init__(self) -> None:
        if self.keys_url is not None and self.keystore == self.database:
            raise MalformedError("config-keys-url")
        if self.public_url is not None and not _PUBLIC_URL.fullmatch(self.public_url):
            raise MalformedError("config-public-url")
        if self.notices is not None and self.notices.smtp is not None and self.public_url is None:
            raise MalformedError("config-mail-url")

    @property
    def database(self) -> URL:
        """Where the tables are: a file in the data directory unless told otherwise."""
        return parse_database_url(self.database_url, default=self.data_dir / "plaint.sqlite")

    @property
    def keystore(self) -> URL:
        """Where at-rest keys are: a file in a folder of its own, so that a backup can leave it out."""
        return parse_database_url(self.keys_url, default=self.data_dir / "at-rest" / "keys.sqlite")

    @property
    def encrypted(self) -> bool:
        """Whether people reach the service by https."""
        return self.public_url is not None and self.public_url.startswith("https://")

    def keys_path(self, slug: str) -> Path:
        """Return the file with an organisation's keys."""
        return self.data_dir / "keys" / f"{check_slug(slug)}.json"

    def receipts_path(self, slug: str) -> Path:
        """Return the file with the receipt keys that take the place of the first."""
        return self.keys_path(slug).with_suffix(".receipts")

    def outside_path(self, slug: str) -> Path:
        """Return the file with the outside routes that an organisation adds, if it adds any."""
        return self.data_dir / "outside" / f"{check_slug(slug)}.json"

    def logs_dir(self, slug: str) -> Path:
        """Return the directory of the derived files of an organisation's logs."""
        return self.data_dir / "logs" / check_slug(slug)

    def blobs_dir(self, slug: str) -> Path:
        """Return the directory of an organisation's sealed files."""
        return (self.blobs or self.data_dir / "blobs") / check_slug(slug)

    def list_slugs(self) -> list[str]:
        """Return the organisations whose keys are here."""
        paths = (self.data_dir / "keys").glob("*.json")
        return sorted(path.stem for path in paths if _SLUG.fullmatch(path.stem))


def check_slug(text: str) -> str:
    """Return `text` when it can stand in an organisation's address.

    Raises: MalformedError "org-slug".
    """
    if not _SLUG.fullmatch(text):
        raise MalformedError("org-slug")
    return text
