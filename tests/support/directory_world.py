"""A directory grown entry by entry, with real keys, by invented members."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from plaint.client.law.shipped import load_pack
from plaint.crypto.age import seal_age
from plaint.crypto.signing import SigningKey
from plaint.protocol.carry import FIRST_LINE, PLAIN_BYTES
from plaint.protocol.directory import Entry, Signature, compute_org, encode_entry, sign_entry
from plaint.protocol.directory_contents import Channel, Clock, Content, Effect, Genesis, Member
from plaint.protocol.directory_keys import Rotate, sign_rotation
from plaint.protocol.directory_server import Cosigner, Cosigners, Final, Origin, Succession
from plaint.protocol.directory_state import DirectoryState
from plaint.protocol.fold import apply_entry, fold_directory
from plaint.protocol.keys import MemberKeys, compute_member_keys
from plaint.protocol.note import COSIGNATURE, ED25519, VerifierKey
from plaint.protocol.packs import Pack, compute_pack_digest
from plaint.protocol.release import Release, sign_release
from plaint.protocol.request import Request, compute_name_hash, make_request, prove_member

FOUNDERS: Mapping[str, tuple[str, ...]] = {
    "ada": ("administrator",),
    "gus": ("administrator",),
    "dov": ("independent",),
    "eva": ("independent",),
    "ben": ("intake-handler",),
    "cai": ("intake-handler",),
    "ida": ("intake-handler",),
    "fay": ("case-manager",),
}
CLOCK = Clock(tick=1, batch=16, cells=2, grace=6, window=86_400, work_bits=8, delay=0)
EU_INTERNAL = load_pack("eu-internal")
CHANNEL = Channel("reports", "Reports", ("intake-handler",), compute_pack_digest(EU_INTERNAL))
ORIGIN = "plaint.test/aurora"


def draw(label: str, size_bytes: int = 32) -> bytes:
    """Return bytes that look random and are always the same for `label`."""
    return hashlib.shake_256(b"plaint directory world " + label.encode()).digest(size_bytes)


@cache
def make_keys(name: str) -> MemberKeys:
    """Return the keys of an invented member."""
    return compute_member_keys(draw(f"member {name}", 16))


@cache
def make_named_request(name: str) -> Request:
    """Return the request of an invented member, called `<Name> Invented`."""
    return make_request(make_keys(name), f"{name.capitalize()} Invented", salt=draw(f"salt {name}", 16))


def make_record(name: str, roles: Sequence[str]) -> Member:
    """Return the directory's record of an invented member."""
    request = make_named_request(name)
    hashed = compute_name_hash(request.salt, request.name)
    return Member(request.id, hashed, request.age, request.author, request.sign, tuple(sorted(roles)), request.pop)


def make_rotation(
    name: str, new: str, *, before: str | None = None, org: bytes | None = None, pop: bytes | None = None
) -> Rotate:
    """Return the entry by which an invented member takes the keys of `new`; always the same bytes."""
    keys, member = make_keys(new), make_keys(name).id
    request = make_named_request(name)
    hashed = compute_name_hash(request.salt, request.name)
    public = (keys.age.public, keys.author.public, keys.sign.public)
    secrets = {"esk": draw(f"esk {new}"), "file_key": draw(f"key {new}", 16), "nonce": draw(f"nonce {new}", 16)}
    plain = (FIRST_LINE + draw(f"member {before or name}", 16)).ljust(PLAIN_BYTES, b"\0")
    carry = seal_age(keys.age.public, plain, **secrets)
    proved = prove_member(keys.sign, member, public, hashed) if pop is None else pop
    rotate = Rotate(member, *public, pop=proved, proof=bytes(64), carry=carry)
    known = compute_org(sign_genesis(make_genesis())) if org is None else org
    return replace(rotate, proof=sign_rotation(known, rotate, keys.sign))


def find_id(name: str) -> bytes:
    """Return the member id of an invented member."""
    return make_keys(name).id


