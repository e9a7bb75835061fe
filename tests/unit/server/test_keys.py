from __future__ import annotations

from pathlib import Path

import pytest

from plaint.errors import ConflictError, MalformedError
from plaint.server.keys import draw_keys, read_keys, write_keys

ORG = bytes(range(16))


def test_keys_are_kept_for_their_owner_alone(tmp_path: Path) -> None:
    path, keys = tmp_path / "keys" / "demo.json", draw_keys(ORG)
    write_keys(path, keys)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    again = read_keys(path)
    assert again.verifiers == keys.verifiers
    assert (again.org, again.session, again.prf) == (ORG, keys.session, keys.prf)


def test_keys_are_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    write_keys(path, draw_keys(ORG))
    before = path.read_bytes()
    with pytest.raises(ConflictError) as caught:
        write_keys(path, draw_keys(ORG))
    assert caught.value.code == "org-slug"
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_keys_that_others_may_read_stop_the_start(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "demo.json"
    write_keys(path, draw_keys(ORG))
    path.chmod(mode)
    with pytest.raises(MalformedError) as caught:
        read_keys(path)
    assert caught.value.code == "keys-open"


@pytest.mark.parametrize("data", [b"{}", b'{"v":2}', b'{"v":1,"org":"00"}'])
def test_a_damaged_key_file_stops_the_start(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "demo.json"
    path.write_bytes(data)
    path.chmod(0o600)
    with pytest.raises(MalformedError) as caught:
        read_keys(path)
    assert caught.value.code == "keys-form"


def test_an_origin_is_random_and_its_keys_are_six_different_ones() -> None:
    one, two = draw_keys(ORG), draw_keys(ORG)
    assert one.origin != two.origin
    names = one.verifiers
    assert {names.cases.name, names.directory.name} == {f"{one.origin}/log/cases", f"{one.origin}/log/directory"}
    assert len({names.cases.public, names.directory.public, names.clock.public, names.receipts.public}) == 4
    assert one.session != one.prf
