"""What a page carries that leaves the server: an address, whose keys count, a directory (spec/pages.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from plaint.encoding.fields import Fields
from plaint.encoding.json import encode_json, parse_json
from plaint.errors import MalformedError
from plaint.protocol.trust import Trust, encode_trust, parse_trust

LIMIT_KIT_BYTES = 16 * 1024 * 1024
LIMIT_ANSWERS = 4_096
NO_KIT = '<script type="application/json" id="kit">null</script>'
NO_CONNECTION = "connect-src 'none'"
TITLE = "<title>"
CODE = "kit-form"
_API = re.compile(
    r"(?:https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|http://(?:[a-z0-9-]+\.)*localhost|http://127\.0\.0\.1)(?::[1-9][0-9]{0,4})?"
    r"/(?:[A-Za-z0-9_-]+/)*o/[a-z0-9][a-z0-9-]*/"
)
_PATH = re.compile(r"config|names|chart|directory\?from=0|log/directory/(?:checkpoint|at(?:/[1-9][0-9]{0,15})?)")


@dataclass(frozen=True, slots=True)
class Copy:
    """Answers of the API as they came, by path; `at` is when they were taken and nothing rests on it."""

    at: int
    answers: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Kit:
    """An organisation's address, the keys pinned for it, and a copy of its directory or none."""

    api: str
    trust: Trust
    copy: Copy | None = None


def encode_kit(kit: Kit) -> bytes:
    """Return the kit's JSON, which cannot end the element it is put into.

    Raises: MalformedError "kit-form" for what `parse_kit` would not take.
    """
    copy = kit.copy
    try:
        answers = None if copy is None else {path: body.decode() for path, body in copy.answers.items()}
    except UnicodeDecodeError as error:
        raise MalformedError(CODE, "answers") from error
    value = {
        "api": kit.api,
        "copy": None if copy is None else {"answers": answers, "at": copy.at},
        "trust": encode_trust(kit.trust).decode(),
        "v": 1,
    }
    data = encode_json(value).replace(b"<", b"\\u003c")
    parse_kit(data)
    return data


def parse_kit(data: bytes) -> Kit:
    """Return the kit of a page.

    Raises: MalformedError "kit-form" and those of `parse_json`, `parse_trust`.
    """
    fields = Fields(parse_json(data, limit_bytes=LIMIT_KIT_BYTES), CODE)
    fields.take_exactly("v", 1)
    api = fields.take_text("api", limit=400, pattern=_API)
    trust = parse_trust(fields.take_string("trust").encode())
    copy = fields.take_null("copy", lambda key: _parse_copy(Fields(fields.take(key), CODE)))
    fields.finish()
    return Kit(api, trust, copy)


def embed_kit(page: str, kit: Kit) -> str:
    """Return a page of one file with `kit` in it, and with leave to reach the kit's organisation and nobody else.

    Raises: MalformedError "kit-page" when it is no such page, or has a kit already; those of `encode_kit`.
    """
    data = encode_kit(kit).decode()
    head, title, rest = page.partition(TITLE)  # scripts further down may speak of these places
    if not title or head.count(NO_KIT) != 1 or head.count(NO_CONNECTION) != 1:
        raise MalformedError("kit-page")
    head = head.replace(NO_CONNECTION, f"connect-src {kit.api}").replace(NO_KIT, NO_KIT.replace("null", data))
    return head + title + rest


def _parse_copy(fields: Fields) -> Copy:
    at = fields.take_integer("at")
    answers = fields.take("answers")
    fields.finish()
    if not isinstance(answers, dict) or len(answers) > LIMIT_ANSWERS:
        raise MalformedError(CODE, "answers")
    if not all(_PATH.fullmatch(path) and isinstance(body, str) for path, body in answers.items()):
        raise MalformedError(CODE, "answers")
    return Copy(at, {path: body.encode() for path, body in answers.items()})
