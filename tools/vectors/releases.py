"""Cases of releases: the note beside the files, and the entries that hold key and release."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from plaint.encoding.json import encode_json
from plaint.protocol.directory import encode_entry
from plaint.protocol.directory_contents import Content, Effect
from plaint.protocol.directory_server import Upstream
from plaint.protocol.note import NoteSignature, VerifierKey, encode_note, encode_vkey, parse_note
from plaint.protocol.release import compute_release_text, encode_release_note
from tests.support.directory_world import (
    FOUNDERS,
    ORIGIN,
    DirectoryWorld,
    draw,
    make_genesis,
    make_origin,
    make_release,
    make_succession,
    make_upstream,
    make_vkey,
    sign_genesis,
)
from tools.vectors.case import Case

PAIR = ("ada", "dov")
NAME = "plaint.test/releases"
KEY = make_vkey(NAME)
FIRST, SECOND = make_release("1.0.0"), make_release("1.1.0-rc.1")


def _fold(name: str, about: str, entries: list[bytes], **more: Any) -> Case:
    return Case("directory", f"fold-{name}", "fold", about, {"entries": [e.decode() for e in entries]}, **more)


def _make_folds() -> list[Case]:
    bare = DirectoryWorld()
    world = DirectoryWorld().change(Upstream(KEY))
    once = DirectoryWorld().change(Upstream(KEY)).append(FIRST, "ada")
    other = make_vkey("elsewhere.test/releases")
    moved = DirectoryWorld().change(Upstream(KEY)).append(FIRST, "ada").change(Upstream(other))
    moved.append(make_release("2.0.0", "elsewhere.test/releases"), "gus")
    own = VerifierKey("own", KEY.type, make_origin().cases.public)
    late = make_origin("plaint.test/borealis")
    overtaken = DirectoryWorld().append(make_succession(), "dov", "eva")
    overtaken.append(Upstream(replace(KEY, public=late.cases.public)), *PAIR).append(Effect(2)).append(Effect(3))
    founded = encode_entry(sign_genesis(replace(make_genesis(), upstream=KEY), *FOUNDERS))
    stolen = encode_entry(sign_genesis(replace(make_genesis(), upstream=own), *FOUNDERS))

    def refused(name: str, about: str, base: DirectoryWorld, content: Content, names: str, error: str) -> Case:
        return _fold(name, about, base.forge(content, *names.split()), error=error)

    return [
        _fold("upstream-genesis", "founded with the project's key", [founded]),
        _fold("upstream-waits", "the first waits as well", bare.forge(Upstream(KEY), *PAIR)),
        _fold("upstream", "in effect", world.entries),
        _fold("release", "one administrator is enough", once.entries),
        _fold("release-second", "all are kept, in order", once.forge(SECOND, "gus")),
        _fold("release-moved", "each under the key held then", moved.entries),
        _fold(
            "upstream-overtaken",
            "the new server's own key: spent without effect",
            overtaken.entries,
        ),
        _fold(
            "upstream-origin",
            "founded with a key that is the server's",
            [stolen, encode_entry(replace(bare.sign(make_origin(), index=1)))],
            error="directory-upstream",
        ),
        refused("upstream-alone", "an administrator alone", bare, Upstream(KEY), "ada", "directory-signers"),
        refused("upstream-own", "the server's own key", bare, Upstream(own), "ada dov", "directory-upstream"),
        refused("release-no-key", "no key is held", bare, FIRST, "ada", "directory-release"),
        refused("release-again", "the version again", once, FIRST, "ada", "directory-release"),
        refused("release-nobody", "no administrator", world, FIRST, "", "directory-signers"),
        refused("release-independent", "an independent member", world, FIRST, "dov", "directory-signers"),
        refused(
            "release-forged", "another manifest", world, replace(FIRST, manifest=bytes(32)), "ada", "release-signature"
        ),
        refused("release-version", "another version", world, replace(FIRST, version="9"), "ada", "release-signature"),
        refused("release-old-key", "the key before", moved, SECOND, "ada", "release-signature"),
    ]


def _make_parse() -> list[Case]:
    world = DirectoryWorld()
    good = {name: encode_entry(world.sign(c, *PAIR)) for name, c in (("release", FIRST), ("upstream", Upstream(KEY)))}

    def wrong(name: str, about: str, change: Callable[[dict[str, Any]], Any], base: str) -> Case:
        value = json.loads(good[base])
        change(value)
        text = encode_json(value).decode()
        return Case("directory", f"parse-{name}", "parse", about, {"text": text}, error="directory-form")

    cosigner = encode_vkey(make_origin().clock)
    return [
        *(
            Case("directory", f"parse-{name}", "parse", f"a {name} entry", {"text": data.decode()})
            for name, data in good.items()
        ),
        wrong("release-version", "a space in the version", lambda v: v.update(version="1 0"), "release"),
        wrong("release-long", "a version of 65 characters", lambda v: v.update(version="1" * 65), "release"),
        wrong("release-manifest", "a short digest", lambda v: v.update(manifest="00" * 31), "release"),
        wrong("release-upstream", "a short signature", lambda v: v.update(upstream="00" * 63), "release"),
        wrong("upstream-type", "a key of a cosigner's kind", lambda v: v.update(vkey=cosigner), "upstream"),
    ]


def _make_notes() -> list[Case]:
    note = encode_release_note(FIRST, KEY)
    parsed = parse_note(note)

    def case(name: str, about: str, data: bytes, **more: Any) -> Case:
        return Case("release", name, "open", about, {"note": data.decode(), "key": encode_vkey(KEY)}, **more)

    def signed(text: bytes) -> bytes:
        signature = NoteSignature(NAME, KEY.key_id, make_upstream().sign(text))
        return encode_note(replace(parsed, text=text, signatures=(signature,)))

    stranger = NoteSignature("other.test/releases", make_vkey("other.test/releases").key_id, draw("sig", 64))
    text = parsed.text.decode()
    return [
        case("holds", "signed by the project", note),
        case(
            "more", "signed by others as well", encode_note(replace(parsed, signatures=(stranger, *parsed.signatures)))
        ),
        case("version-64", "a version of 64 characters", signed(compute_release_text("1" * 64, bytes(32)))),
        case("stranger", "signed by others only", encode_note(replace(parsed, signatures=(stranger,))), error=_NO),
        case("changed", "another version than was signed", note.replace(b"1.0.0", b"1.0.1"), error="note-known-key"),
        case("line", "a line more", signed(f"{text}url x\n".encode()), error="text-order"),
        case("order", "lines in another order", signed(_turn(text)), error="text-order"),
        case("first-line", "a checkpoint", signed(f"{ORIGIN}/log/cases\n1\nAAAA\n".encode()), error="text-first-line"),
        case(
            "version", "a version with a slash", signed(text.replace("1.0.0", "1/0").encode()), error="release-version"
        ),
        case("manifest", "a short digest", signed(text[:-2].encode() + b"\n"), error="text-hex"),
        case("size", "too long", signed(text.encode() + b"x " + b"y" * 600 + b"\n"), error="text-size"),
    ]


def _turn(text: str) -> bytes:
    first, version, manifest, _ = text.split("\n")
    return f"{first}\n{manifest}\n{version}\n".encode()


_NO = "note-no-known-key"
CASES = [*_make_folds(), *_make_parse(), *_make_notes()]
