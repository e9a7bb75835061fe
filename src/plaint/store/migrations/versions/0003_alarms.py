"""Cosigners that have seen another history of a log, and how many leaves of writes were logged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create a table, and a column."""
    op.create_table(
        "alarm",
        sa.Column("org", sa.LargeBinary(), nullable=False),
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("cosigner", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org", "log", "cosigner"),
        sqlite_with_rowid=False,
    )
    op.add_column("organisation", sa.Column("logged", sa.BigInteger(), nullable=True))
