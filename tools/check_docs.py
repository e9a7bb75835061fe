"""Say so when a link between the documents of this repository leads nowhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def name_anchor(heading: str) -> str:
    """Return the anchor a heading gets on code hosting sites."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def find_faults(document: Path) -> list[str]:
    """Name every relative link whose file or heading does not exist."""
    faults = []
    for link in LINK.findall(FENCE.sub("", document.read_text("utf-8"))):
        path, _, anchor = link.partition("#")
        if ":" in path:
            continue
        target = document.parent / path if path else document
        if not target.exists():
            faults.append(f"{document}: {link} does not exist")
        elif anchor and target.suffix == ".md":
            headings = HEADING.findall(FENCE.sub("", target.read_text("utf-8")))
            if anchor not in map(name_anchor, headings):
                faults.append(f"{document}: {link} names no heading")
    return faults


def list_documents() -> list[Path]:
    """Return every Markdown file that is or will be in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).exists()]


if __name__ == "__main__":
    sys.exit("\n".join(fault for document in list_documents() for fault in find_faults(document)) or 0)
