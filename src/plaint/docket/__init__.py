"""The state of a case as a pure fold over opened entries; no SQL, no HTTP, no keys. Start at `case`."""
