"""What the demo keeps where; nothing in it is meant to be secret."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plaint.cli.demo.story import load_members
from plaint.client.outbox import Outbox
from plaint.client.words_file import read_member_keys
from plaint.protocol.keys import MemberKeys


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the demo keeps what."""

    path: Path

    @property
    def server(self) -> Path:
        """The service's own data."""
        return self.path / "server"

    @property
    def members(self) -> Path:
        """The members' words: in a real organisation each of them is on its owner's device."""
        return self.path / "members"

    @property
    def reporters(self) -> Path:
        """The reporters' words and receipts: in real life nobody but they have them."""
        return self.path / "reporters"

    @property
    def mail(self) -> Path:
        """Every mail the service sent, one file each."""
        return self.path / "mail"

    @property
    def trust(self) -> Path:
        """The trust file."""
        return self.path / "trust"

    @property
    def mark(self) -> Path:
        """Says that this folder is a demo's."""
        return self.path / "demo.json"

    @property
    def cosigners(self) -> Path:
        """The cosigners' data."""
        return self.path / "cosigners"

    def outbox(self, case: str) -> Outbox:
        """The folder of the reporter of one case."""
        return Outbox(self.reporters / case)

    def cosigner(self, name: str) -> Path:
        """One cosigner's data."""
        return self.cosigners / name

    def words(self, member: str) -> Path:
        """The file with the words of the member of that name."""
        file = next(found.file for found in load_members() if found.name == member)
        return self.members / f"{file}.txt"

    def keys(self, member: str) -> MemberKeys:
        """The keys of the member of that name."""
        return read_member_keys(self.words(member))
