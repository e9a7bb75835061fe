"""`plaint log watch`: look at an organisation again and again, and tell somebody when it is not as it should be."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from cyclopts import Parameter

from plaint.cli.log_mail import Mailer, make_mailer
from plaint.cli.messages import MESSAGES
from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.cli.times import format_time
from plaint.cli.verify_client import load_manifest
from plaint.client.trust import load_trust
from plaint.client.watch import LATE_TICKS, Finding, Watch
from plaint.crypto.hashes import compute_sha256
from plaint.encoding.json import encode_json
from plaint.errors import MalformedError

EXIT_FOUND = 1
EXIT_UNREACHABLE = 2
LIMIT_TELL_S = 60
HERE = frozenset({"127.0.0.1", "localhost", "::1"})


def watch(
    url: str,
    *,
    data: Path | None = None,
    trust: Path | None = None,
    manifest: Path | None = None,
    once: Annotated[bool, Parameter(negative=())] = False,
    every: int = 600,
    late: int = LATE_TICKS,
    webhook: str | None = None,
    command: str | None = None,
    mail: str | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Copy both logs again and again, and say when they, or the pages, are not as they should be.

    Each finding is said once on standard error, and to webhook, command or mail. What proves a lie stands until the
    folder is begun anew. Runs until stopped. With --once: exit code 0 when all is well, 1 when not, 2 when the
    organisation could not be reached.

    Parameters
    ----------
    url
        Address of the organisation.
    data
        Folder for the copies and for what was found; the next run goes on from it.
    trust
        Trust file; without it the keys met on the first run are kept.
    manifest
        Manifest of the release whose pages should be served; without it the pages are not looked at.
    once
        Look once.
    every
        Seconds between two looks.
    late
        How many ticks old the newest checkpoint may be.
    webhook
        Address that gets a POST with the findings as JSON: https, or on this machine.
    command
        Program that gets the findings as JSON on its standard input.
    mail
        Address that gets a mail, by the mail server in PLAINT_SMTP_URL and the sender in PLAINT_MAIL_FROM.
    json
        With --once: print one JSON object.

    """
    folder = data or _choose_folder(url)
    folder.mkdir(parents=True, exist_ok=True)
    watcher = Watch(
        url,
        folder,
        trust=load_trust(trust) if trust else None,
        manifest=load_manifest(manifest) if manifest else None,
        late_ticks=late,
    )
    teller = Teller(url, webhook=webhook, command=command, mailer=make_mailer(mail) if mail else None)
    if once:
        found = look_once(watcher, teller, again=True)
        if json:
            print_json({"ok": not found, "findings": encode_findings(found), "data": str(folder)})
        elif not found:
            print_lines("All is as it should be.")
        if not found:
            return 0
        return EXIT_FOUND if any(one.reached for one in found) else EXIT_UNREACHABLE
    with _stopped_by_signals() as stop:
        while not stop.is_set():
            look_once(watcher, teller)
            stop.wait(max(1, every))
    return 0


class Teller:
    """Tells findings: a line for each, then webhook, command and mail."""

    def __init__(
        self, url: str, *, webhook: str | None = None, command: str | None = None, mailer: Mailer | None = None
    ) -> None:
        """Check the address. Raises: MalformedError "watch-hook"."""
        if webhook is not None:
            parts = urlsplit(webhook)
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
                raise MalformedError("watch-hook")
        self._url = url
        self._webhook = webhook
        self._command = shlex.split(command) if command else None
        self._mailer = mailer

    def tell(self, found: Sequence[Finding]) -> bool:
        """Tell all, and return whether everybody who should hear it did."""
        self.say(found)
        now = int(time.time())
        body = encode_json({"url": self._url, "at": now, "findings": encode_findings(found)})
        told = True
        if self._webhook is not None:
            told = self._post(self._webhook, body)
        if self._command is not None:
            told = self._run(self._command, body) and told
        if self._mailer is not None and not self._mailer.send(self._url, now, found):
            print_notice("The mail server did not take the mail; it is sent again.")
            told = False
        return told

    def say(self, found: Sequence[Finding]) -> None:
        """Print a line for each."""
        for one in found:
            when = format_time(int(time.time()))
            print_notice(f"{when}  {one.code} {one.detail}  {MESSAGES.get(one.code, '')}".rstrip())

    def _post(self, webhook: str, body: bytes) -> bool:
        try:
            headers = {"content-type": "application/json"}
            answer = httpx.post(webhook, content=body, headers=headers, timeout=LIMIT_TELL_S)
        except httpx.HTTPError:
            print_notice("The webhook cannot be reached; it is tried again.")
            return False
        if not answer.is_success:
            print_notice(f"The webhook answered {answer.status_code}; it is tried again.")
        return answer.is_success

    def _run(self, command: Sequence[str], body: bytes) -> bool:
        try:
            subprocess.run(command, input=body, check=True, timeout=LIMIT_TELL_S)  # noqa: S603 -- the watcher's own
        except (OSError, subprocess.SubprocessError):
            print_notice("The command failed; it is run again.")
            return False
        return True


def look_once(watcher: Watch, teller: Teller, *, again: bool = False) -> list[Finding]:
    """Look, tell what is new, and return everything found; what could not be told is told after the next look.

    With `again` what was told before is said here once more, and to nobody else.
    """
    found = watcher.look()
    fresh = watcher.list_fresh(found)
    if again:
        teller.say([one for one in found if one not in fresh])
    if not fresh or teller.tell(fresh):
        watcher.remember_told(found)
    return found


def encode_findings(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings as JSON has them."""
    return [{"code": one.code, "detail": one.detail} for one in found]


def _choose_folder(url: str) -> Path:
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    if not home.is_absolute():
        raise CommandError("XDG_STATE_HOME is no absolute path; give --data DIR.")
    return home / "plaint" / "watch" / compute_sha256(url.rstrip("/").encode()).hex()[:16]


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """Yield what SIGINT and SIGTERM set: a look under way is finished first, a second signal ends it."""
    stop = threading.Event()

    def ask(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
