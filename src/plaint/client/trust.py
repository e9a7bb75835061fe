"""Where a client's trust comes from: a file somebody handed over, or, unchecked, the server's own offer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from plaint.client.files import read_limited
from plaint.client.http import Api
from plaint.protocol.policy import LIMIT_POLICY_BYTES
from plaint.protocol.trust import LIMIT_HEAD_BYTES, Trust, parse_trust

LIMIT_TRUST_BYTES = LIMIT_HEAD_BYTES + LIMIT_POLICY_BYTES


def fetch_trust(api: Api) -> Trust:
    """Return what the server says about its own keys of now; nobody has vouched for it.

    Which were before is read in the directory: what is offered of them is left aside.
    Raises: those of `parse_trust`; UnavailableError.
    """
    return replace(parse_trust(fetch_trust_bytes(api)), former=())


def fetch_trust_bytes(api: Api) -> bytes:
    """Return the bytes of the trust file that the server offers, after checking that they are one."""
    data, _ = api.get("log/keys", limit_bytes=LIMIT_TRUST_BYTES)
    parse_trust(data)
    return data


def load_trust(path: Path) -> Trust:
    """Return the trust file at `path`.

    Raises: MalformedError "file-missing", "file-size" and those of `parse_trust`.
    """
    return parse_trust(read_limited(path, limit_bytes=LIMIT_TRUST_BYTES))
