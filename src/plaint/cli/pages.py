"""`plaint pages`: the reporter's page for an origin that somebody else runs, or as a file."""

from __future__ import annotations

import asyncio
import mimetypes
import sys
import time
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import httpx
from cyclopts import App, Parameter

from plaint.cli.output import CommandError, create_file, print_json, print_lines, print_notice
from plaint.cli.verify_client import load_manifest
from plaint.client.carrying import copy_view, find_differing, find_headers, is_served, make_folder, make_single
from plaint.client.http import Api
from plaint.client.releases import MANIFEST
from plaint.client.trust import load_trust
from plaint.client.view import View
from plaint.crypto.hashes import compute_sha256
from plaint.protocol.kit import Copy, Kit

EXIT_DIFFERS = 1
Flag = Annotated[bool, Parameter(negative=())]

app = App(name="pages", help="Make the reporter's page for another origin, or as one file.")


@app.default
def pages(
    url: str,
    *,
    trust: Path,
    out: Path | None = None,
    single: Flag = False,
    check: str | None = None,
    serve: int | None = None,
    host: str = "127.0.0.1",
    json: Flag = False,
) -> int:
    """Write the pages of an organisation with its keys pinned, for a server that somebody else runs.

    The same command with the same trust file and the same Plaint writes the same bytes, so that anybody can check what
    another origin serves: --check. Read docs/second-origin.md before you offer such a page to people.

    Parameters
    ----------
    url
        Address of the organisation, for example https://reports.example/o/aurora
    trust
        Trust file: its keys are written into the pages. Get it from somebody other than whoever runs the organisation's
        server, or compare its fingerprint with the printed one.
    out
        New folder to write.
    single
        Pages of one file instead, with a copy of the directory that is good for a day without a network.
    check
        Address of such a page: compare what is served there instead of writing. Exit code 1 when it differs.
    serve
        Serve the folder on this port as well, until stopped; put TLS in front of it.
    host
        Address to listen on.
    json
        Print one JSON object.

    """
    release = load_release()
    pinned = load_trust(trust)
    api = Api(url)
    try:
        view, copy = copy_view(api, pinned, now=time.time)
    finally:
        api.close()
    kit = Kit(f"{api.url}/", view.full_trust, copy if single else None)
    made = make_single(kit, release) if single else make_folder(kit, release)
    if check is not None:
        return _check(check, made, json=json)
    if out is None and serve is None:
        raise CommandError("Give --out DIR, --serve PORT or --check ADDRESS.", exit_code=2)
    if out is not None:
        _write(out, made)
    _tell(view, copy, kit, made, out, json=json)
    if serve is not None:
        _serve(kit, made, port=serve, host=host)
    return 0


def load_release() -> dict[str, bytes]:
    """Return the files of the client installed here, each the one that its manifest names. Raises: CommandError."""
    static = files("plaint").joinpath("server", "static")
    release = {path: static.joinpath(path).read_bytes() for path in load_manifest(None).files}
    for path, digest in load_manifest(None).files.items():
        if compute_sha256(release[path]) != digest:
            raise CommandError(f"{path} is not the file that its manifest names: install Plaint again.")
    return release | {MANIFEST: static.joinpath(MANIFEST).read_bytes()}


def _write(out: Path, made: dict[str, bytes]) -> None:
    try:
        out.mkdir(parents=True)
    except FileExistsError as error:
        raise CommandError(f"{out} exists already; choose another name or remove it first.") from error
    for path, data in made.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        create_file(out / path, data)


def _check(address: str, made: dict[str, bytes], *, json: bool) -> int:
    with httpx.Client(timeout=60, follow_redirects=False) as client:
        differing = find_differing(address, made, client=client)
    if json:
        print_json({"ok": not differing, "files": differing})
    else:
        for path in differing:
            print_lines(f"{path}: other bytes than this command makes")
        served = sum(map(is_served, made))
        print_lines(f"{served - len(differing)} of {served} files are the same.")
    return EXIT_DIFFERS if differing else 0


def _tell(view: View, copy: Copy, kit: Kit, made: dict[str, bytes], out: Path | None, *, json: bool) -> None:
    cosigners = [witness.name for witness in kit.trust.policy.witnesses]
    if not view.countersigned:
        print_notice("Nobody outside the organisation countersigns its logs: dates are its own word.")
    manifest = load_manifest(None).digest.hex()
    if json:
        value = {
            "out": None if out is None else str(out),
            "org": view.org.hex(),
            "files": len(made),
            "manifest": manifest,
        }
        print_json(value | {"api": kit.api, "cosigners": cosigners, "checked_at": copy.at})
        return
    print_lines(f"Organisation  {view.state.name}, {view.org.hex()}", f"Address       {kit.api}")
    print_lines(f"Cosigners     {', '.join(cosigners) or 'none'}", f"Release       {manifest}")
    if out is not None:
        print_lines(f"Files         {len(made)} in {out}")


def _serve(kit: Kit, made: dict[str, bytes], *, port: int, host: str) -> None:
    from plaint.http.site import Page, serve_site  # noqa: PLC0415 -- other uses need not load a server

    site = {}
    for path, data in made.items():
        if is_served(path):
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            kind += "; charset=utf-8" if kind.startswith("text/") else ""
            site["/" + path.removesuffix("index.html")] = Page(
                data, {"Content-Type": kind, **find_headers(path, kit.api)}
            )
    print_lines(f"http://{'localhost' if host == '127.0.0.1' else host}:{port}/")
    sys.stdout.flush()
    asyncio.run(serve_site(site, port=port, host=host))
