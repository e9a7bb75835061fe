from __future__ import annotations

from typing import Any

import pytest

from tests.support.operations import run_operation
from tests.support.vectors import load_vectors

FORMS = [
    "directory",
    "roster",
    "chart",
    "packs",
    "conflicts",
    "request",
    "draft",
    "release",
    "carry",
    "standing",
    "history",
    "delays",
    "case",
]
CASES = [(form, name, case) for form in FORMS for name, case in load_vectors(form)]


@pytest.mark.parametrize(("form", "case"), [(f, c) for f, _, c in CASES], ids=[f"{f}-{n}" for f, n, _ in CASES])
def test_the_vector_holds(form: str, case: dict[str, Any]) -> None:
    answer = run_operation(form, case["operation"], case["input"])
    assert answer == {key: case[key] for key in ("expect", "error", "detail") if key in case}


@pytest.mark.parametrize("form", [form for form in FORMS if form not in {"case", "history", "standing"}])
def test_every_format_has_a_vector_that_is_refused(form: str) -> None:
    assert [case for found, _, case in CASES if found == form and "error" in case]
