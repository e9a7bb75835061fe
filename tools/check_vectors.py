"""Say so when a format has no test vectors, or one that is no JSON object."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def find_faults(vectors: Path) -> list[str]:
    """Name every folder without vectors and every file that is not one."""
    folders = sorted(entry for entry in vectors.iterdir() if entry.is_dir()) if vectors.is_dir() else []
    if not folders:
        return [f"{vectors.name}/ holds no format"]
    faults = []
    for folder in folders:
        files = sorted(folder.iterdir())
        if not any(file.suffix == ".json" for file in files):
            faults.append(f"{vectors.name}/{folder.name}/ is empty")
        for file in files:
            try:
                if not isinstance(json.loads(file.read_text("utf-8")), dict):
                    faults.append(f"{vectors.name}/{folder.name}/{file.name} is no JSON object")
            except ValueError as error:
                faults.append(f"{vectors.name}/{folder.name}/{file.name}: {error}")
    return faults


if __name__ == "__main__":
    sys.exit("\n".join(find_faults(ROOT / "vectors")) or 0)
