"""Every row of docs/attacks.md names a test that exists, and codes that do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from plaint.client import casework, compare
from plaint.docket import case, obligations
from plaint.protocol import authorship, verify

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split(" | ")]
    for line in (ROOT / "docs/attacks.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| attack ")
]
CODES = set(re.findall(r"^\| ([a-z0-9-]+) \|", (ROOT / "spec/errors.md").read_text("utf-8"), re.MULTILINE))
WORDS = {
    *verify.WORST_FIRST,
    *casework.BADNESS,
    obligations.MISSED,
    authorship.UNPROVED,
    authorship.UNADMITTED,
    authorship.FORMER,
    case.CLOSING,
    compare.CONTRADICTS,
}
WITHOUT_CODE = {"none", "passed over", "an alarm at `log/alarms`"}


def read_names(path: Path) -> list[str]:
    """Return the tests in a file, by function in Python and by title in TypeScript."""
    text = path.read_text("utf-8")
    pattern = r"^def (test_\w+)" if path.suffix == ".py" else r"^ *test(?:\.each\([^`]*?\))?\(\s*'([^\n]+?)',"
    return re.findall(pattern, text, re.MULTILINE)


def test_the_table_is_read() -> None:
    assert len(ROWS) > 50
    assert {len(row) for row in ROWS} == {4}


@pytest.mark.parametrize("row", ROWS, ids=[f"{number}-{row[0]}" for number, row in enumerate(ROWS)])
def test_the_test_of_this_row_exists_and_its_codes_do(row: list[str]) -> None:
    path, _, name = row[3].strip("`").partition("::")
    if path.startswith("vectors/"):
        vector = json.loads((ROOT / path).read_text("utf-8"))
        assert json.dumps(row[2].strip("`")) in json.dumps([vector.get("error"), vector.get("expect")])
    else:
        names = read_names(ROOT / path)
        assert name in names if path.endswith(".py") else any(title.startswith(name) for title in names)
    codes = re.findall(r"`([a-z-]+)`", row[2])
    assert row[2] in WITHOUT_CODE or codes
    assert row[2] in WITHOUT_CODE or set(codes) <= CODES | WORDS


def test_every_hostile_test_of_people_server_and_log_stands_in_the_table() -> None:
    told = {row[3].strip("`").partition("::")[2] for row in ROWS}
    for name in ("test_server", "test_members", "test_reporters", "test_cosigner"):
        found = set(read_names(ROOT / f"tests/hostile/{name}.py"))
        assert found - told <= {"test_due_dates_under_another_s_key_are_invalid_to_every_third_party"}
