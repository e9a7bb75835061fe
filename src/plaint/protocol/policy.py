"""Policies: whose cosignatures make a checkpoint count, and since when (C2SP tlog-policy)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.encoding.lines import parse_integer
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.checkpoint import parse_checkpoint
from plaint.protocol.cosignature import parse_cosignature
from plaint.protocol.note import (
    COSIGNATURE,
    ED25519,
    VerifierKey,
    encode_vkey,
    find_signatures,
    parse_vkey,
    verify_note,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plaint.protocol.note import Note

NO_QUORUM = "none"
LIMIT_POLICY_BYTES = 65_536
LIMIT_LINES = 64
_CONTROLS = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log whose checkpoints the policy accepts."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A cosigner under the name the policy gives it."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """At least `threshold` of `members`, each a witness or an earlier group."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses and the quorum: the name of a witness or group, or `none`."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str


def encode_policy(policy: Policy) -> bytes:
    """Return a policy file in the order logs, witnesses, groups, quorum."""
    lines = [_join("log", encode_vkey(log.key), log.url) for log in policy.logs]
    lines += [_join("witness", w.name, encode_vkey(w.key), w.url) for w in policy.witnesses]
    lines += [_join("group", g.name, str(g.threshold), *g.members) for g in policy.groups]
    return "".join(f"{line}\n" for line in [*lines, f"quorum {policy.quorum}"]).encode()


def parse_policy(data: bytes) -> Policy:
    """Return a policy in any spelling the C2SP format allows, in UTF-8, up to 64 lines of each kind.

    Raises: MalformedError "policy-size", "policy-utf8", "policy-control", "policy-line", "policy-name", "policy-limit",
            "policy-reference", "policy-threshold", "policy-duplicate-key", "policy-key-type", "policy-quorum" and
            those of `parse_vkey`, `parse_integer`.
    """
    reader = _Reader()
    for line in _split_lines(data):
        match line:
            case []:
                pass
            case [word, *_] if word.startswith("#"):
                pass
            case ["log", vkey, *url] if len(url) < 2:
                reader.add_log(vkey, *url)
            case ["witness", name, vkey, *url] if len(url) < 2:
                reader.add_witness(name, vkey, *url)
            case ["group", name, threshold, *members] if members:
                reader.add_group(name, threshold, members)
            case ["quorum", name]:
                reader.set_quorum(name)
            case _:
                raise MalformedError("policy-line")
    return reader.finish()


def compute_date(policy: Policy, note: Note) -> int | None:
    """Return the least t such that the cosignatures with timestamp <= t satisfy the quorum, or None if none does.

    The note must be a checkpoint signed by one of the policy's logs under its origin. `quorum none` dates nothing.
    Raises: VerificationError "checkpoint-origin", those of `verify_note`; MalformedError of `parse_checkpoint`.
    """
    origin = parse_checkpoint(note.text).origin
    logs = [log.key for log in policy.logs if log.key.name == origin]
    if not logs:
        raise VerificationError("checkpoint-origin")
    verify_note(note, [*logs, *(w.key for w in policy.witnesses)])
    if not any(find_signatures(note, log) for log in logs):
        raise VerificationError("note-no-known-key")
    times: dict[str, float] = {NO_QUORUM: _NEVER}
    for witness in policy.witnesses:
        signatures = find_signatures(note, witness.key)
        times[witness.name] = min((parse_cosignature(s.signature).timestamp for s in signatures), default=_NEVER)
    for group in policy.groups:
        times[group.name] = sorted(times[member] for member in group.members)[group.threshold - 1]
    date = times[policy.quorum]
    return None if date == _NEVER else int(date)


class _Reader:
    """Collects lines; a name must be defined before it is used, and is a member at most once."""

    def __init__(self) -> None:
        self.logs: list[PolicyLog] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self.members: set[str] = set()

    def add_log(self, vkey: str, url: str | None = None) -> None:
        key = _parse_key(vkey, ED25519, [log.key for log in self.logs])
        self.logs.append(PolicyLog(key, url))

    def add_witness(self, name: str, vkey: str, url: str | None = None) -> None:
        key = _parse_key(vkey, COSIGNATURE, [w.key for w in self.witnesses])
        self.check_new(name)
        self.witnesses.append(Witness(name, key, url))

    def add_group(self, name: str, threshold: str, members: Sequence[str]) -> None:
        self.check_new(name)
        for member in members:
            if member not in self.names() or member in self.members:
                raise MalformedError("policy-reference")
            self.members.add(member)
        count = {"any": 1, "all": len(members)}.get(threshold)
        count = parse_integer(threshold) if count is None else count
        if not 1 <= count <= len(members):
            raise MalformedError("policy-threshold")
        if len(self.groups) == LIMIT_LINES:
            raise MalformedError("policy-limit")
        self.groups.append(Group(name, count, tuple(members)))

    def set_quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise MalformedError("policy-quorum")
        if name != NO_QUORUM and name not in self.names():
            raise MalformedError("policy-reference")
        self.quorum = name

    def finish(self) -> Policy:
        if self.quorum is None:
            raise MalformedError("policy-quorum")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def names(self) -> set[str]:
        return {w.name for w in self.witnesses} | {g.name for g in self.groups}

    def check_new(self, name: str) -> None:
        if name == NO_QUORUM or name in self.names():
            raise MalformedError("policy-name")


def _parse_key(vkey: str, kind: int, others: Sequence[VerifierKey]) -> VerifierKey:
    key = parse_vkey(vkey)
    if key.type != kind:
        raise MalformedError("policy-key-type")
    if len(others) == LIMIT_LINES:
        raise MalformedError("policy-limit")
    if any(key.public == other.public for other in others):
        raise MalformedError("policy-duplicate-key")
    return key


def _split_lines(data: bytes) -> list[list[str]]:
    if len(data) > LIMIT_POLICY_BYTES:
        raise MalformedError("policy-size")
    if _CONTROLS.search(data):
        raise MalformedError("policy-control")
    if not data.endswith(b"\n"):
        raise MalformedError("policy-line")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError("policy-utf8") from error
    # Only space and tab separate: Unicode spaces belong to names.
    return [[word for word in line.replace("\t", " ").split(" ") if word] for line in text.split("\n")]


def _join(*words: str | None) -> str:
    return " ".join(word for word in words if word is not None)
