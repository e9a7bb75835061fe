"""A file about a missed date, judged with a trust file and a copy of both logs, from a folder or an address."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from plaint.client.connection import connect
from plaint.client.copies import MirrorLeaves
from plaint.client.mirror import read_entries, read_latest
from plaint.client.view import compute_entries_root
from plaint.errors import PlaintError, UnavailableError, VerificationError
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.fold import fold_directory
from plaint.protocol.missed import parse_missed, verify_missed
from plaint.protocol.verify import CANNOT_JUDGE, HOLDS, INVALID, MET, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plaint.protocol.scan import Leaves
    from plaint.protocol.trust import Trust

UNTOLD = frozenset({"missed-early", "leaves-missing", "leaves-root"})


def judge_missed(data: bytes, trust: Trust, source: str, *, now: int) -> Verdict:
    """Return what a file about a missed date proves at `now`; `source` is a mirror's folder or an address.

    Raises: UnavailableError "leaves-missing" and those of `connect`, `read_signers`.
    """
    if source.startswith(("http://", "https://")):
        with closing(connect(source, trust=trust)) as connection:
            connection.leaves.update()
            return _judge(data, trust, connection.leaves, connection.view.signers, now=now)
    folder = Path(source)
    with closing(MirrorLeaves(folder)) as leaves:
        return _judge(data, trust, leaves, read_signers(folder, trust), now=now)


def read_signers(folder: Path, trust: Trust) -> Mapping[bytes, bytes]:
    """Return the signing key of every member, by a mirrored directory hashed to its signed root.

    Raises: UnavailableError "leaves-missing"; VerificationError "view-root"; those of `open_checkpoint`,
            `fold_directory`.
    """
    latest = read_latest(folder, "directory")
    if latest is None:
        raise UnavailableError("leaves-missing")
    checkpoint = open_checkpoint(latest, trust.directory)
    entries = read_entries(folder, "directory", checkpoint.size)
    if compute_entries_root(entries) != checkpoint.root:
        raise VerificationError("view-root")
    members = fold_directory(entries, org=trust.org).members
    return {member: found.member.sign for member, found in members.items()}


def _judge(data: bytes, trust: Trust, leaves: Leaves, signers: Mapping[bytes, bytes], *, now: int) -> Verdict:
    try:
        member = parse_missed(data)[0].member
        if member not in signers:
            raise VerificationError("missed-member")
        due = verify_missed(data, trust, leaves, key=signers[member], now=now)
    except PlaintError as error:
        return Verdict(CANNOT_JUDGE if error.code in UNTOLD else INVALID, (error.code,))
    return Verdict(HOLDS if due.state == MET else due.state, (), None, (due,))
