"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _bytes(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=null, autoincrement=False)


def _text(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(), nullable=null)


def _create(name: str, key: tuple[str, ...], *parts: sa.Column[object] | sa.UniqueConstraint) -> None:
    op.create_table(name, _bytes("org"), *parts, sa.PrimaryKeyConstraint("org", *key), sqlite_with_rowid=False)


def upgrade() -> None:
    """Create everything."""
    _create("organisation", (), _text("slug"), sa.UniqueConstraint("slug"))
    _create(
        "directory_entry",
        ("position",),
        _number("position"),
        _bytes("entry"),
        _number("dated", null=True),
    )
    _create("person_name", ("member",), _bytes("member"), _text("name"), _bytes("salt"))
    _create("chart", ("digest",), _bytes("digest"), _bytes("chart"))
    _create("batch", ("tick",), _number("tick"), _number("at"), _bytes("leaves"))
    _create(
        "checkpoint",
        ("log", "size"),
        _text("log"),
        _number("size"),
        _bytes("note"),
        _bytes("early"),
        _bytes("late"),
        _number("dated", null=True),
    )
    _create("pending_leaf", ("leaf",), _bytes("leaf"))
    _create_rooms()
    _create("cell", ("member", "tick", "place"), _bytes("member"), _number("tick"), _number("place"), _bytes("slot"))
    _create(
        "blob",
        ("blob",),
        _bytes("blob"),
        _number("size"),
        _bytes("room", null=True),
        _number("since", null=True),
    )
    op.create_index("blob_since", "blob", ["org", "since"])


def _create_rooms() -> None:
    _create(
        "room",
        ("room",),
        _bytes("room"),
        _text("channel"),
        _bytes("pack"),
        _number("roster"),
        _bytes("cap"),
        _number("epoch"),
        _number("entries"),
        _bytes("head"),
        _number("slots"),
        _number("at"),
        _bytes("tally"),
        _bytes("subject", null=True),
        _bytes("locator", null=True),
        _bytes("only", null=True),
        _number("acknowledge", null=True),
        _number("feedback", null=True),
        _bytes("acknowledge_hash"),
        _bytes("feedback_hash"),
        _number("escalate", null=True),
        sa.Column("escalated", sa.Boolean(), nullable=False),
    )
    for column in ("subject", "locator", "only"):
        op.create_index(f"room_{column}", "room", ["org", column], unique=True)
    op.create_index("room_escalate", "room", ["org", "escalate"])
    _create(
        "entry",
        ("room", "seq"),
        _bytes("room"),
        _number("seq"),
        _bytes("header"),
        _bytes("body"),
        _bytes("slots", null=True),
        _bytes("note"),
    )
    _create("waiting", ("room", "seq"), _bytes("room"), _number("seq"), _bytes("owners"))
