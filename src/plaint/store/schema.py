"""The tables. Every row carries its organisation; keys that are random keep the order of arrival off the disk."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    text,
)

metadata = MetaData()


def _table(
    name: str, *parts: Column[object] | PrimaryKeyConstraint | UniqueConstraint | Index, wide: bool = False
) -> Table:
    # Without SQLite's row numbers a table is ordered by its key alone, and does not remember what came first. Rows of
    # several kilobytes would make such a tree slow, for it branches four times a page: they get random numbers.
    return Table(name, metadata, *parts, sqlite_with_rowid=wide)


def _bytes(name: str, *, null: bool = False) -> Column[object]:
    return Column(name, LargeBinary, nullable=null)


def _number(name: str, *, null: bool = False) -> Column[object]:
    return Column(name, BigInteger, nullable=null, autoincrement=False)


def _text(name: str, *, null: bool = False) -> Column[object]:
    return Column(name, String, nullable=null)


def _index(table: str, name: str, *, unique: bool = False) -> Index:
    # Most rooms have nothing in most of these columns, and what has nothing need not be found.
    there = text(f'"{name}" IS NOT NULL')
    return Index(f"{table}_{name}", "org", name, unique=unique, sqlite_where=there, postgresql_where=there)


organisation = _table(
    "organisation",
    _bytes("org"),
    _text("slug"),
    _number("logged", null=True),  # leaves of writes in the case log, so that a restore can count what it lost
    Column("turn", BigInteger, nullable=False, server_default="0"),  # grows when processes must look again
    _bytes("keystore", null=True),  # the name of the cells' key: which store of at-rest keys this database goes with
    PrimaryKeyConstraint("org"),
    UniqueConstraint("slug"),
)

directory_entry = _table(
    "directory_entry",
    _bytes("org"),
    _number("position"),
    _bytes("entry"),
    _number("dated", null=True),  # when a quorum first vouched for it
    PrimaryKeyConstraint("org", "position"),
)

person_name = _table(
    "person_name",
    _bytes("org"),
    _bytes("member"),
    _text("name"),
    _bytes("salt"),
    PrimaryKeyConstraint("org", "member"),
)

chart = _table(
    "chart",
    _bytes("org"),
    _bytes("digest"),
    _bytes("chart"),
    PrimaryKeyConstraint("org", "digest"),
)

batch = _table(
    "batch",
    _bytes("org"),
    _number("tick"),
    _number("at"),
    _bytes("leaves"),
    PrimaryKeyConstraint("org", "tick"),
)

checkpoint = _table(
    "checkpoint",
    _bytes("org"),
    _text("log"),  # cases or directory
    _number("size"),
    _bytes("note"),  # as the log signed it
    _bytes("early"),  # each cosigner's first signature line
    _bytes("late"),  # each cosigner's last
    _number("dated", null=True),  # when the early ones satisfied the quorum
    PrimaryKeyConstraint("org", "log", "size"),
)

alarm = _table(
    "alarm",
    _bytes("org"),
    _text("log"),
    _text("cosigner"),  # its name in the directory, and the id of its key
    _number("size"),  # of the checkpoint that it would not sign
    _number("at"),
    PrimaryKeyConstraint("org", "log", "cosigner"),
)

pending_leaf = _table(
    "pending_leaf",
    _bytes("org"),
    _bytes("leaf"),
    PrimaryKeyConstraint("org", "leaf"),
)

room = _table(
    "room",
    _bytes("org"),
    _bytes("room"),
    _text("channel"),
    _bytes("pack"),
    _number("roster"),
    _bytes("cap"),
    _number("entries"),
    _bytes("head"),
    _number("slots"),  # the entry that carries the current slot set
    _number("at"),
    _bytes("facts"),  # sealed: the tally key and the two hashes that lead to the log
    _bytes("subject", null=True),  # what proof of work was done for
    _bytes("locator", null=True),
    _bytes("only", null=True),  # the mark that lets one child room of a label exist
    _number("acknowledge", null=True),  # due, until it is met
    _number("feedback", null=True),
    _number("escalate", null=True),  # when the held slots move, unless the duty is met
    Column("escalated", Boolean, nullable=False),
    _bytes("key", null=True),  # the name of its at-rest key; none once the room is erased
    _bytes("eraser", null=True),  # who signed to erase it, under that key, while nothing was written after
    PrimaryKeyConstraint("org", "room"),
    _index("room", "subject", unique=True),
    _index("room", "locator", unique=True),
    _index("room", "only", unique=True),
    _index("room", "escalate"),
)

# Header, body, slot set and note rest sealed under the key of their room, each bound to its place.
entry = _table(
    "entry",
    _bytes("org"),
    _bytes("room"),
    _number("seq"),
    _bytes("header"),
    _bytes("body"),
    _bytes("slots", null=True),
    _bytes("note"),  # the state note that the first entry was answered with; of the others nothing is kept here
    PrimaryKeyConstraint("org", "room", "seq"),
    wide=True,
)

answer = _table(
    "answer",
    _bytes("org"),
    _bytes("room"),
    _number("seq"),
    _bytes("note"),  # what a later write was answered with, until the log holds its leaves
    PrimaryKeyConstraint("org", "room", "seq"),
)

waiting = _table(
    "waiting",
    _bytes("org"),
    _bytes("room"),
    _number("seq"),
    _bytes("owners"),  # member ‖ u16 position, for each slot of this set that has not entered a stream
    Column("kind", BigInteger, nullable=False, server_default="0"),  # 0 sent, 1 let go at a missed date, 2 left over
    PrimaryKeyConstraint("org", "room", "seq"),
)

cell = _table(
    "cell",
    _bytes("org"),
    _bytes("member"),
    _number("tick"),
    _number("place"),
    _bytes("slot"),  # sealed twice: under its room's key, and with that key's name under the key of all cells
    PrimaryKeyConstraint("org", "member", "tick", "place"),
)

erasure = _table(
    "erasure",
    _bytes("org"),
    _bytes("room"),
    _bytes("record"),  # the two entries that erased it, and the holder's slot
    _bytes("key", null=True),  # the name its at-rest key had
    _bytes("note"),  # what the last entry was answered with, until the log holds its leaf
    PrimaryKeyConstraint("org", "room"),
)

blob = _table(
    "blob",
    _bytes("org"),
    _bytes("blob"),
    _number("size"),
    _bytes("room", null=True),  # the room whose entry claimed it
    _number("since", null=True),  # start of a tick, until it is claimed
    PrimaryKeyConstraint("org", "blob"),
    _index("blob", "since"),
)

mail_address = _table(
    "mail_address",
    _bytes("org"),
    _bytes("member"),
    _text("address"),
    PrimaryKeyConstraint("org", "member"),
)

mailing = _table(
    "mailing",
    _bytes("org"),
    _number("at"),  # a fixed hour whose notices are in the outbox, or were
    PrimaryKeyConstraint("org", "at"),
)

outbox = _table(
    "outbox",
    _bytes("org"),
    _text("kind"),  # mail or hook
    _bytes("receiver"),  # a member, or nothing for the hook
    _number("at"),  # the mailing
    _number("tries"),
    _number("due"),  # when to try next
    _number("lease", null=True),  # until when one process has it in hand
    _bytes("holder", null=True),  # which process
    PrimaryKeyConstraint("org", "kind", "receiver", "at"),
)
