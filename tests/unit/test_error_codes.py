from __future__ import annotations

from tests.support.error_codes import (
    FAMILIES,
    REASON,
    collect_listed,
    collect_python,
    collect_sections,
    collect_typescript,
    collect_words,
)


def collect_raised() -> dict[str, set[str]]:
    raised: dict[str, set[str]] = {}
    for found in (collect_python(), collect_typescript()):
        for code, families in found.items():
            raised.setdefault(code, set()).update(families)
    return raised


def test_the_sources_are_read() -> None:
    assert collect_python()["inclusion-root"] == {"verification"}
    assert collect_python()["not-found"] == {"refused"}  # given to `super().__init__` by a subclass
    assert collect_python()["chart-form"] == {"malformed"}  # a constant handed to `Fields`
    assert collect_python()["directory-leave"] == {"verification"}  # handed to a function that raises it
    assert collect_typescript()["inclusion-root"] == {"verification"}
    assert collect_typescript()["chart-form"] == {"malformed"}


def test_every_code_that_is_raised_is_listed() -> None:
    assert sorted(collect_raised().keys() - collect_listed().keys()) == []


def test_every_code_is_raised_in_the_families_listed() -> None:
    raised = collect_raised()
    listed = {code: families - {REASON} for code, families in collect_listed().items()}
    assert {code: families for code, families in listed.items() if families and families != raised.get(code)} == {}


def test_every_reason_that_is_listed_is_given() -> None:
    words = collect_words()
    assert [code for code, families in collect_listed().items() if REASON in families and code not in words] == []


def test_the_families_are_the_five() -> None:
    families = set().union(*collect_listed().values())
    assert families == {*FAMILIES.values(), REASON}


def test_each_table_is_in_order() -> None:
    for codes in collect_sections():
        assert codes == sorted(codes)
