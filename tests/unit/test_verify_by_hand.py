"""The lines of docs/verify-by-hand.md, run as they stand on a real receipt, and on one with a byte changed."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from plaint.client.follow import find_report
from plaint.client.mirror import mirror_log
from plaint.encoding.base64 import encode_base64
from plaint.protocol.receipt import encode_receipt
from plaint.protocol.trust import encode_trust
from tests.support.world import World

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "verify-by-hand.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
DAY = 86_400


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A receipt whose report was acknowledged in time and got no feedback, the trust file and a mirror."""
    made = tmp_path_factory.mktemp("hand")
    with World(made / "world") as world:
        keys, sent = world.report("Is anybody there?")
        world.tick(8)
        desk = world.desk("ben")
        desk.scan()
        desk.acknowledge(desk.open_case(sent.state.room.hex()))
        world.tick(8)
        report = find_report(world.connect(), keys)
        (made / "receipt.txt").write_bytes(encode_receipt(report.update_receipt(sent.receipt)))
        (made / "trust.txt").write_bytes(encode_trust(report.connection.trust))
        world.now += 100 * DAY
        world.tick(2)
        world.loop.run(mirror(world, made / "copy"))
    return made


async def mirror(world: World, copy: Path) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app)) as client:  # type: ignore[arg-type]
        await mirror_log(world.url, copy, client=client)


def run(folder: Path) -> tuple[int, list[str]]:
    """Run every block of the document in one shell and return its exit code and what a person saw."""
    script = folder / "script"
    script.write_text("\n".join(BLOCK.findall(DOCUMENT.read_text("utf-8"))), "utf-8")
    command = ["bash", str(script)]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def test_every_step_holds_for_a_real_receipt(folder: Path) -> None:
    code, lines = run(folder)
    said = [line for line in lines if line.startswith(("ok", "FAILED"))]
    assert [line[:4] for line in said] == [f"ok {n}" for n in (1, 2, 3, 4, 5, 6, 7, 7)], lines
    assert said[-2].startswith("ok 7 acknowledge: met, leaf ")
    assert said[-1].startswith("ok 7 feedback: SILENT, complete up to ")
    assert code == 0


def change_part(name: str, position: int) -> Callable[[Path], None]:
    """Return what changes one byte of a base64 part of the receipt, seen from its beginning or end."""

    def change(folder: Path) -> None:
        path = folder / "receipt.txt"
        lines = path.read_text("utf-8").splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{name} "))
        part = bytearray(base64.b64decode(lines[at].partition(" ")[2]))
        part[position] ^= 1
        lines[at] = f"{name} {encode_base64(bytes(part))}"
        path.write_text("\n".join(lines) + "\n", "utf-8")

    return change


def change_opening(folder: Path) -> None:
    path = folder / "receipt.txt"
    text = path.read_text("utf-8")
    last = re.search(r"^opening .*(.)$", text, re.MULTILINE)
    assert last is not None
    path.write_text(text[: last.start(1)] + ("1" if last[1] == "0" else "0") + text[last.end(1) :], "utf-8")


def change_proof_hash(folder: Path) -> None:
    change_text(folder, "proof", lambda proof: swap_character(proof, proof.index("\n", proof.index("index ")) + 1))


def change_cosignature(folder: Path) -> None:
    change_text(folder, "proof", lambda proof: swap_character(proof, len(proof) - 30))


def change_text(folder: Path, name: str, change: Callable[[str], str]) -> None:
    path = folder / "receipt.txt"
    text = path.read_text("utf-8")
    found = re.search(rf"^{name} (.*)$", text, re.MULTILINE)
    assert found is not None
    fresh = encode_base64(change(base64.b64decode(found[1]).decode("utf-8")).encode())
    path.write_text(text[: found.start(1)] + fresh + text[found.end(1) :], "utf-8")


def swap_character(text: str, at: int) -> str:
    return text[:at] + ("B" if text[at] != "B" else "C") + text[at + 1 :]


def change_leaf(folder: Path) -> None:
    path = folder / "copy" / "cases" / "leaves.bin"
    data = bytearray(path.read_bytes())
    data[33 * 40 + 5] ^= 1
    path.write_bytes(data)


def change_trust(folder: Path) -> None:
    path = folder / "trust.txt"
    text = path.read_text("utf-8")
    at = text.index("+", text.index("receipts ")) + 1
    path.write_text(text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1 :], "utf-8")


@pytest.mark.parametrize(
    ("change", "reached", "why"),
    [
        (change_part("header", -20), 2, "this leaf is not promised"),
        (change_part("note", 40), 1, "signature of"),
        (change_opening, 2, "this leaf is not promised"),
        (change_proof_hash, 3, "the proof does not lead to the root"),
        (change_cosignature, 4, "cosignature of"),
        (change_trust, 1, "key id of"),
        (change_leaf, 6, "the copy is not the log"),
    ],
    ids=["header", "note", "opening", "proof", "cosignature", "trust", "leaves"],
)
def test_one_changed_byte_fails_where_it_should(
    folder: Path, tmp_path: Path, change: Callable[[Path], None], reached: int, why: str
) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(folder, changed, ignore=shutil.ignore_patterns("world", "work"))
    change(changed)
    code, lines = run(changed)
    assert code != 0, lines
    assert [line for line in lines if line.startswith("ok")][-1].startswith(f"ok {reached} ")
    assert any(line.startswith("FAILED") and why in line for line in lines), lines
