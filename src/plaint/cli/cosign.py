"""`plaint cosign`: run an outside cosigner that countersigns and mirrors logs."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from plaint.cli.output import print_lines
from plaint.cosigner.app import parse_log_argument
from plaint.cosigner.identity import load_identity
from plaint.cosigner.serve import serve_cosigner
from plaint.protocol.note import encode_vkey

app = App(name="cosign", help="Countersign and mirror logs.")


@app.default
def cosign(
    *,
    data: Path,
    log: Annotated[list[str], Parameter(negative=())],
    port: int = 8090,
    host: str = "127.0.0.1",
    name: str | None = None,
) -> None:
    """Countersign logs and keep copies of them.

    Parameters
    ----------
    data
        Directory for the key (made on the first start), the heads and the copies.
    log
        A log's verifier key, or KEY=ADDRESS to copy the log from there as well. May be given several times.
    port
        Port to listen on.
    host
        Address to listen on.
    name
        Key name, for example `cosigner.example/plaint`; chosen once.

    """
    for text in log:
        parse_log_argument(text)
    key = load_identity(data, name=name).verifier_key
    vkey = encode_vkey(key)
    print_lines(f"key {vkey}", f"policy witness {key.name} {vkey} http://{host}:{port}")
    sys.stdout.flush()
    asyncio.run(serve_cosigner(data, log, port=port, host=host, name=name))
