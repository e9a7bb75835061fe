"""`make dist` gives the same bytes wherever and whenever it is run, so that anybody can build what is served."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
STATIC = "plaint/server/static/"
MOMENT = "1790000000"

pytestmark = pytest.mark.e2e


def copy_sources(folder: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0")[:-1]:
        if (ROOT / name).is_file():  # a file that somebody is just moving is no part of either build
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def start_build(folder: Path, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist"]
    variables = os.environ | {"SOURCE_DATE_EPOCH": MOMENT} | environment
    return subprocess.Popen(
        command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, umask=0o077
    )


def read_built(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "dist").iterdir()}


def test_two_builds_in_two_folders_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "here", tmp_path / "some where" / "else"
    copy_sources(first)
    shutil.copytree(first, second)
    for path in second.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(path.stat().st_mode & 0o700)  # what git keeps, the execute bit, stays
    builds = [
        start_build(first, TZ="UTC", LC_ALL="C", PYTHONHASHSEED="1"),
        start_build(second, TZ="Asia/Kathmandu", LC_ALL="C.UTF-8", PYTHONHASHSEED="2"),
    ]
    for build in builds:
        said, _ = build.communicate(timeout=4 * PATIENCE_S)
        assert build.returncode == 0, said.decode()[-2000:]
    built = read_built(first)
    assert sorted(name.rpartition("-")[2].rpartition(".")[2] for name in built) == ["gz", "whl"]
    assert built == read_built(second)
    check_manifest(next((first / "dist").glob("*.whl")))


def check_manifest(wheel: Path) -> None:
    """The wheel's manifest names every file of the client in the wheel, and no other."""
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name.startswith(STATIC)}
    manifest = json.loads(files.pop(STATIC + "manifest.json"))
    assert manifest["files"] == {
        name.removeprefix(STATIC): hashlib.sha256(data).hexdigest() for name, data in files.items()
    }
