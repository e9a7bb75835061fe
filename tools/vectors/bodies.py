"""Cases of body."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plaint.crypto.age import seal_age
from plaint.encoding.json import encode_json
from plaint.protocol.authorship import Author, HolderWriter, MemberWriter
from plaint.protocol.body import Body, BodyRandom, Proof, encode_body, seal_body, with_body
from plaint.protocol.content import EntryContent, encode_content
from plaint.protocol.room import Header, encode_bind, encode_header
from plaint.protocol.slots import compute_full_members
from tests.support.operations_talk import FIXED, encode_author
from tools.vectors.case import Case, draw
from tools.vectors.rooms import ENTRY
from tools.vectors.world import ACCESS, HOLDER, MANIFEST, MEMBERS, ROOM_KEYS, ROSTER, find_id

RANDOM = BodyRandom(
    opening=draw("opening"),
    salt=draw("salt"),
    esk=draw("body esk"),
    file_key=draw("body key", 16),
    nonce=draw("body nonce", 16),
)
CONTENT = encode_content(EntryContent(text="Thank you. 谢谢", lang="en"))
ADA = MemberWriter(find_id("ada"), MEMBERS["ada"].sign)
FULL = {id_: member.author for id_, member in compute_full_members(MANIFEST, ROSTER, ACCESS).items()}
REPORTER = HolderWriter(HOLDER.author, FULL)
BY_ADA = seal_body(MANIFEST.recipient, ENTRY, CONTENT, ADA, random=RANDOM)
BY_REPORTER = seal_body(MANIFEST.recipient, ENTRY, CONTENT, REPORTER, random=RANDOM)
SIGNERS = {keys.id.hex(): keys.sign.public.hex() for keys in MEMBERS.values()}
FIXED_INPUT = {key: getattr(RANDOM, key).hex() for key in FIXED}
MESSAGE = Body(CONTENT, Proof(Author(), encode_bind(ENTRY), RANDOM.opening, RANDOM.salt)).message


def encode_map(value: dict[bytes, bytes]) -> dict[str, str]:
    """Return a map of bytes in hex."""
    return {key.hex(): item.hex() for key, item in sorted(value.items())}


def _make_seals() -> list[Case]:
    common = {"recipient": MANIFEST.recipient.hex(), "header": encode_header(ENTRY).decode(), **FIXED_INPUT}
    member = {**common, "id": ADA.id.hex(), "sign_seed": ADA.sign.seed.hex()}
    holder = {**common, "author_secret": HOLDER.author.secret.hex(), "members": encode_map(FULL)}

    def case(name: str, about: str, given: dict[str, Any], content: str, times: int = 1, **more: Any) -> Case:
        return Case("body", name, "seal", about, {**given, "content": content, "times": times}, **more)

    text = CONTENT.decode()
    return [
        case("seal-member", "signed by a member", member, text),
        case("seal-holder", "tags of a holder", holder, text),
        case("seal-alone", "a holder with nobody to convince", {**holder, "members": {}}, text),
        case("seal-5000", "more than the least", member, "0123456789", 500),
        case("seal-largest", "256 KiB of content", member, "0123456789abcdef", 16_384),
        case("seal-too-large", "one byte more", member, "x", 262_145, error="content-size"),
    ]


def _make_opens() -> list[Case]:
    header = with_body(ENTRY, BY_ADA)

    def case(name: str, about: str, sealed: bytes, given: Header | None = None, **more: Any) -> Case:
        text = encode_header(given or with_body(ENTRY, sealed)).decode()
        identity = more.pop("identity", ROOM_KEYS.identity)
        value = {"identity": identity.secret.hex(), "header": text, "sealed": sealed.hex()}
        return Case("body", name, "open", about, value, **more)

    other = replace(ENTRY, prev=draw("another past"))
    small = seal_age(MANIFEST.recipient, bytes(4_096), esk=RANDOM.esk, file_key=RANDOM.file_key, nonce=RANDOM.nonce)
    return [
        case("open-member", "signed by a member", BY_ADA),
        case("open-holder", "tags of a holder", BY_REPORTER),
        case("open-hash", "not the body the header names", BY_ADA[:-1] + b"\0", header, error="body-hash"),
        case("open-bind", "moved behind another past", BY_ADA, with_body(other, BY_ADA), error="body-bind"),
        case("open-form", "zeros inside", small, error="json-form"),
        case("open-other", "for somebody else", BY_ADA, identity=HOLDER.age, error="age-no-identity"),
    ]


def _make_parses() -> list[Case]:
    proof = Proof(Author(id=ADA.id, signature=bytes(64)), encode_bind(ENTRY), RANDOM.opening, RANDOM.salt)
    plaintext = encode_body(Body(CONTENT, proof))
    size = 4 + len(CONTENT)
    length = int.from_bytes(plaintext[size : size + 4], "big")
    given: dict[str, Any] = {
        "author": {"id": ADA.id.hex(), "sig": "00" * 64},
        "bind": proof.bind.decode(),
        "r": proof.opening.hex(),
        "salt": proof.salt.hex(),
    }

    def case(name: str, about: str, data: bytes, **more: Any) -> Case:
        return Case("body", name, "parse", about, {"plaintext": data.hex()}, **more)

    def change(name: str, about: str, **changes: Any) -> Case:
        value = {key: item for key, item in {**given, **changes}.items() if item is not ...}
        data = encode_json(value)
        whole = plaintext[:size] + len(data).to_bytes(4, "big") + data
        return case(name, about, whole + bytes(4_096 - len(whole)), error="body-form")

    form = "body-form"
    spaced = plaintext[size + 4 : size + 4 + length - 1] + b" }"
    canonical = plaintext[:size] + len(spaced).to_bytes(4, "big") + spaced
    return [
        case("parse", "as it should be", plaintext),
        case("parse-empty", "nothing", b"", error=form),
        case("parse-short", "not padded", plaintext[:-1], error=form),
        case("parse-long", "padded too far", plaintext + bytes(128), error=form),
        case("parse-padding", "not zeros", plaintext[:-1] + b"\1", error=form),
        case("parse-length", "a length beyond the end", b"\0\0\x10\0" + plaintext[4:], error=form),
        case("parse-canonical", "white space", canonical + bytes(4_096 - len(canonical)), error="json-canonical"),
        change("parse-no-r", "no r", r=...),
        change("parse-salt", "31 bytes of salt", salt="00" * 31),
        change("parse-unknown", "an unknown key", more=1),
        change("parse-author", "signature and tags", author={**given["author"], "tags": {}}),
        change("parse-tag", "a short tag", author={"tags": {ADA.id.hex(): "00"}}),
        change("parse-tag-id", "a short id", author={"tags": {"00": "00" * 32}}),
    ]


def _make_judgements() -> list[Case]:
    signed, tagged = ADA.prove(MESSAGE), REPORTER.prove(MESSAGE)
    common: dict[str, Any] = {"message": MESSAGE.decode(), "seq": 1, "signers": SIGNERS}

    def by_member(name: str, about: str, reader: str, author: Author, authorship: str, **more: Any) -> Case:
        value = {
            **common,
            "author": encode_author(author),
            "reader": find_id(reader).hex(),
            "author_secret": MEMBERS[reader].author.secret.hex(),
            "holder": HOLDER.author.public.hex(),
            "granted_seq": 0,
            **more,
        }
        return Case("body", name, "judge", about, value, expect={"authorship": authorship})

    def by_holder(name: str, about: str, author: Author, authorship: str, **more: Any) -> Case:
        value = {
            **common,
            "author": encode_author(author),
            "author_secret": HOLDER.author.secret.hex(),
            "members": encode_map(FULL),
            **more,
        }
        return Case("body", name, "judge", about, value, expect={"authorship": authorship})

    flipped = replace(
        signed, signature=bytes([signed.signature[0] ^ 1]) + signed.signature[1:] if signed.signature else b""
    )
    one = {find_id("ada"): tagged.tags[find_id("ada")]}
    forged = Author(tags={**dict.fromkeys(FULL, bytes(32)), **one})
    unknown = {key: item for key, item in SIGNERS.items() if key != ADA.id.hex()}
    ada = {"secret": MEMBERS["ada"].author.secret.hex(), "public": HOLDER.author.public.hex(), "as_holder": False}
    her = {"secret": HOLDER.author.secret.hex(), "public": MEMBERS["ada"].author.public.hex(), "as_holder": True}
    return [
        by_member("judge-signed", "a colleague's signature", "ben", signed, "proved"),
        by_member("judge-own", "her own signature", "ada", signed, "own"),
        by_member("judge-flipped", "a false signature", "ben", flipped, "unproved"),
        by_member("judge-unknown", "nobody the directory held", "ben", signed, "unproved", signers=unknown),
        by_member(
            "judge-moved", "a signature of something else", "ben", signed, "unproved", message="plaint/v1/author\n"
        ),
        by_member("judge-tag", "a tag for this member", "ada", tagged, "proved"),
        by_member("judge-tag-held", "a tag for an independent with a held slot", "dov", tagged, "proved"),
        by_member("judge-tag-forged", "only another's tag is true", "ben", forged, "unproved"),
        by_member("judge-tag-missing", "no tag, though granted", "fay", tagged, "unproved"),
        by_member("judge-tag-earlier", "from before the grant", "fay", tagged, "earlier", granted_seq=3),
        by_member("judge-tag-no-holder", "tags in a room without a holder", "ada", tagged, "unproved", holder=None),
        by_member("judge-no-tags", "no author at all", "fay", Author(), "unproved", granted_seq=3),
        by_holder("judge-holder-own", "her own tags", tagged, "own"),
        by_holder("judge-holder-signed", "a member's signature", signed, "proved"),
        by_holder("judge-holder-forged", "a member knows only one of the tags", forged, "unproved"),
        by_holder("judge-holder-one", "one true tag alone", Author(tags=one), "unproved"),
        by_holder("judge-holder-none", "no tags", Author(), "unproved", members={}),
        Case("body", "tag-key-holder", "tag_key", "K_i from the holder's side", her),
        Case("body", "tag-key-member", "tag_key", "K_i from the member's side", ada),
    ]


CASES = [*_make_seals(), *_make_opens(), *_make_parses(), *_make_judgements()]
