"""Who must not read a report: the named, their line, and whom the author chose (spec/directory.md, "Conflicts")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from plaint.errors import MalformedError
from plaint.protocol.access import Access, Excluded, Roster, check_access, compute_granted
from plaint.protocol.chart import Chart, find_ancestors, find_descendants
from plaint.protocol.directory_contents import INDEPENDENT
from plaint.protocol.directory_state import DirectoryState

NAMED, LINE, CHOSEN = "named", "line", "chosen"
_ORDER = {NAMED: 0, LINE: 1, CHOSEN: 2}


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody the author points at: a person of the chart, a member, or one who is both."""

    name: str
    person: str | None = None
    member: bytes | None = None


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Members without a key, sorted, and everybody excluded with the reason."""

    conflicted: tuple[bytes, ...]
    excluded: tuple[Excluded, ...]


def find_independents(state: DirectoryState) -> frozenset[bytes]:
    """Return the ids of all independent members, active or not."""
    return frozenset(id_ for id_, found in state.members.items() if INDEPENDENT in found.member.roles)


def compute_conflicts(
    chart: Chart | None,
    named: Sequence[Target],
    chosen: Sequence[Target],
    independents: Iterable[bytes],
) -> Conflicts:
    """Return who gets no key when `named` are named and `chosen` are excluded besides.

    `chart` has its members linked (`link_members`). A target without person and member is free text and excludes
    nobody.
    Raises: MalformedError "conflicts-person" for a person who is not in the chart.
    """
    linker = _Linker(chart)
    apart = frozenset(independents)
    found: dict[tuple[str | None, bytes | None], Excluded] = {}
    targets = [linked for target in named for linked in linker.link(target)]
    for target in targets:
        _add(found, target, NAMED)
    for target in targets:
        for relative in linker.find_line(target.person):
            if relative.member is not None and relative.member not in apart:
                _add(found, relative, LINE, of=target.name)
    for target in chosen:
        for linked in linker.link(target):
            _add(found, linked, CHOSEN)
    excluded = sorted(found.values(), key=_sort_key)
    return Conflicts(tuple(sorted({e.member for e in excluded if e.member is not None})), tuple(excluded))


def compute_access(roster: Roster, conflicts: Conflicts) -> Access:
    """Return the access of a new report: the channel without the conflicted, the independents if too few remain.

    Raises: RefusedError "access-nobody".
    """
    access = Access(compute_granted(roster, conflicts.conflicted), conflicts.conflicted, conflicts.excluded)
    check_access(access)
    return access


class _Linker:
    """Finds the member of a person, the person of a member, and a person's line."""

    def __init__(self, chart: Chart | None) -> None:
        self._chart = chart
        people = chart.people if chart else {}
        self._person_of: Mapping[bytes, str] = {p.member: p.id for p in people.values() if p.member is not None}

    def link(self, target: Target) -> list[Target]:
        """Return the target with person and member completed; two when they are not the same human being."""
        person = target.person or (self._person_of.get(target.member) if target.member is not None else None)
        if person is None:
            return [target]
        if self._chart is None or person not in self._chart.people:
            raise MalformedError("conflicts-person")
        found = self._chart.people[person]
        linked = Target(found.name, found.id, found.member)
        if target.member is None or target.member == found.member:
            return [linked]
        return [linked, *self.link(Target(target.name, None, target.member))]

    def find_line(self, person: str | None) -> list[Target]:
        if self._chart is None or person is None:
            return []
        line = [*find_ancestors(self._chart, person), *find_descendants(self._chart, person)]
        people = [self._chart.people[key] for key in line]
        return [Target(p.name, p.id, p.member) for p in people]


def _add(
    found: dict[tuple[str | None, bytes | None], Excluded], target: Target, why: str, *, of: str | None = None
) -> None:
    if target.person is None and target.member is None:
        return
    key = (target.person, target.member)
    found.setdefault(key, Excluded(target.name, target.person, target.member, why, of))


def _sort_key(excluded: Excluded) -> tuple[int, bool, str, bytes]:
    return (_ORDER[excluded.why], excluded.person is None, excluded.person or "", excluded.member or b"")
