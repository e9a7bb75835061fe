"""A cosigner that lies by months moves nothing while a quorum of others does not; alone, it is believed: a limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from plaint.client.follow import find_report
from plaint.errors import VerificationError
from plaint.protocol.cosignature import parse_cosignature
from plaint.protocol.directory_server import Cosigners
from plaint.protocol.note import find_signatures, parse_note
from plaint.protocol.receipt import encode_receipt
from plaint.protocol.verify import Verdict, judge_receipt
from tests.support.hostile_worlds import DAY, LyingCosigner

HALF_A_YEAR = 182 * DAY


class OneIsEnough(LyingCosigner):
    """Any cosigner alone dates the log."""

    def make_cosigners(self, *, quorum: int = 1) -> Cosigners:
        return super().make_cosigners(quorum=quorum)


def tell(
    folder: Path, *, names: tuple[str, ...], lie_s: int, kind: type[LyingCosigner] = LyingCosigner
) -> tuple[Verdict, float]:
    """Return what a receipt proves that was logged under these cosigners, and the time at which it was sent."""
    with kind(folder, cosigners=names) as world:
        world.tick(2)
        sent_at = world.now
        keys, sent = world.report("First.")
        world.lie_s = lie_s
        world.tick(12)
        newest = parse_note(world.client.get("log/cases/checkpoint").content)
        (lie,) = find_signatures(newest, world.cosigners["north"].verifier_key)
        assert parse_cosignature(lie.signature).timestamp == int(world.now) + lie_s
        world.lie_s = 0  # or no client would read a directory that old
        world.tick()
        connection = world.connect()
        connection.leaves.update()
        receipt = find_report(connection, keys).update_receipt(sent.receipt)
        data = encode_receipt(receipt)
        return judge_receipt(data, connection.trust, now=int(world.now), leaves=connection.leaves), sent_at


@pytest.mark.parametrize("lie_s", [-HALF_A_YEAR, HALF_A_YEAR])
def test_one_that_lies_by_months_moves_no_date_of_a_quorum_of_two_in_three(tmp_path: Path, lie_s: int) -> None:
    honest, _ = tell(tmp_path / "honest", names=("north", "south", "west"), lie_s=0)
    lied, sent_at = tell(tmp_path / "lied", names=("north", "south", "west"), lie_s=lie_s)
    assert lied.verdict == honest.verdict == "holds"
    assert lied.date is not None
    assert sent_at <= lied.date < sent_at + DAY


def test_one_that_lies_into_the_past_moves_no_date_of_two_in_two(tmp_path: Path) -> None:
    lied, sent_at = tell(tmp_path, names=("north", "south"), lie_s=-HALF_A_YEAR)
    assert lied.date is not None
    assert lied.date >= sent_at


@pytest.mark.parametrize("names", [("north",), ("north", "south", "west")])
def test_limit_where_one_is_enough_one_that_lies_into_the_past_is_believed(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    """Why a trust file asks for two, run by different people: docs/threat-model.md, C4."""
    lied, sent_at = tell(tmp_path, names=names, lie_s=-HALF_A_YEAR, kind=OneIsEnough)
    assert lied.date is not None
    assert lied.date < sent_at - HALF_A_YEAR + DAY


def test_where_one_is_enough_a_lie_of_more_than_a_day_is_seen_by_clients_while_it_lasts(tmp_path: Path) -> None:
    with OneIsEnough(tmp_path, cosigners=("north",)) as world:
        world.lie_s = -HALF_A_YEAR
        world.tick(2)
        with pytest.raises(VerificationError) as caught:
            world.connect()
        assert caught.value.code == "view-old"
