"""Making, reviewing and signing directory entries on the devices of those who sign them (spec/directory.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from plaint.client.http import Api
from plaint.client.law.shipped import DEFAULT, check_law, load_pack
from plaint.client.rotation import make_rotation
from plaint.encoding.json import parse_json
from plaint.errors import MalformedError, VerificationError
from plaint.protocol.chart import Chart, compute_chart_digest, link_members
from plaint.protocol.directory import LIMIT_ENTRY_BYTES, Entry, compute_org
from plaint.protocol.directory_contents import Channel, ChartDigest, Clock, Content, Genesis, Member
from plaint.protocol.directory_state import DirectoryState, MemberState, check_whole
from plaint.protocol.draft import (
    Draft,
    Name,
    encode_draft,
    parse_names,
    place_draft,
    select_names,
    sign_draft,
)
from plaint.protocol.fold import fold_directory
from plaint.protocol.keys import MemberKeys, compute_member_keys
from plaint.protocol.note import VerifierKey
from plaint.protocol.packs import Pack, compute_pack_digest
from plaint.protocol.request import Request, compute_name_hash

LIMIT_DIRECTORY_BYTES = 1024 * LIMIT_ENTRY_BYTES
LIMIT_NAMES_BYTES = 4 * 1024 * 1024
DEFAULT_CLOCK = Clock(tick=600, batch=16, cells=2, grace=6, window=86_400, work_bits=20, delay=259_200)
DEFAULT_CHANNEL = "reports"
DEFAULT_CHANNEL_ROLES = ("case-manager", "intake-handler")


def make_member(request: Request, roles: Iterable[str]) -> Member:
    """Return the directory's record of who sent `request`."""
    name = compute_name_hash(request.salt, request.name)
    keys = (request.age, request.author, request.sign)
    return Member(request.id, name, *keys, tuple(sorted(set(roles))), request.pop)


def draft_genesis(
    org_name: str,
    founders: Sequence[tuple[Request, Sequence[str]]],
    *,
    clock: Clock = DEFAULT_CLOCK,
    pack: Pack | None = None,
    channel_roles: Sequence[str] = DEFAULT_CHANNEL_ROLES,
    demo: bool = False,
    upstream: VerifierKey | None = None,
) -> Draft:
    """Return the draft of a new organisation with one channel.

    Raises: VerificationError "directory-founders", "directory-channel" when nobody could change the directory, or
            nobody would receive reports; "directory-member" for one person twice.
    """
    members = sorted((make_member(request, roles) for request, roles in founders), key=lambda m: m.id)
    if len({member.id for member in members}) != len(members):
        raise VerificationError("directory-member")
    pack = pack or load_pack(DEFAULT)
    channel = Channel(DEFAULT_CHANNEL, "Reports", tuple(sorted(set(channel_roles))), compute_pack_digest(pack))
    genesis = Genesis(org_name, tuple(members), (channel,), (pack,), clock, demo, upstream)
    check_whole(_imagine(genesis))
    names = {request.id: Name(request.name, request.salt) for request, _ in founders}
    entry = Entry(0, genesis)
    return Draft(genesis, names, None, compute_org(entry), entry)


def draft_member(request: Request, roles: Iterable[str]) -> Draft:
    """Return the draft that adds a member, gives one other roles, or takes one back."""
    return Draft(make_member(request, roles), {request.id: Name(request.name, request.salt)})


def draft_chart(chart: Chart) -> Draft:
    """Return the draft that logs a chart."""
    return Draft(_digest(chart), {}, chart)


def draft_content(content: Content) -> Draft:
    """Return the draft of an entry that needs neither names nor chart."""
    return Draft(content, {})


def fetch_directory(api: Api) -> tuple[DirectoryState, dict[bytes, str]]:
    """Return the directory as it is now, including what no checkpoint covers yet, and the confirmed names.

    Every signature is verified; whether everybody sees the same directory is the business of the checkpoints.
    Raises: those of `fold_directory`; UnavailableError.
    """
    data, _ = api.get("directory", params={"from": "0"}, limit_bytes=LIMIT_DIRECTORY_BYTES)
    state = fold_directory(line for line in data.split(b"\n") if line)
    names, _ = api.get("names", limit_bytes=LIMIT_NAMES_BYTES)
    found = parse_names(parse_json(names, limit_bytes=LIMIT_NAMES_BYTES))
    return state, select_names(found, {id_: m.member for id_, m in state.members.items()})


def place_next(draft: Draft, state: DirectoryState, names: Mapping[bytes, str]) -> Draft:
    """Return the draft as the next entry of a directory, its chart linked to members by name, without signatures."""
    if draft.chart is not None:
        chart = link_members(draft.chart, names)
        draft = replace(draft, chart=chart, content=_digest(chart))
    return place_draft(draft, org=state.org, index=state.size)


def draft_rotation(state: DirectoryState, *, old: bytes, new: bytes) -> Draft:
    """Return the draft, placed and signed with the old key, by which a member takes new words; both are entropy.

    Raises: those of `make_rotation`.
    """
    content = make_rotation(state, old=old, new=new)
    draft = place_draft(Draft(content, {}), org=state.org, index=state.size)
    return sign_draft(draft, content.id, compute_member_keys(old).sign)


def sign_as_member(draft: Draft, keys: MemberKeys) -> Draft:
    """Return the draft with the signature of the owner of `keys`; nobody signs deadlines below the law they name.

    Raises: MalformedError "draft-place"; VerificationError "directory-signer" when genesis does not list them;
            RefusedError "pack-unknown", "pack-loose".
    """
    for pack in _list_packs(draft):
        check_law(pack)
    if isinstance(draft.content, Genesis) and keys.id not in draft.names:
        raise VerificationError("directory-signer")
    return sign_draft(draft, keys.id, keys.sign)


def find_packs(state: DirectoryState) -> list[Pack]:
    """Return the deadlines that a directory has, then those that wait in it."""
    return [*state.packs.values(), *(e.content for e in state.pending if isinstance(e.content, Pack))]


def _list_packs(draft: Draft) -> tuple[Pack, ...]:
    match draft.content:
        case Genesis(packs=packs):
            return packs
        case Pack() as pack:
            return (pack,)
        case _:
            return ()


def submit_draft(api: Api, draft: Draft) -> int:
    """Send a signed draft and return the index it got.

    Raises: MalformedError "draft-place", "draft-genesis"; what the server answers.
    """
    if draft.entry is None:
        raise MalformedError("draft-place")
    if isinstance(draft.content, Genesis):
        raise MalformedError("draft-genesis")
    answer = api.send("POST", "directory", encode_draft(draft), headers={"content-type": "application/json"})
    value = parse_json(answer, limit_bytes=4096)
    if not isinstance(value, dict) or value.get("index") != draft.entry.index:
        raise VerificationError("directory-index")
    return draft.entry.index


def _digest(chart: Chart) -> ChartDigest:
    return ChartDigest(compute_chart_digest(chart), len(chart.people))


def _imagine(genesis: Genesis) -> DirectoryState:
    """Return the state that `genesis` will make once everybody has signed."""
    return DirectoryState(
        size=1,
        org=b"",
        name=genesis.name,
        members={member.id: MemberState(member) for member in genesis.members},
        channels={channel.id: channel for channel in genesis.channels},
        packs={compute_pack_digest(pack): pack for pack in genesis.packs},
        clock=genesis.clock,
    )
