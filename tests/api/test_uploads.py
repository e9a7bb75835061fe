from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from plaint.client.attachments import download_file, upload_file
from plaint.client.follow import find_report
from plaint.crypto.hashes import compute_sha256
from plaint.store.blobs import PART_BYTES
from tests.support.sealed import get_code, post, seal
from tests.support.world import World

KEY = bytes(range(32))
BLOB = compute_sha256(KEY)
PATH = f"blobs/{BLOB.hex()}"
UPLOAD = {"plaint-upload": KEY.hex()}


def list_files(world: World) -> list[Path]:
    return [path for path in (world.config.data_dir / "blobs").rglob("*") if path.is_file()]


def admit(world: World) -> Mapping[str, str]:
    return {**UPLOAD, **world.connect().admit_upload(BLOB)}


def test_one_stream(any_world: World) -> None:
    data = os.urandom(100_000)
    assert any_world.client.put(PATH, content=data, headers=admit(any_world)).status_code == 201
    answer = any_world.client.get(PATH)
    assert (answer.status_code, answer.content) == (200, data)
    part = any_world.client.get(PATH, headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, data[100:200])
    assert part.headers["content-range"] == "bytes 100-199/100000"


def test_parts(world: World) -> None:
    data = os.urandom(PART_BYTES + 777)
    done = {"parts": 2, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert world.client.put(f"{PATH}/parts/0", content=data[:PART_BYTES], headers=admit(world)).status_code == 204
    assert world.client.put(f"{PATH}/parts/1", content=data[PART_BYTES:], headers=UPLOAD).status_code == 204
    assert world.client.get(PATH).status_code == 404
    assert world.client.post(PATH, json=done, headers=UPLOAD).status_code == 201
    assert world.client.post(PATH, json=done, headers=UPLOAD).status_code == 201
    assert world.client.get(PATH).content == data


def test_a_first_part_needs_to_be_admitted(world: World) -> None:
    assert get_code(world.client.put(f"{PATH}/parts/0", content=b"x", headers=UPLOAD), 403) == "upload-admit"
    assert get_code(world.client.put(PATH, content=b"x", headers=UPLOAD), 403) == "upload-admit"
    wrong = {**UPLOAD, **world.connect().admit_upload(bytes(32))}
    assert get_code(world.client.put(PATH, content=b"x", headers=wrong), 403) == "work"
    forged = {**UPLOAD, "plaint-session": "00" * 40}
    assert get_code(world.client.put(PATH, content=b"x", headers=forged), 403) == "session"
    assert list_files(world) == []


def test_a_session_or_a_capability_admits_too(world: World) -> None:
    session = {**UPLOAD, "plaint-session": world.session("ben")}
    assert world.client.put(PATH, content=b"x", headers=session).status_code == 201
    report = seal(world)
    post(world, report)
    other = bytes(32)
    path = f"blobs/{compute_sha256(other).hex()}"
    room = {"plaint-upload": other.hex(), "plaint-room": report.room.hex(), "plaint-cap": report.cap.hex()}
    assert world.client.put(path, content=b"x", headers={**room, "plaint-cap": "00" * 32}).status_code == 404
    assert world.client.put(path, content=b"x", headers=room).status_code == 201


def test_nobody_else_writes_or_deletes(world: World) -> None:
    world.client.put(PATH, content=b"sealed", headers=admit(world))
    stranger = {**admit(world), "plaint-upload": "00" * 32}
    answers = [
        world.client.put(PATH, content=b"x", headers=stranger),
        world.client.put(f"{PATH}/parts/0", content=b"x", headers=stranger),
        world.client.post(PATH, json={"parts": 1, "size": 1, "sha256": "00" * 32}, headers=stranger),
        world.client.get("blobs/" + "00" * 32),
        world.client.get("blobs/nothing"),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b'{"code":"not-found"}')}
    assert world.client.delete(PATH, headers=stranger).status_code == 204
    assert world.client.get(PATH).content == b"sealed"
    assert get_code(world.client.put(PATH, content=b"again", headers=admit(world)), 409) == "blob-exists"


def test_discarding(world: World) -> None:
    world.client.put(PATH, content=b"sealed", headers=admit(world))
    assert world.client.delete(PATH, headers=UPLOAD).status_code == 204
    assert world.client.delete(PATH, headers=UPLOAD).status_code == 204
    assert world.client.get(PATH).status_code == 404
    assert list_files(world) == []


def test_what_an_entry_claimed_stays(any_world: World, tmp_path: Path) -> None:
    world = any_world
    file = tmp_path / "minutes.txt"
    file.write_text("What was said.")
    keys, _ = world.report("With a file.")
    report = find_report(world.connect(), keys)
    connection = world.connect()
    attachment = upload_file(connection.api, file, admit=connection.admit_upload)
    report.send(report.seal_text("A file.", (attachment,)))
    world.now += 90_000
    world.loop.run(world.services.uploads.sweep(all_files=True))
    saved = tmp_path / "saved.txt"
    download_file(connection.api, attachment, saved)
    assert saved.read_text() == "What was said."


def test_what_nobody_claims_is_gone_after_a_day(any_world: World) -> None:
    world = any_world
    world.client.put(PATH, content=b"sealed", headers=admit(world))
    world.now += 86_000
    world.loop.run(world.services.uploads.sweep())
    assert world.client.get(PATH).status_code == 200
    world.now += 2_000
    world.tick()
    world.loop.run(world.services.uploads.sweep())
    assert world.client.get(PATH).status_code == 404
    assert list_files(world) == []


def test_a_clock_that_jumped_ahead_sweeps_nothing_early(world: World) -> None:
    world.client.put(PATH, content=b"sealed", headers=admit(world))
    world.skew = 90_000
    world.loop.run(world.services.uploads.sweep(all_files=True))
    assert world.client.get(PATH).content == b"sealed"


@pytest.mark.parametrize(
    ("completion", "status", "code"),
    [
        ({"parts": 1, "size": 5, "sha256": "00" * 32}, 413, "blob-size"),
        ({"parts": 2, "size": 6, "sha256": "00" * 32}, 413, "blob-size"),
        ({"parts": 1, "size": 6, "sha256": "00" * 32}, 422, "blob-digest"),
        ({"parts": 0, "size": 6, "sha256": "00" * 32}, 400, "upload-form"),
        ({"parts": 1, "size": 6}, 400, "upload-form"),
    ],
)
def test_a_completion_must_be_true(world: World, completion: object, status: int, code: str) -> None:
    world.client.put(f"{PATH}/parts/0", content=b"sealed", headers=admit(world))
    assert get_code(world.client.post(PATH, json=completion, headers=UPLOAD), status) == code


def test_a_part_has_its_limit(world: World) -> None:
    answer = world.client.put(f"{PATH}/parts/0", content=bytes(PART_BYTES + 1), headers=admit(world))
    assert get_code(answer, 413) == "body-size"
    answer = world.client.put(f"{PATH}/parts/256", content=b"x", headers=admit(world))
    assert get_code(answer, 400) == "text-integer"

    def pour() -> Iterator[bytes]:
        for _ in range(9):
            yield bytes(1024 * 1024)

    answer = world.client.put(f"{PATH}/parts/0", content=pour(), headers=admit(world))
    assert get_code(answer, 413) == "body-size"
    assert list_files(world) == []
