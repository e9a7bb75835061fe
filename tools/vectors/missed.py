"""Cases of missed dates."""

from __future__ import annotations

from typing import Any

from plaint.crypto.signing import SigningKey
from plaint.encoding.base64 import encode_base64
from plaint.protocol.missed import Missed, encode_missed, sign_missed
from plaint.protocol.packs import compute_pack_digest
from tests.support.directory_world import EU_INTERNAL
from tools.vectors.case import Case, draw, replace_once
from tools.vectors.notes import AT, TOKENS
from tools.vectors.world import MEMBERS, ORG

KEY = SigningKey(draw("watcher's key"))
CHECKPOINT = "plaint.example/7f3a/log/cases\n16384\n" + encode_base64(draw("root")) + "\n\n— plaint.example Az3grlgt\n"
MISSED = Missed(
    org=ORG,
    member=next(iter(MEMBERS.values())).id,
    pack=compute_pack_digest(EU_INTERNAL),
    kind="acknowledge",
    opened=AT + 600,
    open=TOKENS.open,
    token=TOKENS.acknowledge,
    due=AT + 600 + 7 * 86_400,
    cells=1_024,
    checkpoint=CHECKPOINT.encode(),
)


def _make_cases() -> list[Case]:
    text = sign_missed(MISSED, KEY).decode()
    said: dict[str, Any] = {
        **{name: getattr(MISSED, name).hex() for name in ("org", "member", "pack", "open", "token")},
        **{name: getattr(MISSED, name) for name in ("kind", "opened", "due", "cells")},
        "checkpoint": CHECKPOINT,
    }
    encoded = encode_base64(CHECKPOINT.encode())

    def parse(name: str, about: str, given: str, error: str | None = None) -> Case:
        return Case("missed", name, "parse", about, {"text": given}, error=error)

    def change(name: str, about: str, old: str, new: str, error: str) -> Case:
        return parse(name, about, replace_once(text, old, new), error)

    return [
        parse("acknowledge", "a missed acknowledgement", text),
        Case("missed", "sign", "sign", "the same, signed", {"missed": said, "seed": KEY.seed.hex()}),
        change("version", "another version", "plaint/v1/missed", "plaint/v2/missed", "text-first-line"),
        change("kind", "no duty", "kind acknowledge", "kind open", "missed-kind"),
        change("token", "half a hash", MISSED.token.hex(), MISSED.token.hex()[:32], "text-hex"),
        change("due", "no whole number", f"due {MISSED.due}", f"due {MISSED.due}.5", "text-integer"),
        change("order", "cells before due", f"due {MISSED.due}\n", "", "text-order"),
        change("checkpoint", "not base64", encoded, encoded[:-1] + "*", "base64-form"),
        parse("unsigned", "no signature", encode_missed(MISSED).decode(), "note-form"),
    ]


CASES = _make_cases()
