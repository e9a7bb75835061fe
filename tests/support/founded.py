"""An organisation founded and run by the command line alone: real processes, a tick of one second, two cosigners."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plaint.client.connection import connect
from plaint.client.follow import find_report
from plaint.errors import PlaintError
from plaint.protocol.keys import compute_holder_keys
from plaint.protocol.words import parse_words
from tests.support.patience import wait_until
from tests.support.plaint_processes import Processes, Result
from tests.support.ports import find_port

FOUNDERS = {"ada": "administrator", "dov": "independent", "ben": "intake-handler", "cai": "intake-handler"}
CHART = """id,name,title,reports_to
p1,Mira Oduya,Director,
p2,Ben Farrow,Head of sales,p1
p3,Lena Holt,Sales,p2
p4,Lena Holt,Research,p1
p5,Cai Brandt,Human resources,p1
"""
# Nobody listens there: who asks for reminders in these tests ends them before their hour.
MAIL = {"PLAINT_SMTP_URL": "smtp://127.0.0.1:9", "PLAINT_MAIL_FROM": "plaint@aurora.example"}
NAMES = {"ada": "Ada Quill", "dov": "Dov Amsel", "ben": "Ben Farrow", "cai": "Cai Brandt"}


@dataclass
class Org:
    """An organisation that was founded and runs."""

    processes: Processes
    folder: Path
    url: str
    server: subprocess.Popen[str]

    def stop_server(self) -> None:
        """Stop the server."""
        self.processes.stop(self.server)

    def start_server(self) -> None:
        """Serve the same data at the same address again."""
        port = self.url.split(":")[2].split("/")[0]
        self.server = start_server(self.processes, self.folder / "data", int(port))

    def run(self, *arguments: object, code: int | None = 0, stdin: str | None = None) -> Result:
        return self.processes.run(*arguments, code=code, stdin=stdin)

    def json(self, *arguments: object, code: int = 0) -> Any:
        return self.run(*arguments, "--json", code=code).value

    def words(self, name: str) -> Path:
        return self.folder / f"{name}.words"

    def desk(self, name: str, command: str, *arguments: object) -> Any:
        return self.json("desk", command, self.url, *arguments, "--words", self.words(name))

    def find_room(self, words: str) -> str:
        """Return the room that these words open, which is the case as members see it."""
        with closing(connect(self.url)) as connection:
            return find_report(connection, compute_holder_keys(parse_words(words).entropy)).room.id.hex()

    def wait_for_case(self, name: str, case: str) -> None:
        """Wait until the keys of a case have reached a member."""
        wait_until(lambda: case in [found["id"] for found in self.desk(name, "list")["cases"]])


def found(processes: Processes, folder: Path) -> Path:
    for name in FOUNDERS:
        made = processes.run(
            "member",
            "request",
            "--name",
            NAMES[name],
            "--words",
            folder / f"{name}.words",
            "--out",
            folder / name,
            "--json",
        ).value
        assert len(made["check_words"]) == 4
    founders = [part for name, role in FOUNDERS.items() for part in ("--founder", f"{folder / name}={role}")]
    draft = folder / "genesis"
    processes.run(
        "directory", "draft", "genesis", "--org-name", "Aurora Invented", *founders,
        "--tick", 1, "--delay", 0, "--work-bits", 8, "--out", draft,
    )  # fmt: skip
    for name in FOUNDERS:
        processes.run("directory", "sign", draft, "--words", folder / f"{name}.words")
    processes.run("org", "create", "--data", folder / "data", "--slug", "aurora", "--genesis", draft)
    return folder / "data"


def start_server(processes: Processes, data: Path, port: int) -> subprocess.Popen[str]:
    server = processes.start("up", "--data", data, "--port", port, "--public-url", f"http://127.0.0.1:{port}", env=MAIL)
    assert server.stdout is not None
    assert server.stdout.readline()
    return server


def submit(processes: Processes, folder: Path, url: str, draft: Path) -> None:
    for name in ("ada", "dov"):
        processes.run("directory", "sign", draft, "--words", folder / f"{name}.words", "--url", url)
    processes.run("directory", "submit", draft, url)


def start_cosigners(processes: Processes, folder: Path, url: str) -> None:
    trust = folder / "first.trust"
    processes.run("trust", url, "--out", trust)
    logs = [line.split(" ")[1] for line in trust.read_text("utf-8").splitlines() if line.startswith("log ")]
    named = []
    for name in ("north", "south"):
        port = find_port()
        arguments = [part for vkey in logs for part in ("--log", vkey)]
        process = processes.start("cosign", "--data", folder / name, "--port", port, *arguments)
        assert process.stdout is not None
        vkey = process.stdout.readline().removeprefix("key ").strip()
        named += ["--cosigner", f"{name}={vkey}=http://127.0.0.1:{port}"]
    draft = folder / "cosigners"
    processes.run("directory", "draft", "cosigners", *named, "--quorum", 2, "--out", draft)
    submit(processes, folder, url, draft)


def is_ready(url: str) -> bool:
    """Tell whether both cosigners countersign a directory that has the chart."""
    try:
        connection = connect(url)
    except PlaintError:
        return False
    ready = connection.view.countersigned and connection.view.chart is not None
    connection.close()
    return ready


@contextmanager
def run_organisation(folder: Path) -> Iterator[Org]:
    """Found an organisation in `folder`, serve it with its cosigners and a chart, and stop everything at the end."""
    with Processes(folder) as processes:
        data = found(processes, folder)
        port = find_port()
        server = start_server(processes, data, port)
        url = f"http://127.0.0.1:{port}/o/aurora"
        start_cosigners(processes, folder, url)
        chart = folder / "chart.csv"
        chart.write_text(CHART, "utf-8")
        draft = folder / "chart"
        processes.run("directory", "draft", "chart", "--csv", chart, "--out", draft)
        submit(processes, folder, url, draft)
        wait_until(lambda: is_ready(url))
        yield Org(processes, folder, url, server)
