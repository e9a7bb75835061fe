"""When notices go and by which way, as the process is told at its start; anything doubtful stops the start."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from plaint.errors import MalformedError
from plaint.server.notify.schema import check_address

if TYPE_CHECKING:
    from collections.abc import Mapping

SMTP_URL = "PLAINT_SMTP_URL"
MAIL_FROM = "PLAINT_MAIL_FROM"
HOOK_URL = "PLAINT_HOOK_URL"
PREFIX = "PLAINT_"
KNOWN = frozenset({SMTP_URL, MAIL_FROM, HOOK_URL, "PLAINT_DEBUG", "PLAINT_STATE", "PLAINT_URL"})
PORTS = {"smtp": 587, "smtps": 465}
LIMIT_URL = 512
_PRINTABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server. Away from this machine the way to it is always encrypted and its certificate checked."""

    host: str
    port: int
    sender: str
    tls: bool
    start_tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """`hours` are UTC, ascending; `hook` is an address that is called instead of, or beside, sending mail."""

    hours: tuple[int, ...]
    smtp: Smtp | None
    hook: str | None = None


def read_settings(environment: Mapping[str, str], *, hours: str) -> NoticeSettings | None:
    """Return what the environment asks for, None when there is nothing to send.

    Raises: MalformedError "config-variable" for a variable nobody reads, "config-mail-hours", "config-mail-from",
            "config-smtp", "config-smtp-secret", "config-hook".
    """
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in KNOWN)
    if unknown:
        raise MalformedError("config-variable", unknown[0])
    known_hours = parse_hours(hours)
    url, sender, hook = (environment.get(name) for name in (SMTP_URL, MAIL_FROM, HOOK_URL))
    if url is None and sender is not None:
        raise MalformedError("config-smtp")
    if url is None and hook is None:
        return None
    smtp = None if url is None else parse_smtp(url, sender=sender)
    return NoticeSettings(known_hours, smtp, None if hook is None else check_hook(hook))


def parse_hours(text: str) -> tuple[int, ...]:
    """Return hours of the day from `7,16`. Raises: MalformedError "config-mail-hours"."""
    parts = text.split(",")
    if not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in parts):
        raise MalformedError("config-mail-hours")
    hours = tuple(int(part) for part in parts)
    if list(hours) != sorted(set(hours)) or hours[-1] > 23:
        raise MalformedError("config-mail-hours")
    return hours


def parse_smtp(url: str, *, sender: str | None) -> Smtp:
    """Return the mail server of `smtp://` (STARTTLS) or `smtps://` (TLS from the start).

    Raises: MalformedError "config-smtp", "config-smtp-secret", "config-mail-from".
    """
    parts = _split(url)
    if parts is None or parts.scheme not in PORTS or parts.path.strip("/") or parts.query or parts.fragment:
        raise MalformedError("config-smtp")
    if not parts.hostname:
        raise MalformedError("config-smtp")
    if bool(parts.username) != bool(parts.password):
        raise MalformedError("config-smtp-secret")
    try:
        checked = check_address(sender or "")
    except MalformedError as error:
        raise MalformedError("config-mail-from") from error
    tls = parts.scheme == "smtps"
    return Smtp(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        sender=checked,
        tls=tls,
        start_tls=not tls and not _is_local(parts.hostname),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def check_hook(url: str) -> str:
    """Return `url` when it is https, or http on this machine. Raises: MalformedError "config-hook"."""
    parts = _split(url)
    if parts is None:
        raise MalformedError("config-hook")
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and _is_local(parts.hostname or ""))
    if not encrypted or not parts.hostname or parts.username or parts.fragment:
        raise MalformedError("config-hook")
    return url


def _split(url: str) -> SplitResult | None:
    """Return the parts of an address, None for what is none. What it holds may be secret: it is in no error."""
    if len(url) > LIMIT_URL or not _PRINTABLE.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
