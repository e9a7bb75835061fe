from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from plaint.client.drafts import (
    draft_chart,
    draft_content,
    draft_genesis,
    draft_member,
    fetch_directory,
    place_next,
    sign_as_member,
    submit_draft,
)
from plaint.client.http import Api
from plaint.client.places import Places, find_places_folder
from plaint.client.review import review_draft
from plaint.client.words_file import create_words, read_member_keys, read_words
from plaint.errors import MalformedError, RefusedError, VerificationError
from plaint.protocol.chart import Person, make_chart
from plaint.protocol.directory import encode_entry
from plaint.protocol.directory_contents import ChartDigest, Leave, Suspend
from plaint.protocol.draft import Name, encode_draft, encode_names, parse_draft
from plaint.protocol.fold import apply_entry
from tests.support.directory_world import (
    FOUNDERS,
    DirectoryWorld,
    find_id,
    make_keys,
    make_named_request,
)


def found() -> list[tuple[str, tuple[str, ...]]]:
    return list(FOUNDERS.items())


class Server:
    """Answers as the organisation's server would, from a directory in memory."""

    def __init__(self, world: DirectoryWorld) -> None:
        self.world = world
        self.names = {make_named_request(n).id: make_named_request(n) for n in FOUNDERS}
        self.received: list[bytes] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.received.append(request.content)
            draft = parse_draft(request.content)
            assert draft.entry is not None
            self.world.append_entry(draft.entry)
            return httpx.Response(201, json={"index": draft.entry.index})
        if request.url.path.endswith("/names"):
            names = {id_: Name(r.name, r.salt) for id_, r in self.names.items()}
            return httpx.Response(200, json=encode_names(names))
        return httpx.Response(200, content=b"".join(entry + b"\n" for entry in self.world.entries))

    def connect(self) -> Api:
        client = httpx.Client(transport=httpx.MockTransport(self.answer))
        return Api("http://plaint.test/o/aurora", client=client)


def test_a_founding_signed_by_all_is_a_directory() -> None:
    draft = draft_genesis("Aurora", [(make_named_request(name), roles) for name, roles in found()])
    for name in FOUNDERS:
        draft = sign_as_member(draft, make_keys(name))
    assert draft.entry is not None
    state = apply_entry(None, draft.entry)
    assert state.org == draft.org
    assert {m for m, s in state.members.items() if s.active} == {find_id(name) for name in FOUNDERS}


def test_a_stranger_cannot_sign_a_founding() -> None:
    draft = draft_genesis("Aurora", [(make_named_request(name), roles) for name, roles in found()])
    with pytest.raises(VerificationError) as caught:
        sign_as_member(draft, make_keys("hal"))
    assert caught.value.code == "directory-signer"


@pytest.mark.parametrize(
    ("founders", "code"),
    [
        ({"ada": ("administrator",), "ben": ("intake-handler",)}, "directory-founders"),
        ({"ada": ("administrator",), "dov": ("independent",)}, "directory-channel"),
    ],
)
def test_founders_who_could_not_work_are_refused_at_once(founders: dict[str, tuple[str, ...]], code: str) -> None:
    with pytest.raises(VerificationError) as caught:
        draft_genesis("Aurora", [(make_named_request(name), roles) for name, roles in founders.items()])
    assert caught.value.code == code


def test_a_draft_without_a_place_cannot_be_signed_or_sent() -> None:
    server = Server(DirectoryWorld())
    draft = draft_content(Suspend(find_id("cai")))
    with pytest.raises(MalformedError) as caught:
        sign_as_member(draft, make_keys("ada"))
    assert caught.value.code == "draft-place"
    with pytest.raises(MalformedError) as caught:
        submit_draft(server.connect(), draft)
    assert caught.value.code == "draft-place"
    assert server.received == []


def test_a_member_is_added_over_the_wire() -> None:
    server = Server(DirectoryWorld())
    api = server.connect()
    state, names = fetch_directory(api)
    assert names[find_id("ada")] == "Ada Invented"
    draft = place_next(draft_member(make_named_request("hal"), ["investigator"]), state, names)
    for name in ("ada", "dov"):
        draft = sign_as_member(draft, make_keys(name))
    assert submit_draft(api, draft) == 2
    assert [entry.index for entry in server.world.state.pending] == [2]


def test_a_chart_is_linked_when_it_gets_its_place() -> None:
    state, names = fetch_directory(Server(DirectoryWorld()).connect())
    chart = make_chart([Person("a", "Cai Invented", "", None), Person("b", "Nobody Known", "", "a")])
    draft = place_next(draft_chart(chart), state, names)
    assert draft.chart is not None
    assert draft.chart.people["a"].member == find_id("cai")
    assert isinstance(draft.content, ChartDigest)
    assert parse_draft(encode_draft(draft)).content == draft.content
    review = "\n".join(review_draft(draft, names))
    assert "Cai Invented (a) is member Cai Invented" in review
    assert "Ada Invented, a member, is not in the chart" in review


def test_names_that_the_directory_does_not_confirm_are_left_out() -> None:
    server = Server(DirectoryWorld())
    server.names[find_id("ada")] = make_named_request("dov")
    _, names = fetch_directory(server.connect())
    assert find_id("ada") not in names
    assert names[find_id("ben")] == "Ben Invented"


def test_a_review_names_everybody_with_check_words() -> None:
    request = make_named_request("hal")
    lines = "\n".join(review_draft(draft_member(request, ["investigator", "reviewer"])))
    assert "Hal Invented: investigator, reviewer" in lines
    assert request.check_words in lines
    leaving = review_draft(draft_content(Leave(find_id("ben"))), {find_id("ben"): "Ben Invented"})
    assert leaving[0] == "Ben Invented leaves, at once."


def test_the_last_entry_is_what_the_directory_holds() -> None:
    world = DirectoryWorld()
    entry = world.sign(Suspend(find_id("cai")), "ada")
    server = Server(world)
    draft = place_next(draft_content(Suspend(find_id("cai"))), world.state, {})
    submit_draft(server.connect(), sign_as_member(draft, make_keys("ada")))
    assert server.world.entries[-1] == encode_entry(entry)


def test_a_device_remembers_where_its_members_belong(tmp_path: Path) -> None:
    places = Places(tmp_path / "state")
    assert places.find_org(find_id("ada")) is None
    places.remember_member(find_id("ada"), bytes(16))
    places.remember_url(bytes(16), "http://plaint.test/o/aurora")
    assert places.find_org(find_id("ada")) == bytes(16)
    assert places.find_url(bytes(16)) == "http://plaint.test/o/aurora"
    assert places.find_org(find_id("dov")) is None
    assert {file.stat().st_mode & 0o777 for file in places.folder.iterdir()} == {0o600}


def test_the_memory_is_where_the_environment_says() -> None:
    assert find_places_folder({"PLAINT_STATE": "/a"}) == Path("/a")
    assert find_places_folder({"XDG_STATE_HOME": "/b"}) == Path("/b/plaint")
    assert find_places_folder({}) == Path.home() / ".local" / "state" / "plaint"


def test_words_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "words"
    words = create_words(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_words(path).entropy == words.entropy
    assert len(read_member_keys(path).id) == 16
    with pytest.raises(RefusedError) as caught:
        create_words(path)
    assert caught.value.code == "file-exists"


@pytest.mark.parametrize(
    ("data", "code"), [(b"\xff\xfe", "words-unknown"), (b"one two", "words-count"), (b"x" * 5000, "file-size")]
)
def test_a_file_without_words_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "words"
    path.write_bytes(data)
    with pytest.raises(MalformedError) as caught:
        read_words(path)
    assert caught.value.code == code
