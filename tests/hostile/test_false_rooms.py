"""A member who opens rooms below a case that are none of it: who leaves them out, and by which word."""

from __future__ import annotations

import pytest

from plaint.client.follow import find_report
from plaint.client.writing import seal_entry
from plaint.protocol.content import Content, FeedbackContent
from tests.support.directory_world import find_id
from tests.support.false_rooms import open_second
from tests.support.world import World, open_case

DAY = 86_400


def test_a_room_of_members_that_calls_itself_the_report_answers_nothing(world: World) -> None:
    """Ben answers where colleagues read it and the reporter does not."""
    keys, sent = world.report("First.")
    world.tick(12)
    ben, case = open_case(world, "ben", sent.state.room)
    false = open_second(ben, case, "reporter", "We saw to it.")
    world.tick(12)
    ben.scan()
    room = ben._read_any(ben.stream.list_open()[false])
    for kind, content in (
        ("acknowledge", Content(text="We have it.")),
        ("feedback", FeedbackContent(action="We asked.", grounds="Nobody saw it.")),
    ):
        write = seal_entry(room, kind, content, ben.writer).write
        ben.connection.send(write, cap=room.cap, session=ben.session.token())
        room = ben._read_any(ben.stream.list_open()[false])
    world.tick(12)
    world.now += 100 * DAY
    world.tick(2)
    cai, seen = open_case(world, "cai", case.id)
    assert (cai.fold(seen).status, find_report(world.connect(), keys).fold().status) == ("received", "received")
    assert [due.state for due in cai.list_due_dates(seen)][:2] == ["missed", "missed"]
    assert (seen.others, cai.unreadable) == ((), {false: "room-child"})


@pytest.mark.parametrize("who", ["fay", "ida"])
def test_nobody_who_does_not_read_the_report_makes_the_room_in_which_handlers_talk(world: World, who: str) -> None:
    """Fay has nothing to do with the case, Ida is kept out of it: a friend in IT told them its id."""
    _, sent = world.report("It was Ida.", about=["Ida Invented"])
    world.tick(12)
    _, case = open_case(world, "ben", sent.state.room)
    false = open_second(world.desk(who), case, "internal", "Write here.", find_id(who))
    world.tick(20)
    ben, case = open_case(world, "ben", sent.state.room)
    assert (case.others, ben.unreadable) == ((), {false: "room-child"})
    ben.note(case, "Ida must not know.")
    world.tick(20)
    _, case = open_case(world, "cai", sent.state.room)
    (internal,) = case.others
    assert (internal.entries[0].author, internal.access.granted) == (find_id("ben"), case.room.access.granted)
