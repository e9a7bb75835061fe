"""Before and while a report is sent: who will read it, sealing, sending, sending again.

Start at `prepare_report`, then `seal_report` and `send_report`; what follows is in `follow`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plaint.client.connection import Connection
from plaint.client.people import make_person
from plaint.client.receipts import make_receipt
from plaint.client.rooms import compute_full_members
from plaint.client.view import View
from plaint.client.writing import NewRoom, make_holder_writer, make_manifest, seal_open
from plaint.crypto.hashes import compute_sha256
from plaint.errors import MalformedError, RefusedError
from plaint.protocol.access import Access, Excluded, Roster
from plaint.protocol.body import open_body
from plaint.protocol.conflicts import Target, compute_access, compute_conflicts, find_independents
from plaint.protocol.content import Attachment, OpenContent, Person, parse_content
from plaint.protocol.directory_contents import Channel
from plaint.protocol.keys import HolderKeys, compute_check_words, compute_room_keys
from plaint.protocol.packs import compute_due
from plaint.protocol.receipt import Receipt
from plaint.protocol.records import Disclosure
from plaint.protocol.room import parse_manifest
from plaint.protocol.state import Due, State, check_dues
from plaint.protocol.work import parse_work
from plaint.protocol.write import Write


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody the reporter names: as typed, and who that is in the chart, if anybody."""

    typed: str
    target: Target | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a report will do before anything is sealed: who reads it, who is kept out and why."""

    channel: Channel
    roster: Roster
    access: Access
    people: tuple[Person, ...]

    def list_recipients(self, view: View) -> list[str]:
        """Return the names of those who will be able to read it at once."""
        return sorted(view.name(member) for member in self.access.granted)

    def list_watchers(self, view: View) -> list[str]:
        """Return the names of those who may read it if a date is missed."""
        held = [member.id for member in self.roster.held if member.id not in self.access.conflicted]
        return sorted(view.name(member) for member in held if member not in self.access.granted)

    def list_excluded(self) -> tuple[Excluded, ...]:
        """Return everybody who is kept out, with the reason."""
        return self.access.excluded


@dataclass(frozen=True, slots=True)
class Sent:
    """A report that arrived: its provisional receipt, four check words, and the state that promises the dates."""

    receipt: Receipt
    check_words: tuple[str, ...]
    state: State


def prepare_report(
    view: View, *, about: Sequence[Named] = (), exclude: Sequence[Target] = (), channel: str | None = None
) -> Preview:
    """Return who will read a report about these people.

    Raises: RefusedError "channel-unknown", "channel-choose", "access-nobody".
    """
    chosen = view.channel(channel)
    roster = view.roster(chosen.id, view.size)
    named = [named.target for named in about if named.target is not None]
    conflicts = compute_conflicts(view.chart, named, exclude, find_independents(view.state))
    people = tuple(make_person(named.target, named.typed) for named in about)
    return Preview(chosen, roster, compute_access(roster, conflicts), people)


def seal_report(
    view: View,
    preview: Preview,
    keys: HolderKeys,
    *,
    text: str,
    attachments: Sequence[Attachment] = (),
    lang: str | None = None,
    disclosure: Disclosure | None = None,
) -> Write:
    """Return the sealed report, without its proof of work: these bytes may be kept, carried and sent later.

    Raises: MalformedError "content-size".
    """
    manifest = make_manifest(view, channel=preview.channel.id, secret=keys.room, label="reporter", holder=keys)
    readers = compute_full_members(preview.roster, manifest, preview.access)
    new = NewRoom(
        secret=keys.room,
        manifest=manifest,
        roster=preview.roster,
        access=preview.access,
        text=text,
        lang=lang,
        people=preview.people,
        attachments=tuple(attachments),
        disclosure=disclosure,
    )
    return seal_open(new, make_holder_writer(view, keys, readers, roster=new.manifest.roster), holder=keys).write


def send_report(connection: Connection, keys: HolderKeys, write: Write) -> Sent:
    """Do the work for a sealed report and send it; sent again, the same report gets the same answer.

    Raises: UnavailableError "admission", "network": keep `write` and send it later; those of `Connection.send`.
    """
    state, note = submit_report(connection, write)
    body = open_body(compute_room_keys(keys.room).identity, write.header, write.body)
    words = compute_check_words(write.header.room, write.header.slots or b"")
    return Sent(make_receipt(write.header, body.proof.opening, note), tuple(words.split(" ")), state)


def submit_report(connection: Connection, write: Write) -> tuple[State, bytes]:
    """Do the work for a sealed report and send it, without its words; return the state that answers it, with its note.

    Raises: RefusedError "submit-answer" when it is no report, "submit-other" when it is for another organisation;
            UnavailableError "admission", "network"; those of `Connection.send`.
    """
    if write.opening is None:
        raise RefusedError("submit-answer")
    if write.header.org != connection.view.org:
        raise RefusedError("submit-other")
    work = parse_work(connection.solve(compute_sha256(write.body)))
    return connection.send(replace(write, opening=replace(write.opening, work=work)))


def open_own_report(keys: HolderKeys, write: Write) -> OpenContent:
    """Return what a sealed report says, for whoever has its words.

    Raises: VerificationError "age-no-identity" for the words of another report.
    """
    body = open_body(compute_room_keys(keys.room).identity, write.header, write.body)
    content = parse_content(write.header.kind, body.content)
    if not isinstance(content, OpenContent):
        raise MalformedError("content-form", "open")
    return content


def check_promise(view: View, content: OpenContent, sent: Sent) -> None:
    """Check that the dates in the state note are those the report's pack gives.

    Raises: VerificationError "state-due".
    """
    header = sent.receipt.header
    hashes = {"acknowledge": header.acknowledge or b"", "feedback": header.feedback or b""}
    due = compute_due(view.pack(parse_manifest(content.room).pack), sent.state.at)
    check_dues(sent.state, expected=[Due(kind, at, hashes[kind]) for kind, at in due], met=())
