from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaint.crypto.wordlists import LANGUAGES, load_words
from plaint.errors import MalformedError, PlaintError
from plaint.protocol.words import Words, draw_words, encode_words, encode_words_qr, find_readings, parse_words
from tests.support.attempts import attempt


@given(st.binary(min_size=16, max_size=16), st.sampled_from(LANGUAGES))
def test_every_list_gives_the_entropy_back(entropy: bytes, language: str) -> None:
    text = encode_words(entropy, language)
    assert Words(entropy, language) in find_readings(text)
    assert Words(entropy, language) in find_readings(text.upper().replace(" ", "\n\t"))


@given(st.binary(min_size=16, max_size=16), st.sampled_from(["english", "chinese_simplified"]))
def test_new_words_are_valid_in_one_list_only(entropy: bytes, language: str) -> None:
    supply = iter([entropy, *(bytes([i]) * 16 for i in range(1, 255))])
    words = draw_words(language, random=lambda _: next(supply))
    assert find_readings(words.text) == [words]
    assert parse_words(encode_words_qr(words)) == words


def test_words_valid_in_two_lists_are_drawn_again() -> None:
    supply = iter([bytes(16), bytes(16), b"\x07" * 16])
    assert draw_words("chinese_simplified", random=lambda _: next(supply)).entropy == b"\x07" * 16


@given(st.binary(min_size=16, max_size=16), st.integers(0, 11), st.integers(1, 2047))
def test_a_wrong_word_is_noticed_or_means_other_words(entropy: bytes, position: int, step: int) -> None:
    typed, words = encode_words(entropy, "english").split(), load_words("english")
    typed[position] = words[(words.index(typed[position]) + step) % 2048]
    answer = attempt(lambda: parse_words(" ".join(typed)))
    if isinstance(answer, PlaintError):
        assert answer.code == "words-checksum"
    else:
        assert answer.entropy != entropy


@given(st.text(max_size=200))
def test_whatever_is_typed_gets_one_of_three_answers(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_words(text)
    assert caught.value.code in {"words-count", "words-unknown", "words-checksum"}


@given(st.integers(1, 12))
def test_the_first_unknown_word_is_named(position: int) -> None:
    typed = encode_words(bytes(16), "english").split()
    typed[position - 1] = "plaintly"
    with pytest.raises(MalformedError) as caught:
        parse_words(" ".join(typed))
    assert (caught.value.code, caught.value.detail) == ("words-unknown", str(position))
