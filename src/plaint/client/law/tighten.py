"""Whether a pack keeps the law of the shipped pack it names: an organisation may be stricter, never looser."""

from __future__ import annotations

from calendar import monthrange
from functools import lru_cache

from plaint.errors import RefusedError
from plaint.protocol.calendars import DAY_S, DUE_S
from plaint.protocol.packs import RESPONDENT, Duty, Pack

_YEARS = (2024, 2028)


def check_tightened(pack: Pack, base: Pack) -> None:
    """Check that nothing in `pack` comes later, goes to fewer people or asks for less than in `base`.

    What is the respondent's time may only grow. Duties that the base does not have are the organisation's own.
    Raises: RefusedError "pack-loose" (detail: the duty's kind, "base" or "outside").
    """
    if pack.base != base.id:
        raise RefusedError("pack-loose", "base")
    if base.outside is not None and pack.outside != base.outside:
        raise RefusedError("pack-loose", "outside")
    for duty in base.duties:
        own = pack.find(duty.kind)
        if own is None or not _keeps(own, duty):
            raise RefusedError("pack-loose", duty.kind)


def _keeps(own: Duty, base: Duty) -> bool:
    same = (own.start, own.by) == (base.start, base.by) and set(own.met) <= set(base.met)
    if base.by == RESPONDENT:
        return same and own.unit == base.unit and own.count >= base.count
    days = {step.to: step.days for step in own.escalate}
    told = all(step.to in days and days[step.to] <= step.days for step in base.escalate)
    return same and told and _is_sooner(own, base)


def _is_sooner(own: Duty, base: Duty) -> bool:
    if own.unit == base.unit:
        return own.count <= base.count and (own.extend or own.count) <= (base.extend or base.count)
    longest = compute_longest_s(own.unit, own.extend or own.count)
    extended = compute_shortest_s(base.unit, base.extend or base.count)
    plain = compute_longest_s(own.unit, own.count)
    if longest is None or plain is None:
        return False
    return longest <= extended and plain <= compute_shortest_s(base.unit, base.count)


def compute_longest_s(unit: str, count: int) -> int | None:
    """Return the longest that a period can be; None for working days, to which holidays set no end."""
    return None if unit == "working_days" else _compute_range_s(unit, count)[1]


def compute_shortest_s(unit: str, count: int) -> int:
    """Return the shortest that a period can be; working days end a little before midnight."""
    return count * DAY_S - (DAY_S - DUE_S) if unit == "working_days" else _compute_range_s(unit, count)[0]


@lru_cache(maxsize=256)
def _compute_range_s(unit: str, count: int) -> tuple[int, int]:
    if unit == "days":
        return count * DAY_S, count * DAY_S
    lengths = [monthrange(year, month)[1] for year in range(_YEARS[0], _YEARS[1]) for month in range(1, 13)]
    cycle = lengths + lengths * (count // len(lengths) + 1)
    spans = [sum(cycle[start : start + count]) for start in range(len(lengths))]
    # From the last day of a long month, clamped, a period is up to three days shorter than its months.
    return (min(spans) - 3) * DAY_S, max(spans) * DAY_S
