"""Rows that rest sealed under a key of their room, and what is left of erased rooms.

Keys are in another store: what is here in clear is sealed by the first start of the service (server/rest.py).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def _bytes(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def upgrade() -> None:
    """Create a table, and put three columns of rooms into one."""
    op.create_table(
        "erasure",
        _bytes("org"),
        _bytes("room"),
        _bytes("record"),
        _bytes("key", null=True),
        _bytes("note"),
        sa.PrimaryKeyConstraint("org", "room"),
        sqlite_with_rowid=False,
    )
    op.add_column("room", _bytes("key", null=True))
    op.add_column("room", _bytes("eraser", null=True))
    op.execute("ALTER TABLE room RENAME COLUMN tally TO facts")
    names = ("org", "room", "facts", "acknowledge_hash", "feedback_hash")
    room = sa.table("room", *(sa.column(name, sa.LargeBinary()) for name in names))
    rows = op.get_bind().execute(sa.select(*(room.c[name] for name in names))).all()
    for org, room_id, tally, acknowledge, feedback in rows:
        here = (room.c.org == org) & (room.c.room == room_id)
        op.execute(room.update().where(here).values(facts=tally + acknowledge + feedback))
    op.drop_column("room", "acknowledge_hash")
    op.drop_column("room", "feedback_hash")
