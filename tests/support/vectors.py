"""Test vectors: the same files vitest reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).resolve().parents[2] / "vectors"


def load_vectors(name: str, *, root: Path = VECTORS) -> list[tuple[str, dict[str, Any]]]:
    """Return (case, content) for each file of the format `name`, in the order of their names.

    Raises: AssertionError when there is none, so that a test over no vectors never passes.
    """
    files = sorted((root / name).glob("*.json"))
    assert files, f"no vectors in {root.name}/{name}"
    return [(file.stem, json.loads(file.read_text("utf-8"))) for file in files]
