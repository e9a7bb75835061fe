from __future__ import annotations

from pathlib import Path

import pytest

from plaint.errors import MalformedError
from plaint.server.config import Config
from plaint.server.notify.settings import NoticeSettings, Smtp, parse_hours, read_settings

FROM = {"PLAINT_MAIL_FROM": "plaint@x.invalid"}
MAIL = {"PLAINT_SMTP_URL": "smtp://mail.x.invalid", **FROM}


def read(environment: dict[str, str]) -> NoticeSettings | None:
    return read_settings(environment, hours="7,16")


def read_smtp(url: str) -> Smtp:
    found = read({"PLAINT_SMTP_URL": url, **FROM})
    assert found is not None
    assert found.smtp is not None
    return found.smtp


def test_nothing_asked_for_is_nothing_sent() -> None:
    assert read({"PATH": "/bin", "PLAINT_URL": "http://x", "PLAINT_STATE": "/x", "PLAINT_DEBUG": "1"}) is None


def test_mail_and_hook_are_read() -> None:
    found = read({**MAIL, "PLAINT_HOOK_URL": "https://x.invalid/called?token=1"})
    smtp = Smtp("mail.x.invalid", 587, "plaint@x.invalid", tls=False, start_tls=True)
    assert found == NoticeSettings((7, 16), smtp, "https://x.invalid/called?token=1")
    assert read({"PLAINT_HOOK_URL": "http://localhost:9/"}) == NoticeSettings((7, 16), None, "http://localhost:9/")


def test_a_connection_that_leaves_the_machine_is_encrypted() -> None:
    assert read_smtp("smtp://mail.x.invalid").start_tls
    assert read_smtp("smtp://192.0.2.1:25").start_tls
    encrypted = read_smtp("smtps://mail.x.invalid")
    assert (encrypted.tls, encrypted.start_tls, encrypted.port) == (True, False, 465)
    for host in ("localhost", "127.0.0.1", "[::1]"):
        local = read_smtp(f"smtp://{host}:2525")
        assert (local.tls, local.start_tls, local.port) == (False, False, 2525)
    assert read_smtp("smtp://[::1]").host == "::1"


def test_user_and_password_are_unquoted_and_not_shown() -> None:
    smtp = read_smtp("smtps://plaint%40x.invalid:a%2Fb%3Ac@mail.x.invalid:4650")
    assert (smtp.user, smtp.password, smtp.port) == ("plaint@x.invalid", "a/b:c", 4650)
    assert "a/b" not in repr(smtp)


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"PLAINT_SMTP_ULR": "smtp://x"}, "config-variable"),
        ({"PLAINT_": ""}, "config-variable"),
        (FROM, "config-smtp"),
        ({"PLAINT_SMTP_URL": "smtp://x"}, "config-mail-from"),
        ({"PLAINT_SMTP_URL": "smtp://x", "PLAINT_MAIL_FROM": "Plaint <plaint@x.invalid>"}, "config-mail-from"),
        ({"PLAINT_SMTP_URL": "smtp://user@x", **FROM}, "config-smtp-secret"),
        ({"PLAINT_SMTP_URL": "smtp://user:@x", **FROM}, "config-smtp-secret"),
        ({"PLAINT_SMTP_URL": "smtp://:secret@x", **FROM}, "config-smtp-secret"),
        ({"PLAINT_HOOK_URL": "http://x.invalid/"}, "config-hook"),
        ({"PLAINT_HOOK_URL": "https://user:secret@x.invalid/"}, "config-hook"),
        ({"PLAINT_HOOK_URL": "https:///x"}, "config-hook"),
        ({"PLAINT_HOOK_URL": ""}, "config-hook"),
        ({"PLAINT_HOOK_URL": "https://x.invalid/#part"}, "config-hook"),
        ({"PLAINT_HOOK_URL": "https://x.invalid/" + "x" * 600}, "config-hook"),
    ],
)
def test_anything_doubtful_stops_the_start(environment: dict[str, str], code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read(environment)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.x.invalid",
        "http://x",
        "smtp://",
        "smtp://x/path",
        "smtp://x?starttls=never",
        "smtp://x#a",
        "smtp://x:0",
        "smtp://x:99999",
        "smtp://x:a",
        "smtp://x y",
        "smtp://[::1",
    ],
)
def test_a_wrong_mail_server_stops_the_start_and_is_not_repeated(url: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read({"PLAINT_SMTP_URL": url, **FROM})
    assert (caught.value.code, caught.value.detail) == ("config-smtp", "")


@pytest.mark.parametrize("hours", ["", "24", "7,7", "16,7", "7,", "-1", "7:00", "a", "٣", "7, 16", "007"])
def test_wrong_hours_stop_the_start(hours: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_settings(MAIL, hours=hours)
    assert caught.value.code == "config-mail-hours"


def test_hours_are_read() -> None:
    assert parse_hours("0") == (0,)
    assert parse_hours("7,16,23") == (7, 16, 23)


def test_mail_needs_an_address_of_the_desk(tmp_path: Path) -> None:
    with pytest.raises(MalformedError) as caught:
        Config(tmp_path, notices=read(MAIL))
    assert caught.value.code == "config-mail-url"
    assert Config(tmp_path, notices=read(MAIL), public_url="https://x.invalid").notices is not None
    assert Config(tmp_path, notices=read({"PLAINT_HOOK_URL": "https://x.invalid/"})).notices is not None
