"""What a benchmark reports: one row for each limit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A measured value beside its limit, which it must reach (`>=`) or keep below (`<=`)."""

    name: str
    measured: float
    limit: float
    sense: str
    unit: str = ""
    note: str = ""

    @property
    def ok(self) -> bool:
        """Tell whether the limit is kept."""
        return self.measured >= self.limit if self.sense == ">=" else self.measured <= self.limit

    def as_json(self) -> dict[str, Any]:
        """Return the row for a JSON file."""
        return {**asdict(self), "ok": self.ok}


def at_least(name: str, measured: float, limit: float, unit: str = "", note: str = "") -> Row:
    """Return a row whose value must not be below its limit."""
    return Row(name, measured, limit, ">=", unit, note)


def at_most(name: str, measured: float, limit: float, unit: str = "", note: str = "") -> Row:
    """Return a row whose value must not be above its limit."""
    return Row(name, measured, limit, "<=", unit, note)


def compare(left: Callable[[], float], right: Callable[[], float], *, rounds: int = ROUNDS) -> tuple[float, ...]:
    """Run both in turn and return the median of left ÷ right within a round, of left, and of right."""
    pairs = [(left(), right()) for _ in range(rounds)]
    return (
        median(one / other for one, other in pairs),
        median(one for one, _ in pairs),
        median(other for _, other in pairs),
    )


def print_table(rows: Sequence[Row]) -> None:
    """Print the rows as aligned columns."""
    lines = [("what", "measured", "limit", "", "")]
    for row in rows:
        measured, limit = (
            f"{_round(value)}{' ' + row.unit if row.unit else ''}" for value in (row.measured, row.limit)
        )
        lines.append((row.name, measured, f"{row.sense} {limit}", "ok" if row.ok else "SHORT", row.note))
    widths = [max(len(line[at]) for line in lines) for at in range(4)]
    for line in lines:
        print("  ".join([*(text.ljust(width) for text, width in zip(line, widths, strict=False)), line[4]]).rstrip())


def _round(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
