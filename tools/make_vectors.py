"""Write the vectors of the formats that Python and TypeScript share: `python -m tools.make_vectors [FORMAT…]`.

The same bytes come out every time. Other folders in `vectors/` are left alone.
"""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path

from tools.vectors import (
    bodies,
    calendars,
    counter_cases,
    directory,
    docket,
    erasures,
    excerpts,
    exports,
    handling,
    keys,
    learned,
    missed,
    notes,
    obligations,
    outside_cases,
    packs,
    pages,
    people,
    releases,
    retention,
    rooms,
    rotations,
    slots,
    talk,
    verdicts,
    versions,
    writes,
)
from tools.vectors.case import Case, check

VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def write_format(form: str, cases: list[Case]) -> None:
    """Replace the vectors of one format."""
    folder = VECTORS / form
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {f"{case.name}.json": case for case in cases}
    check(condition=len(wanted) == len(cases), message=f"{form}: two cases with one name")
    for file in folder.glob("*.json"):
        if file.name not in wanted:
            file.unlink()
    for name, case in wanted.items():
        text = json.dumps(case.compute(), ensure_ascii=False, indent=1)
        (folder / name).write_text(text + "\n", "utf-8")


def main(forms: list[str]) -> None:
    """Write the given formats, or all."""
    modules = (
        directory,
        docket,
        obligations,
        keys,
        packs,
        people,
        releases,
        retention,
        rooms,
        slots,
        talk,
        bodies,
        notes,
        writes,
        verdicts,
        learned,
        versions,
        counter_cases,
        erasures,
        excerpts,
        exports,
        missed,
        handling,
        rotations,
        outside_cases,
        pages,
        calendars,
    )
    cases = [case for module in modules for case in module.CASES]
    cases.sort(key=lambda case: (case.form, case.name))
    for form, group in groupby(cases, key=lambda case: case.form):
        if not forms or form in forms:
            write_format(form, list(group))


if __name__ == "__main__":
    main(sys.argv[1:])
