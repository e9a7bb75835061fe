"""The `plaint` command, one file per command: wiring and words, no decisions. Start at `main`."""
