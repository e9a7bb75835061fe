"""Smaller trees to write a report into: entries in rows of random numbers, and indexes of what is there alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

INDEXES = (("room", "subject"), ("room", "locator"), ("room", "only"), ("room", "escalate"), ("blob", "since"))
UNIQUE = frozenset({"subject", "locator", "only"})
COLUMNS = "org, room, seq, header, body, slots, note"


def _bytes(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def upgrade() -> None:
    """Make the indexes again, and on SQLite the table of entries."""
    for table, name in INDEXES:
        there = sa.text(f'"{name}" IS NOT NULL')
        op.drop_index(f"{table}_{name}", table)
        op.create_index(
            f"{table}_{name}",
            table,
            ["org", name],
            unique=name in UNIQUE,
            sqlite_where=there,
            postgresql_where=there,
        )
    if op.get_bind().dialect.name != "sqlite":
        return
    op.rename_table("entry", "entry_before")
    op.create_table(
        "entry",
        _bytes("org"),
        _bytes("room"),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        _bytes("header"),
        _bytes("body"),
        _bytes("slots", null=True),
        _bytes("note"),
        sa.PrimaryKeyConstraint("org", "room", "seq"),
    )
    op.execute(f"INSERT INTO entry (rowid, {COLUMNS}) SELECT random(), {COLUMNS} FROM entry_before")  # noqa: S608
    op.drop_table("entry_before")
