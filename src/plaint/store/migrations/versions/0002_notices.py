"""Where members want mail, which mailings were laid out, and what of them still has to leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _bytes(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=null, autoincrement=False)


def _create(name: str, key: tuple[str, ...], *parts: sa.Column[object]) -> None:
    op.create_table(name, _bytes("org"), *parts, sa.PrimaryKeyConstraint("org", *key), sqlite_with_rowid=False)


def upgrade() -> None:
    """Create three tables."""
    _create("mail_address", ("member",), _bytes("member"), sa.Column("address", sa.String(), nullable=False))
    _create("mailing", ("at",), _number("at"))
    _create(
        "outbox",
        ("kind", "receiver", "at"),
        sa.Column("kind", sa.String(), nullable=False),
        _bytes("receiver"),
        _number("at"),
        _number("tries"),
        _number("due"),
        _number("lease", null=True),
        _bytes("holder", null=True),
    )
