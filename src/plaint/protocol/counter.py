"""Counter-proofs: what an organisation shows against a receipt, or a reporter against a closing (spec/receipt.md)."""

from __future__ import annotations

from dataclasses import dataclass, field

from plaint.crypto.hashes import HASH_BYTES, compute_sha256
from plaint.encoding.base64 import encode_base64, parse_base64
from plaint.encoding.json import encode_json
from plaint.encoding.lines import Line, LineReader, encode_lines, parse_hex, parse_lines
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.keys import MEMBER_ID_BYTES, SECRET_BYTES, compute_room_keys
from plaint.protocol.room import LIMIT_BYTES as LIMIT_HEADER_BYTES
from plaint.protocol.room import Header, compute_room_id, encode_bind, encode_header, parse_header, parse_manifest
from plaint.protocol.slots import compute_token_hashes

FIRST_LINE = "plaint/v1/counter-proof"
LIMIT_COUNTER_BYTES = 65_536
SIGNED_KINDS = ("acknowledge", "feedback", "extend", "decide", "close", "entry")
TOKEN_DUTIES = ("acknowledge", "feedback")
CONFIRMATION, REOPENING = "entry", "reopen"
SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Signed:
    """A member's signature over the header and `content`, the hash of salt and content."""

    content: bytes
    member: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The close that an entry confirms, and the salt by which anybody can see that it says nothing else."""

    close: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class Reveal:
    """What shows that a report's tokens were broken: its manifest and the secret, which opens all of it."""

    manifest: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CounterProof:
    """One logged entry of a room, opened as far as its kind; what it says stays hidden."""

    header: Header
    opening: bytes = field(repr=False)
    proof: bytes
    signed: Signed | None = None
    confirms: Confirmation | None = None
    reveal: Reveal | None = None


def encode_counter(counter: CounterProof) -> bytes:
    """Return the bytes of a counter-proof file."""
    pairs: list[Line] = [("header", encode_base64(encode_header(counter.header))), ("opening", counter.opening.hex())]
    if counter.signed is not None:
        pairs += [
            ("content", counter.signed.content.hex()),
            ("member", counter.signed.member.hex()),
            ("sig", counter.signed.signature.hex()),
        ]
    if counter.confirms is not None:
        pairs += [("confirms", counter.confirms.close.hex()), ("salt", counter.confirms.salt.hex())]
    if counter.reveal is not None:
        pairs += [("manifest", encode_base64(counter.reveal.manifest)), ("secret", counter.reveal.secret.hex())]
    return encode_lines(FIRST_LINE, [*pairs, ("proof", encode_base64(counter.proof))])


def parse_counter(data: bytes) -> CounterProof:
    """Return a counter-proof whose lines agree with its kind, without trusting it.

    Raises: MalformedError "counter-kind" when its header is of a kind nobody can show; those of `parse_lines`,
            `parse_base64`, `parse_hex`, `parse_header`.
    """
    reader = LineReader(parse_lines(data, FIRST_LINE, limit_bytes=LIMIT_COUNTER_BYTES))
    header = parse_header(parse_base64(reader.take("header"), limit_bytes=LIMIT_HEADER_BYTES))
    if header.kind not in (*SIGNED_KINDS, REOPENING):
        raise MalformedError("counter-kind")
    counter = CounterProof(
        header=header,
        opening=parse_hex(reader.take("opening"), size_bytes=HASH_BYTES),
        signed=None if header.kind == REOPENING else _take_signed(reader),
        confirms=_take_confirmation(reader) if header.kind == CONFIRMATION else None,
        reveal=_take_reveal(reader) if header.kind in TOKEN_DUTIES else None,
        proof=parse_base64(reader.take("proof"), limit_bytes=LIMIT_COUNTER_BYTES),
    )
    reader.finish()
    return counter


def encode_signed_message(counter: CounterProof, signed: Signed) -> bytes:
    """Return what the member signed (spec/room.md, "Body")."""
    digest = signed.content.hex().encode("ascii")
    return b"plaint/v1/author\n" + encode_bind(counter.header) + b"content " + digest + b"\n"


def verify_confirmation(confirms: Confirmation, signed: Signed) -> None:
    """Check that the content is the confirmation of a close and nothing else.

    Raises: VerificationError "counter-close".
    """
    content = encode_json({"confirms": confirms.close.hex(), "v": 1})
    if compute_sha256(confirms.salt, content) != signed.content:
        raise VerificationError("counter-close")


def verify_broken_token(reveal: Reveal, counter: CounterProof, due_hash: bytes) -> None:
    """Check that the room's own token is not the one that the header of `open` announced by `due_hash`.

    Raises: VerificationError "receipt-room", "counter-tokens"; MalformedError of `parse_manifest`.
    """
    if compute_room_id(reveal.manifest) != counter.header.room:
        raise VerificationError("receipt-room")
    if compute_room_keys(reveal.secret).identity.public != parse_manifest(reveal.manifest).recipient:
        raise VerificationError("counter-tokens", "another secret")
    if getattr(compute_token_hashes(reveal.secret), counter.header.kind) == due_hash:
        raise VerificationError("counter-tokens", "the token is right")


def _take_signed(reader: LineReader) -> Signed:
    return Signed(
        content=parse_hex(reader.take("content"), size_bytes=HASH_BYTES),
        member=parse_hex(reader.take("member"), size_bytes=MEMBER_ID_BYTES),
        signature=parse_hex(reader.take("sig"), size_bytes=SIGNATURE_BYTES),
    )


def _take_confirmation(reader: LineReader) -> Confirmation:
    return Confirmation(
        close=parse_hex(reader.take("confirms"), size_bytes=HASH_BYTES),
        salt=parse_hex(reader.take("salt"), size_bytes=HASH_BYTES),
    )


def _take_reveal(reader: LineReader) -> Reveal:
    return Reveal(
        manifest=parse_base64(reader.take("manifest"), limit_bytes=LIMIT_HEADER_BYTES),
        secret=parse_hex(reader.take("secret"), size_bytes=SECRET_BYTES),
    )
