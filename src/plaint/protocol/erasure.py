"""Certificates of erasure: two members' signed entries, and that the log holds them (spec/erasure.md)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from plaint.crypto.hashes import HASH_BYTES
from plaint.encoding.base64 import encode_base64, parse_base64
from plaint.encoding.lines import Line, LineReader, encode_lines, parse_hex, parse_lines
from plaint.errors import MalformedError, PlaintError, VerificationError
from plaint.protocol.authorship import Author, encode_message, verify_authorship
from plaint.protocol.content import LIMIT_CONTENT_BYTES, EraseContent, parse_content
from plaint.protocol.keys import MEMBER_ID_BYTES
from plaint.protocol.leaf import compute_content_leaf
from plaint.protocol.policy import compute_date
from plaint.protocol.proof import open_proof, parse_proof
from plaint.protocol.room import LIMIT_BYTES as LIMIT_HEADER_BYTES
from plaint.protocol.room import Header, compute_header_hash, encode_bind, encode_header, parse_header
from plaint.protocol.signers import DirectoryCopy, DirectoryPast, find_signing_key
from plaint.protocol.trust import Trust

FIRST_LINE = "plaint/v1/erasure"
LIMIT_CERTIFICATE_BYTES = 2**20
LIMIT_PROOF_BYTES = 65_536
SIGNATURE_BYTES = 64
INVALID, CANNOT_JUDGE, HOLDS = "invalid", "cannot-judge", "holds"
EXIT_CODES = {INVALID: 1, CANNOT_JUDGE: 2, HOLDS: 0}
UNCLEAR = ("erasure-unlogged", "counter-directory")


@dataclass(frozen=True, slots=True)
class SignedErase:
    """One of the two entries, with what opens its leaf and the hash of its content, and its place in the log."""

    header: Header
    opening: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    content: bytes = field(repr=False)
    member: bytes
    signature: bytes
    proof: bytes | None = None

    @property
    def leaf(self) -> bytes:
        """The leaf that the log holds of it."""
        return compute_content_leaf(self.opening, encode_header(self.header))


@dataclass(frozen=True, slots=True)
class Certificate:
    """Who asked to erase a room and why, and who confirmed it."""

    first: SignedErase
    second: SignedErase


@dataclass(frozen=True, slots=True)
class ErasureVerdict:
    """What a certificate proves; `date` is when the second signature was logged, `reasons` are stable codes."""

    verdict: str
    reasons: tuple[str, ...] = ()
    room: bytes | None = None
    ground: str | None = None
    members: tuple[bytes, ...] = ()
    date: int | None = None

    @property
    def exit_code(self) -> int:
        """0 holds, 1 invalid, 2 cannot be judged."""
        return EXIT_CODES[self.verdict]


def encode_certificate(certificate: Certificate) -> bytes:
    """Return the bytes of a certificate file."""
    pairs: list[Line] = []
    for part in (certificate.first, certificate.second):
        pairs += [
            ("header", encode_base64(encode_header(part.header))),
            ("opening", part.opening.hex()),
            ("salt", part.salt.hex()),
            ("content", encode_base64(part.content)),
            ("member", part.member.hex()),
            ("signature", part.signature.hex()),
        ]
        if part.proof is not None:
            pairs.append(("proof", encode_base64(part.proof)))
    return encode_lines(FIRST_LINE, pairs)


def parse_certificate(data: bytes) -> Certificate:
    """Return a certificate, without trusting it.

    Raises: MalformedError of `parse_lines`, `parse_base64`, `parse_hex`, `parse_header`.
    """
    reader = LineReader(parse_lines(data, FIRST_LINE, limit_bytes=LIMIT_CERTIFICATE_BYTES))
    first, second = _take_part(reader), _take_part(reader)
    reader.finish()
    return Certificate(first, second)


def judge_certificate(data: bytes, trust: Trust, *, now: int, directory: DirectoryCopy | None = None) -> ErasureVerdict:
    """Return what the certificate in `data` proves at `now`; without the directory nobody stands behind a signature."""
    try:
        certificate = parse_certificate(data)
        wish, _ = check_chain(certificate, trust.org)
        parts = (certificate.first, certificate.second)
        dates = [_open_date(part, trust, now=now) for part in parts]
    except PlaintError as error:
        return ErasureVerdict(INVALID, (error.code,))
    found = ErasureVerdict(HOLDS, (), parts[0].header.room, wish.ground, tuple(part.member for part in parts), dates[1])
    try:
        for part, date in zip(parts, dates, strict=True):
            _verify_member(part, date, directory, trust)
    except PlaintError as error:
        verdict = CANNOT_JUDGE if error.code in UNCLEAR else INVALID
        return replace(found, verdict=verdict, reasons=(error.code,))
    return found


def check_chain(certificate: Certificate, org: bytes) -> tuple[EraseContent, EraseContent]:
    """Return both contents after checking that the second entry stands directly behind the first and confirms it.

    Raises: VerificationError "erasure-chain", "erasure-confirms", "erasure-same"; those of `parse_content`.
    """
    first, second = certificate.first.header, certificate.second.header
    before = compute_header_hash(encode_header(first))
    if (first.kind, second.kind) != ("erase", "erase") or not first.org == second.org == org:
        raise VerificationError("erasure-chain")
    if (second.room, second.seq, second.prev) != (first.room, first.seq + 1, before):
        raise VerificationError("erasure-chain")
    wish, consent = (parse_content("erase", part.content) for part in (certificate.first, certificate.second))
    if not isinstance(wish, EraseContent) or not isinstance(consent, EraseContent):
        raise MalformedError("content-form")
    if wish.ground is None or consent.confirms != before:
        raise VerificationError("erasure-confirms")
    if certificate.first.member == certificate.second.member:
        raise VerificationError("erasure-same")
    return wish, consent


def _open_date(part: SignedErase, trust: Trust, *, now: int) -> int | None:
    """Return when the log held an entry; None without a proof, or while no quorum had signed by `now`."""
    if part.proof is None:
        return None
    proof = parse_proof(part.proof)
    open_proof(proof, entry=part.leaf, log=trust.cases)
    date = compute_date(trust.policy, proof.note)
    return None if date is None or date > now else date


def _verify_member(part: SignedErase, date: int | None, directory: DirectoryCopy | None, trust: Trust) -> None:
    """Check a signature under the key that counted at `date`.

    Raises: VerificationError "erasure-unlogged", "counter-directory", "counter-key", "author-signature" and those of
            `DirectoryPast.find_state`.
    """
    if date is None:
        raise VerificationError("erasure-unlogged")
    if directory is None:
        raise VerificationError("counter-directory")
    verify_signed_erase(part, find_signing_key(DirectoryPast(directory, trust).find_state(date), part.member))


def verify_signed_erase(part: SignedErase, signer: bytes) -> None:
    """Check a member's signature. Raises: VerificationError "author-signature"."""
    message = encode_message(encode_bind(part.header), part.salt, part.content)
    verify_authorship(Author(id=part.member, signature=part.signature), message, signer=signer)


def _take_part(reader: LineReader) -> SignedErase:
    header = parse_header(parse_base64(reader.take("header"), limit_bytes=LIMIT_HEADER_BYTES))
    opening = parse_hex(reader.take("opening"), size_bytes=HASH_BYTES)
    salt = parse_hex(reader.take("salt"), size_bytes=HASH_BYTES)
    content = parse_base64(reader.take("content"), limit_bytes=LIMIT_CONTENT_BYTES)
    member = parse_hex(reader.take("member"), size_bytes=MEMBER_ID_BYTES)
    signature = parse_hex(reader.take("signature"), size_bytes=SIGNATURE_BYTES)
    proof = reader.take_optional("proof")
    return SignedErase(
        header,
        opening,
        salt,
        content,
        member,
        signature,
        None if proof is None else parse_base64(proof, limit_bytes=LIMIT_PROOF_BYTES),
    )
