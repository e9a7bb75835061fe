"""Answers to writes, forgotten once the log holds their leaves: nothing ties an entry to a leaf and a time for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create a table, and forget what entries were answered with but for the first of a room."""
    op.create_table(
        "answer",
        sa.Column("org", sa.LargeBinary(), nullable=False),
        sa.Column("room", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org", "room", "seq"),
        sqlite_with_rowid=False,
    )
    entry = sa.table("entry", sa.column("seq"), sa.column("note"))
    op.execute(entry.update().where(entry.c.seq > 0).values(note=b""))
