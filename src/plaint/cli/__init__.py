"""The `plaint` command, one file per command: wiring and words, no decisions. Start at `app`."""

from plaint.cli.app import main

__all__ = ["main"]
