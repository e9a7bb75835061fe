"""Fork alarms as an organisation's server shows them: cosigners that have seen another history (spec/log.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.encoding.lines import LineReader, encode_lines, parse_integer, parse_lines
from plaint.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plaint.protocol.directory_server import Cosigner

FIRST_LINE = "plaint/v1/alarms"
LIMIT_ALARMS_BYTES = 65_536
LOGS = ("cases", "directory")


@dataclass(frozen=True, slots=True)
class Alarm:
    """A cosigner that would not sign the checkpoint of `size`, because it contradicts what it signed before."""

    log: str
    cosigner: str
    size: int
    at: int


def name_cosigner(cosigner: Cosigner) -> str:
    """Return what an alarm calls a cosigner: its name in the directory and the id of its key."""
    return f"{cosigner.name}+{cosigner.key.key_id.hex()}"


def encode_alarms(alarms: Iterable[Alarm]) -> bytes:
    """Return the text object: one line for each alarm, sorted by log and cosigner."""
    ordered = sorted(alarms, key=lambda alarm: (alarm.log, alarm.cosigner))
    return encode_lines(FIRST_LINE, [("fork", f"{a.log} {a.cosigner} {a.size} {a.at}") for a in ordered])


def parse_alarms(data: bytes) -> tuple[Alarm, ...]:
    """Return the alarms.

    Raises: MalformedError "alarms-form" and those of `parse_lines`, `parse_integer`.
    """
    reader = LineReader(parse_lines(data, FIRST_LINE, limit_bytes=LIMIT_ALARMS_BYTES))
    alarms = tuple(_parse(value) for value in reader.take_many("fork"))
    reader.finish()
    return alarms


def _parse(value: str) -> Alarm:
    match value.split(" "):
        case [log, cosigner, size, at] if log in LOGS and cosigner:
            return Alarm(log, cosigner, parse_integer(size), parse_integer(at))
        case _:
            raise MalformedError("alarms-form")
