"""INSERTs that run once for every report: their text is made once, because composing it costs more than running it."""

from __future__ import annotations

from itertools import chain
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
        self._start = f'INSERT INTO "{table.name}" ({columns}) VALUES '  # noqa: S608 -- names of the schema
        self._row = f"({marks})"
        self._end = " ON CONFLICT DO NOTHING" if ignoring else ""
        self._texts: dict[tuple[str, int], str] = {}

    def __call__(self, connection: Connection, *rows: Sequence[object]) -> int:
        """Add `rows` and return how many were not left out. Raises: UnavailableError "database"."""
        # Straight to the driver, inside the transaction that SQLAlchemy began: a third of the cost.
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._compose(connection.dialect.paramstyle, len(rows)), tuple(chain.from_iterable(rows)))
            return int(cursor.rowcount)
        except connection.dialect.loaded_dbapi.Error as error:
            raise UnavailableError("database") from error
        finally:
            cursor.close()

    def _compose(self, style: str, count: int) -> str:
        text = self._texts.get((style, count))
        if text is None:
            text = self._start + ", ".join([self._row] * count) + self._end
            text = self._texts[style, count] = text.replace("%s", "?") if style == "qmark" else text
        return text
