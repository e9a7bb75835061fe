"""Files on their way: sealed in parts, opened by stock tools, refused when anything was changed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from plaint.client.attachments import compute_safe_name, download_file, upload_file
from plaint.client.connection import Connection
from plaint.client.people import find_one
from plaint.client.reporter import prepare_report, seal_report, send_report
from plaint.crypto.age_keys import encode_age_identity
from plaint.crypto.hashes import compute_sha256
from plaint.encoding.padme import compute_padme
from plaint.errors import RefusedError, VerificationError
from plaint.protocol.content import Attachment
from tests.support.world import World

SIZE = 3 * 65_536 + 17


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world") as made:
        yield made


@pytest.fixture
def connection(world: World) -> Iterator[Connection]:
    made = world.connect()
    yield made
    made.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "photo of the evening.jpg"
    file.write_bytes(bytes(i * 7 % 251 for i in range(SIZE)))
    return file


def upload(connection: Connection, path: Path) -> Attachment:
    return upload_file(connection.api, path, admit=connection.admit_upload)


def fetch(connection: Connection, item: Attachment) -> bytes:
    with connection.api.open_stream(f"blobs/{item.id.hex()}") as parts:
        return b"".join(parts)


def test_a_file_comes_back_as_it_was(connection: Connection, path: Path, tmp_path: Path) -> None:
    done: list[int] = []
    item = upload_file(connection.api, path, admit=connection.admit_upload, progress=done.append)
    assert (item.name, item.type, item.size) == (path.name, "image/jpeg", SIZE)
    assert item.sha256 == compute_sha256(path.read_bytes())
    assert done[-1] == SIZE
    download_file(connection.api, item, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == path.read_bytes()
    assert (tmp_path / "back").stat().st_mode & 0o777 == 0o600


def test_stock_age_opens_a_blob_with_its_key(connection: Connection, path: Path, tmp_path: Path) -> None:
    item = upload(connection, path)
    identity = tmp_path / "identity"
    identity.write_text(encode_age_identity(item.key) + "\n", "ascii")
    sealed = fetch(connection, item)
    opened = subprocess.run(["age", "-d", "-i", str(identity)], input=sealed, capture_output=True, check=True).stdout
    assert len(sealed) == item.sealed
    assert len(opened) == compute_padme(SIZE)
    assert opened[:SIZE] == path.read_bytes()
    assert not any(opened[SIZE:])


def test_a_changed_digest_leaves_no_file(connection: Connection, path: Path, tmp_path: Path) -> None:
    item = replace(upload(connection, path), sha256=bytes(32))
    with pytest.raises(VerificationError) as caught:
        download_file(connection.api, item, tmp_path / "back")
    assert caught.value.code == "attachment-digest"
    assert sorted(file.name for file in tmp_path.iterdir()) == [path.name, "world"]


def test_another_blob_under_the_same_key_is_not_opened(connection: Connection, path: Path, tmp_path: Path) -> None:
    first, second = upload(connection, path), upload(connection, path)
    with pytest.raises(VerificationError) as caught:
        download_file(connection.api, replace(first, id=second.id), tmp_path / "back")
    assert caught.value.code == "age-no-identity"


def test_bytes_hidden_behind_the_stated_end_are_refused(connection: Connection, path: Path, tmp_path: Path) -> None:
    item = upload(connection, path)
    short = replace(item, size=SIZE - 1, sha256=compute_sha256(path.read_bytes()[:-1]))
    with pytest.raises(VerificationError) as caught:
        download_file(connection.api, short, tmp_path / "back")
    assert caught.value.code == "attachment-digest"


def test_a_file_that_is_there_is_never_written_over(connection: Connection, path: Path) -> None:
    item = upload(connection, path)
    with pytest.raises(RefusedError) as caught:
        download_file(connection.api, item, path)
    assert caught.value.code == "file-exists"


def test_a_file_that_grows_while_it_is_sent_is_taken_back(connection: Connection, path: Path) -> None:
    blobs: list[bytes] = []

    def grow(blob: bytes) -> Mapping[str, str]:
        blobs.append(blob)
        with path.open("ab") as file:
            file.write(b"more")
        return connection.admit_upload(blob)

    with pytest.raises(RefusedError) as caught:
        upload_file(connection.api, path, admit=grow)
    assert caught.value.code == "attachment-changed"
    with pytest.raises(RefusedError) as caught, connection.api.open_stream(f"blobs/{blobs[0].hex()}") as parts:
        next(parts)
    assert caught.value.code == "not-found"


def test_an_upload_without_work_is_refused(connection: Connection, path: Path) -> None:
    with pytest.raises(RefusedError) as caught:
        upload_file(connection.api, path, admit=lambda _blob: {})
    assert caught.value.code == "upload-admit"


def test_a_report_carries_its_files(world: World, connection: Connection, path: Path, tmp_path: Path) -> None:
    assert find_one(connection.view, "Nobody Here") is None
    keys, preview = world.draw_holder(), prepare_report(connection.view)
    write = seal_report(connection.view, preview, keys, text="See the photo.", attachments=[upload(connection, path)])
    sent = send_report(connection, keys, write)
    world.tick(12)
    desk = world.desk("ben")
    desk.scan()
    content = desk.open_case(sent.receipt.header.room.hex()).room.entries[0].content
    assert content is not None
    download_file(desk.connection.api, content.attachments[0], tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\x.doc", "x.doc"),
        ("..", "file"),
        ("a\u202egnp.exe", "agnp.exe"),
        (" .hidden ", "hidden"),
        ("录音.m4a", "录音.m4a"),
    ],
)
def test_names_cannot_leave_their_folder_nor_lie_about_their_end(given: str, safe: str) -> None:
    assert compute_safe_name(given) == safe
