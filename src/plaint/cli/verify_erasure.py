"""`plaint verify` of a certificate of erasure: who had a room erased, why, and since when."""

from __future__ import annotations

from pathlib import Path

from plaint.cli.erased import GROUND_TEXTS
from plaint.cli.output import print_json, print_lines
from plaint.cli.times import format_time
from plaint.cli.verdicts import describe_reason
from plaint.client.files import begins_with, read_limited
from plaint.protocol.erasure import FIRST_LINE, INVALID, LIMIT_CERTIFICATE_BYTES, ErasureVerdict, judge_certificate
from plaint.protocol.signers import DirectoryCopy
from plaint.protocol.trust import Trust

VERDICTS = {
    "holds": "Two members had this room erased.",
    "invalid": "This is not a certificate that this trust file vouches for.",
    "cannot-judge": "Whose signatures these are cannot be told with what was given.",
}
PROVES = {
    "holds": "Two different members signed to erase this room, one directly after the other, for this reason. The log "
    "held the second signature at that date.",
    "invalid": "Nothing: it was changed, is incomplete, or is about another organisation.",
    "cannot-judge": "Nothing yet: the two entries belong together, but not that members signed them.",
}
NOT_CONTENT = "what was written there, whether it was a report or notes about one, or whether the reason was true."
NOT_COPIES = (
    "that nothing is left: not that the server deleted it, and not what members or the reporter saved on their own"
    " devices."
)


def is_certificate(path: Path) -> bool:
    """Tell whether a file says that it is a certificate of erasure."""
    return begins_with(path, FIRST_LINE)


def show_certificate(path: Path, trust: Trust, directory: DirectoryCopy | None, *, now: int, json: bool) -> int:
    """Judge a certificate, say what it proves, and return the exit code. Raises: those of `read_limited`."""
    data = read_limited(path, limit_bytes=LIMIT_CERTIFICATE_BYTES)
    found = judge_certificate(data, trust, now=now, directory=directory)
    if json:
        print_json(_encode(found))
    else:
        _print(found)
    return found.exit_code


def _encode(found: ErasureVerdict) -> dict[str, object]:
    members = [member.hex() for member in found.members]
    said = {"verdict": found.verdict, "reasons": list(found.reasons), "ground": found.ground, "members": members}
    return said | {"room": found.room and found.room.hex(), "logged_at": found.date}


def _print(found: ErasureVerdict) -> None:
    print_lines(VERDICTS[found.verdict])
    if found.room is not None and found.ground is not None:
        print_lines(f"Room         {found.room.hex()}", f"Why          {GROUND_TEXTS[found.ground]}")
        signed = "Signed by  " if found.verdict == "holds" else "It names   "
        print_lines(*(f"{signed}  {member.hex()}" for member in found.members))
    if found.date is not None:
        print_lines(f"Logged       {format_time(found.date)}")
    for reason in found.reasons:
        print_lines(f"Because      {describe_reason(reason)} ({reason})")
    print_lines("", f"It proves        {PROVES[found.verdict]}")
    if found.verdict != INVALID:
        print_lines(f"It does not show {NOT_CONTENT}", f"It does not show {NOT_COPIES}")
