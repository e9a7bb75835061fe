from __future__ import annotations

from pathlib import Path

import pytest

from tools import check_docs, check_vectors


@pytest.mark.parametrize(
    ("path", "content", "fault"),
    [
        ("vectors/empty/readme.txt", "{}", "is empty"),
        ("vectors/form/list.json", "[]", "no JSON object"),
        ("vectors/form/cut.json", '{"a', "Unterminated"),
    ],
)
def test_a_folder_that_would_test_nothing_is_named(tmp_path: Path, path: str, content: str, fault: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(content)
    assert fault in "\n".join(check_vectors.find_faults(tmp_path / "vectors"))


def test_no_vectors_at_all_is_a_fault(tmp_path: Path) -> None:
    assert check_vectors.find_faults(tmp_path / "vectors") == ["vectors/ holds no format"]


def test_vectors_that_parse_are_fine(tmp_path: Path) -> None:
    (tmp_path / "form").mkdir()
    (tmp_path / "form" / "case.json").write_text("{}")
    assert check_vectors.find_faults(tmp_path) == []


@pytest.mark.parametrize(
    ("link", "faults"),
    [("other.md", 0), ("other.md#two-words", 0), ("https://example.org/x", 0), ("none.md", 1), ("other.md#none", 1)],
)
def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, link: str, faults: int) -> None:
    (tmp_path / "other.md").write_text("# Two words\n")
    (tmp_path / "document.md").write_text(f"[there]({link})\n```\n[not](a-link.md)\n```\n")
    assert len(check_docs.find_faults(tmp_path / "document.md")) == faults
