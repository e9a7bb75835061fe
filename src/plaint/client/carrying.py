"""Pages that leave the server: a folder for another origin, or one file; the same bytes for the same kit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urljoin

import httpx

from plaint.client.http import LIMIT_ANSWER_BYTES, Api
from plaint.client.pages import LOAD
from plaint.client.view import View, fetch_view
from plaint.errors import MalformedError, UnavailableError
from plaint.http.headers import ELSEWHERE, OWN_ORIGIN, make_page_policy
from plaint.http.pages import FOREVER, LASTING
from plaint.protocol.kit import NO_KIT, Copy, Kit, embed_kit, encode_kit
from plaint.protocol.trust import Trust

BASE = "static/"
SAVED = "saved/"
PAGES = {"reporter.html": "index.html", "verify.html": "verify/index.html"}
DESK = "desk.html"
CHARSET = '<meta charset="utf-8" />\n'
LIMIT_FILE_BYTES = 16 * 1024 * 1024

Files = Mapping[str, bytes]


def copy_view(api: Api, trust: Trust, *, now: Callable[[], float]) -> tuple[View, Copy]:
    """Return the directory after every check, and all answers that the check asked for, as they came.

    Raises: those of `fetch_view`.
    """
    listening = _Listening(api)
    try:
        view = fetch_view(listening, now=now, trust=trust)
        listening.get("config")
    finally:
        listening.close()
    return view, Copy(int(now()), listening.answers)


def make_folder(kit: Kit, release: Files) -> dict[str, bytes]:
    """Return the files of another origin, from those of a release by their paths in its manifest.

    Raises: MalformedError "kit-page" when a page has no place for a kit; those of `encode_kit`.
    """
    files = {BASE + path: data for path, data in release.items() if path not in {*PAGES, DESK}}
    for page, path in PAGES.items():
        files[path] = _carry(release[page].decode(), kit).encode()
    return files | _make_headers(kit.api)


def make_single(kit: Kit, release: Files) -> dict[str, bytes]:
    """Return the pages of one file with the kit inside. Raises: those of `embed_kit`."""
    names = (path.removeprefix(SAVED) for path in release if path.startswith(SAVED))
    return {name: embed_kit(release[SAVED + name].decode(), kit).encode() for name in sorted(names)}


def find_differing(address: str, files: Files, *, client: httpx.Client) -> list[str]:
    """Return the paths at which other bytes are served than those of the folder; not that of a host's own settings.

    Raises: UnavailableError "network".
    """
    return [path for path, data in files.items() if is_served(path) and _fetch(client, address, path) != data]


def is_served(path: str) -> bool:
    """Whether a file of the folder is for visitors; the others tell a host what to add."""
    return path.startswith(BASE) or path in PAGES.values()


def find_headers(path: str, api: str) -> dict[str, str]:
    """Return what a host should add to the answer of one file."""
    kept = FOREVER if path.startswith(BASE + LASTING) else "no-cache"
    policy = make_page_policy(api, meta=False)
    return {"Content-Security-Policy": policy, **ELSEWHERE, **OWN_ORIGIN, "Cache-Control": kept}


def _carry(page: str, kit: Kit) -> str:
    if page.count(CHARSET) != 1 or NO_KIT in page:
        raise MalformedError("kit-page")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{make_page_policy(kit.api, meta=True)}" />'
    return page.replace(CHARSET, f"{CHARSET}    {policy}\n    {NO_KIT.replace('null', encode_kit(kit).decode())}\n")


def _make_headers(api: str) -> dict[str, bytes]:
    """Return the same headers in the words of Netlify and Cloudflare Pages, of Apache and of nginx."""
    pages, kept = find_headers("index.html", api), find_headers(BASE + LASTING, api)["Cache-Control"]
    return {
        "_headers": _join(
            "/*",
            *(f"  {name}: {value}" for name, value in pages.items()),
            "/static/assets/*",
            "  ! Cache-Control",
            f"  Cache-Control: {kept}",
        ),
        ".htaccess": _join(
            *(f'Header always set {name} "{value}"' for name, value in pages.items()),
            '<If "%{REQUEST_URI} =~ m#^/static/assets/#">',
            f'  Header always set Cache-Control "{kept}"',
            "</If>",
        ),
        "nginx.conf": _join(
            "# Include this in the server block.",
            "access_log off;",
            *(f'add_header {name} "{value}" always;' for name, value in pages.items()),
        ),
    }


def _join(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _fetch(client: httpx.Client, address: str, path: str) -> bytes | None:
    name = path.removesuffix("index.html")
    body = bytearray()
    try:
        with client.stream("GET", urljoin(address.rstrip("/") + "/", name), headers=LOAD) as answer:
            for part in answer.iter_bytes():
                body += part
                if len(body) > LIMIT_FILE_BYTES:
                    return None
    except httpx.HTTPError as error:
        raise UnavailableError("network") from error
    return bytes(body) if answer.status_code == httpx.codes.OK else None


class _Listening(Api):
    """The same API, and every answer kept."""

    def __init__(self, api: Api) -> None:
        super().__init__(api.url)
        self._api = api
        self.answers: dict[str, bytes] = {}

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        limit_bytes: int = LIMIT_ANSWER_BYTES,
    ) -> tuple[bytes, httpx.Headers]:
        body, answered = self._api.get(path, params=params, headers=headers, limit_bytes=limit_bytes)
        query = "&".join(f"{name}={value}" for name, value in (params or {}).items())
        self.answers[f"{path}?{query}" if query else path] = body
        return body, answered
