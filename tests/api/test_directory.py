from __future__ import annotations

from dataclasses import replace

import pytest

from plaint.errors import PlaintError
from plaint.protocol.chart import Chart, Person, compute_chart_digest, encode_chart, make_chart
from plaint.protocol.directory import Entry, encode_entry, sign_entry
from plaint.protocol.directory_contents import ChartDigest, Content, Effect
from plaint.protocol.draft import Draft, Name, encode_draft
from plaint.protocol.fold import fold_directory
from plaint.protocol.keys import compute_room_keys
from plaint.server.config import Config
from plaint.server.create import create_organisation
from tests.support.directory_world import find_id, make_keys, make_named_request, make_record
from tests.support.sealed import get_code
from tests.support.world import CLOCK, World

CHART: Chart = make_chart([Person("1", "Olga Invented", "Head", None), Person("2", "Piet Invented", "Clerk", "1")])


def draft_chart(chart: Chart = CHART) -> Draft:
    content = ChartDigest(compute_chart_digest(chart), len(chart.people))
    return Draft(content, {}, chart)


def encode(
    world: World, content: Content, *signers: str, draft: Draft | None = None, index: int | None = None
) -> bytes:
    state = world.services.organisation.state
    entry = Entry(state.size if index is None else index, content)
    for name in signers:
        entry = sign_entry(state.org, entry, find_id(name), make_keys(name).sign)
    return encode_draft(replace(draft or Draft(content, {}), org=state.org, entry=entry))


def test_the_directory_folds_to_the_organisation(any_world: World) -> None:
    lines = any_world.client.get("directory").content.split(b"\n")
    assert lines.pop() == b""
    state = fold_directory(lines)
    assert (state.org, state.size) == (any_world.services.organisation.org, 3)
    assert any_world.client.get("directory", params={"from": "2"}).content == lines[2] + b"\n"
    assert any_world.client.get("directory", params={"from": "3"}).content == b""


def test_names_stand_beside(world: World) -> None:
    request = make_named_request("ada")
    names = world.client.get("names").json()
    assert names[request.id.hex()] == {"name": "Ada Invented", "salt": request.salt.hex()}
    assert len(names) == len(world.founders)


def test_a_first_chart_counts_at_once(any_world: World) -> None:
    assert any_world.client.get("chart").status_code == 404
    draft = draft_chart()
    any_world.submit(draft.content, "ada", "dov", draft=draft)
    assert any_world.client.get("chart").content == encode_chart(CHART)


def test_a_delayed_entry_takes_effect_once_cosigned_time_has_passed(any_world: World) -> None:
    world = any_world
    first, second = draft_chart(), draft_chart(make_chart([Person("9", "Quin Invented", "Head", None)]))
    world.submit(first.content, "ada", "dov", draft=first)
    index = world.submit(second.content, "ada", "dov", draft=second)
    world.tick()
    world.now += CLOCK.delay - 1_200
    world.tick(1)
    assert world.services.organisation.state.chart == first.content
    world.tick(3)
    assert world.services.organisation.state.chart == second.content
    entries = world.services.organisation.state.size
    last = world.client.get("directory", params={"from": str(entries - 1)}).content
    assert last == encode_entry(Entry(entries - 1, Effect(index))) + b"\n"
    assert fold_directory(world.client.get("directory").content.splitlines()).chart == second.content


def test_without_cosigners_nothing_takes_effect(world: World) -> None:
    first, second = draft_chart(), draft_chart(make_chart([Person("9", "Quin Invented", "Head", None)]))
    world.submit(first.content, "ada", "dov", draft=first)
    world.submit(second.content, "ada", "dov", draft=second)
    world.deafen()
    world.now += 2 * CLOCK.delay
    world.tick(3)
    assert world.services.organisation.state.chart == first.content


def test_the_same_draft_again_has_the_same_answer(world: World) -> None:
    draft = draft_chart()
    data = encode(world, draft.content, "ada", "dov", draft=draft)
    assert world.client.post("directory", content=data).json() == {"index": 3}
    assert world.client.post("directory", content=data).json() == {"index": 3}
    assert world.services.organisation.state.size == 4


