"""Who wrote an entry: members sign, holders convince each member and nobody else (spec/room.md, "Body")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import compute_hmac, compute_sha256, derive, extract, same_bytes
from plaint.crypto.signing import SigningKey, verify_signature
from plaint.errors import PlaintError, VerificationError

PROVED, OWN, UNPROVED, EARLIER = "proved", "own", "unproved", "earlier"
UNADMITTED, FORMER = "unadmitted", "former"


# Every key that a member's signatures were ever under, by member id.
Signers = Mapping[bytes, Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Author:
    """A member's id and signature, or a holder's tags, one for each member with mode full."""

    id: bytes | None = None
    signature: bytes | None = None
    tags: Mapping[bytes, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberWriter:
    """A member who signs."""

    id: bytes
    sign: SigningKey

    def prove(self, message: bytes) -> Author:
        """Return the member's signature of `message`."""
        return Author(id=self.id, signature=self.sign.sign(message))


@dataclass(frozen=True, slots=True)
class HolderWriter:
    """A holder and the author keys of the members who must believe that it is her: id → public key."""

    author: AgreementKey
    members: Mapping[bytes, bytes]

    def prove(self, message: bytes) -> Author:
        """Return one tag for each member.

        Raises: VerificationError "key-agreement".
        """
        keys = {member: compute_tag_key(self.author, public, as_holder=True) for member, public in self.members.items()}
        return Author(tags={member: compute_hmac(key, message) for member, key in keys.items()})


@dataclass(frozen=True, slots=True)
class MemberReader:
    """A member who reads; `signers` are all signing keys the directory ever held, `holder` the manifest's author.

    `granted_seq` is the seq of the first slot set that let this reader in.
    """

    id: bytes
    author: AgreementKey
    holder: bytes | None
    signers: Signers
    granted_seq: int = 0

    def judge(self, author: Author, message: bytes, *, seq: int) -> str:
        """Return the authorship this reader may show."""
        if author.signature is not None:
            return _judge_signature(author, message, self.signers, own=self.id)
        if self.id not in author.tags:
            return EARLIER if author.tags and seq < self.granted_seq else UNPROVED
        if self.holder is None:
            return UNPROVED
        try:
            expected = compute_hmac(compute_tag_key(self.author, self.holder, as_holder=False), message)
        except VerificationError:
            return UNPROVED
        return PROVED if same_bytes(expected, author.tags[self.id]) else UNPROVED


@dataclass(frozen=True, slots=True)
class HolderReader:
    """A holder who reads; `members` are the author keys of exactly those with mode full at an entry's time."""

    author: AgreementKey
    members: Mapping[bytes, bytes]
    signers: Signers

    def judge(self, author: Author, message: bytes, *, seq: int) -> str:  # noqa: ARG002
        """Return the authorship this reader may show; one member alone cannot forge tags for the others."""
        if author.signature is not None:
            return _judge_signature(author, message, self.signers, own=None)
        try:
            expected = HolderWriter(self.author, self.members).prove(message)
        except VerificationError:
            return UNPROVED
        return OWN if author.tags and author.tags == expected.tags else UNPROVED


def encode_message(bind: bytes, salt: bytes, content: bytes) -> bytes:
    """Return what signatures and tags are over."""
    digest = compute_sha256(salt, content).hex().encode("ascii")
    return b"plaint/v1/author\n" + bind + b"content " + digest + b"\n"


def verify_authorship(author: Author, message: bytes, *, signer: bytes) -> None:
    """Check a member's signature of `message` for a third party; tags convince no third party.

    Raises: VerificationError "author-signature".
    """
    if author.signature is None:
        raise VerificationError("author-signature")
    try:
        verify_signature(signer, message, author.signature)
    except PlaintError as error:
        raise VerificationError("author-signature") from error


def compute_tag_key(own: AgreementKey, other: bytes, *, as_holder: bool) -> bytes:
    """Return K_i, the key a holder (A) shares with one member (M_i); the same from both sides.

    Raises: VerificationError "key-agreement".
    """
    holder, member = (own.public, other) if as_holder else (other, own.public)
    extracted = extract(b"plaint/v1/author-mac", own.agree(other))
    return derive(extracted, f"author-mac/{holder.hex()}/{member.hex()}")


def find_signer(author: Author, message: bytes, signers: Signers) -> bytes | None:
    """Return which of its author's keys signed `message`; whether it counted then is for the directory to say."""
    for signer in signers.get(author.id or b"", ()):
        try:
            verify_authorship(author, message, signer=signer)
        except VerificationError:
            continue
        return signer
    return None


def _judge_signature(author: Author, message: bytes, signers: Signers, *, own: bytes | None) -> str:
    if find_signer(author, message, signers) is None:
        return UNPROVED
    return OWN if author.id == own else PROVED
