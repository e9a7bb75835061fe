"""Paths and bundles have one spelling each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaint.errors import MalformedError
from plaint.protocol.tiles import (
    Tile,
    compute_new_tiles,
    compute_tile_width,
    encode_bundle,
    encode_tile_path,
    parse_bundle,
    parse_tile_path,
)

tiles = st.builds(Tile, st.none() | st.integers(0, 7), st.integers(0, 2**53 - 1), st.integers(1, 256))


@given(tiles)
def test_a_path_reads_back_as_its_tile(tile: Tile) -> None:
    assert parse_tile_path(encode_tile_path(tile)) == tile


@given(st.text(max_size=70))
def test_any_other_text_is_refused_or_spelled_the_same(text: str) -> None:
    try:
        tile = parse_tile_path(text)
    except MalformedError:
        return
    assert encode_tile_path(tile) == text


@given(st.none() | st.integers(0, 2), st.integers(0, 300_000), st.integers(0, 70_000))
def test_new_tiles_are_those_whose_width_changed(level: int | None, old: int, grown: int) -> None:
    new = old + grown
    named = compute_new_tiles(level, old, new)
    assert all(tile.width == compute_tile_width(tile, new) > compute_tile_width(tile, old) for tile in named)
    last = named[-1].index if named else old >> (8 * (level or 0)) >> 8
    assert compute_tile_width(Tile(level, last + 1), new) == 0


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_reads_back_and_nothing_shorter_does(entries: list[bytes]) -> None:
    data = encode_bundle(entries)
    assert parse_bundle(data, count=len(entries)) == entries
    for bad, count in ((data + b"\0", len(entries)), (data, len(entries) + 1), (data[:-1], len(entries))):
        if bad != data or count != len(entries):
            with pytest.raises(MalformedError, match="bundle-size"):
                parse_bundle(bad, count=count)
