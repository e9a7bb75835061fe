from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.vectors import load_vectors


def test_vectors_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "form").mkdir()
    (tmp_path / "form" / "b.json").write_text('{"n": 2}')
    (tmp_path / "form" / "a.json").write_text('{"n": 1}')
    assert load_vectors("form", root=tmp_path) == [("a", {"n": 1}), ("b", {"n": 2})]


def test_an_empty_folder_fails(tmp_path: Path) -> None:
    (tmp_path / "form").mkdir()
    with pytest.raises(AssertionError, match="no vectors"):
        load_vectors("form", root=tmp_path)
