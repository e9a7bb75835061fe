"""Cases of keys that change or become void: members' and the server's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from plaint.crypto.age import seal_age
from plaint.encoding.json import encode_json
from plaint.protocol.carry import FIRST_LINE, PLAIN_BYTES
from plaint.protocol.directory import Entry, encode_entry, sign_entry
from plaint.protocol.directory_contents import Content, Effect, Leave, Suspend
from plaint.protocol.directory_keys import Compromised, ReceiptKey, Rotate
from plaint.protocol.directory_server import Upstream
from plaint.protocol.note import VerifierKey
from tests.support.directory_world import (
    CLOCK,
    ORIGIN,
    DirectoryWorld,
    draw,
    find_id,
    make_keys,
    make_origin,
    make_record,
    make_rotation,
    make_succession,
    make_vkey,
)
from tools.vectors.case import Case

PAIR = ("ada", "dov")
BEN = make_rotation("ben", "ben 2")
NEXT = make_vkey(f"{ORIGIN}/receipts 2")
KEY = VerifierKey(f"{ORIGIN}/receipts", NEXT.type, NEXT.public)
FORM = "directory-form"


def _fold(name: str, about: str, entries: list[bytes], **more: Any) -> Case:
    return Case("directory", f"fold-{name}", "fold", about, {"entries": [e.decode() for e in entries]}, **more)


def _sign_as(world: DirectoryWorld, content: Content, member: str, keys: str) -> Entry:
    entry = Entry(world.state.size, content)
    return sign_entry(world.state.org, entry, find_id(member), make_keys(keys).sign)


def _refused(name: str, about: str, base: DirectoryWorld, content: Content, names: str, error: str) -> Case:
    return _fold(name, about, base.forge(content, *names.split()), error=error)


def _make_rotations() -> list[Case]:
    bare = DirectoryWorld()
    done = DirectoryWorld().append(BEN, "ben").append(Effect(2))
    again = make_rotation("ben", "ben 3", before="ben 2")
    twice = DirectoryWorld().append(BEN, "ben").append(Effect(2))
    twice.append_entry(_sign_as(twice, again, "ben", "ben 2")).append(Effect(4))
    waits = DirectoryWorld().append(BEN, "ben")
    stopped = DirectoryWorld().append(BEN, "ben").append(Suspend(find_id("ben")), "dov")
    promoted = DirectoryWorld().append(make_record("ben", ["reviewer"]), *PAIR).append(BEN, "ben")
    promoted.append(Effect(2)).append(Effect(3))
    outdated = DirectoryWorld().append(BEN, "ben").append(make_record("ben", ["reviewer"]), *PAIR)
    outdated.append(Effect(2)).append(Effect(3))
    left = DirectoryWorld().append(BEN, "ben").append(Leave(find_id("ben")), "ben")
    new_key = encode_entry(_sign_as(done, Leave(find_id("ben")), "ben", "ben 2"))
    taken = replace(make_rotation("ben", "cai"), id=find_id("ben"))
    elsewhere = make_rotation("ben", "ben 2", org=bytes(16))
    return [
        _fold("rotate-waits", "signed by the old key, proved by the new", bare.forge(BEN, "ben")),
        _fold("rotate", "in effect: the same member, other keys", done.entries),
        _fold("rotate-twice", "and once more, signed by the newer", twice.entries),
        _fold("rotate-signs", "from then on the new key signs", [*done.entries, new_key]),
        _refused("rotate-raced", "another waits", waits, make_rotation("ben", "thief"), "ben", "directory-rotate"),
        _refused("rotate-flood", "the same waits", waits, BEN, "ben", "directory-rotate"),
        _fold("rotate-suspended", "a suspension cancels what waits", stopped.entries),
        _fold("rotate-roles", "other roles, then other keys", promoted.entries),
        _fold("rotate-roles-late", "other roles under the old keys: spent without effect", outdated.entries),
        _fold("rotate-left", "leaving cancels it too", left.entries),
        _refused("rotate-old", "the old key signs no more", done, Leave(find_id("ben")), "ben", "directory-signature"),
        _refused("rotate-other", "somebody else signs", done, make_rotation("cai", "cai 2"), *_PAIR_SIGNERS),
        _refused("rotate-nobody", "nobody signs", done, make_rotation("cai", "cai 2"), "", "directory-signers"),
        _refused("rotate-taken", "keys of somebody else", done, taken, "ada ben", "directory-signature"),
        _refused("rotate-cai", "somebody's keys", DirectoryWorld(), taken, "ben", "directory-member"),
        _refused("rotate-same", "the keys of now", DirectoryWorld(), make_rotation("ben", "ben"), "ben", _MEMBER),
        _refused("rotate-org", "proved for elsewhere", DirectoryWorld(), elsewhere, "ben", "directory-rotate"),
        _refused(
            "rotate-carry",
            "another carry than was proved",
            DirectoryWorld(),
            replace(BEN, carry=make_rotation("ben", "x").carry),
            "ben",
            "directory-rotate",
        ),
        _refused("rotate-pop", "a false proof of the name", DirectoryWorld(), _reprove(), "ben", "directory-request"),
        _refused(
            "rotate-back",
            "keys that were the member's before",
            twice,
            make_rotation("cai", "ben"),
            "cai",
            "directory-member",
        ),
        _fold(
            "rotate-member",
            "a new member with keys that somebody had",
            twice.forge(make_record("ben 2", ["auditor"]), *PAIR),
            error="directory-member",
        ),
    ]


def _reprove() -> Rotate:
    """Return the rotation with a false `pop` and a proof that holds."""
    return make_rotation("ben", "ben 2", pop=draw("no proof", 64))


_MEMBER = "directory-member"
_PAIR_SIGNERS = ("ada dov", "directory-signers")


def _make_compromised() -> list[Case]:
    bare = DirectoryWorld()
    own = Compromised(find_id("ben"))
    void = DirectoryWorld().append(own, "ben")
    suspended = DirectoryWorld().append(Suspend(find_id("cai")), "ada")
    waiting = DirectoryWorld().append(BEN, "ben").append(make_record("ben", ["reviewer"]), *PAIR)
    hal = make_record("hal", ["intake-handler"])
    stolen = DirectoryWorld().append(hal, *PAIR).append(Compromised(find_id("ada")), "ada").append(Effect(2))
    held = (
        DirectoryWorld().append(hal, "ada", "gus", "dov").append(Compromised(find_id("ada")), "ada").append(Effect(2))
    )
    sole = DirectoryWorld().append(Leave(find_id("gus")), "gus")
    code = "directory-compromised"
    return [
        _fold("compromised-self", "the key itself says so", void.entries),
        _fold("compromised-pair", "one administrator and one independent", bare.forge(own, *PAIR)),
        _fold("compromised-waiting", "what waits for the member is cancelled", waiting.forge(own, "ben")),
        _fold("compromised-signed", "what it signed and still waits is spent without effect", stolen.entries),
        _fold("compromised-others", "unless the others who signed are enough", held.entries),
        _fold("compromised-suspended", "of somebody suspended", suspended.forge(Compromised(find_id("cai")), *PAIR)),
        _refused("compromised-alone", "an administrator alone", bare, own, "ada", "directory-signers"),
        _refused("compromised-again", "void already", void, own, "ada dov", code),
        _refused("compromised-nobody", "nobody known", bare, Compromised(bytes(16)), "ada dov", code),
        _refused("compromised-signs", "it signs nothing more", void, Leave(find_id("ben")), "ben", "directory-signer"),
        _refused("compromised-leave", "it cannot leave", void, Leave(find_id("ben")), "ada dov", "directory-leave"),
        _refused("compromised-back", "it never returns", void, make_record("ben", ["auditor"]), "ada dov", _MEMBER),
        _refused("compromised-last", "the only administrator", sole, Compromised(find_id("ada")), "ada", code),
    ]


def _make_receipt_keys() -> list[Case]:
    bare = DirectoryWorld()
    old = make_origin().receipts
    changed = DirectoryWorld().change(ReceiptKey(KEY))
    void = DirectoryWorld().append(Compromised(receipts=old), *PAIR)
    both = DirectoryWorld().append(Compromised(receipts=old), *PAIR).change(ReceiptKey(KEY))
    late = DirectoryWorld().change(ReceiptKey(KEY)).append(Compromised(receipts=old), *PAIR)
    code, named = "directory-receipts", replace(KEY, name="elsewhere/receipts")
    moved = DirectoryWorld().change(ReceiptKey(KEY)).change(make_succession(), "dov", "eva")
    return [
        _fold("receipt-key-waits", "signed, it waits", bare.forge(ReceiptKey(KEY), *PAIR)),
        _fold("receipt-key", "in effect: the one before is former", changed.entries),
        _fold("receipt-key-void", "the key of now may be in other hands", void.entries),
        _fold("receipt-key-both", "void, then replaced", both.entries),
        _fold("receipt-key-late", "replaced, then void", late.entries),
        _fold("receipt-key-succession", "former keys stay with their origin", moved.entries),
        _refused("receipt-key-alone", "one alone", bare, ReceiptKey(KEY), "ada", "directory-signers"),
        _refused("receipt-key-same", "the key of now", bare, ReceiptKey(old), "ada dov", code),
        _refused("receipt-key-back", "a former key", changed, ReceiptKey(old), "ada dov", code),
        _refused("receipt-key-name", "of another origin", bare, ReceiptKey(named), "ada dov", code),
        _refused(
            "receipt-key-log",
            "the key of a log",
            bare,
            ReceiptKey(replace(KEY, public=make_origin().cases.public)),
            "ada dov",
            code,
        ),
        _refused("receipt-key-self", "void by one", bare, Compromised(receipts=old), "ada", "directory-signers"),
        _refused(
            "receipt-key-unknown", "never signed", bare, Compromised(receipts=KEY), "ada dov", "directory-compromised"
        ),
        _refused(
            "receipt-key-again", "void already", void, Compromised(receipts=old), "ada dov", "directory-compromised"
        ),
    ]


def _make_parse() -> list[Case]:
    world = DirectoryWorld()
    contents: dict[str, Content] = {
        "rotate": BEN,
        "key-compromised": Compromised(find_id("ben")),
        "key-compromised-receipts": Compromised(receipts=make_origin().receipts),
        "receipt-key": ReceiptKey(KEY),
    }
    good = {name: encode_entry(world.sign(content, "ben")) for name, content in contents.items()}

    def wrong(name: str, about: str, change: Callable[[dict[str, Any]], Any], base: str) -> Case:
        value = json.loads(good[base])
        change(value)
        text = encode_json(value).decode()
        return Case("directory", f"parse-{name}", "parse", about, {"text": text}, error=FORM)

    return [
        *(Case("directory", f"parse-{n}", "parse", f"a {n} entry", {"text": d.decode()}) for n, d in good.items()),
        wrong("rotate-carry", "a carry of 455 bytes", lambda v: v.update(carry="00" * 455), "rotate"),
        wrong("rotate-proof", "no proof", lambda v: v.pop("proof"), "rotate"),
        wrong("compromised-both", "two keys", lambda v: v.update(id="00" * 16), "key-compromised-receipts"),
        wrong("compromised-none", "no key", lambda v: v.pop("id"), "key-compromised"),
    ]


def _make_carries() -> list[Case]:
    seed = draw("member ben 2", 16)
    entropy = draw("member ben", 16)
    recipient = make_keys("ben 2").age.public
    esk, file_key, nonce = draw("carry esk"), draw("carry key", 16), draw("carry nonce", 16)

    def case(name: str, about: str, plain: bytes, **more: Any) -> Case:
        sealed = seal_age(recipient, plain, esk=esk, file_key=file_key, nonce=nonce)
        return Case("carry", name, "open", about, {"entropy": seed.hex(), "carry": sealed.hex()}, **more)

    good = (FIRST_LINE + entropy).ljust(PLAIN_BYTES, b"\0")
    other = seal_age(make_keys("cai").age.public, good, esk=esk, file_key=file_key, nonce=nonce)
    return [
        case("holds", "the entropy before", good),
        case("line", "another first line", good.replace(b"v1", b"v2"), error="carry-form"),
        case("zeros", "something after the entropy", good[:-1] + b"\1", error="carry-form"),
        case("short", "too short", good[:-1], error="carry-form"),
        Case("carry", "other", "open", "for somebody else", {"entropy": seed.hex(), "carry": other.hex()},
             error="age-no-identity"),
    ]  # fmt: skip


CASES = [*_make_rotations(), *_make_compromised(), *_make_receipt_keys(), *_make_parse(), *_make_carries()]


def _make_rings() -> list[Case]:
    world = DirectoryWorld().append(BEN, "ben").append(Effect(2))
    world.append_entry(_sign_as(world, make_rotation("ben", "ben 3", before="ben 2"), "ben", "ben 2")).append(Effect(4))
    false = DirectoryWorld().append(make_rotation("ben", "ben 2", before="cai"), "ben").append(Effect(2))

    def case(name: str, about: str, base: DirectoryWorld, member: str, **more: Any) -> Case:
        given = {"entries": [e.decode() for e in base.entries], "entropy": draw(f"member {member}", 16).hex()}
        return Case("carry", f"ring-{name}", "ring", about, given, **more)

    return [
        case("first", "keys that never changed", world, "cai"),
        case("twice", "two rotations open one after the other", world, "ben 3"),
        case("false", "a carry of somebody else's words", false, "ben 2", error="ring-carry"),
        case("former", "keys that were replaced", world, "ben 2"),
        case("nobody", "nobody's keys", world, "hal"),
    ]


def _make_standings() -> list[Case]:
    world = DirectoryWorld().append(Suspend(find_id("ben")), "dov").change(make_record("ben", ["intake-handler"]))
    world.append(BEN, "ben").append(Effect(5)).append(Compromised(find_id("cai")), "cai")
    dates = {"2": 1_000, "4": 2_000, "6": 3_000, "7": 4_000}
    old, new = make_keys("ben").sign.public.hex(), make_keys("ben 2").sign.public.hex()

    def case(name: str, about: str, sign: str, at: int | None, *, member: str = "ben", without: str = "") -> Case:
        given = {
            "entries": [e.decode() for e in world.entries],
            "member": find_id(member).hex(),
            "sign": sign,
            "at": at,
            "dates": {index: date for index, date in dates.items() if index != without},
            "slack": 20,
        }
        return Case("standing", name, "compute", about, given)

    cai = make_keys("cai").sign.public.hex()
    return [
        case("before", "before the suspension", old, 999),
        case("at", "at the date of the suspension", old, 1_000),
        case("between", "while suspended", old, 1_500),
        case("slack", "back, and the other log's clock a little behind", old, 1_980),
        case("slack-over", "a little earlier still", old, 1_979),
        case("back", "back", old, 2_500),
        case("rotated", "the old key after the rotation", old, 3_000),
        case("new", "the new key", new, 3_000),
        case("new-early", "the new key before it was anybody's", new, 2_900),
        case("now", "not logged yet: the new key", new, None),
        case("now-old", "not logged yet: the old key", old, None),
        case("undated", "the end has no date: nothing counts that may be later", old, 999, without="2"),
        case("void", "before a key was void", cai, 3_999, member="cai"),
        case("void-after", "after it", cai, 4_000, member="cai"),
        case("void-now", "now", cai, None, member="cai"),
        case("stranger", "a key that was never the member's", cai, 999),
    ]


CASES += [*_make_rings(), *_make_standings()]


def _make_histories() -> list[Case]:
    world = (
        DirectoryWorld().append(Suspend(find_id("cai")), "dov").append(make_record("cai", ["intake-handler"]), *PAIR)
    )
    world.append(Effect(3)).append(BEN, "ben").append(Effect(5)).append(Compromised(find_id("fay")), "fay")
    world.append(Compromised(receipts=make_origin().receipts), "ada", "eva").append(Leave(find_id("ida")), "ida")

    def case(name: str, about: str, member: str, *, independent: bool = False) -> Case:
        given = {"entries": [e.decode() for e in world.entries], "member": find_id(member).hex()}
        return Case("history", name, "list", about, {**given, "independent": independent})

    return [
        case("signer", "what one signed", "ada"),
        case("about", "what is about one", "cai"),
        case("own", "one's own rotation", "ben"),
        case("independent", "and every void key", "dov", independent=True),
        case("void", "one's own key is void", "fay"),
        case("gone", "one left", "ida"),
        case("founder", "only the founding", "gus"),
    ]


CASES += _make_histories()


def _make_delays() -> list[Case]:
    def build(content: Content, *names: str) -> DirectoryWorld:
        world = DirectoryWorld().change(replace(CLOCK, delay=100))
        index = world.state.size
        return world.append(content, *names).append(Effect(index))

    kinds: dict[str, tuple[Content, tuple[str, ...]]] = {
        "rotate": (BEN, ("ben",)),
        "receipt-key": (ReceiptKey(KEY), PAIR),
        "upstream": (Upstream(make_vkey("plaint.test/releases")), PAIR),
        "member": (make_record("hal", ["investigator"]), PAIR),
        "clock": (replace(CLOCK, delay=0), PAIR),
        "succession": (make_succession(), ("dov", "eva")),
    }

    def case(name: str, about: str, kind: str, applied: int, *, began: bool = True, **more: Any) -> Case:
        content, names = kinds[kind]
        entries = [e.decode() for e in build(content, *names).entries]
        given = {"entries": entries, "dates": {"4": 1_000, "5": applied}, "began": began}
        return Case("delays", f"{kind}-{name}", "verify", about, given, **more)

    early = [case("early", "a second too early", kind, 1_099, error="view-delay") for kind in kinds]
    kept = [case("kept", "waited its time", kind, 1_100) for kind in kinds]
    return [
        *early,
        *kept,
        case("before", "logged before anybody dated the log", "rotate", 1_000, began=False),
        case("new", "a succession begins its log", "succession", 1_000, began=False, error="view-delay"),
    ]


CASES += _make_delays()
