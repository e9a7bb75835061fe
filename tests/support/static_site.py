"""The built web client behind the policy the server sends, without the server."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "src" / "plaint" / "server" / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "worker-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types svelte-trusted-html plaint"
)
PAGES = {"/o/orvane/": "reporter.html", "/o/orvane/desk/": "desk.html", "/o/orvane/verify/": "verify.html"}


def weigh_static(url: str) -> int:
    """What the file at an address below `/static/` weighs, packed as the server packs it."""
    return len(gzip.compress((STATIC / url.partition("/static/")[2]).read_bytes(), 9, mtime=0))


class _Handler(BaseHTTPRequestHandler):
    folder: Path

    def do_GET(self) -> None:
        name = PAGES.get(self.path, self.path.removeprefix("/static/"))
        file = self.folder / name
        found = file.is_file() and file.resolve().is_relative_to(self.folder.resolve())
        body = file.read_bytes() if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", guess_type(name)[0] or "application/octet-stream")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def serve_static(folder: Path = STATIC) -> Iterator[str]:
    """Serve `folder` on a free port of this machine and return the address."""
    handler = type("Handler", (_Handler,), {"folder": folder})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
