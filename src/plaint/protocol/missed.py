"""Missed dates as somebody saw them who watches without reading: a signed text, checked against any copy of the log.

Source: spec/missed.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from plaint.encoding.base64 import encode_base64, parse_base64
from plaint.encoding.lines import Line, LineReader, encode_lines, parse_hex, parse_integer, parse_lines
from plaint.errors import MalformedError, PlaintError, VerificationError
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.directory_contents import INDEPENDENT
from plaint.protocol.directory_state import ACTIVE, COMPROMISED, DirectoryState
from plaint.protocol.keys import MEMBER_ID_BYTES
from plaint.protocol.note import (
    ED25519,
    LIMIT_NOTE_BYTES,
    Note,
    VerifierKey,
    encode_note,
    parse_note,
    sign_note,
    verify_note,
)
from plaint.protocol.packs import PROMISED_KINDS, compute_due
from plaint.protocol.policy import compute_date
from plaint.protocol.receipt_keys import find_signer
from plaint.protocol.room import ORG_BYTES
from plaint.protocol.scan import LeafScan, Leaves
from plaint.protocol.signers import DirectoryCopy, DirectoryPast
from plaint.protocol.standing import list_signing_keys
from plaint.protocol.verify import CANNOT_JUDGE, HOLDS, INVALID, LATE, MET, SILENT, DueState

if TYPE_CHECKING:
    from plaint.crypto.signing import SigningKey
    from plaint.protocol.trust import Trust

FIRST_LINE = "plaint/v1/missed"
DIGEST_BYTES = 32
FORMER = "former"
EXIT_CODES = {HOLDS: 0, INVALID: 1, CANNOT_JUDGE: 2, SILENT: 3, LATE: 3, FORMER: 4}
UNTOLD = frozenset({"missed-early", "leaves-missing", "leaves-root", "counter-directory", "directory-root"})


@dataclass(frozen=True, slots=True)
class Missed:
    """What a watcher's slot says (`open`, `token`, `pack`), what follows (`due`), and what the log showed until when.

    `cells` is the tick up to which the watcher's stream was read without a key to the room, 0 where a key came.
    `checkpoint` is a signed note: nothing in here is believed because it is written here.
    """

    org: bytes
    member: bytes
    pack: bytes
    kind: str
    opened: int
    open: bytes
    token: bytes
    due: int
    cells: int
    checkpoint: bytes


def sign_missed(missed: Missed, key: SigningKey) -> bytes:
    """Return the file, signed by its member."""
    text = encode_missed(missed)
    return encode_note(Note(text, (sign_note(text, name=missed.member.hex(), key=key),)))


def encode_missed(missed: Missed) -> bytes:
    """Return the text that is signed."""
    pairs: list[Line] = [
        ("org", missed.org.hex()),
        ("member", missed.member.hex()),
        ("pack", missed.pack.hex()),
        ("kind", missed.kind),
        ("opened", str(missed.opened)),
        ("open", missed.open.hex()),
        ("token", missed.token.hex()),
        ("due", str(missed.due)),
        ("cells", str(missed.cells)),
        ("checkpoint", encode_base64(missed.checkpoint)),
    ]
    return encode_lines(FIRST_LINE, pairs)


def parse_missed(data: bytes) -> tuple[Missed, Note]:
    """Return what a file says, and the note it is, without believing either.

    Raises: MalformedError "missed-kind", those of `parse_note`, `parse_lines`, `parse_hex`, `parse_integer`,
            `parse_base64`.
    """
    note = parse_note(data)
    reader = LineReader(parse_lines(note.text, FIRST_LINE, limit_bytes=LIMIT_NOTE_BYTES))
    missed = Missed(
        org=parse_hex(reader.take("org"), size_bytes=ORG_BYTES),
        member=parse_hex(reader.take("member"), size_bytes=MEMBER_ID_BYTES),
        pack=parse_hex(reader.take("pack"), size_bytes=DIGEST_BYTES),
        kind=reader.take("kind"),
        opened=parse_integer(reader.take("opened")),
        open=parse_hex(reader.take("open"), size_bytes=DIGEST_BYTES),
        token=parse_hex(reader.take("token"), size_bytes=DIGEST_BYTES),
        due=parse_integer(reader.take("due")),
        cells=parse_integer(reader.take("cells")),
        checkpoint=parse_base64(reader.take("checkpoint"), limit_bytes=LIMIT_NOTE_BYTES),
    )
    reader.finish()
    if missed.kind not in PROMISED_KINDS:
        raise MalformedError("missed-kind")
    return missed, note


@dataclass(frozen=True, slots=True)
class MissedVerdict:
    """What a file proves; `due` is what the log says, `until` when the key that signed it stopped counting, if it did.

    "former" is a silent or late date by such a key: the log's part stands, and nobody can say when the file was signed.
    """

    verdict: str
    reasons: tuple[str, ...] = ()
    due: DueState | None = None
    until: int | None = None

    @property
    def exit_code(self) -> int:
        """0 nothing was missed, 1 invalid, 2 cannot be judged, 3 a missed date, 4 one by the word of a former key."""
        return EXIT_CODES[self.verdict]


def judge_missed(
    data: bytes, trust: Trust, *, now: int, leaves: Leaves | None, directory: DirectoryCopy | None
) -> MissedVerdict:
    """Return what a file about a missed date proves at `now`, with any copy of both logs.

    What it proves is the log's: a leaf with the hash `open` at its date, and none with the hash `token` by its own.
    That both belong to one report is the member's signed word, until somebody who reads the room shows its header.
    """
    try:
        due, until = _judge(data, trust, now=now, leaves=leaves, directory=directory)
    except PlaintError as error:
        return MissedVerdict(CANNOT_JUDGE if error.code in UNTOLD else INVALID, (error.code,))
    found = MissedVerdict(HOLDS if due.state == MET else due.state, (), due, until)
    if until is None or due.state == MET:
        return found
    return replace(found, verdict=FORMER, reasons=("missed-former",))


def _judge(
    data: bytes, trust: Trust, *, now: int, leaves: Leaves | None, directory: DirectoryCopy | None
) -> tuple[DueState, int | None]:
    missed, note = parse_missed(data)
    if missed.org != trust.org:
        raise VerificationError("missed-org")
    if leaves is None:
        raise VerificationError("leaves-missing")
    if directory is None:
        raise VerificationError("counter-directory")
    checkpoint = parse_note(missed.checkpoint)
    size = open_checkpoint(checkpoint, trust.cases).size
    seen = compute_date(trust.policy, checkpoint)
    if seen is None or seen > now:
        raise VerificationError("missed-early")
    past = DirectoryPast(directory, trust)
    until = _verify_watcher(missed, note, past, seen=seen, now=now)
    _check_due(missed, past.find_last(seen))
    if seen < missed.due + trust.grace_s:
        raise VerificationError("missed-early")
    return _search(missed, size, LeafScan(leaves, trust, now=now), missed.due + trust.grace_s), until


def _verify_watcher(missed: Missed, note: Note, past: DirectoryPast, *, seen: int, now: int) -> int | None:
    """Check that an independent's key signed, and return when that stopped to be one; None while it has not.

    The file is no older than the checkpoint in it, and nobody dates it: what counts is that the key was an active
    independent's then or later. A stolen key opens all that the member had before it, so it takes their word along.
    Raises: VerificationError "missed-member", those of `verify_note`, `DirectoryPast.find_last`.
    """
    found = past.find_last(now).members.get(missed.member)
    if found is None or found.status == COMPROMISED:
        raise VerificationError("missed-member")
    signer = find_signer(note, [VerifierKey(missed.member.hex(), ED25519, key) for key in list_signing_keys(found)])
    verify_note(note, [signer])
    terms = [(term.member, term.status, term.end) for term in found.terms]
    ends = [
        end
        for member, status, end in (*terms, (found.member, found.status, None))
        if member.sign == signer.public and status == ACTIVE and INDEPENDENT in member.roles
    ]
    if not ends:
        raise VerificationError("missed-member")
    until = None if ends[-1] is None else past.compute_date(ends[-1], now)
    if until is not None and until <= seen:
        raise VerificationError("missed-member")
    return until


def _check_due(missed: Missed, state: DirectoryState) -> None:
    """Check that the date follows from a pack of the directory. Raises: VerificationError "missed-due"; "pack-time"."""
    pack = state.packs.get(missed.pack)
    if pack is None or (missed.kind, missed.due) not in compute_due(pack, missed.opened):
        raise VerificationError("missed-due")


def _search(missed: Missed, size: int, scan: LeafScan, last: int) -> DueState:
    if scan.date < last:
        raise VerificationError("missed-early")
    found = scan.find({missed.open, missed.token}, start=0)
    index = found.get(missed.open)
    if index is None or index >= size or scan.compute_date(index) != missed.opened:
        raise VerificationError("missed-open")
    date = scan.compute_date(found[missed.token]) if missed.token in found else None
    state = SILENT if date is None else MET if date <= last else LATE
    return DueState(missed.kind, missed.due, state, date)
