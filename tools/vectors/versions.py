"""Cases of the fold about the versions of deadlines: they only grow."""

from __future__ import annotations

from dataclasses import replace

from plaint.protocol.directory_contents import Content, Effect
from plaint.protocol.directory_keys import Compromised
from plaint.protocol.packs import compute_pack_digest
from tests.support.directory_world import DirectoryWorld, find_id
from tools.vectors.case import Case
from tools.vectors.directory import LEGAL, PAIR, STRICT, make_fold


def _make_versions() -> list[Case]:
    """Return the cases in which versions grow, and in which they do not."""
    third, fourth = (replace(STRICT, version=number) for number in (3, 4))
    legal, moved = (replace(LEGAL, pack=compute_pack_digest(pack)) for pack in (STRICT, third))
    wider = replace(legal, roles=("case-manager", "investigator", "reviewer"))
    error = "directory-pack-version"

    grown = DirectoryWorld().change(STRICT).change(LEGAL)

    def grow() -> DirectoryWorld:
        """Return the directory in which a third version is listed, the channel still under the second."""
        world = DirectoryWorld().change(STRICT).change(LEGAL)
        return world.change(third)

    def refused(name: str, about: str, content: Content, base: DirectoryWorld) -> Case:
        return make_fold(f"version-{name}", about, base.forge(content, *PAIR), error=error)

    waits = DirectoryWorld().append(third, *PAIR)
    raced = grow().append(moved, *PAIR)
    overtaken = grow().append(moved, "gus", "eva").append(fourth, *PAIR)
    overtaken.append(replace(moved, roles=wider.roles), *PAIR).append(Compromised(find_id("gus")), *PAIR)
    waiting = [entry.index for entry in overtaken.state.pending]
    for index in waiting:
        overtaken.append(Effect(index))
    return [
        refused("same", "other deadlines under a version that is there", replace(STRICT, title="Other"), grown),
        refused("older", "deadlines older than those that are there", replace(STRICT, version=1), grown),
        refused("waits", "deadlines older than those that wait", STRICT, waits),
        make_fold(
            "version-other", "an old version of another id", grown.forge(replace(STRICT, id="own", version=1), *PAIR)
        ),
        make_fold("version-moved", "the channel takes the newest", grow().change(moved).entries),
        refused("back", "the channel goes back", legal, grow().change(moved)),
        refused("raced", "the channel goes back before it went on", wider, raced),
        refused("new-channel", "a new channel under the older", replace(legal, id="other"), grow()),
        make_fold("version-kept", "other roles, the same deadlines", grow().change(wider).entries),
        make_fold("version-overtaken", "void: what it stood on never was, and a newer one is there", overtaken.entries),
    ]


CASES = _make_versions()
