"""The invented organisation: its people, its story, and the command that tells it. Start at `run`."""

from plaint.cli.demo.command import app

__all__ = ["app"]
