"""A number that grows when something changes that every process remembers, so that several follow each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add a column."""
    op.add_column("organisation", sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"))
