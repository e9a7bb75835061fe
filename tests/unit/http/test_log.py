"""The service's log: where it goes, and that what was replaced breaks nothing."""

from __future__ import annotations

import io
import json
import sys
from threading import Event

import pytest

from plaint.http import log as log_module
from plaint.http.log import configure_log, get_log


def test_the_log_goes_to_what_standard_error_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "_wanted", Event())
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    get_log().error("before-it-is-wanted")
    configure_log()
    log = get_log()
    log.error("tick-failed", error="OSError")
    said = json.loads(first.getvalue())
    assert (said["level"], said["event"], said["error"]) == ("error", "tick-failed", "OSError")
    first.close()
    monkeypatch.setattr(sys, "stderr", second)
    log.info("started", organisations=3)
    assert json.loads(second.getvalue())["organisations"] == 3
