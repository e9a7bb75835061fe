"""`plaint release`: what the project that makes the client signs, on a machine of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.output import CommandError, create_file, print_json, print_lines, read_file
from plaint.cli.verify_client import load_manifest
from plaint.crypto.hashes import random_bytes
from plaint.crypto.signing import SigningKey
from plaint.encoding.lines import LineReader, encode_lines, parse_hex, parse_lines
from plaint.errors import MalformedError
from plaint.protocol.note import ED25519, LIMIT_NOTE_BYTES, VerifierKey, encode_vkey, parse_vkey
from plaint.protocol.release import encode_release_note, open_release_note, sign_release

FIRST_LINE = "plaint/v1/release-key"
LIMIT_KEY_BYTES = 1024

app = App(name="release", help="Make a key for releases, sign and check releases.")

Flag = Annotated[bool, Parameter(negative=())]


@app.command
def key(*, name: str, out: Path, json: Flag = False) -> None:
    """Make the key that releases are signed with; keep its file away from every server.

    Parameters
    ----------
    name
        Name of the key, for example `plaint.example/releases`.
    out
        File to write, readable for its owner only; an existing one is never overwritten.
    json
        Print one JSON object.

    """
    seed = random_bytes(32)
    public = VerifierKey(name, ED25519, SigningKey(seed).public)
    vkey = encode_vkey(public)
    try:
        parse_vkey(vkey)
        data = encode_lines(FIRST_LINE, [("name", name), ("seed", seed.hex())])
    except (MalformedError, UnicodeEncodeError) as error:
        raise CommandError(f"{name} is not a name for a key: no spaces, no +, ASCII.") from error
    create_file(out, data, private=True)
    if json:
        print_json({"key": str(out), "vkey": vkey})
    else:
        print_lines(f"Key file    {out}", f"Public key  {vkey}")


@app.command
def sign(*, version: str, key: Path, out: Path, manifest: Path | None = None, json: Flag = False) -> None:
    """Sign a release: the note belongs beside its files, and into the directory of whoever runs it.

    Parameters
    ----------
    version
        The release's version, for example 1.2.0.
    key
        File that `plaint release key` wrote.
    out
        File to write; an existing one is never overwritten.
    manifest
        Manifest of the release, `manifest.json`; without it that of the Plaint installed here.
    json
        Print one JSON object.

    """
    signing, public = _read_key(key)
    release = sign_release(version, load_manifest(manifest).digest, signing)
    create_file(out, encode_release_note(release, public))
    if json:
        print_json({"note": str(out), "version": version, "manifest": release.manifest.hex()})
    else:
        print_lines(f"Release {version} of {release.manifest.hex()}", f"Signed in {out}")


@app.command
def check(note: Path, *, upstream: str, manifest: Path | None = None, json: Flag = False) -> None:
    """Check that a release was signed, and that these are its files.

    Parameters
    ----------
    note
        The note beside the release.
    upstream
        The project's public key, which you got elsewhere than the release.
    manifest
        Manifest of the release, `manifest.json`; without it that of the Plaint installed here.
    json
        Print one JSON object.

    """
    release = open_release_note(read_file(note, limit_bytes=LIMIT_NOTE_BYTES), parse_vkey(upstream))
    if load_manifest(manifest).digest != release.manifest:
        raise CommandError(
            f"The note is signed and names other files: those with the manifest {release.manifest.hex()}."
        )
    if json:
        print_json({"version": release.version, "manifest": release.manifest.hex()})
    else:
        print_lines(f"Release {release.version}, signed, with these files: {release.manifest.hex()}")


def _read_key(path: Path) -> tuple[SigningKey, VerifierKey]:
    if path.stat().st_mode & 0o077:
        raise MalformedError("keys-open")
    reader = LineReader(
        parse_lines(read_file(path, limit_bytes=LIMIT_KEY_BYTES), FIRST_LINE, limit_bytes=LIMIT_KEY_BYTES)
    )
    name, signing = reader.take("name"), SigningKey(parse_hex(reader.take("seed"), size_bytes=32))
    reader.finish()
    return signing, VerifierKey(name, ED25519, signing.public)
