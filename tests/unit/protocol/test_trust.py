"""Former receipt keys that a trust file gets from a directory."""

from __future__ import annotations

from plaint.protocol.note import VerifierKey
from plaint.protocol.trust import LIMIT_FORMER, FormerKey, add_former, encode_trust, parse_trust
from tests.support.directory_world import draw
from tools.vectors.story import TRUST


def make_former(name: str, until: int, *, void: bool = False) -> FormerKey:
    return FormerKey(VerifierKey(TRUST.receipts.name, TRUST.receipts.type, draw(name)), until, void)


def test_of_two_words_about_a_key_void_stays_else_the_earlier_time() -> None:
    said = [make_former("a", 20), make_former("b", 5), make_former("a", 30, void=True), make_former("b", 3)]
    for words in (said, said[::-1]):
        assert add_former(TRUST, words).former == (make_former("b", 3), make_former("a", 30, void=True))


def test_of_more_than_a_file_holds_those_that_ended_last_stay() -> None:
    made = add_former(TRUST, [make_former(f"key {i}", i) for i in range(LIMIT_FORMER + 3)])
    assert [known.until for known in made.former] == list(range(3, LIMIT_FORMER + 3))
    assert parse_trust(encode_trust(made)) == made
