"""Cases of directory entries, their fold, rosters and drafts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from plaint.encoding.json import encode_json
from plaint.protocol.chart import Person, compute_chart_digest, encode_chart, make_chart
from plaint.protocol.directory import Entry, encode_entry
from plaint.protocol.directory_contents import Channel, ChartDigest, Content, Effect, Leave, Suspend
from plaint.protocol.draft import Draft, Name, encode_draft
from plaint.protocol.packs import compute_pack_digest
from tests.support.directory_world import (
    CHANNEL,
    CLOCK,
    EU_INTERNAL,
    FOUNDERS,
    DirectoryWorld,
    draw,
    find_id,
    make_cosigners,
    make_genesis,
    make_keys,
    make_named_request,
    make_origin,
    make_record,
    make_succession,
    sign_genesis,
    spoil,
)
from tools.vectors.case import Case

PAIR = ("ada", "dov")
STRICT = replace(EU_INTERNAL, id="strict", version=2, title="Faster")
CHART = ChartDigest(draw("chart"), 40)
LEGAL = Channel("legal", "Legal", ("case-manager", "investigator"), compute_pack_digest(STRICT))


def _texts(entries: Sequence[bytes]) -> list[str]:
    return [entry.decode() for entry in entries]


def make_fold(name: str, about: str, entries: Sequence[bytes], **more: Any) -> Case:
    """Return a case of the fold over `entries`."""
    return Case("directory", f"fold-{name}", "fold", about, {"entries": _texts(entries)}, **more)


def _grown() -> DirectoryWorld:
    """Return a directory in which everything has happened once."""
    world = DirectoryWorld()
    world.append(CHART, *PAIR).append(make_cosigners("north", "south", quorum=2), *PAIR)
    world.change(make_record("hal", ["investigator"])).change(STRICT).change(LEGAL)
    world.change(replace(CLOCK, tick=6, grace=1)).append(Leave(find_id("fay")), "fay")
    world.append(Suspend(find_id("cai")), "eva").append(replace(CHART, people=41), *PAIR)
    return world


def _make_parse() -> list[Case]:
    def case(name: str, about: str, value: Any, **more: Any) -> Case:
        text = value if isinstance(value, str) else encode_json(value).decode()
        return Case("directory", f"parse-{name}", "parse", about, {"text": text}, **more)

    def wrong(name: str, about: str, change: Callable[[dict[str, Any]], Any], base: bytes, error: str) -> Case:
        value = json.loads(base)
        change(value)
        return case(name, about, value, error=error)

    grown = _grown()
    genesis, member, form = grown.entries[0], grown.entries[4], "directory-form"
    first = {json.loads(entry)["type"]: entry for entry in reversed(grown.entries)}
    good = [case(kind, f"a {kind} entry", entry.decode()) for kind, entry in sorted(first.items())]
    vkey = json.loads(grown.entries[1])["keys"]["clock"]
    return [
        *good,
        case("spaces", "not in its one spelling", member.decode().replace(",", ", ", 1), error="json-canonical"),
        wrong("unknown-key", "an unknown key", lambda v: v.update(x=1), member, form),
        wrong("no-index", "no index", lambda v: v.pop("index"), member, form),
        wrong("negative-index", "index below zero", lambda v: v.update(index=-1), member, form),
        wrong("boolean-index", "index is a boolean", lambda v: v.update(index=True), member, form),
        wrong("version", "version 2", lambda v: v.update(v=2), member, form),
        wrong("type", "a type that is not one", lambda v: v.update(type="transfer"), member, form),
        wrong("by-order", "signatures not sorted", lambda v: v["by"].reverse(), member, form),
        wrong("by-twice", "one signer twice", lambda v: v["by"].insert(0, v["by"][0]), member, form),
        wrong("sig-short", "a signature of 63 bytes", lambda v: v["by"][0].update(sig="00" * 63), member, form),
        wrong("hex-upper", "hex in capitals", lambda v: v["by"][0].update(id="AB" * 16), member, form),
        wrong("role", "no such role", lambda v: v["member"].update(roles=["janitor"]), member, form),
        wrong("roles-none", "no role", lambda v: v["member"].update(roles=[]), member, form),
        wrong("roles-order", "roles not sorted", lambda v: v["member"]["roles"].insert(0, "reviewer"), member, form),
        wrong("members-order", "founders not sorted", lambda v: v["members"].reverse(), genesis, form),
        wrong("name-empty", "no name", lambda v: v.update(name=""), genesis, form),
        wrong("name-control", "a line break in the name", lambda v: v.update(name="a\nb"), genesis, form),
        wrong("name-long", "201 characters", lambda v: v.update(name="é" * 201), genesis, form),
        case("name-200", "200 characters, each two bytes", {**json.loads(genesis), "name": "é" * 200}),
        case("name-emoji", "200 characters outside the first plane", {**json.loads(genesis), "name": "😀" * 200}),
        wrong("tick-zero", "no tick", lambda v: v["clock"].update(tick=0), genesis, form),
        wrong("window", "window shorter than a tick", lambda v: v["clock"].update(tick=60, window=59), genesis, form),
        wrong("channel-id", "capital letter in an id", lambda v: v["channels"][0].update(id="Reports"), genesis, form),
        wrong("duty", "deadlines in another order", lambda v: v["packs"][0]["duties"].reverse(), genesis, "pack-form"),
        wrong("vkey", "log key of a cosigner's kind", lambda v: v["keys"].update(cases=vkey), first["origin"], form),
        wrong("quorum", "quorum above the cosigners", lambda v: v.update(quorum=3), first["cosigners"], form),
        wrong("quorum-zero", "cosigners and no quorum", lambda v: v.update(quorum=0), first["cosigners"], form),
        case("array", "an array", "[]", error=form),
        case("size", "more than 64 KiB", {"x": "a" * 65_536}, error="json-size"),
    ]


def _make_sign() -> list[Case]:
    world = DirectoryWorld()
    entry = world.sign(Suspend(find_id("cai")), "ada")
    seed = make_keys("eva").sign.seed.hex()
    given = {"org": world.state.org.hex(), "text": encode_entry(entry).decode(), "member": find_id("eva").hex()}
    return [
        Case("directory", "sign", "sign", "a second signature", {**given, "seed": seed}),
        Case("directory", "org", "org", "the organisation's id", {"text": world.entries[0].decode()}),
    ]


def _make_founding() -> list[Case]:
    def founded(name: str, about: str, founders: dict[str, tuple[str, ...]], error: str) -> Case:
        return make_fold(name, about, [encode_entry(sign_genesis(make_genesis(founders), *founders))], error=error)

    genesis = sign_genesis(make_genesis(), *FOUNDERS)
    few = {"ada": ("administrator",), "dov": ("independent",), "ben": ("intake-handler",)}
    base = [encode_entry(genesis)]
    stray = replace(CHANNEL, pack=draw("no pack"))
    forged = make_genesis()
    swapped = replace(forged.members[0], pop=forged.members[1].pop)
    renamed = replace(forged.members[0], id=bytes(16))
    return [
        make_fold("genesis", "the founding alone", base),
        founded("one-person", "one person with both roles", {"ada": ("administrator", "independent"), **_ben()}, _F),
        founded("no-independent", "nobody independent", {"ada": ("administrator",), **_ben()}, _F),
        founded("no-administrator", "no administrator", {"dov": ("independent",), **_ben()}, _F),
        founded("no-handler", "nobody receives reports", {k: few[k] for k in ("ada", "dov")}, "directory-channel"),
        make_fold("small", "three founders", [encode_entry(sign_genesis(make_genesis(few), *few))]),
        make_fold(
            "genesis-missing",
            "one founder has not signed",
            [encode_entry(replace(genesis, by=genesis.by[1:]))],
            error="directory-signers",
        ),
        make_fold("genesis-false", "false signature", [encode_entry(spoil(genesis))], error="directory-signature"),
        make_fold(
            "genesis-pop",
            "somebody else's proof",
            [_resign(replace(forged, members=(swapped, *forged.members[1:])))],
            error="directory-request",
        ),
        make_fold(
            "genesis-id",
            "an id that is not that of the keys",
            [_resign_id(replace(forged, members=(renamed, *forged.members[1:])))],
            error="directory-request",
        ),
        make_fold(
            "genesis-pack",
            "a channel without deadlines",
            [encode_entry(sign_genesis(make_genesis(channels=(stray,)), *FOUNDERS))],
            error="directory-pack",
        ),
        make_fold(
            "genesis-no-channel",
            "no channel",
            [encode_entry(sign_genesis(make_genesis(channels=()), *FOUNDERS))],
            error="directory-channel",
        ),
        make_fold("empty", "no entry", [], error="directory-empty"),
        make_fold("genesis-twice", "a second founding", [*base, _at(genesis, 1)], error="directory-type"),
        make_fold("genesis-index", "founding at index 1", [_at(genesis, 1)], error="directory-index"),
        Case(
            "directory",
            "fold-org",
            "fold",
            "another organisation than expected",
            {"entries": _texts(base), "org": bytes(16).hex()},
            error="directory-org",
        ),
    ]


_F = "directory-founders"


def _ben() -> dict[str, tuple[str, ...]]:
    return {"ben": ("intake-handler",)}


def _at(entry: Entry, index: int) -> bytes:
    return encode_entry(replace(entry, index=index))


def _resign(genesis: Any) -> bytes:
    return encode_entry(sign_genesis(genesis, *FOUNDERS))


def _resign_id(genesis: Any) -> bytes:
    """Sign with every founder's key, the renamed one under the new id."""
    entry = sign_genesis(genesis, *FOUNDERS)
    ids = {member.sign: member.id for member in genesis.members}
    by = [
        replace(s, id=ids[make_keys(name).sign.public]) for name in FOUNDERS for s in entry.by if s.id == find_id(name)
    ]
    return encode_entry(replace(entry, by=tuple(sorted(by, key=lambda s: s.id))))


