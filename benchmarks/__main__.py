"""Everything the project promises about speed and size, measured on this machine.

Usage: python -m benchmarks [NAME...]; prints a table, writes benchmarks/results.json and exits with 1 when a limit is
not kept. A ratio compares two things within one run, so it means the same on any machine; another load on the machine
still shows.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rows import print_table

if TYPE_CHECKING:
    from benchmarks.rows import Row

RESULTS = Path(__file__).with_name("results.json")
NAMES = (
    *("seal", "verify", "start", "submit", "upload", "page", "cells", "check"),
    *("log", "tick", "sweep", "scan", "memory", "cosign"),
)


def main(names: list[str]) -> int:
    """Run the benchmarks `names`, or all."""
    unknown = set(names) - set(NAMES)
    if unknown:
        print(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    broken: list[str] = []
    before = os.getloadavg()[0]
    for name in names or NAMES:
        start = time.perf_counter()
        try:
            rows += import_module(f"benchmarks.bench_{name}").rows()
        except Exception:  # noqa: BLE001 -- what one could not measure does not hide what the others did
            traceback.print_exc()
            broken.append(name)
        print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    print_table(rows)
    for name in broken:
        print(f"{name}: could not be measured")
    value = {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load_before": before,
        "broken": broken,
        "rows": [row.as_json() for row in rows],
    }
    RESULTS.write_text(json.dumps(value, indent=1) + "\n", "utf-8")
    return 0 if all(row.ok for row in rows) and not broken else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
