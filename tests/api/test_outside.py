"""What an operator adds to the outside routes: the same for everybody, checked at the start, never a way to hide."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plaint.cli.app import run
from plaint.errors import MalformedError
from plaint.protocol.outside import parse_additions
from plaint.server.outside.service import NOTHING, read_additions
from tests.support.world import World
from tools.vectors.outside_cases import ADDED


def write(path: Path, *entries: object, **more: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"v": 1, "type": "outside-additions", "entries": entries, **more}), "utf-8")
    return path


def test_without_a_file_nothing_is_added(tmp_path: Path) -> None:
    assert read_additions(tmp_path / "none.json") == NOTHING
    assert parse_additions(NOTHING).routes == ()


def test_a_file_is_served_byte_for_byte(tmp_path: Path) -> None:
    path = write(tmp_path / "outside" / "a.json", ADDED)
    assert read_additions(path) == path.read_bytes()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "json-form"),
        (b" " * 65_537, "outside-size"),
        (b'{"v":1,"type":"outside-additions","entries":[],"removes":["de-bfj"]}', "outside-form"),
        (b'{"v":1,"type":"outside","entries":[]}', "outside-form"),
    ],
)
def test_a_wrong_file_is_refused(data: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_bytes(data)
    with pytest.raises(MalformedError) as caught:
        read_additions(path)
    assert caught.value.code == code


def test_everybody_gets_the_same_and_the_shipped_routes_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with World(tmp_path / "world") as world:
        first, _ = world.connect().api.get("outside", limit_bytes=65_536)
        assert first == NOTHING
    assert run(["outside", "de", "--json"]) == 0
    shipped = json.loads(capsys.readouterr().out)
    assert "de-bfj" in [route["id"] for route in shipped["routes"]]
    assert shipped["added"] == []


def test_a_running_server_gives_the_operators_file_to_anybody(tmp_path: Path) -> None:
    path = write(tmp_path / "world" / "data" / "outside" / "demo.json", ADDED)
    with World(tmp_path / "world") as world:
        data, _ = world.connect().api.get("outside", limit_bytes=65_536)
    assert data == path.read_bytes()


def test_a_wrong_file_stops_the_start(tmp_path: Path) -> None:
    write(tmp_path / "world" / "data" / "outside" / "demo.json", {"id": "de-bfj"})
    with pytest.raises(MalformedError) as caught, World(tmp_path / "world"):
        pass
    assert caught.value.code == "outside-form"


def test_a_country_that_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["outside", "zz"]) == 2
    assert "DE" in capsys.readouterr().err
