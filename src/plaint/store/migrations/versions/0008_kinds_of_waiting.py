"""Why slots of a set wait: only those that the sweep for missed dates let go count against what it may let go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add a column."""
    op.add_column("waiting", sa.Column("kind", sa.BigInteger(), nullable=False, server_default="0"))
