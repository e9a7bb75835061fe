"""Member requests: a member's public keys and name, made on their own device (spec/directory.md)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from plaint.crypto.hashes import compute_hmac, random_bytes
from plaint.crypto.signing import SigningKey, verify_signature
from plaint.encoding.fields import Fields, has_controls
from plaint.encoding.json import encode_json, parse_canonical_json
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.keys import MemberKeys, compute_member_check_words, compute_member_id

CODE = "request-form"
LIMIT_REQUEST_BYTES = 4096
LIMIT_NAME_CHARACTERS = 200
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Request:
    """Public keys, a name with its salt, and the proof that the owner of the keys put them together."""

    id: bytes
    age: bytes
    author: bytes
    sign: bytes
    name: str
    salt: bytes
    pop: bytes

    @property
    def check_words(self) -> str:
        """Four words to compare over the telephone."""
        return compute_member_check_words(self.age, self.author, self.sign)


def compute_name_hash(salt: bytes, name: str) -> bytes:
    """Return HMAC(salt, name): what the directory keeps of a name once name and salt are deleted."""
    return compute_hmac(salt, name.encode("utf-8"))


def make_request(keys: MemberKeys, name: str, *, salt: bytes | None = None) -> Request:
    """Return the request of the owner of `keys`; the name is kept in NFC without outer white space.

    Raises: MalformedError "request-form" for an empty or over-long name.
    """
    name = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(name) <= LIMIT_NAME_CHARACTERS or has_controls(name):
        raise MalformedError(CODE, "name")
    salt = random_bytes(SALT_BYTES) if salt is None else salt
    public = (keys.age.public, keys.author.public, keys.sign.public)
    pop = prove_member(keys.sign, keys.id, public, compute_name_hash(salt, name))
    return Request(keys.id, *public, name, salt, pop)


def prove_member(sign: SigningKey, member: bytes, public: tuple[bytes, bytes, bytes], name: bytes) -> bytes:
    """Return the proof that the owner of `sign` put age, author and sign keys and the name's hash together."""
    return sign.sign(_compute_message(member, *public, name))


def encode_request(request: Request) -> bytes:
    """Return the file's bytes."""
    value = {
        "age": request.age.hex(),
        "author": request.author.hex(),
        "id": request.id.hex(),
        "name": request.name,
        "pop": request.pop.hex(),
        "salt": request.salt.hex(),
        "sign": request.sign.hex(),
        "type": "request",
        "v": 1,
    }
    return encode_json(value)


def parse_request(data: bytes) -> Request:
    """Return a request whose id and proof hold; one final newline is forgiven.

    Raises: MalformedError "request-form", "json-…"; VerificationError "directory-request".
    """
    value = parse_canonical_json(data.removesuffix(b"\n"), limit_bytes=LIMIT_REQUEST_BYTES)
    fields = Fields(value, CODE)
    fields.take_exactly("type", "request")
    fields.take_exactly("v", 1)
    request = Request(
        id=fields.take_hex("id", 16),
        age=fields.take_hex("age", 32),
        author=fields.take_hex("author", 32),
        sign=fields.take_hex("sign", 32),
        name=fields.take_text("name", limit=LIMIT_NAME_CHARACTERS),
        salt=fields.take_hex("salt", SALT_BYTES),
        pop=fields.take_hex("pop", 64),
    )
    fields.finish()
    verify_request(request)
    return request


def verify_request(request: Request) -> None:
    """Check that the id is that of the keys, and the proof.

    Raises: VerificationError "directory-request".
    """
    if request.id != compute_member_id(request.age, request.author, request.sign):
        raise VerificationError("directory-request", "id")
    name = compute_name_hash(request.salt, request.name)
    verify_proof(request.id, request.age, request.author, request.sign, name, request.pop)


def verify_proof(member: bytes, age: bytes, author: bytes, sign: bytes, name: bytes, pop: bytes) -> None:
    """Check that the owner of `sign` put these keys and the name's hash together.

    Raises: VerificationError "directory-request".
    """
    try:
        verify_signature(sign, _compute_message(member, age, author, sign, name), pop)
    except VerificationError as error:
        raise VerificationError("directory-request", "pop") from error


def _compute_message(member: bytes, age: bytes, author: bytes, sign: bytes, name: bytes) -> bytes:
    return b"".join([b"plaint/v1/request\n", member, age, author, sign, name])
