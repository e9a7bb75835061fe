"""INSERTs that run once for every report: their text is made once, because composing it costs more than running it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from plaint.crypto.hashes import random_bytes
from plaint.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Table

NUMBER_BYTES = 8


class Insert:
    """Adds rows whose values stand in the order of the table's columns."""

    def __init__(self, table: Table, *, ignoring: bool = False) -> None:
        """Prepare the statement; `ignoring` leaves out rows that would break a unique key."""
        self._table = table.name
        self._names = [column.name for column in table.columns]
        self._numbered: bool = table.dialect_options["sqlite"]["with_rowid"]
        self._end = " ON CONFLICT DO NOTHING" if ignoring else ""
        self._texts: dict[tuple[str, int], str] = {}

    def __call__(self, connection: Connection, *rows: Sequence[object]) -> int:
        """Add `rows` and return how many were not left out. Raises: UnavailableError "database"."""
        # Straight to the driver, inside the transaction that SQLAlchemy began: a third of the cost.
        cursor, dialect = connection.connection.cursor(), connection.dialect
        if self._numbered and dialect.name == "sqlite":
            rows = tuple((_draw_number(), *row) for row in rows)
        try:
            cursor.execute(self._compose(dialect.name, len(rows)), tuple(chain.from_iterable(rows)))
            return int(cursor.rowcount)
        except dialect.loaded_dbapi.Error as error:
            raise UnavailableError("database") from error
        finally:
            cursor.close()

    def _compose(self, dialect: str, count: int) -> str:
        text = self._texts.get((dialect, count))
        if text is None:
            sqlite = dialect == "sqlite"
            names = ["rowid", *self._names] if sqlite and self._numbered else self._names
            columns = ", ".join(f'"{name}"' for name in names)
            row = f"({', '.join(['?' if sqlite else '%s'] * len(names))})"
            text = f'INSERT INTO "{self._table}" ({columns}) VALUES {", ".join([row] * count)}{self._end}'  # noqa: S608 -- names of the schema
            self._texts[dialect, count] = text
        return text


def _draw_number() -> int:
    """Return a row number: SQLite's own would count the rows in the order in which they came."""
    return int.from_bytes(random_bytes(NUMBER_BYTES), "big", signed=True)