def _make_rules() -> list[Case]:
    world, grown = DirectoryWorld(), _grown()
    hal = make_record("hal", ["investigator"])
    need, suspend, leave = "directory-signers", "directory-suspend", "directory-leave"

    def refused(name: str, about: str, content: Content, names: str, error: str, base: DirectoryWorld = world) -> Case:
        return make_fold(name, about, base.forge(content, *names.split()), error=error)

    waiting = DirectoryWorld().append(hal, *PAIR).append(STRICT, *PAIR)
    suspended = DirectoryWorld().append(Suspend(find_id("cai")), "ada")
    other_keys = replace(hal, id=find_id("fay"))
    demoted = DirectoryWorld().change(make_record("gus", ["auditor"])).change(make_record("ada", ["auditor"]))
    back = DirectoryWorld().append(Leave(find_id("fay")), "fay").change(make_record("fay", ["case-manager"]))
    cancelled = (
        DirectoryWorld().append(make_record("fay", ["intake-handler"]), *PAIR).append(Leave(find_id("fay")), "fay")
    )
    sole = DirectoryWorld().append(Leave(find_id("gus")), "gus")
    shortened = DirectoryWorld().append(replace(CLOCK, grace=5), *PAIR).append(CLOCK, *PAIR)
    shortened.append(Effect(2)).append(Effect(3))
    entry = world.sign(hal, *PAIR)
    return [
        make_fold("grown", "everything happened once", grown.entries),
        make_fold("waiting", "two entries wait", waiting.entries),
        make_fold("effect", "the first takes effect", waiting.forge(Effect(2))),
        refused("effect-order", "the second out of turn", Effect(3), "", "directory-effect", waiting),
        refused("effect-nothing", "nothing waits", Effect(1), "", "directory-effect"),
        refused("effect-signed", "signed by a member", Effect(2), "ada", need, waiting),
        make_fold("effect-void", "the last administrator would be gone: spent without effect", demoted.entries),
        refused("clock-grace", "a longer grace", replace(CLOCK, grace=7), "ada dov", "directory-grace"),
        refused("clock-tick", "as many longer ticks", replace(CLOCK, tick=2), "ada dov", "directory-grace"),
        make_fold("clock-back", "a shorter grace, and back before it counts: spent without effect", shortened.entries),
        make_fold("return", "a member comes back", back.entries),
        make_fold("cancelled", "leaving cancels what waits for the member", cancelled.entries),
        make_fold("index", "an index is left out", [*world.entries, _at(entry, 3)], error="directory-index"),
        make_fold("replay", "an entry again", [*waiting.entries, waiting.entries[2]], error="directory-index"),
        make_fold(
            "false", "a false signature", [*world.entries, encode_entry(spoil(entry))], error="directory-signature"
        ),
        refused("origin-late", "a second origin", make_origin(), "", "directory-type"),
        make_fold("origin-missing", "no origin", [world.entries[0], _at(entry, 1)], error="directory-type"),
        refused("one-administrator", "an administrator alone", hal, "ada", need),
        refused("two-administrators", "two administrators", hal, "ada gus", need),
        refused("two-independents", "two independents", hal, "dov eva", need),
        refused("nobody", "no signature", hal, "", need),
        refused("handlers", "neither", hal, "ben cai", need),
        refused("stranger", "a stranger signs as well", hal, "ada dov hal", "directory-signer"),
        refused("suspended-signer", "a suspended member signs", hal, "ada dov cai", "directory-signer", suspended),
        make_fold("three", "a third signature does no harm", world.forge(hal, "ada", "dov", "ben")),
        refused("keys", "known id, other keys", other_keys, "ada dov", "directory-member"),
        refused("id", "an id that is not that of the keys", replace(hal, id=bytes(16)), "ada dov", "directory-request"),
        refused("pop", "a false proof", replace(hal, pop=bytes(64)), "ada dov", "directory-request"),
        refused("name", "another name than was proved", replace(hal, name=bytes(32)), "ada dov", "directory-request"),
        refused("pack", "a channel with unknown deadlines", LEGAL, "ada dov", "directory-pack"),
        make_fold("pack-waits", "deadlines that wait before it", waiting.forge(LEGAL, *PAIR)),
        refused("suspend-handler", "signed by a handler", Suspend(find_id("cai")), "ben", need),
        make_fold("suspend", "one signature is enough", suspended.entries),
        refused("suspend-second", "a second one of the channel", Suspend(find_id("ben")), "dov", suspend, suspended),
        refused("suspend-twice", "the same again", Suspend(find_id("cai")), "dov", suspend, suspended),
        refused("suspend-unknown", "nobody known", Suspend(bytes(16)), "dov", suspend),
        make_fold("suspend-leave", "a suspended member is let go", suspended.forge(Leave(find_id("cai")), *PAIR)),
        refused("suspend-founders", "the only administrator", Suspend(find_id("ada")), "dov", suspend, sole),
        refused("leave-other", "one alone lets another go", Leave(find_id("ben")), "ada", need),
        refused("leave-last", "the only administrator", Leave(find_id("ada")), "ada", leave, sole),
        refused("leave-twice", "again", Leave(find_id("gus")), "ada dov", leave, sole),
        refused("leave-unknown", "nobody known", Leave(bytes(16)), "ada dov", leave),
        make_fold("leave-pair", "let go by two", world.forge(Leave(find_id("ben")), *PAIR)),
    ]


