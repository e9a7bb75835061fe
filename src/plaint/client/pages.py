"""Whether an organisation serves the very client that was released: every page and file, fetched as a browser would."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

from plaint.crypto.hashes import compute_sha256, compute_sha384
from plaint.encoding.base64 import encode_base64
from plaint.encoding.fields import Fields
from plaint.encoding.json import parse_json
from plaint.errors import MalformedError, UnavailableError
from plaint.protocol.release import VERSION_PATTERN

BASE = "/static/"
SAVED = "saved/"  # pages of one file, to be taken away: no page of the service
LIMIT_MANIFEST_BYTES = 1024 * 1024
LIMIT_FILES = 10_000
LIMIT_FILE_BYTES = 16 * 1024 * 1024
SAME, CHANGED, MISSING, FOREIGN = "same", "changed", "missing", "foreign"
INTEGRITY, POLICY, HEADER = "integrity", "policy", "header"
# What Firefox says: a server must not be able to tell this visit from that of somebody with a report.
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
VISIT = {
    "user-agent": AGENT,
    "accept-language": "en-US,en;q=0.5",
    "sec-fetch-site": "none",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}
LOAD = {**VISIT, "accept": "*/*", "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "script"}
REQUIRED_POLICY = {"default-src": "'none'", "script-src": "'self'", "base-uri": "'none'"}
FORBIDDEN_HEADERS = ("link", "refresh")  # either makes a browser load what the page does not name
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release consists of: paths and the SHA-256 of their files; `digest` is that of the manifest itself."""

    version: str
    digest: bytes
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Served:
    """What became of one file: `state` is one of the words above, `found` the SHA-256 of what was served."""

    path: str
    state: str
    expected: bytes | None = None
    found: bytes | None = None

    @property
    def same(self) -> bool:
        """Whether it is what was released."""
        return self.state == SAME


def parse_manifest(data: bytes) -> Manifest:
    """Return a manifest as `make web` writes it: {"files": {path: SHA-256 in hex}, "v": 1, "version"}.

    Raises: MalformedError "manifest-form" and those of `parse_json`.
    """
    fields = Fields(parse_json(data, limit_bytes=LIMIT_MANIFEST_BYTES), "manifest-form")
    fields.take_exactly("v", 1)
    version = fields.take_text("version", pattern=VERSION_PATTERN)
    listed = fields.take("files")
    fields.finish()
    if not isinstance(listed, dict) or not 0 < len(listed) <= LIMIT_FILES or not all(map(_PATH.fullmatch, listed)):
        raise MalformedError("manifest-form", "files")
    digests = Fields(listed, "manifest-form")
    return Manifest(version, compute_sha256(data), {path: digests.take_hex(path, 32) for path in sorted(listed)})


def verify_client(url: str, manifest: Manifest, *, client: httpx.Client | None = None) -> list[Served]:
    """Return what became of every file of `manifest`, of everything else that a page loads, and of the pages' rules.

    The client is the one that was released when all are `same`: then every script a browser runs is one of these.
    Raises: UnavailableError "network"; MalformedError "address", "answer-size".
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise MalformedError("address")
    if client is None:
        with httpx.Client(timeout=60.0, follow_redirects=False) as own:
            return verify_client(url, manifest, client=own)
    return list(_Visit(url, manifest, client).run())


class _Visit:
    """One visit: pages first, then the files they name, then those that the scripts may load later."""

    def __init__(self, url: str, manifest: Manifest, client: httpx.Client) -> None:
        self._url = url.rstrip("/") + "/"
        self._manifest = manifest
        self._client = client
        self._files: dict[str, bytes | None] = {}

    def run(self) -> Iterator[Served]:
        pages = [path for path in self._manifest.files if path.endswith(".html") and not path.startswith(SAVED)]
        named: dict[str, None] = {}
        for path in pages:
            yield from self._check_page(path, named)
        for path in [path for path in self._manifest.files if path not in pages]:
            yield self._compare(path, self._load(urljoin(self._url, BASE + path)))
        for address in named:
            if self._find(address) is None:
                found = self._load(address) if _is_same_origin(address, self._url) else None
                yield Served(address, FOREIGN, None, compute_sha256(found) if found is not None else None)

    def _check_page(self, path: str, named: dict[str, None]) -> Iterator[Served]:
        page = self._url + ("" if path == "reporter.html" else path.removesuffix(".html") + "/")
        body, headers = self._get(page, VISIT)
        yield self._compare(path, body)
        if body is None:
            return
        if not _is_strict(headers.get("content-security-policy", "")):
            yield Served(path, POLICY)
        if any(name in headers for name in FORBIDDEN_HEADERS):
            yield Served(path, HEADER)
        tags = _Tags()
        tags.feed(body.decode("utf-8", "replace"))
        for address, integrity in tags.loaded:
            whole = urljoin(page, address)
            named[whole] = None
            known = self._find(whole)
            content = self._load(whole) if known else None
            if integrity is not None and content is not None and integrity != _compute_integrity(content):
                yield Served(known or whole, INTEGRITY, self._manifest.files.get(known or ""), compute_sha256(content))

    def _compare(self, path: str, body: bytes | None) -> Served:
        expected = self._manifest.files[path]
        if body is None:
            return Served(path, MISSING, expected)
        found = compute_sha256(body)
        return Served(path, SAME if found == expected else CHANGED, expected, found)

    def _find(self, address: str) -> str | None:
        """Return the path in the manifest that stands at `address`."""
        prefix = urljoin(self._url, BASE)
        path = address.removeprefix(prefix)
        return path if address.startswith(prefix) and path in self._manifest.files else None

    def _load(self, address: str) -> bytes | None:
        if address not in self._files:
            self._files[address] = self._get(address, LOAD)[0]
        return self._files[address]

    def _get(self, address: str, headers: Mapping[str, str]) -> tuple[bytes | None, httpx.Headers]:
        body = bytearray()
        try:
            with self._client.stream("GET", address, headers=dict(headers), follow_redirects=False) as answer:
                if answer.status_code != httpx.codes.OK:
                    return None, answer.headers
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > LIMIT_FILE_BYTES:
                        raise MalformedError("answer-size")
                return bytes(body), answer.headers
        except httpx.HTTPError as error:
            raise UnavailableError("network") from error


class _Tags(HTMLParser):
    """Collects what a page makes a browser load, with its integrity attribute where one must stand."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get("src") or (given.get("href") if tag in {"link", "base"} else None)
        if address is None:
            return
        checked = tag == "script" or given.get("rel") in {"stylesheet", "modulepreload"}
        self.loaded.append((address, (given.get("integrity") or "") if checked else None))


def _compute_integrity(content: bytes) -> str:
    return "sha384-" + encode_base64(compute_sha384(content))


def _is_strict(policy: str) -> bool:
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    return "unsafe" not in policy and all(rules.get(name) == value for name, value in REQUIRED_POLICY.items())


def _is_same_origin(address: str, url: str) -> bool:
    return urlsplit(address)[:2] == urlsplit(url)[:2]
