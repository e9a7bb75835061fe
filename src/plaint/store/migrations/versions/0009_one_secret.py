"""A room has one secret, and so one capability from its first entry on: nothing counts later ones."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Drop a column."""
    op.drop_column("room", "epoch")
