"""The directory as a client may believe it: folded from signed entries, under a cosigned root, at most a day old."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from plaint.client.delays import EntryDates, ServedCheckpoints, verify_delays
from plaint.client.http import Api
from plaint.client.trust import fetch_trust
from plaint.encoding.fields import Fields
from plaint.encoding.json import parse_json
from plaint.errors import MalformedError, RefusedError, VerificationError
from plaint.protocol.access import Roster
from plaint.protocol.chart import LIMIT_CHART_BYTES, Chart, link_members, verify_chart
from plaint.protocol.checkpoint import Checkpoint, open_checkpoint
from plaint.protocol.directory import LIMIT_ENTRY_BYTES
from plaint.protocol.directory_contents import Channel, Clock
from plaint.protocol.directory_server import Origin
from plaint.protocol.directory_state import DirectoryState, Released
from plaint.protocol.fold import fold_directory
from plaint.protocol.merkle import Frontier, Hash, compute_leaf_hash
from plaint.protocol.note import LIMIT_NOTE_BYTES, parse_note
from plaint.protocol.packs import Pack
from plaint.protocol.policy import compute_date
from plaint.protocol.receipt_keys import date_former
from plaint.protocol.request import compute_name_hash
from plaint.protocol.roster import compute_roster
from plaint.protocol.standing import list_signing_keys, list_turns, was_in_force
from plaint.protocol.trust import FormerKey, Trust, add_former

OLDEST_S = 24 * 3600
LIMIT_ENTRIES = 100_000
LIMIT_NAMES_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class View:
    """A checked directory. `names` holds what the server still serves of the members' names, each proved right."""

    trust: Trust
    entries: tuple[bytes, ...]
    state: DirectoryState
    date: int
    names: Mapping[bytes, str]
    chart: Chart | None
    states: dict[int, DirectoryState]
    turns: Mapping[int, int | None] = field(default_factory=dict)
    """The date of every entry at which a member's keys or standing changed."""

    @property
    def org(self) -> bytes:
        """The organisation's id."""
        return self.state.org

    @property
    def size(self) -> int:
        """How many entries the view covers: what new rooms name as `roster`."""
        return self.state.size

    @property
    def countersigned(self) -> bool:
        """Whether anybody but the operator vouches for the logs."""
        own = self.state.origin.clock.public if self.state.origin else None
        return any(witness.key.public != own for witness in self.trust.policy.witnesses)

    @property
    def former(self) -> tuple[FormerKey, ...]:
        """The receipt keys that ended, with the dates the cosigners gave to it, as a trust file says them."""
        dated = [(known, self.turns.get(known.end)) for known in self.state.receipts]
        tick_s = self.state.clock.tick
        return tuple(date_former(known, date, tick_s=tick_s) for known, date in dated if date is not None)

    @property
    def full_trust(self) -> Trust:
        """The trust file with the receipt keys that the directory says ended: good for whoever has no directory."""
        return add_former(self.trust, self.former)

    @property
    def signers(self) -> Mapping[bytes, bytes]:
        """The signing key of every member there ever was."""
        return {member: found.member.sign for member, found in self.state.members.items()}

    @property
    def ever_signers(self) -> Mapping[bytes, tuple[bytes, ...]]:
        """All signing keys of every member there ever was, that of now first."""
        return {member: list_signing_keys(found) for member, found in self.state.members.items()}

    def authors(self, size: int) -> Mapping[bytes, bytes]:
        """Return the author keys that members had at a directory size: those that tags in its rooms are for."""
        return {member: found.member.author for member, found in self.fold_at(size).members.items()}

    def counted(self, member: bytes, sign: bytes, at: int | None) -> bool:
        """Tell whether a member's signature under `sign` counted at the logged date `at`; None: by now."""
        found = self.state.members.get(member)
        return found is not None and was_in_force(found, sign, at, self.turns, slack_s=2 * self.state.clock.tick)

    @property
    def releases(self) -> list[Released]:
        """The releases of the client that count, the latest last."""
        return self.state.list_releases(self.trust.upstream)

    def is_active(self, member: bytes) -> bool:
        """Tell whether a member is there by now: neither left nor suspended, and with a key that counts."""
        found = self.state.members.get(member)
        return found is not None and found.active

    def name(self, member: bytes) -> str:
        """Return a member's name, or the beginning of the id where the name was deleted."""
        return self.names.get(member) or f"member {member.hex()[:8]}"

    def fold_at(self, size: int) -> DirectoryState:
        """Return the directory as it was after `size` entries.

        Raises: VerificationError "view-roster" when the view does not reach that far.
        """
        if not 0 < size <= self.size:
            raise VerificationError("view-roster")
        if size not in self.states:
            self.states[size] = fold_directory(self.entries[:size], org=self.org)
        return self.states[size]

    def roster(self, channel: str, size: int) -> Roster:
        """Return the roster of a channel at a directory size."""
        return compute_roster(self.fold_at(size), channel)

    def list_windows(self, size: int) -> set[int]:
        """Return the include windows a server may promise for a room of roster `size`: then, now, or soon."""
        waiting = {entry.content.window for entry in self.state.pending if isinstance(entry.content, Clock)}
        return waiting | {self.state.clock.window, self.fold_at(size).clock.window}

    def pack(self, digest: bytes) -> Pack:
        """Return the deadlines a manifest names.

        Raises: VerificationError "view-pack".
        """
        found = self.state.packs.get(digest)
        if found is None:
            raise VerificationError("view-pack")
        return found

    def channel(self, name: str | None) -> Channel:
        """Return the channel of that id, or the only one.

        Raises: RefusedError "channel-unknown", "channel-choose".
        """
        if name is not None:
            if name not in self.state.channels:
                raise RefusedError("channel-unknown")
            return self.state.channels[name]
        if len(self.state.channels) != 1:
            raise RefusedError("channel-choose")
        return next(iter(self.state.channels.values()))


