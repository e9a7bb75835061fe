"""INSERTs that run once for every report: their text is made once, because composing it costs more than running it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plaint.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Table


class Insert:
    """Adds rows whose values stand in the order of the table's columns."""

    def __init__(self, table: Table, *, ignoring: bool = False) -> None:
        """Prepare the statement; `ignoring` leaves out rows that would break a unique key."""
        names = [column.name for column in table.columns]
        columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join(["%s"] * len(names))
        end = " ON CONFLICT DO NOTHING" if ignoring else ""
        text = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks}){end}'  # noqa: S608 -- names of the schema
        self._texts = {"qmark": text.replace("%s", "?"), "pyformat": text}

    def __call__(self, connection: Connection, row: Sequence[object]) -> bool:
        """Add `row` and tell whether it was not left out. Raises: UnavailableError "database"."""
        # Straight to the driver, inside the transaction that SQLAlchemy began: a third of the cost.
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._texts[connection.dialect.paramstyle], tuple(row))
            return bool(cursor.rowcount)
        except connection.dialect.loaded_dbapi.Error as error:
            raise UnavailableError("database") from error
        finally:
            cursor.close()
