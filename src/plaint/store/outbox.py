"""Where members want mail, and the notices of a mailing until they have left: one row for each receiver and mailing.

A row is taken under a lease, so that two processes never have it in hand together, and it is deleted once it is sent:
nothing remains of who was written to when. A newer mailing replaces whatever of an older one is still waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, or_, select, update

from plaint.store.inserts import Insert
from plaint.store.schema import mail_address, mailing, outbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

LEASE_S = 900
LONGEST_WAIT_S = 3_600
CLOCK_SLACK_S = 3_600
KEPT_MAILINGS = 64
_INSERT_MAILING = Insert(mailing, ignoring=True)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to send: `kind` says how, `receiver` to whom, `at` for which mailing; `tries` counts this one."""

    kind: str
    receiver: bytes
    at: int
    tries: int


def replace_address(connection: Connection, org: bytes, member: bytes, address: str | None) -> None:
    """Keep where a member wants mail, or nothing."""
    connection.execute(delete(mail_address).where(mail_address.c.org == org, mail_address.c.member == member))
    if address is not None:
        connection.execute(insert(mail_address), {"org": org, "member": member, "address": address})


def list_addresses(connection: Connection, org: bytes) -> dict[bytes, str]:
    """Return the address of every member who gave one."""
    query = select(mail_address.c.member, mail_address.c.address).where(mail_address.c.org == org)
    return {row[0]: row[1] for row in connection.execute(query)}


def lay_out(connection: Connection, org: bytes, at: int, receivers: Sequence[tuple[str, bytes]], *, now: int) -> bool:
    """Put a mailing into the outbox in the place of older ones; False when it was laid out before.

    Only so many mailings are remembered; one that is older than all of them counts as laid out.
    """
    query = select(mailing.c.at).where(mailing.c.org == org).order_by(mailing.c.at.desc()).limit(KEPT_MAILINGS)
    known = list(connection.execute(query).scalars())
    if at in known or (len(known) == KEPT_MAILINGS and at < known[-1]):
        return False
    if not _INSERT_MAILING(connection, (org, at)):  # another process's row is waited for and then decides
        return False
    if len(known) == KEPT_MAILINGS:
        connection.execute(delete(mailing).where(mailing.c.org == org, mailing.c.at <= known[-1]))
    connection.execute(delete(outbox).where(outbox.c.org == org))
    rows = [
        {"org": org, "kind": kind, "receiver": receiver, "at": at, "tries": 0, "due": now}
        for kind, receiver in receivers
    ]
    if rows:
        connection.execute(insert(outbox), rows)
    return True


def has_due(connection: Connection, org: bytes, *, now: int) -> bool:
    """Tell whether there is a notice to take."""
    query = select(outbox.c.at).where(outbox.c.org == org, _is_due(now), _is_free(now)).limit(1)
    return connection.execute(query).first() is not None


def claim(connection: Connection, org: bytes, holder: bytes, *, now: int, limit: int) -> list[Notice]:
    """Take up to `limit` notices that are due and in nobody's hand."""
    free = and_(outbox.c.org == org, _is_due(now), _is_free(now))
    query = select(outbox.c.kind, outbox.c.receiver, outbox.c.at, outbox.c.tries).where(free).limit(limit)
    taken: list[Notice] = []
    for row in connection.execute(query).all():
        notice = Notice(row[0], row[1], row[2], row[3] + 1)
        values = {"lease": now + LEASE_S, "holder": holder, "tries": notice.tries}
        # Asked again in the update: on PostgreSQL another process may have taken the row since it was read.
        if connection.execute(update(outbox).where(_is(org, notice), free).values(values)).rowcount:
            taken.append(notice)
    return taken


def finish(connection: Connection, org: bytes, holder: bytes, notice: Notice) -> None:
    """Forget a notice that was sent, or never will be."""
    connection.execute(delete(outbox).where(_is(org, notice), outbox.c.holder == holder))


def postpone(connection: Connection, org: bytes, holder: bytes, notice: Notice, *, until: int) -> None:
    """Lay a notice back, to be tried again at `until`."""
    here = and_(_is(org, notice), outbox.c.holder == holder)
    connection.execute(update(outbox).where(here).values({"lease": None, "holder": None, "due": until}))


def release(connection: Connection, org: bytes, holder: bytes) -> None:
    """Lay back everything that a process which stops has in hand."""
    here = and_(outbox.c.org == org, outbox.c.holder == holder)
    connection.execute(update(outbox).where(here).values({"lease": None, "holder": None}))


def _is(org: bytes, notice: Notice) -> ColumnElement[bool]:
    key: Mapping[str, object] = {"org": org, "kind": notice.kind, "receiver": notice.receiver, "at": notice.at}
    return and_(*(outbox.c[name] == value for name, value in key.items()))


# A clock that was set back leaves times that nobody can have meant; they count as past.
def _is_due(now: int) -> ColumnElement[bool]:
    return or_(outbox.c.due <= now, outbox.c.due > now + LONGEST_WAIT_S + CLOCK_SLACK_S)


def _is_free(now: int) -> ColumnElement[bool]:
    lease = outbox.c.lease
    return or_(lease.is_(None), lease <= now, lease > now + LEASE_S + CLOCK_SLACK_S)
