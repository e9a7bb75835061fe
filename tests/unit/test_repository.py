"""What is kept in the repository serves on any machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOSTS = ("pythonhosted.org", "pypi.org/simple", "registry.npmjs.org", "registry.yarnpkg.com", "npm.pkg.github.com")
INDEX_OPTIONS = re.compile(rb"^\s*(?:--(?:extra-)?index-url|--find-links|-i |-f )", re.MULTILINE)
MACHINE_PATHS = re.compile(rb"(?<![\w.~-])/(?:home|root|Users|work|var/folders)/[\w.-]")
LARGEST_BYTES = 2_000_000


def read_tracked() -> dict[str, bytes]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    names = [name.decode() for name in listed.split(b"\0") if name]
    paths = {name: ROOT / name for name in names}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file() and name != own_name()}


def own_name() -> str:
    return Path(__file__).resolve().relative_to(ROOT).as_posix()


def test_no_file_names_a_registry() -> None:
    tracked = read_tracked()
    assert "requirements.lock" in tracked
    assert "web/package-lock.json" in tracked
    assert [(name, host) for name, data in tracked.items() for host in HOSTS if host.encode() in data] == []
    assert [name for name, data in tracked.items() if name.endswith(".lock") and INDEX_OPTIONS.search(data)] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert MACHINE_PATHS.search(b"see /home/somebody/notes")
    assert [(name, found[0]) for name, data in read_tracked().items() if (found := MACHINE_PATHS.search(data))] == []


def test_every_file_is_small_enough_to_clone() -> None:
    assert [name for name, data in read_tracked().items() if len(data) > LARGEST_BYTES] == []