def _make_successions() -> list[Case]:
    world, both, code = DirectoryWorld(), ("dov", "eva"), "directory-succession"
    succession = make_succession()
    waiting = DirectoryWorld().append(succession, *both)
    done = DirectoryWorld().change(succession, *both)
    again = make_succession("plaint.test/cirrus")
    stale = replace(again, origin=replace(again.origin, clock=make_origin().clock))
    alone = DirectoryWorld().append(Suspend(find_id("dov")), "ada")

    def case(name: str, about: str, base: DirectoryWorld, content: Content, *names: str, **more: Any) -> Case:
        return make_fold(f"succession-{name}", about, base.forge(content, *names), **more)

    text = json.loads(waiting.entries[-1])
    text["old"]["cases"].pop("root")
    parsed = {"text": waiting.entries[-1].decode()}
    return [
        Case("directory", "parse-succession", "parse", "a succession entry", parsed),
        Case(
            "directory",
            "parse-succession-root",
            "parse",
            "without the last root",
            {"text": encode_json(text).decode()},
            error="directory-form",
        ),
        case("waits", "signed by all independents, it waits", world, succession, *both),
        make_fold("succession", "other keys from its effect on", done.entries),
        make_fold(
            "succession-two",
            "and again others",
            DirectoryWorld().change(succession, *both).change(again, *both).entries,
        ),
        case("one", "one independent has not signed", world, succession, "dov", error="directory-signers"),
        case("pair", "an administrator does not stand in", world, succession, "ada", "dov", error="directory-signers"),
        case("more", "an administrator signs as well", world, succession, "ada", *both),
        case("suspended", "who is suspended need not sign", alone, succession, "eva"),
        case("same", "the keys that serve now", world, replace(succession, origin=make_origin()), *both, error=code),
        case("clock", "one key that serves now", world, stale, *both, error=code),
        case("back", "keys that served before", done, replace(again, origin=make_origin()), *both, error=code),
        case("replay", "the same keys again", done, succession, *both, error=code),
        make_fold(
            "succession-void",
            "the same keys waited twice: the second is spent without effect",
            DirectoryWorld()
            .append(succession, *both)
            .append(succession, *both)
            .append(Effect(2))
            .append(Effect(3))
            .entries,
        ),
    ]


