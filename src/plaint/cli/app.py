"""The `plaint` command itself: each file beside this one adds one command to `app`."""

from __future__ import annotations

from cyclopts import App

app = App(name="plaint", help="Reports that cannot be ignored, read by the wrong people, or made to disappear.")


def main() -> None:
    """Run the command that the arguments name."""
    app()
