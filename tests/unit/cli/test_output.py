"""What others wrote is shown, never obeyed."""

from __future__ import annotations

import pytest

from plaint.cli.output import print_lines, print_notice, print_problem

EVIL = "\x1b]0;owned\x07\x1b[2JHarmless\x9b31m \u202egpj.exe\r"


@pytest.mark.parametrize("show", [print_lines, print_notice, print_problem])
def test_a_terminal_gets_no_orders(show, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    show(EVIL)
    out, err = capsys.readouterr()
    shown = (out + err).removesuffix("\n")
    assert "Harmless" in shown
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e", "\r"}


def test_words_in_any_language_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    text = "Ärger 麻烦 مشكلة \u200f(a)\tb"
    print_lines(text)
    assert capsys.readouterr().out == text + "\n"
