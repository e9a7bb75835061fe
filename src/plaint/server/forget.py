"""Erases a member's name: name and salt go, the log keeps a hash that says nothing without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plaint.encoding.json import parse_json
from plaint.protocol.chart import LIMIT_CHART_BYTES, Chart, parse_chart_value
from plaint.server.keys import read_keys
from plaint.server.maintain import open_database
from plaint.server.organisation import fold_states
from plaint.store import directory as directory_store

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from plaint.server.config import Config


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Whether a name was served, and the ids of people in the chart of now who still carry it or are linked to it."""

    found: bool
    chart: tuple[str, ...]


async def forget_name(config: Config, slug: str, member: bytes) -> Forgotten:
    """Delete the name and the salt of `member`; a running server serves them no more at once.

    Raises: those of `read_keys`, `fold_states`.
    """
    org = read_keys(config.keys_path(slug)).org
    async with open_database(config) as database:
        names = await database.read(lambda c: directory_store.list_names(c, org))
        name = next((text for id_, text, _ in names if id_ == member), None)
        chart = await database.read(lambda c: _read_chart(c, org))
        await database.write(lambda c: directory_store.delete_name(c, org, member))
    return Forgotten(name is not None, () if chart is None else _find_people(chart, member, name))


def _read_chart(connection: Connection, org: bytes) -> Chart | None:
    state = fold_states(directory_store.list_entries(connection, org, 0), org)[-1]
    data = None if state.chart is None else directory_store.find_chart(connection, org, state.chart.digest)
    return None if data is None else parse_chart_value(parse_json(data, limit_bytes=LIMIT_CHART_BYTES))


def _find_people(chart: Chart, member: bytes, name: str | None) -> tuple[str, ...]:
    return tuple(p.id for p in chart.people.values() if p.member == member or (name is not None and p.name == name))