def test_a_place_that_is_taken(world: World) -> None:
    draft = draft_chart()
    for index in (2, 4):
        data = encode(world, draft.content, "ada", "dov", draft=draft, index=index)
        assert get_code(world.client.post("directory", content=data), 409) == "directory-index"


@pytest.mark.parametrize(
    ("signers", "code"),
    [((), "directory-signers"), (("ada",), "directory-signers"), (("ben", "cai"), "directory-signers")],
)
def test_too_few_signers(world: World, signers: tuple[str, ...], code: str) -> None:
    draft = draft_chart()
    data = encode(world, draft.content, *signers, draft=draft)
    assert get_code(world.client.post("directory", content=data), 422) == "directory-signers"
    assert world.services.organisation.state.size == 3


def test_an_effect_is_the_servers_own(world: World) -> None:
    assert get_code(world.client.post("directory", content=encode(world, Effect(2))), 422) == "directory-type"


def test_a_clock_that_would_renumber_ticks_is_refused(world: World) -> None:
    for clock in (replace(CLOCK, batch=32), replace(CLOCK, cells=1)):
        data = encode(world, clock, "ada", "dov")
        assert get_code(world.client.post("directory", content=data), 403) == "directory-clock"
    assert world.client.post("directory", content=encode(world, replace(CLOCK, cells=4), "ada", "dov")).is_success


def test_a_new_member_receives_once_the_delay_is_over(world: World) -> None:
    record, request = make_record("zoe", ("intake-handler",)), make_named_request("zoe")
    draft = Draft(record, {record.id: Name(request.name, request.salt)})
    world.submit(record, "ada", "dov", draft=draft)
    world.tick()
    assert record.id not in world.services.organisation.state.members
    world.now += CLOCK.delay
    world.tick(3)
    world.report("For all of us.")
    desk = world.desk("zoe")
    for _ in range(30):
        world.tick()
    desk.scan()
    assert len(desk.list_cases()) == 1


def test_a_draft_without_its_place_or_of_another_organisation(world: World) -> None:
    draft = draft_chart()
    assert get_code(world.client.post("directory", content=encode_draft(draft)), 400) == "draft-place"
    other = replace(draft, org=bytes(16), entry=Entry(3, draft.content))
    assert get_code(world.client.post("directory", content=encode_draft(other)), 400) == "draft-place"
    assert get_code(world.client.post("directory", content=b"{"), 400) == "json-form"


def test_the_configuration_tells_what_a_first_page_needs(world: World) -> None:
    expected = {"name": "Demo Invented", "slug": "demo", "tick": 600, "size": 3, "demo": False}
    assert world.client.get("config").json() == expected | {"org": world.services.organisation.org.hex()}


def test_two_organisations_do_not_mix(world: World) -> None:
    world.create("other")
    other = world.loop.run(world.deployment.find("other"))
    assert other.organisation.org != world.services.organisation.org
    world.loop.run(world.deployment.run_tick("other"))
    keys, sent = world.report("Only here.")
    path = f"http://plaint.test/o/other/rooms/{sent.state.room.hex()}"
    headers = {"plaint-cap": compute_room_keys(keys.room).cap.hex()}
    assert world.client.get(path, headers=headers).status_code == 404
    session = {"plaint-session": world.session("ben")}
    assert get_code(world.client.get("http://plaint.test/o/other/stream", headers=session), 403) == "session"


def test_creating_needs_a_whole_genesis_and_a_free_slug(world: World) -> None:
    def create(slug: str, data: bytes, config: Config | None = None) -> str:
        with pytest.raises(PlaintError) as caught:
            world.loop.run(create_organisation(config or world.config, slug, data))
        return caught.value.code

    assert create("Not a slug", b"{}") == "org-slug"
    assert create("new", encode_draft(draft_chart())) == "org-genesis"
    with pytest.raises(PlaintError) as caught:
        world.create("demo")
    assert caught.value.code == "org-slug"
