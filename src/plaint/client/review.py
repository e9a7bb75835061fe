"""What somebody who signs a draft agrees to, line by line, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plaint.client.law.sites import list_unknown
from plaint.errors import RefusedError
from plaint.protocol.calendars import Calendar
from plaint.protocol.chart import Chart
from plaint.protocol.directory_contents import Channel, ChartDigest, Clock, Content, Genesis, Leave, Member, Suspend
from plaint.protocol.directory_keys import Compromised, ReceiptKey, Rotate
from plaint.protocol.directory_server import Cosigners, Succession, Upstream
from plaint.protocol.draft import Draft, get_draft_members
from plaint.protocol.keys import compute_member_check_words
from plaint.protocol.note import VerifierKey, encode_vkey
from plaint.protocol.packs import Pack
from plaint.protocol.release import Release


def review_draft(draft: Draft, names: Mapping[bytes, str] | None = None) -> list[str]:
    """Return, line by line, what somebody who signs agrees to.

    `names` are those of members who stand in the directory already.
    """
    known = {**(names or {}), **{member: name.name for member, name in draft.names.items()}}
    lines = _review_content(draft, known)
    for member in get_draft_members(draft.content):
        words = compute_member_check_words(member.age, member.author, member.sign)
        lines += [
            f"  {known.get(member.id, 'a member whose name was erased')}: {', '.join(member.roles)}",
            f"    id {member.id.hex()}",
            f"    check words, to compare by telephone: {words}",
        ]
    if draft.entry is None:
        return [*lines, "No place in a directory yet: it gets one when first signed."]
    signed = [known.get(s.id, s.id.hex()) for s in draft.entry.by]
    return [*lines, f"Entry {draft.entry.index}, signed by: {', '.join(signed) or 'nobody yet'}"]


def _review_content(draft: Draft, names: Mapping[bytes, str]) -> list[str]:  # noqa: PLR0911 -- one for each type
    match draft.content:
        case Genesis() as genesis:
            return [
                f"A new organisation, {genesis.name}, with {len(genesis.members)} founders.",
                *_review_channels(genesis.channels),
                *(line for pack in genesis.packs for line in _review_pack(pack)),
                _review_clock(genesis.clock),
                *([f"Releases are signed by {encode_vkey(genesis.upstream)}"] if genesis.upstream else []),
            ]
        case Member():
            return ["One member is added, or has these roles from now on:"]
        case Channel() as channel:
            return _review_channels((channel,))
        case ChartDigest() as chart:
            return [f"A chart of {chart.people} people.", *_review_chart(draft.chart, names)]
        case Clock() as clock:
            return [_review_clock(clock)]
        case Pack() as pack:
            return _review_pack(pack)
        case Leave(id=member):
            return [f"{names.get(member, member.hex())} leaves, at once."]
        case Suspend(id=member):
            return [f"{names.get(member, member.hex())} is suspended, at once."]
        case Rotate(id=member) as rotate:
            return _review_rotation(rotate, names.get(member, member.hex()))
        case Compromised(id=bytes() as member):
            return [f"The keys of {names.get(member, member.hex())} are void, at once, and never come back."]
        case _:
            return _review_server(draft.content)


def _review_server(content: Content) -> list[str]:  # noqa: PLR0911 -- one for each type
    match content:
        case Cosigners() as value:
            listed = [f"  {c.name}: {c.url}" for c in value.cosigners]
            return [f"{len(listed)} cosigners, of whom {value.quorum} must sign for a date to count.", *listed]
        case Upstream(key=key):
            return [f"Releases of the client count when this key signed them: {encode_vkey(key)}"]
        case Release() as release:
            return [f"The client is release {release.version}, manifest {release.manifest.hex()}, at once."]
        case ReceiptKey(key=key):
            return [f"State notes and receipts are signed by {encode_vkey(key)}"]
        case Compromised(receipts=VerifierKey() as key):
            return [f"Notes signed by {encode_vkey(key)} count only when what they promise is logged before this."]
        case Succession() as succession:
            return _review_succession(succession)
        case _:
            return ["An entry that only the server makes."]


def _review_rotation(rotate: Rotate, name: str) -> list[str]:
    words = compute_member_check_words(rotate.age, rotate.author, rotate.sign)
    return [
        f"{name} has other keys from then on, made on their own device:",
        f"    id {rotate.id.hex()}",
        f"    check words, to compare by telephone: {words}",
    ]


def _review_succession(succession: Succession) -> list[str]:
    finals = (("case log", succession.cases), ("directory", succession.directory))
    return [
        "The logs cannot go on from where they were; others take their place, under new keys of the server.",
        *(f"  the {name} stopped at {final.size} entries, root {final.root.hex()}" for name, final in finals),
        f"  new origin {succession.origin.origin}",
        "Whoever holds a receipt keeps the old trust file for it. What was logged beyond what is here is lost.",
    ]


def _review_channels(channels: Iterable[Channel]) -> list[str]:
    return [
        f"Reports to “{channel.title}” go to everybody who is {' or '.join(channel.roles)}." for channel in channels
    ]


def _review_pack(pack: Pack) -> list[str]:
    lines = [f"Deadlines {pack.id}, version {pack.version}: {pack.title}. They keep {pack.base}:"]
    for duty in pack.duties:
        checked = f"compared on {duty.checked_on}" if duty.checked_on else "not compared with the law yet"
        lines.append(f"  {duty.kind}: {duty.count} {duty.unit.replace('_', ' ')} from {duty.start} ({checked})")
        lines.append(f"    {duty.source}")
    if pack.calendar is not None:
        found = pack.calendar
        lines.append(f"  holidays of {found.site}, {found.first} to {found.last}: {len(found.holidays)} days")
        lines += [f"    free here, and not known to this program: {day}" for day in _list_unknown(found)]
    return lines


def _list_unknown(calendar: Calendar) -> list[str]:
    try:
        return [day.isoformat() for day in list_unknown(calendar)]
    except RefusedError:
        return ["this site, or some of these years"]


def _review_clock(clock: Clock) -> str:
    return f"The log grows every {clock.tick} seconds; changes of the directory wait {clock.delay} seconds."


def _review_chart(chart: Chart | None, names: Mapping[bytes, str]) -> list[str]:
    if chart is None:
        return []
    linked = [p for p in chart.people.values() if p.member is not None]
    lines = [f"  {p.name} ({p.id}) is member {names.get(p.member or b'', (p.member or b'').hex())}" for p in linked]
    missing = sorted(name for member, name in names.items() if member not in {p.member for p in linked})
    return [*lines, *(f"  {name}, a member, is not in the chart" for name in missing)]
