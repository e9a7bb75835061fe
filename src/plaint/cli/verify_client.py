"""`plaint verify-client`: compare the pages and scripts that an organisation serves with those of a release."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import httpx
from cyclopts import App, Parameter

from plaint.cli.messages import MESSAGES
from plaint.cli.output import CommandError, print_json, print_lines, print_notice
from plaint.client.files import read_limited
from plaint.client.http import Api
from plaint.client.pages import LIMIT_MANIFEST_BYTES, Manifest, Served, parse_manifest, verify_client
from plaint.client.releases import verify_release_served
from plaint.client.trust import load_trust
from plaint.client.view import fetch_view
from plaint.errors import VerificationError
from plaint.protocol.directory_state import Released
from plaint.protocol.note import encode_vkey
from plaint.protocol.trust import Trust

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
def check(
    url: str,
    *,
    manifest: Path | None = None,
    trust: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Fetch every page and script as a browser would, and say which are not those of the release.

    The release is the newest in the organisation's directory log, signed by the project; with a trust file that pins
    the project's key, by no other. Where none is logged, that of the Plaint installed here. Exit code 0 when all are
    the same, 1 when not. A server may show others something else; run it from where they are.

    Parameters
    ----------
    url
        Address of the organisation.
    manifest
        Manifest of the release, `manifest.json`: compare with that and ask for no directory.
    trust
        Trust file; without it the organisation's own word is taken for its keys.
    json
        Print one JSON object.

    """
    if manifest is not None:
        expected = load_manifest(manifest)
        return _tell(Found(expected, files=tuple(verify_client(url, expected))), json=json)
    return _tell(_verify_logged(url, load_trust(trust) if trust else None), json=json)


@dataclass(frozen=True, slots=True)
class Found:
    """What was compared with what: `problem` and `detail` when the release itself is not the right one."""

    manifest: Manifest | None
    release: Released | None = None
    problem: str | None = None
    detail: str = ""
    files: tuple[Served, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the right release is shown, and all of it."""
        return self.problem is None and all(file.same for file in self.files)


def _verify_logged(url: str, trust: Trust | None) -> Found:
    with httpx.Client(timeout=60.0, follow_redirects=False) as client:
        api = Api(url, client=client)
        view = fetch_view(api, now=time.time, trust=trust)
        if not view.state.releases and view.trust.upstream is None:
            print_notice("The directory logs no release: compared with the Plaint installed here.")
            manifest = load_manifest(None)
            return Found(manifest, files=tuple(verify_client(url, manifest, client=client)))
        try:
            served = verify_release_served(url, view.releases, client=client)
        except VerificationError as error:
            newest = view.releases[-1] if view.releases else None
            return Found(None, newest, error.code, error.detail)
        return Found(served.manifest, served.released, files=served.files)


def _tell(found: Found, *, json: bool) -> int:
    differing = [file for file in found.files if not file.same]
    if json:
        print_json(_encode(found))
    elif found.problem is not None:
        print_lines(MESSAGES[found.problem], *([found.detail] if found.detail else []))
    else:
        for file in differing:
            print_lines(f"{file.path}: {STATES[file.state]}")
        name = found.manifest.digest.hex() if found.manifest else ""
        if found.release is not None:
            name = f"{found.release.release.version}, logged, signed by {found.release.upstream.name}: {name}"
        print_lines(f"{len(found.files) - len(differing)} of {len(found.files)} files are those of the release {name}.")
    return 0 if found.ok else EXIT_DIFFERS


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


def _encode(found: Found) -> dict[str, Any]:
    listed = [
        {
            "path": file.path,
            "state": file.state,
            "expected": file.expected.hex() if file.expected else None,
            "found": file.found.hex() if file.found else None,
        }
        for file in found.files
    ]
    release = None
    if found.release is not None:
        logged, upstream = found.release.release, encode_vkey(found.release.upstream)
        release = {"version": logged.version, "manifest": logged.manifest.hex(), "upstream": upstream}
    manifest = found.manifest.digest.hex() if found.manifest else None
    return {"ok": found.ok, "manifest": manifest, "release": release, "problem": found.problem, "files": listed}
