"""Runs one vector: {"description", "operation", "input", and "expect" or "error" (and its "detail")}."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plaint.errors import PlaintError
from tests.support import (
    operations_calendar,
    operations_directory,
    operations_docket,
    operations_export,
    operations_keys,
    operations_outside,
    operations_pages,
    operations_rooms,
    operations_talk,
    operations_verify,
)

MODULES = (
    operations_calendar,
    operations_directory,
    operations_docket,
    operations_export,
    operations_keys,
    operations_outside,
    operations_pages,
    operations_rooms,
    operations_talk,
    operations_verify,
)


def find_operation(form: str, name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the function `<form>_<name>` of whichever module has it."""
    found = [getattr(module, f"{form}_{name}") for module in MODULES if hasattr(module, f"{form}_{name}")]
    assert found, f"no operation {form} {name}"
    operation: Callable[[dict[str, Any]], dict[str, Any]] = found[0]
    return operation


def run_operation(form: str, name: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return {"expect": …}, or {"error": code} with a detail where the specification names one."""
    try:
        return {"expect": find_operation(form, name)(value)}
    except PlaintError as error:
        detailed = error.code in {"slots-position", "words-unknown"}
        return {"error": error.code, "detail": error.detail} if detailed else {"error": error.code}
