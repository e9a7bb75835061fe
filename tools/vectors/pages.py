"""Cases of kits: what a page carries that leaves the server."""

from __future__ import annotations

import json
from typing import Any

from plaint.protocol.kit import NO_CONNECTION, NO_KIT, Copy, Kit, encode_kit
from plaint.protocol.policy import Policy, PolicyLog, Witness
from plaint.protocol.trust import Trust
from tests.support.directory_world import make_origin
from tools.vectors.case import Case, draw

API = "https://reports.example/o/aurora/"
ORIGIN = make_origin()
LOGS = (PolicyLog(ORIGIN.cases), PolicyLog(ORIGIN.directory))
TRUST = Trust(draw("kit", 16), ORIGIN.receipts, Policy(LOGS, (Witness("w", ORIGIN.clock),), (), "w"))
ANSWERS = {
    "config": b'{"name":"</script><b>\\u2028"}',
    "directory?from=0": b'{"type":"genesis"}\n',
    "log/directory/at": b"1\n2\n",
    "log/directory/at/2": "note \u2014 x\n".encode(),
    "log/directory/checkpoint": b"note\n",
    "names": b"{}",
}
KIT = Kit(API, TRUST, Copy(1_790_000_000, ANSWERS))
PAGE = f"<meta content=\"default-src 'none'; {NO_CONNECTION}\" />\n{NO_KIT}\n<title>x</title><script>go('$&')</script>"


def _text(**changes: Any) -> str:
    return json.dumps(json.loads(encode_kit(KIT)) | changes, ensure_ascii=False)


def _make_parse() -> list[Case]:
    def parse(name: str, about: str, text: str, **more: Any) -> Case:
        return Case("kit", f"parse-{name}", "parse", about, {"text": text}, **more)

    def wrong(name: str, about: str, error: str = "kit-form", **changes: Any) -> Case:
        return parse(name, about, _text(**changes), error=error)

    def api(name: str, about: str, address: str) -> Case:
        return wrong(f"api-{name}", about, api=address)

    return [
        parse("copy", "with a copy of the directory", _text()),
        parse("none", "without a copy", _text(copy=None)),
        parse("local", "on this machine", _text(api="http://localhost:8800/o/demo/", copy=None)),
        parse("below", "below a path", _text(api="https://a.example:8443/plaint/o/demo/", copy=None)),
        api("http", "not encrypted", "http://reports.example/o/aurora/"),
        api("slash", "no slash at the end", API[:-1]),
        api("rule", "a rule more for the policy", "https://reports.example/; script-src */o/aurora/"),
        api("space", "two addresses", "https://a.example https://reports.example/o/aurora/"),
        api("user", "a name before the host", "https://reports.example@evil.example/o/aurora/"),
        api("dots", "a step up", "https://reports.example/../o/aurora/"),
        wrong("version", "another version", v=2),
        wrong("more", "a key more", more=1),
        wrong("path", "an answer that no check asks for", copy={"answers": {"rooms": ""}, "at": 1}),
        wrong("leaf", "an answer about one tile", copy={"answers": {"log/cases/checkpoint": ""}, "at": 1}),
        wrong("body", "an answer that is no text", copy={"answers": {"names": {}}, "at": 1}),
        wrong("list", "a list of answers", copy={"answers": [], "at": 1}),
        wrong("at", "a time with a fraction", error="json-number", copy={"answers": {}, "at": 1.5}),
        wrong("trust", "no trust file", error="trust-form", trust="plaint/v1/trust\n"),
    ]


def _make_embed() -> list[Case]:
    def embed(name: str, about: str, page: str, **more: Any) -> Case:
        value = {"page": page, "kit": json.loads(encode_kit(KIT))}
        return Case("kit", f"embed-{name}", "embed", about, value, **more)

    return [
        embed("page", "kit and leave to connect stand in their places", PAGE),
        embed("again", "a page that has a kit", PAGE.replace("null", "{}"), error="kit-page"),
        embed("below", "the same words below the title", PAGE + NO_KIT + NO_CONNECTION),
        embed("two", "two places for a kit", NO_KIT + PAGE, error="kit-page"),
        embed("untitled", "no title", PAGE.replace("title", "b"), error="kit-page"),
        embed("policy", "no policy to change", PAGE.replace("connect-src", "connect"), error="kit-page"),
    ]


CASES = [*_make_parse(), *_make_embed()]
