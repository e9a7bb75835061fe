from __future__ import annotations

import asyncio
from functools import partial

import httpx
import pytest

from plaint.protocol.cells import CELL_BYTES
from plaint.protocol.directory_contents import Suspend
from plaint.protocol.session import sign_session
from plaint.server.members.routes import follow_ticks
from plaint.store import rooms
from plaint.store.erasures import ErasureRow
from plaint.store.rest import RestKey
from tests.support.directory_world import find_id, make_keys
from tests.support.sealed import get_code
from tests.support.world import World


def ask(world: World) -> bytes:
    return bytes.fromhex(world.client.get("session").json()["challenge"])


def begin(world: World, challenge: bytes, *, signer: str = "ben", member: str = "ben") -> httpx.Response:
    org = world.services.organisation.org
    sig = sign_session(make_keys(signer).sign, org=org, member=find_id(member), challenge=challenge)
    body = {"challenge": challenge.hex(), "member": find_id(member).hex(), "sig": sig.hex()}
    return world.client.post("session", json=body)


def test_a_signed_challenge_begins_a_session(world: World) -> None:
    answer = begin(world, ask(world))
    assert answer.status_code == 200
    headers = {"plaint-session": answer.json()["token"]}
    assert world.client.get("stream", headers=headers).status_code == 200


def test_whatever_is_wrong_has_one_answer(world: World) -> None:
    challenge = ask(world)
    forged = bytes([challenge[0] ^ 1]) + challenge[1:]
    assert get_code(begin(world, challenge, signer="cai"), 403) == "session"
    assert get_code(begin(world, challenge, signer="zoe", member="zoe"), 403) == "session"
    assert get_code(begin(world, forged), 403) == "session"
    world.now += 301
    assert get_code(begin(world, challenge), 403) == "session"


@pytest.mark.parametrize("token", [None, "", "00", "zz" * 40, "00" * 40, "00" * 500])
def test_without_a_session_there_is_no_stream(world: World, token: str | None) -> None:
    headers = {} if token is None else {"plaint-session": token}
    assert get_code(world.client.get("stream", headers=headers), 403) == "session"


def test_a_session_lasts_an_hour(world: World) -> None:
    headers = {"plaint-session": world.session("ben")}
    world.now += 3_599
    assert world.client.get("stream", headers=headers).status_code == 200
    world.now += 2
    assert get_code(world.client.get("stream", headers=headers), 403) == "session"


def test_a_challenge_is_no_token(world: World) -> None:
    headers = {"plaint-session": world.client.get("session").json()["challenge"]}
    assert get_code(world.client.get("stream", headers=headers), 403) == "session"


def test_a_suspended_member_is_out_at_once(world: World) -> None:
    headers = {"plaint-session": world.session("ben")}
    world.submit(Suspend(find_id("ben")), "ada")
    assert get_code(world.client.get("stream", headers=headers), 403) == "session"
    assert get_code(begin(world, ask(world)), 403) == "session"


def test_a_stream_has_exactly_its_length(world: World) -> None:
    headers = {"plaint-session": world.session("ben")}
    world.tick(6)
    now = world.services.organisation.tick
    for start in (0, 3, now, now + 5):
        answer = world.client.get("stream", params={"from": str(start)}, headers=headers)
        assert answer.headers["plaint-tick"] == str(now)
        assert len(answer.content) == 2 * max(0, now - start) * CELL_BYTES


def test_a_stream_is_the_same_whenever_it_is_read(any_world: World) -> None:
    world = any_world
    world.report("Something happened.")
    world.tick(8)
    headers = {"plaint-session": world.session("ben")}
    whole = world.client.get("stream", headers=headers).content
    assert world.client.get("stream", headers=headers).content == whole
    tail = world.client.get("stream", params={"from": "4"}, headers=headers).content
    assert whole.endswith(tail)
    cells = [whole[at : at + CELL_BYTES] for at in range(0, len(whole), CELL_BYTES)]
    assert len(set(cells)) == len(cells)
    assert len({cell[:22] for cell in cells}) == 1


def test_events_tell_the_tick_number_and_nothing_else(world: World) -> None:
    token, services = world.session("ben"), world.services

    async def run() -> list[bytes]:
        events = follow_ticks(world.deployment, services, token)
        seen = [await anext(events)]
        for _ in range(2):
            coming = asyncio.ensure_future(anext(events))
            await asyncio.sleep(0)
            await world.deployment.run_tick(world.slug)
            seen.append(await coming)
        world.now += 3_700
        coming = asyncio.ensure_future(anext(events, b"end"))
        await asyncio.sleep(0)
        await world.deployment.run_tick(world.slug)
        return [*seen, await coming]

    number = world.services.organisation.tick
    assert world.loop.run(run()) == [b":\n\n", b"data: %d\n\n" % (number + 1), b"data: %d\n\n" % (number + 2), b"end"]
    assert get_code(world.client.get("events"), 403) == "session"


def test_a_stream_is_the_same_while_a_room_is_erased(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = any_world
    _, sent = world.report("To be erased.")
    world.tick(12)
    services, headers = world.services, {"plaint-session": world.session("ben")}
    before = world.client.get("stream", headers=headers).content
    rest, room, org = services.organisation.rest, sent.state.room, services.organisation.org
    name = world.loop.run(world.database.read(lambda c: rooms.find_key_id(c, org, room)))
    row, find = ErasureRow(room, cap=bytes(32), locator=None, record=b"left", key=name), rest.find

    def erase_first(key_id: bytes | None) -> RestKey | None:
        monkeypatch.setattr(rest, "find", find)
        world.loop.run(world.database.write(partial(services.erasures._erase_again, row=row)))
        rest.erase(org, row)
        return find(key_id)

    monkeypatch.setattr(rest, "find", erase_first)
    assert world.client.get("stream", headers=headers).content == before
    assert rest.find(name) is None