def fetch_view(api: Api, *, now: Callable[[], float], trust: Trust | None = None) -> View:
    """Return the directory the server shows, after every check.

    Without `trust` the server's own offer is taken: then the view is only as good as the server.
    Raises: VerificationError "view-old", "view-root", "view-short", "view-keys", "view-name", "view-delay", those of
            `fold_directory`, `open_checkpoint`, `verify_chart`; UnavailableError.
    """
    keys = trust or fetch_trust(api)
    note = parse_note(api.get("log/directory/checkpoint", limit_bytes=LIMIT_NOTE_BYTES)[0])
    checkpoint = open_checkpoint(note, keys.directory)
    entries = fetch_entries(api, checkpoint)
    state = fold_directory(entries, org=keys.org)
    check_keys(keys, state.origin)
    date = compute_date(keys.policy, note)
    if date is None or date < now() - OLDEST_S:
        raise VerificationError("view-old")
    dates = EntryDates(ServedCheckpoints(api), keys, entries)
    verify_delays(dates, entries)
    turns = {index: dates.compute(index) for index in list_turns(state)}
    names = _fetch_names(api, state)
    chart = _fetch_chart(api, state, names)
    return View(keys, entries, state, date, names, chart, {state.size: state}, turns)


def compute_entries_root(entries: Sequence[bytes]) -> Hash:
    """Return the root of a log of these entries."""
    frontier = Frontier()
    for entry in entries:
        frontier.append(compute_leaf_hash(entry))
    return frontier.compute_root()


def fetch_entries(api: Api, checkpoint: Checkpoint) -> tuple[bytes, ...]:
    """Return the directory's entries up to a checkpoint, met with its root.

    Raises: VerificationError "view-short", "view-root"; MalformedError "view-size"; UnavailableError.
    """
    if checkpoint.size > LIMIT_ENTRIES:
        raise MalformedError("view-size")
    limit = max(checkpoint.size, 1024) * (LIMIT_ENTRY_BYTES + 1)
    data = api.get("directory", params={"from": "0"}, limit_bytes=limit)[0]
    entries = tuple(data.split(b"\n")[:-1])[: checkpoint.size]
    if len(entries) < checkpoint.size:
        raise VerificationError("view-short")
    if compute_entries_root(entries) != checkpoint.root:
        raise VerificationError("view-root")
    return entries


def check_keys(trust: Trust, origin: Origin | None) -> None:
    """Check that the directory speaks of the very keys the trust file holds. Raises: VerificationError "view-keys"."""
    if origin is None or (origin.cases, origin.directory, origin.receipts) != (
        trust.cases,
        trust.directory,
        trust.receipts,
    ):
        raise VerificationError("view-keys")


def _fetch_names(api: Api, state: DirectoryState) -> dict[bytes, str]:
    value = parse_json(api.get("names", limit_bytes=LIMIT_NAMES_BYTES)[0], limit_bytes=LIMIT_NAMES_BYTES)
    served = Fields(value, "names-form")
    names: dict[bytes, str] = {}
    for member, found in state.members.items():
        if served.has(member.hex()):
            fields = Fields(served.take(member.hex()), "names-form")
            name, salt = fields.take_text("name"), fields.take_hex("salt", 16)
            if compute_name_hash(salt, name) != found.member.name:
                raise VerificationError("view-name")
            names[member] = name
    return names


def _fetch_chart(api: Api, state: DirectoryState, names: Mapping[bytes, str]) -> Chart | None:
    if state.chart is None:
        return None
    data = api.get("chart", limit_bytes=LIMIT_CHART_BYTES)[0]
    return link_members(verify_chart(data, digest=state.chart.digest, people=state.chart.people), names)
