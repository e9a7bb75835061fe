"""`plaint verify-client`: compare the pages and scripts that an organisation serves with those of a release."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from plaint.cli.output import CommandError, print_json, print_lines
from plaint.client.files import read_limited
from plaint.client.pages import LIMIT_MANIFEST_BYTES, Manifest, Served, parse_manifest, verify_client

EXIT_DIFFERS = 1
STATES = {
    "changed": "other bytes than were released",
    "missing": "not served",
    "foreign": "loaded by a page, but no part of the release",
    "integrity": "a page does not name it by its bytes",
    "policy": "served without the rules that keep other scripts out",
    "header": "served with a header that loads more than the page names",
}

app = App(name="verify-client", help="Compare the served pages and scripts with a release.")


@app.default
def check(url: str, *, manifest: Path | None = None, json: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Fetch every page and script as a browser would, and say which are not those of the release.

    Exit code 0 when all are the same, 1 when not. A server may show others something else; run it from where they are.

    Parameters
    ----------
    url
        Address of the organisation.
    manifest
        Manifest of the release, `manifest.json`; without it that of the Plaint installed here.
    json
        Print one JSON object.

    """
    expected = load_manifest(manifest)
    served = verify_client(url, expected)
    differing = [file for file in served if not file.same]
    if json:
        print_json(_encode(expected, served))
    else:
        for file in differing:
            print_lines(f"{file.path}: {STATES[file.state]}")
        same = f"{len(served) - len(differing)} of {len(served)} files are those of the release"
        print_lines(f"{same} {expected.digest.hex()}.")
    return EXIT_DIFFERS if differing else 0


def load_manifest(path: Path | None) -> Manifest:
    """Return the manifest in a file, or that of the installed package.

    Raises: CommandError when the package has none; MalformedError of `read_limited`, `parse_manifest`.
    """
    if path is not None:
        return parse_manifest(read_limited(path, limit_bytes=LIMIT_MANIFEST_BYTES))
    built = files("plaint").joinpath("server", "static", "manifest.json")
    if not built.is_file():
        raise CommandError("The Plaint installed here was built without pages; give --manifest FILE.")
    return parse_manifest(built.read_bytes())


def _encode(expected: Manifest, served: list[Served]) -> dict[str, Any]:
    listed = [
        {
            "path": file.path,
            "state": file.state,
            "expected": file.expected.hex() if file.expected else None,
            "found": file.found.hex() if file.found else None,
        }
        for file in served
    ]
    return {"ok": all(file.same for file in served), "manifest": expected.digest.hex(), "files": listed}
