"""Organisations, their directory entries, and what is served beside them: names and charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from plaint.store.schema import chart, directory_entry, organisation, person_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def find_organisation(connection: Connection, slug: str) -> bytes | None:
    """Return the id of the organisation at `slug`."""
    found: bytes | None = connection.execute(select(organisation.c.org).where(organisation.c.slug == slug)).scalar()
    return found


def insert_organisation(connection: Connection, org: bytes, slug: str) -> None:
    """Add an organisation."""
    connection.execute(insert(organisation), {"org": org, "slug": slug})


def has_organisation(connection: Connection, org: bytes) -> bool:
    """Tell whether an organisation of this id is here under any slug."""
    return connection.execute(select(organisation.c.org).where(organisation.c.org == org)).first() is not None


def count_entries(connection: Connection, org: bytes) -> int:
    """Return how many entries a directory has."""
    query = select(func.count()).select_from(directory_entry).where(directory_entry.c.org == org)
    return int(connection.execute(query).scalar_one())


def list_entries(connection: Connection, org: bytes, start: int, end: int | None = None) -> list[bytes]:
    """Return directory entries from `start` on, up to `end`."""
    query = select(directory_entry.c.entry).where(directory_entry.c.org == org, directory_entry.c.position >= start)
    if end is not None:
        query = query.where(directory_entry.c.position < end)
    return list(connection.execute(query.order_by(directory_entry.c.position)).scalars())


def find_date(connection: Connection, org: bytes, position: int) -> int | None:
    """Return when a quorum first vouched for an entry."""
    query = select(directory_entry.c.dated).where(directory_entry.c.org == org, directory_entry.c.position == position)
    found: int | None = connection.execute(query).scalar()
    return found


def insert_entry(connection: Connection, org: bytes, position: int, entry: bytes) -> None:
    """Append an entry."""
    values = {"org": org, "position": position, "entry": entry, "dated": None}
    connection.execute(insert(directory_entry), values)


def list_names(connection: Connection, org: bytes) -> list[tuple[bytes, str, bytes]]:
    """Return (member, name, salt), sorted by member."""
    query = select(person_name.c.member, person_name.c.name, person_name.c.salt).where(person_name.c.org == org)
    return [(row[0], row[1], row[2]) for row in connection.execute(query.order_by(person_name.c.member))]


def replace_names(connection: Connection, org: bytes, names: Mapping[bytes, tuple[str, bytes]]) -> None:
    """Keep names with their salts."""
    for member, (name, salt) in names.items():
        connection.execute(delete(person_name).where(person_name.c.org == org, person_name.c.member == member))
        connection.execute(insert(person_name), {"org": org, "member": member, "name": name, "salt": salt})


def delete_name(connection: Connection, org: bytes, member: bytes) -> None:
    """Keep a member's name and salt no more."""
    connection.execute(delete(person_name).where(person_name.c.org == org, person_name.c.member == member))


def find_chart(connection: Connection, org: bytes, digest: bytes) -> bytes | None:
    """Return the exact bytes of a chart."""
    found: bytes | None = connection.execute(
        select(chart.c.chart).where(chart.c.org == org, chart.c.digest == digest)
    ).scalar()
    return found


def insert_chart(connection: Connection, org: bytes, digest: bytes, data: bytes) -> None:
    """Keep a chart under its digest."""
    if find_chart(connection, org, digest) is None:
        connection.execute(insert(chart), {"org": org, "digest": digest, "chart": data})
