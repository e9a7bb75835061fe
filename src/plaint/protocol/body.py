"""Sealed bodies: content and proof, padded so that its size says little (spec/room.md, "Body")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from plaint.crypto.age import compute_sealed_bytes, open_age, seal_age
from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import HASH_BYTES, compute_sha256, random_bytes
from plaint.encoding.fields import Fields
from plaint.encoding.json import encode_json, parse_canonical_json
from plaint.encoding.padme import compute_padme
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.authorship import Author, HolderWriter, MemberWriter, encode_message
from plaint.protocol.content import LIMIT_CONTENT_BYTES
from plaint.protocol.keys import MEMBER_ID_BYTES
from plaint.protocol.room import Header, encode_bind

LIMIT_PLAINTEXT_BYTES = 1_048_576
LIMIT_SEALED_BYTES = compute_sealed_bytes(LIMIT_PLAINTEXT_BYTES)
LIMIT_TAGS = 4_096
_CODE = "body-form"


@dataclass(frozen=True, slots=True)
class Proof:
    """Who wrote it, the header it belongs to, `opening` (r) of its leaf and the salt of the content's hash."""

    author: Author
    bind: bytes
    opening: bytes = field(repr=False)
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Body:
    """An opened body; `content` is parsed by `parse_content`, the author is judged by a reader (authorship)."""

    content: bytes = field(repr=False)
    proof: Proof

    @property
    def message(self) -> bytes:
        """What the author's signature or tags are over."""
        return encode_message(self.proof.bind, self.proof.salt, self.content)


@dataclass(frozen=True, slots=True)
class BodyRandom:
    """Everything random in a body; drawn afresh unless a vector fixes it."""

    opening: bytes = field(default_factory=lambda: random_bytes(32), repr=False)
    salt: bytes = field(default_factory=lambda: random_bytes(32), repr=False)
    esk: bytes = field(default_factory=lambda: random_bytes(32), repr=False)
    file_key: bytes = field(default_factory=lambda: random_bytes(16), repr=False)
    nonce: bytes = field(default_factory=lambda: random_bytes(16), repr=False)


def seal_body(
    recipient: bytes,
    header: Header,
    content: bytes,
    writer: MemberWriter | HolderWriter,
    *,
    random: BodyRandom | None = None,
) -> bytes:
    """Return `content` sealed to the room's recipient and bound to `header`, whose `body` and `slots` may be unset.

    The leaf's opening is `random.opening`: give `random` when the leaf is wanted.
    Raises: MalformedError "content-size", "body-size"; VerificationError "key-agreement".
    """
    if len(content) > LIMIT_CONTENT_BYTES:
        raise MalformedError("content-size")
    random = random or BodyRandom()
    bind = encode_bind(header)
    author = writer.prove(encode_message(bind, random.salt, content))
    plaintext = encode_body(Body(content, Proof(author, bind, random.opening, random.salt)))
    return seal_age(recipient, plaintext, esk=random.esk, file_key=random.file_key, nonce=random.nonce)


def open_body(identity: AgreementKey, header: Header, sealed: bytes) -> Body:
    """Return the body that `header` names, after checking that they belong together.

    Raises: MalformedError "body-size", "body-form", those of `open_age`; VerificationError "body-hash", "body-bind".
    """
    if len(sealed) > LIMIT_SEALED_BYTES:
        raise MalformedError("body-size")
    if compute_sha256(sealed) != header.body:
        raise VerificationError("body-hash")
    body = parse_body(open_age(identity, sealed))
    if body.proof.bind != encode_bind(header):
        raise VerificationError("body-bind")
    return body


def with_body(header: Header, sealed: bytes, slot_set: bytes | None = None) -> Header:
    """Return `header` with the hashes of its body and slot set filled in."""
    slots = None if slot_set is None else compute_sha256(slot_set)
    return replace(header, body=compute_sha256(sealed), slots=slots)


def encode_body(body: Body) -> bytes:
    """Return the padded plaintext of a body.

    Raises: MalformedError "body-size".
    """
    proof = encode_json(_encode_proof(body.proof))
    sizes = len(body.content).to_bytes(4, "big"), len(proof).to_bytes(4, "big")
    data = sizes[0] + body.content + sizes[1] + proof
    padded = compute_padme(len(data))
    if padded > LIMIT_PLAINTEXT_BYTES:
        raise MalformedError("body-size")
    return data + bytes(padded - len(data))


def parse_body(plaintext: bytes) -> Body:
    """Return the content and proof in a padded plaintext.

    Raises: MalformedError "body-size", "body-form", those of `parse_canonical_json`.
    """
    if len(plaintext) > LIMIT_PLAINTEXT_BYTES:
        raise MalformedError("body-size")
    content, at = _take(plaintext, 0)
    proof, at = _take(plaintext, at)
    if len(plaintext) != compute_padme(at) or any(plaintext[at:]) or len(content) > LIMIT_CONTENT_BYTES:
        raise MalformedError(_CODE)
    return Body(content, _parse_proof(parse_canonical_json(proof, limit_bytes=LIMIT_PLAINTEXT_BYTES)))


def _take(data: bytes, at: int) -> tuple[bytes, int]:
    start = at + 4
    end = start + int.from_bytes(data[at:start], "big")
    if start > len(data) or end > len(data):
        raise MalformedError(_CODE)
    return data[start:end], end


def _encode_proof(proof: Proof) -> Mapping[str, Any]:
    author = proof.author
    if author.signature is not None:
        who: dict[str, Any] = {"id": (author.id or b"").hex(), "sig": author.signature.hex()}
    else:
        who = {"tags": {member.hex(): tag.hex() for member, tag in author.tags.items()}}
    return {
        "author": who,
        "bind": proof.bind.decode("ascii"),
        "r": proof.opening.hex(),
        "salt": proof.salt.hex(),
    }


def _parse_proof(value: Any) -> Proof:
    fields = Fields(value, _CODE)
    proof = Proof(
        author=_parse_author(fields.take("author")),
        bind=fields.take_string("bind", limit=1_024).encode(),
        opening=fields.take_hex("r", HASH_BYTES),
        salt=fields.take_hex("salt", HASH_BYTES),
    )
    fields.finish()
    return proof


def _parse_author(value: Any) -> Author:
    fields = Fields(value, _CODE)
    if fields.has("tags"):
        given = fields.take("tags")
        if not isinstance(given, dict) or len(given) > LIMIT_TAGS:
            raise MalformedError(_CODE, "tags")
        tags = Fields(given, _CODE)
        ids = Fields({"id": [*given]}, _CODE).take_hex_list("id", MEMBER_ID_BYTES, limit=LIMIT_TAGS)
        author = Author(tags={member: tags.take_hex(member.hex(), HASH_BYTES) for member in ids})
    else:
        author = Author(id=fields.take_hex("id", MEMBER_ID_BYTES), signature=fields.take_hex("sig", 64))
    fields.finish()
    return author
