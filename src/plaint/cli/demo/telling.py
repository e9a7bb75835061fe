"""Tells the story: every report, answer and closing goes through `plaint.client`, as if people had sent it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.resources import as_file
from pathlib import Path

from plaint.cli.demo.acts import perform
from plaint.cli.demo.clock import DemoClock
from plaint.cli.demo.folder import Folder
from plaint.cli.demo.story import (
    HOUR_S,
    REPORTER,
    Act,
    Case,
    Do,
    Outsider,
    compute_moment,
    find_attachment,
)
from plaint.client.attachments import Admit, upload_file
from plaint.client.connection import Connection
from plaint.client.desk import Desk
from plaint.client.files import make_private_directory
from plaint.client.follow import Report, find_report
from plaint.client.people import find_one
from plaint.client.reporter import (
    Named,
    check_promise,
    open_own_report,
    prepare_report,
    seal_report,
    send_report,
)
from plaint.client.rooms import OpenedRoom
from plaint.client.words_file import create_words, read_words
from plaint.protocol.content import Attachment
from plaint.protocol.keys import HolderKeys, compute_holder_keys

BETWEEN_S = 2 * HOUR_S
SETTLING_TICKS = 2
LONGEST_WAIT_TICKS = 12
APART = frozenset({Do.HANDLING, Do.CLOSE_HANDLING})
"""Done in a room that only independents read, which nobody else waits for."""


@dataclass(frozen=True, slots=True)
class Event:
    """A report, or one thing done in its case."""

    at: int
    case: Case
    act: Act | None


def list_events(cases: Sequence[Case], *, live_at: int) -> list[Event]:
    """Return everything that happens, in order."""
    events = [Event(compute_moment(case.at, live_at=live_at), case, None) for case in cases]
    events += [Event(compute_moment(act.at, live_at=live_at), case, act) for case in cases for act in case.then]
    return sorted(events, key=lambda event: event.at)


class Teller:
    """Winds the clock from event to event and acts as the people of the story."""

    def __init__(
        self,
        folder: Folder,
        *,
        clock: DemoClock,
        tick: Callable[[], int],
        connect: Callable[[], Connection],
        sign_in: Callable[[str], Desk],
        between_s: int = BETWEEN_S,
    ) -> None:
        """Prepare to tell; `tick` runs one tick of the server, `sign_in` gives the desk of the member of a name."""
        self._folder = folder
        self._clock = clock
        self._tick = tick
        self._connect = connect
        self._sign_in = sign_in
        self._between_s = between_s
        self._connection: Connection | None = None
        self._desks: dict[str, Desk] = {}
        self._live_at = 0
        self._rooms: dict[str, list[bytes]] = {}
        self._apart: dict[str, list[bytes]] = {}
        self._erased: set[str] = set()
        self._stack = ExitStack()

    def tell(self, events: Sequence[Event], *, live_at: int, progress: Callable[[int], None]) -> None:
        """Let everything happen, and then the hours up to `live_at`; `progress` gets the seconds told so far."""
        start, self._live_at = int(self._clock()), live_at
        with self._stack:
            for event in events:
                for at in self.wind(event.at):
                    progress(at - start)
                self._perform(event)
                self._settle()
            for at in self.wind(live_at):
                progress(at - start)
            self._complete_receipts({event.case.slug for event in events} - self._erased)

    def wind(self, to: int) -> Iterator[int]:
        """Let time pass, with a tick every `between_s` and one at the end."""
        while (now := int(self._clock())) < to:
            self._clock.wind(min(now + self._between_s, to))
            self._tick()
            yield int(self._clock())

    def _settle(self) -> None:
        for _ in range(SETTLING_TICKS):
            self._clock.wind(self._clock() + self._reporters.tick_s)
            self._tick()

    @property
    def _reporters(self) -> Connection:
        """One connection for all reporters: the public log is copied once; nothing else is shared."""
        if self._connection is None:
            self._connection = self._connect()
            self._stack.callback(self._connection.close)
        return self._connection

    def _perform(self, event: Event) -> None:
        match event.act:
            case None:
                self._report(event.case)
            case Act(by=by) as act if by == REPORTER:
                self._answer(event.case, act)
            case Act() as act:
                self._handle(event.case, act)

    def _report(self, case: Case) -> None:
        connection, outbox = self._reporters, self._folder.outbox(case.slug)
        make_private_directory(outbox.folder)
        language = "chinese_simplified" if case.lang.startswith("zh") else "english"
        keys = compute_holder_keys(create_words(outbox.words, language=language).entropy)
        named = [self._name(who) for who in case.about]
        exclude = [target for name in case.exclude if (target := find_one(connection.view, name)) is not None]
        preview = prepare_report(connection.view, about=named, exclude=exclude, channel=case.channel)
        files = self._upload(case.files, connection.admit_upload)
        write = seal_report(connection.view, preview, keys, text=case.text, attachments=files, lang=case.lang)
        sent = send_report(connection, keys, write)
        check_promise(connection.view, open_own_report(keys, write), sent)
        outbox.save_receipt(sent.receipt)
        self._rooms[case.slug] = [write.header.room]

    def _name(self, who: str | Outsider) -> Named:
        if isinstance(who, Outsider):
            return Named(who.name, None)
        return Named(who, find_one(self._reporters.view, who))

    def _answer(self, case: Case, act: Act) -> None:
        report = find_report(self._reporters, self._read_keys(case.slug))
        files = self._upload(act.files, lambda _blob: make_room_headers(report))
        if act.do is Do.REOPEN:
            report.send(report.seal_reopen(act.text))
        else:
            report.send(report.seal_text(act.text or "", files))

    def _handle(self, case: Case, act: Act) -> None:
        full, rooms = self._find_desk(act.by), self._rooms[case.slug]
        if act.do in APART:
            rooms = [*rooms[:1], *self._apart.get(case.slug, [])]
        self._await_rooms(full, rooms)
        desk = focus(full, rooms)
        found = desk.open_case(rooms[0].hex())
        if act.do is Do.GRANT:
            desk.grant(found, self._find_member(act.member or ""))
        else:
            opened = perform(desk, found, act, live_at=self._live_at, upload=lambda room: self._attach(act, desk, room))
            self._remember(case, act, opened)
        full.stream.add(desk.stream.slots)

    def _remember(self, case: Case, act: Act, opened: OpenedRoom | None) -> None:
        """Keep in mind which rooms a case has by now."""
        if opened is not None:
            kept = self._apart.setdefault(case.slug, []) if act.do in APART else self._rooms[case.slug]
            kept += [opened.id] if opened.id not in kept else []
        if act.do is Do.AGREE:
            self._erased.add(case.slug)
        if act.do is Do.ERASE_NOTES and act.what is None:
            del self._rooms[case.slug][1:]

    def _attach(self, act: Act, desk: Desk, room: OpenedRoom) -> list[Attachment]:
        return self._upload(act.files, desk.admit_upload(room))

    def _await_rooms(self, desk: Desk, rooms: Sequence[bytes]) -> None:
        """Let the member come back a little later as long as a room has not reached the stream."""
        for _ in range(LONGEST_WAIT_TICKS):
            desk.scan()
            if set(rooms) <= set(desk.stream.list_open()):
                return
            self._settle()

    def _find_desk(self, name: str) -> Desk:
        if name not in self._desks:
            self._desks[name] = self._sign_in(name)
            self._stack.callback(self._desks[name].connection.close)
        return self._desks[name]

    def _find_member(self, name: str) -> bytes:
        return next(member for member, known in self._reporters.view.names.items() if known == name)

    def _upload(self, names: Sequence[str], admit: Admit) -> list[Attachment]:
        found: list[Attachment] = []
        for name in names:
            with as_file(find_attachment(name)) as path:
                found.append(upload_file(self._reporters.api, Path(path), admit=admit))
        return found

    def _read_keys(self, slug: str) -> HolderKeys:
        return compute_holder_keys(read_words(self._folder.outbox(slug).words).entropy)

    def _complete_receipts(self, slugs: set[str]) -> None:
        for slug in sorted(slugs):
            outbox = self._folder.outbox(slug)
            report = find_report(self._reporters, self._read_keys(slug))
            outbox.save_receipt(report.update_receipt(outbox.read_receipt()))


def make_room_headers(report: Report) -> dict[str, str]:
    """Return the headers by which whoever reads a room may upload files for it."""
    return {"plaint-room": report.room.id.hex(), "plaint-cap": report.room.cap.hex()}


def focus(desk: Desk, rooms: Sequence[bytes]) -> Desk:
    """Return the same desk with nothing on it but these rooms, so that not all others are read at every step."""
    slots = [slot for slot in desk.stream.slots if slot.room in rooms]
    return replace(desk, stream=replace(desk.stream, slots=slots))
