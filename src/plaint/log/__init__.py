"""Decisions about the append-only log; knows no SQL, HTTP or report, is given clock and store. Start at `tick`."""
