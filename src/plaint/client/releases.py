"""Which release an organisation's server shows, by its manifest, and whether its directory logged it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from plaint.client.pages import (
    BASE,
    LIMIT_MANIFEST_BYTES,
    LOAD,
    Manifest,
    Served,
    parse_manifest,
    verify_client,
)
from plaint.crypto.hashes import compute_sha256
from plaint.errors import MalformedError, UnavailableError, VerificationError
from plaint.protocol.directory_state import Released

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class ServedRelease:
    """The release that a server shows, and what became of each of its files."""

    released: Released
    manifest: Manifest
    files: tuple[Served, ...]


def verify_release_served(url: str, releases: Sequence[Released], *, client: httpx.Client) -> ServedRelease:
    """Fetch what a browser would and compare it with the newest of `releases`, all that count, the latest last.

    The manifest is the server's own copy: its digest was logged, and signed upstream, so it need not be believed.
    Raises: VerificationError "release-none" when none counts, "release-unlogged" when the server shows another than any
            of them, "release-old" when it shows one that a later one replaced (detail: version); UnavailableError
            "network"; those of `parse_manifest`, `verify_client`.
    """
    if not releases:
        raise VerificationError("release-none")
    data = _fetch_manifest(url, client)
    digest = compute_sha256(data)
    shown = next((one for one in reversed(releases) if one.release.manifest == digest), None)
    if shown is None:
        raise VerificationError("release-unlogged", digest.hex())
    if shown is not releases[-1]:
        raise VerificationError("release-old", shown.release.version)
    manifest = parse_manifest(data)
    return ServedRelease(shown, manifest, tuple(verify_client(url, manifest, client=client)))


def _fetch_manifest(url: str, client: httpx.Client) -> bytes:
    body = bytearray()
    try:
        address = urljoin(url.rstrip("/") + "/", BASE + MANIFEST)
        with client.stream("GET", address, headers=LOAD, follow_redirects=False) as answer:
            for part in answer.iter_bytes():
                body += part
                if len(body) > LIMIT_MANIFEST_BYTES:
                    raise MalformedError("answer-size")
    except httpx.HTTPError as error:
        raise UnavailableError("network") from error
    # A server without a manifest shows nothing that was ever logged.
    return bytes(body) if answer.status_code == httpx.codes.OK else b""