def _make_rosters() -> list[Case]:
    world = _grown()

    def case(name: str, about: str, size: int, channel: str, **more: Any) -> Case:
        given = {"entries": _texts(world.entries), "size": size, "channel": channel}
        return Case("roster", name, "compute", about, given, **more)

    return [
        case("genesis", "at the founding", 1, "reports"),
        case("waiting", "who waits has no place", 5, "reports"),
        case("joined", "after the effect", 6, "reports"),
        case("end", "one left, one is suspended", world.state.size, "reports"),
        case("second", "another channel", world.state.size, "legal"),
        case("unknown", "no such channel", 5, "legal", error="roster-channel"),
    ]


def _make_drafts() -> list[Case]:
    world = DirectoryWorld()
    request = make_named_request("hal")
    names = {request.id: Name(request.name, request.salt)}
    hal = make_record("hal", ["investigator"])
    chart = make_chart([Person("a", "Ada Invented", "Boss", None)])
    digest = ChartDigest(compute_chart_digest(chart), 1)

    def case(name: str, about: str, draft: Draft, **more: Any) -> Case:
        return Case("draft", name, "parse", about, {"text": encode_draft(draft).decode()}, **more)

    placed = replace(Draft(hal, names), org=world.state.org, entry=world.sign(hal, *PAIR))
    value = json.loads(encode_draft(placed))
    other = {**names, find_id("ada"): Name("Ada", bytes(16))}
    longer = encode_chart(make_chart([Person("a", "Ada Invented", "Boss", None), Person("b", "B", "", "a")]))
    return [
        case("member", "signed and placed", placed),
        case("unplaced", "without a place", Draft(hal, names)),
        case("chart", "with its chart", Draft(digest, {}, chart)),
        case("no-name", "the name is missing", Draft(hal, {}), error="draft-names"),
        case("more-names", "a name too many", Draft(hal, other), error="draft-names"),
        case("salt", "a salt that does not fit", Draft(hal, {request.id: Name("Hal", bytes(16))}), error="draft-names"),
        case("no-chart", "the chart is missing", Draft(digest, {}), error="draft-chart"),
        case("chart-astray", "a chart where none belongs", Draft(hal, names, chart), error="draft-chart"),
        case("chart-other", "another chart", Draft(replace(digest, digest=bytes(32)), {}, chart), error="draft-chart"),
        Case(
            "draft",
            "chart-longer",
            "parse",
            "one person more than counted",
            {"text": json.dumps({**json.loads(encode_draft(Draft(digest, {}, chart))), "chart": json.loads(longer)})},
            error="draft-chart",
        ),
        Case("draft", "key", "parse", "an unknown key", {"text": json.dumps({**value, "x": 1})}, error="draft-form"),
        Case("draft", "org-only", "parse", "an organisation and no place", _unplace(value), error="directory-form"),
    ]


def _unplace(value: dict[str, Any]) -> dict[str, Any]:
    entry = {key: value["entry"][key] for key in ("member", "type", "v")}
    return {"text": json.dumps({**value, "entry": entry})}


CASES = [
    *_make_parse(),
    *_make_successions(),
    *_make_sign(),
    *_make_founding(),
    *_make_rules(),
    *_make_rosters(),
    *_make_drafts(),
]
