"""The two logs as tiles, checkpoints and the trust file, the same bytes for everybody. Start at `service`."""
