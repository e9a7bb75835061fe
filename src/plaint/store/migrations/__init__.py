"""Alembic's scripts: they run at the start of the server. Start at `versions`."""