def make_vkey(name: str, kind: int = ED25519) -> VerifierKey:
    """Return a verifier key nobody needs to sign with."""
    return VerifierKey(name, kind, SigningKey(draw(f"vkey {name}")).public)


def make_origin(name: str = ORIGIN) -> Origin:
    """Return the server's keys."""
    return Origin(
        name,
        cases=make_vkey(f"{name}/log/cases"),
        directory=make_vkey(f"{name}/log/directory"),
        clock=make_vkey(f"{name}/clock", COSIGNATURE),
        receipts=make_vkey(f"{name}/receipts"),
    )


def make_succession(name: str = "plaint.test/borealis") -> Succession:
    """Return the entry by which other logs take the place of both."""
    return Succession(Final(4_096, draw("final cases")), Final(5, draw("final directory")), make_origin(name))


def make_upstream(name: str = "plaint.test/releases") -> SigningKey:
    """Return the key of the project that releases the client."""
    return SigningKey(draw(f"vkey {name}"))


def make_release(version: str, name: str = "plaint.test/releases") -> Release:
    """Return a release signed by the project."""
    return sign_release(version, draw(f"manifest {version}"), make_upstream(name))


def make_cosigners(*names: str, quorum: int = 1) -> Cosigners:
    """Return outside cosigners."""
    found = [Cosigner(name, make_vkey(f"{name}.test", COSIGNATURE), f"http://{name}.test") for name in names]
    return Cosigners(tuple(found), quorum)


def make_genesis(
    founders: Mapping[str, tuple[str, ...]] = FOUNDERS,
    *,
    channels: Sequence[Channel] = (CHANNEL,),
    packs: Sequence[Pack] = (EU_INTERNAL,),
) -> Genesis:
    """Return the founding of Aurora Invented."""
    members = sorted((make_record(name, roles) for name, roles in founders.items()), key=lambda member: member.id)
    return Genesis("Aurora Invented", tuple(members), tuple(channels), tuple(packs), CLOCK)


def sign_genesis(genesis: Genesis, *names: str) -> Entry:
    """Return entry 0, signed."""
    entry = Entry(0, genesis)
    org = compute_org(entry)
    for name in names:
        entry = sign_entry(org, entry, find_id(name), make_keys(name).sign)
    return entry


class DirectoryWorld:
    """Entries and the state they make; `append` refuses what the fold refuses."""

    def __init__(self, founders: Mapping[str, tuple[str, ...]] = FOUNDERS, *, origin: Origin | None = None) -> None:
        genesis = sign_genesis(make_genesis(founders), *founders)
        self.entries = [encode_entry(genesis)]
        self.state: DirectoryState = fold_directory(self.entries)
        self.append(origin or make_origin())

    def sign(self, content: Content, *names: str, index: int | None = None) -> Entry:
        """Return `content` as the next entry, signed by members."""
        entry = Entry(self.state.size if index is None else index, content)
        for name in names:
            entry = sign_entry(self.state.org, entry, find_id(name), make_keys(name).sign)
        return entry

    def append(self, content: Content, *names: str) -> DirectoryWorld:
        """Add an entry signed by members."""
        return self.append_entry(self.sign(content, *names))

    def append_entry(self, entry: Entry) -> DirectoryWorld:
        """Add an entry."""
        self.state = apply_entry(self.state, entry)
        self.entries.append(encode_entry(entry))
        return self

    def change(self, content: Content, *names: str) -> DirectoryWorld:
        """Add a delayed entry and its effect."""
        index = self.state.size
        return self.append(content, *(names or ("ada", "dov"))).append(Effect(index))

    def forge(self, content: Content, *names: str) -> list[bytes]:
        """Return all entries and one more that the fold need not accept."""
        return [*self.entries, encode_entry(self.sign(content, *names))]


def spoil(entry: Entry) -> Entry:
    """Return the entry with its first signature false."""
    first = entry.by[0]
    return replace(entry, by=(Signature(first.id, bytes(64)), *entry.by[1:]))
