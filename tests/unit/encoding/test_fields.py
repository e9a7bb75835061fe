from __future__ import annotations

import re
from typing import Any

import pytest

from plaint.encoding.fields import Fields
from plaint.errors import MalformedError


def refuse(value: Any, method: str, *given: Any, detail: str = "k", **options: Any) -> None:
    with pytest.raises(MalformedError) as caught:
        getattr(Fields(value, "some-form"), method)(*given, **options)
    assert (caught.value.code, caught.value.detail) == ("some-form", detail)


def test_what_is_left_over_is_refused() -> None:
    fields = Fields({"k": 1, "x": 2}, "some-form")
    assert fields.take("k") == 1
    with pytest.raises(MalformedError) as caught:
        fields.finish()
    assert caught.value.code == "some-form"


@pytest.mark.parametrize("value", [[], None, "k", 1])
def test_only_objects_have_fields(value: Any) -> None:
    with pytest.raises(MalformedError) as caught:
        Fields(value, "some-form")
    assert caught.value.code == "some-form"


@pytest.mark.parametrize("text", [1, "", "abc", "a\n", "\ud800", "\x7f", None])
def test_a_text_has_its_length_and_no_controls(text: Any) -> None:
    refuse({"k": text}, "take_text", "k", limit=2)


def test_a_text_is_all_of_its_pattern() -> None:
    refuse({"k": "ab"}, "take_text", "k", pattern=re.compile("a"))
    assert Fields({"k": "ab"}, "some-form").take_text("k", pattern=re.compile("ab")) == "ab"


@pytest.mark.parametrize("text", ["AA", "a", "aaa", "0g", 10, "٠٠"])
def test_hex_is_lower_case_and_of_its_size(text: Any) -> None:
    refuse({"k": text}, "take_hex", "k", 1)


@pytest.mark.parametrize("value", [True, -1, 8, "1", None])
def test_an_integer_is_within_its_bounds(value: Any) -> None:
    refuse({"k": value}, "take_integer", "k", most=7)


def test_exactly_means_value_and_type() -> None:
    refuse({"k": True}, "take_exactly", "k", 1)
    refuse({}, "take_exactly", "k", 1)
    Fields({"k": 1}, "some-form").take_exactly("k", 1)


def test_a_list_has_at_most_so_many_items() -> None:
    refuse({"k": [1, 2]}, "take_list", "k", str, limit=1)
    refuse({"k": {}}, "take_list", "k", str, limit=1)
    assert Fields({"k": [1]}, "some-form").take_list("k", str, limit=1) == ("1",)
