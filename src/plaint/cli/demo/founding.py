"""How the invented organisation comes about: eight members' words, genesis, chart and cosigners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from plaint.cli.demo.folder import Folder
from plaint.cli.demo.house import CosignerPlace
from plaint.cli.demo.mail import DOMAIN
from plaint.cli.demo.story import CHANNEL_ROLES, ORGANISATION, SLUG, load_members, load_ways, read_chart
from plaint.client.connection import Connection
from plaint.client.desk import sign_in
from plaint.client.drafts import (
    DEFAULT_CHANNEL,
    draft_chart,
    draft_content,
    draft_genesis,
    fetch_directory,
    place_next,
    sign_as_member,
    submit_draft,
)
from plaint.client.files import make_private_directory
from plaint.client.http import Api
from plaint.client.law.shipped import DEFAULT, load_pack, make_pack
from plaint.client.law.sites import make_calendar
from plaint.client.mail import set_mail_address
from plaint.client.words_file import create_words
from plaint.cosigner.identity import load_identity
from plaint.protocol.chart import parse_chart_csv
from plaint.protocol.directory_contents import Channel, Clock
from plaint.protocol.directory_server import Cosigner, Cosigners
from plaint.protocol.draft import Draft, encode_draft
from plaint.protocol.keys import MemberKeys, compute_member_keys
from plaint.protocol.packs import compute_pack_digest
from plaint.protocol.request import make_request
from plaint.server.config import Config
from plaint.server.create import create_organisation
from plaint.server.keys import ServerKeys

FIRST_WAY = "Work at Orvane Group"
CLOCK = Clock(tick=2, batch=16, cells=2, grace=6, window=86_400, work_bits=10, delay=600)


async def found_organisation(folder: Folder) -> ServerKeys:
    """Make all members' words, let them sign the genesis, and create the organisation."""
    make_private_directory(folder.path)
    make_private_directory(folder.members)
    make_private_directory(folder.reporters)
    founders, keys = [], []
    for member in load_members():
        own = compute_member_keys(create_words(folder.words(member.name)).entropy)
        founders.append((make_request(own, member.name), member.roles))
        keys.append(own)
    draft = draft_genesis(ORGANISATION, founders, clock=CLOCK, channel_roles=CHANNEL_ROLES, demo=True)
    for own in keys:
        draft = sign_as_member(draft, own)
    return await create_organisation(Config(folder.server), SLUG, encode_draft(draft))


def complete_directory(api: Api, folder: Folder, places: Sequence[CosignerPlace], *, today: date) -> None:
    """Log the chart, the cosigners and the further ways, signed by the administrator and an independent member."""
    signers = [folder.keys(member.name) for member in load_members() if "administrator" in member.roles]
    signers += [folder.keys(member.name) for member in load_members() if "independent" in member.roles][:1]
    for draft in (_make_chart(), _make_cosigners(places), *_make_ways(today)):
        _submit(api, draft, signers)


def tell_addresses(connection: Connection, folder: Folder) -> None:
    """Let every member say where mail goes."""
    for member in load_members():
        set_mail_address(sign_in(connection, folder.keys(member.name)).session, f"{member.file}@{DOMAIN}")


def _submit(api: Api, draft: Draft, signers: Sequence[MemberKeys]) -> None:
    draft = place_next(draft, *fetch_directory(api))
    for keys in signers:
        draft = sign_as_member(draft, keys)
    submit_draft(api, draft)


def _make_ways(today: date) -> Iterator[Draft]:
    """Give the first channel a name that tells it from the others, and make those."""
    roles = tuple(sorted(CHANNEL_ROLES))
    yield draft_content(Channel(DEFAULT_CHANNEL, FIRST_WAY, roles, compute_pack_digest(load_pack(DEFAULT))))
    for way in load_ways():
        calendar = make_calendar(way.site, way.zone, today=today) if way.site and way.zone else None
        pack = make_pack(way.law, id_=way.id, title=way.title, calendar=calendar, counts=way.counts)
        yield draft_content(pack)
        yield draft_content(Channel(way.id, way.title, roles, compute_pack_digest(pack)))


def _make_chart() -> Draft:
    return draft_chart(parse_chart_csv(read_chart().decode("utf-8")))


def _make_cosigners(places: Sequence[CosignerPlace]) -> Draft:
    found = [Cosigner(place.name, load_identity(place.folder).verifier_key, place.url) for place in places]
    return draft_content(Cosigners(tuple(found), quorum=len(found)))
