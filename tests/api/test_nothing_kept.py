"""A whole journey over real sockets; afterwards nothing on the disk or in the log says who came, or what was said."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx

from plaint.client.attachments import upload_file
from plaint.client.cases import Case
from plaint.client.connection import connect
from plaint.client.desk import sign_in
from plaint.client.follow import find_report
from plaint.client.people import find_one
from plaint.client.reporter import Named, prepare_report, seal_report, send_report
from plaint.protocol.keys import compute_holder_keys, compute_room_keys
from tests.support.directory_world import draw, make_keys
from tests.support.patience import PATIENCE_S, wait_until
from tests.support.process import CLOCK, UpProcess, create

AGENT = "Peculiar-Browser/77.1"
ADDRESS = "203.0.113.77"
TEXT = "He locked the archive door behind us."
ANSWER = "We will look into the archive."
NOTE = "Ask the caretaker for the archive key."
FILE_TEXT = "Scan of the archive register, page nine."
FILE_NAME = "archive-register.txt"
OUTSIDER = "Nobody Whoever"


def test_nothing_identifies_and_nothing_opens(tmp_path: Path) -> None:
    data = tmp_path / "data"
    create(data, clock=CLOCK)
    keys = compute_holder_keys(draw("nothing kept", 16))
    headers = {
        "user-agent": AGENT,
        "x-forwarded-for": ADDRESS,
        "forwarded": f"for={ADDRESS}",
        "referer": f"http://{ADDRESS}/",
    }
    with UpProcess(data) as server, httpx.Client(headers=headers, verify=False, timeout=PATIENCE_S) as client:
        url = f"{server.url}/o/demo"
        secrets = act(url, client, keys, tmp_path)
        client.get(f"{url}/rooms/{'ab' * 32}", headers={"plaint-cap": "no hex"})
        client.post(f"{url}/rooms", content=b"not a write")
        assert server.stop() == 0
        said = server.said
    kept = {path.relative_to(data).as_posix(): path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert any(name.startswith("blobs/") for name in kept)
    kept["what the process said"] = said.encode()
    for name, content in kept.items():
        for what, secret in secrets.items():
            assert secret not in content, (name, what)
            assert base64.b64encode(secret)[:-4] not in content, (name, what)
            assert secret.hex().encode() not in content, (name, what)
    assert "rooms" not in said
    assert "127.0.0.1" not in said.removeprefix(server.url)


def act(url: str, client: httpx.Client, keys, folder: Path) -> dict[str, bytes]:  # type: ignore[no-untyped-def]
    """Report with a file, acknowledge, answer, note, read again; return everything that must not be found."""
    file = folder / FILE_NAME
    file.write_text(FILE_TEXT)
    connection = connect(url, client=client)
    attachment = upload_file(connection.api, file, admit=connection.admit_upload)
    preview = prepare_report(connection.view, about=[Named(OUTSIDER, find_one(connection.view, OUTSIDER))])
    write = seal_report(connection.view, preview, keys, text=TEXT, attachments=[attachment])
    send_report(connection, keys, write)
    desk = sign_in(connect(url, client=client), make_keys("ben"))

    def look() -> list[Case]:
        desk.scan()
        return desk.list_cases()

    case = wait_until(look)[0]
    desk.acknowledge(case)
    desk.reply(desk.list_cases()[0], ANSWER)
    desk.note(desk.list_cases()[0], NOTE)
    report = find_report(connect(url, client=client), keys)
    assert [entry.header.kind for entry in report.room.entries] == ["open", "acknowledge", "entry"]
    room = compute_room_keys(keys.room)
    return {
        "text": TEXT.encode(),
        "answer": ANSWER.encode(),
        "note": NOTE.encode(),
        "file": FILE_TEXT.encode(),
        "file name": FILE_NAME.encode(),
        "person": OUTSIDER.encode(),
        "user agent": AGENT.encode(),
        "address": ADDRESS.encode(),
        "room secret": keys.room,
        "locator": keys.locator,
        "capability": room.cap,
        "identity": room.identity.secret,
        "age key": keys.age.secret,
        "author key": keys.author.secret,
        "file key": attachment.key,
        "session": desk.session.token().encode(),
        "member's age key": make_keys("ben").age.secret,
        "member's signing key": make_keys("ben").sign.seed,
    }
