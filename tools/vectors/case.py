"""A case: what goes in, and what the code as it stands makes of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from tests.support.operations import run_operation


@dataclass(frozen=True, slots=True)
class Case:
    """One file of vectors; `error` says which refusal is meant, and is checked against the code's answer."""

    form: str
    name: str
    operation: str
    description: str
    input: dict[str, Any] = field(repr=False)
    error: str | None = None
    expect: dict[str, Any] | None = None

    def compute(self) -> dict[str, Any]:
        """Return the file's content.

        Raises: AssertionError when the code does not answer as meant.
        """
        answer = run_operation(self.form, self.operation, self.input)
        check(condition=answer.get("error") == self.error, message=f"{self.form}/{self.name}: {answer}")
        if self.expect is not None:
            found = answer["expect"]
            same = self.expect == {key: found[key] for key in self.expect}
            check(condition=same, message=f"{self.form}/{self.name}: {answer}")
        return {"description": self.description, "operation": self.operation, "input": self.input, **answer}


def check(*, condition: bool, message: str) -> None:
    """Raise AssertionError unless `condition`."""
    if not condition:
        raise AssertionError(message)


def replace_once(text: str, old: str, new: str) -> str:
    """Return `text` with its first `old` replaced, which must be there."""
    check(condition=old in text, message=old)
    return text.replace(old, new, 1)


def draw(label: str, size_bytes: int = 32) -> bytes:
    """Return bytes that look random and are always the same for `label`."""
    return hashlib.shake_256(b"plaint vectors " + label.encode()).digest(size_bytes)
