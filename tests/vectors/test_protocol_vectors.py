from __future__ import annotations

from typing import Any

import pytest

from tests.support.operations import run_operation
from tests.support.vectors import load_vectors

FORMS = [
    "words",
    "keys",
    "age",
    "room",
    "header",
    "slots",
    "cells",
    "leaf",
    "content",
    "body",
    "state",
    "receipt",
    "counter",
    "erasure",
    "excerpt",
    "missed",
    "outside",
    "work",
    "session",
    "write",
    "verify",
    "kit",
]
WRITTEN = ["calendar", "export", "retention"]
"""Formats of which nothing is ever refused."""
CASES = [(form, name, case) for form in (*FORMS, *WRITTEN) for name, case in load_vectors(form)]


@pytest.mark.parametrize(("form", "case"), [(f, c) for f, _, c in CASES], ids=[f"{f}-{n}" for f, n, _ in CASES])
def test_the_vector_holds(form: str, case: dict[str, Any]) -> None:
    answer = run_operation(form, case["operation"], case["input"])
    assert answer == {key: case[key] for key in ("expect", "error", "detail") if key in case}


def is_refused(case: dict[str, Any]) -> bool:
    return "error" in case or case["expect"] == {"opened": None} or case["expect"].get("verdict") == "invalid"


@pytest.mark.parametrize("form", FORMS)
def test_every_format_has_a_vector_that_is_refused(form: str) -> None:
    assert [name for found, name, case in CASES if found == form and is_refused(case)]
