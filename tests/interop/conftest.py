"""Builds what speaks for the other implementation."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GO = Path(sys.executable).with_name("go")


@pytest.fixture(scope="session")
def sumdb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of `sumdb`, built from the golang.org/x/mod that Go itself comes with: nothing is fetched."""
    folder = tmp_path_factory.mktemp("sumdb")
    # The cache stays beside the tool, so that the standard library is built once.
    environment = {**os.environ, "GO111MODULE": "off", "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": ""}
    environment |= {"GOPATH": str(folder / "path"), "GOCACHE": str(Path(sys.prefix) / "go-cache"), "GOENV": "off"}
    root = subprocess.run([GO, "env", "GOROOT"], env=environment, capture_output=True, check=True, text=True).stdout
    source = folder / "path" / "src" / "golang.org" / "x"
    source.mkdir(parents=True)
    (source / "mod").symlink_to(Path(root.strip()) / "src/cmd/vendor/golang.org/x/mod")
    program = Path(__file__).with_name("sumdb.go")
    subprocess.run([GO, "build", "-o", folder / "sumdb", program], env=environment, check=True)
    return folder / "sumdb"
