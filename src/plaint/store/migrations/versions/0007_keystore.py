"""Which store of at-rest keys an organisation's rows rest under, so that no server takes another one for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add a column."""
    op.add_column("organisation", sa.Column("keystore", sa.LargeBinary(), nullable=True))
