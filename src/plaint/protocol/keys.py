"""Every key there is, from words or from a room's secret (spec/keys.md)."""

from __future__ import annotations

from dataclasses import dataclass, field

from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import compute_hmac, compute_sha256, derive, extract
from plaint.crypto.signing import SigningKey
from plaint.errors import MalformedError
from plaint.protocol.words import ENTROPY_BYTES, encode_check_words

SECRET_BYTES = 32
MEMBER_ID_BYTES = 16
ZERO_MEMBER = bytes(MEMBER_ID_BYTES)


@dataclass(frozen=True, slots=True)
class HolderKeys:
    """What a reporter, respondent or witness owns: one set of words, one report."""

    locator: bytes = field(repr=False)
    age: AgreementKey
    author: AgreementKey
    room: bytes = field(repr=False)
    draft_locator: bytes = field(repr=False)
    draft_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MemberKeys:
    """What a member owns: opens slots, proves and checks authorship, signs, and keeps a cache on the device.

    `member` and `earlier`, the keys before these, come from the directory (ring.py); without it they are the first.
    """

    age: AgreementKey
    author: AgreementKey
    sign: SigningKey
    cache: bytes = field(repr=False)
    member: bytes | None = None
    earlier: tuple[MemberKeys, ...] = ()

    @property
    def id(self) -> bytes:
        """The member's id: that of the first keys."""
        return self.member or compute_member_id(self.age.public, self.author.public, self.sign.public)

    @property
    def ring(self) -> tuple[MemberKeys, ...]:
        """These keys and all before them, the latest first."""
        return (self, *self.earlier)

    def find_author(self, public: bytes) -> AgreementKey:
        """Return the author key whose public half stands in a roster; that of now when none does."""
        return next((keys.author for keys in self.ring if keys.author.public == public), self.author)


@dataclass(frozen=True, slots=True)
class RoomKeys:
    """What the secret of a room gives, each computed when it is asked for."""

    extracted: bytes = field(repr=False)

    @property
    def identity(self) -> AgreementKey:
        """The identity to which the room's bodies are sealed."""
        return AgreementKey(derive(self.extracted, "room/age"))

    @property
    def cap(self) -> bytes:
        """The capability by which the server knows who may read and write."""
        return derive(self.extracted, "room/cap")

    @property
    def slots(self) -> bytes:
        """The key that makes the room's slot sets."""
        return derive(self.extracted, "room/slots")

    @property
    def tally(self) -> bytes:
        """The key under which the status of this room is counted."""
        return derive(self.extracted, "room/tally")

    def compute_token(self, kind: str, count: int = 1) -> bytes:
        """Return tok(kind, n): whoever knows it or its hash finds the event in the log, nobody else does."""
        return compute_hmac(derive(self.extracted, "room/token"), f"{kind}\n{count}\n".encode("ascii"))

    def compute_child(self, label: str) -> bytes:
        """Return child(label): the same for every member, so that two cannot open two rooms for one purpose."""
        return derive(self.extracted, f"child/{label}")


def compute_holder_keys(entropy: bytes) -> HolderKeys:
    """Return the keys of a holder's words.

    Raises: MalformedError "words-entropy".
    """
    root = _compute_root(entropy)
    return HolderKeys(
        locator=derive(root, "locator"),
        age=AgreementKey(derive(root, "age")),
        author=AgreementKey(derive(root, "author")),
        room=derive(root, "room"),
        draft_locator=derive(root, "draft-locator"),
        draft_key=derive(root, "draft-key"),
    )


def compute_member_keys(entropy: bytes) -> MemberKeys:
    """Return the keys of a member's words.

    Raises: MalformedError "words-entropy".
    """
    root = _compute_root(entropy)
    return MemberKeys(
        age=AgreementKey(derive(root, "age")),
        author=AgreementKey(derive(root, "author")),
        sign=SigningKey(derive(root, "sign")),
        cache=derive(root, "cache"),
    )


def compute_room_keys(secret: bytes) -> RoomKeys:
    """Return the keys of the room with this secret.

    Raises: MalformedError "key-length".
    """
    if len(secret) != SECRET_BYTES:
        raise MalformedError("key-length")
    return RoomKeys(extract(b"plaint/v1/room", secret))


def compute_member_id(age: bytes, author: bytes, sign: bytes) -> bytes:
    """Return the 16-byte id of the member whose first public keys these are."""
    return compute_sha256(b"plaint/v1/member\n", age, author, sign)[:MEMBER_ID_BYTES]


def compute_check_words(room: bytes, slots_digest: bytes) -> str:
    """Return the four words of a report; `slots_digest` is that of the entry with seq 0."""
    return encode_check_words(compute_sha256(b"plaint/v1/check\n", room, slots_digest))


def compute_member_check_words(age: bytes, author: bytes, sign: bytes) -> str:
    """Return the four words of a member's request, over its public keys."""
    return encode_check_words(compute_sha256(b"plaint/v1/check-member\n", age, author, sign))


def _compute_root(entropy: bytes) -> bytes:
    if len(entropy) != ENTROPY_BYTES:
        raise MalformedError("words-entropy")
    return extract(b"plaint/v1/words", entropy)
