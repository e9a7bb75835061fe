"""Cases of missed dates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plaint.crypto.signing import SigningKey
from plaint.encoding.base64 import encode_base64
from plaint.protocol.calendars import DAY_S
from plaint.protocol.directory_contents import Leave, Suspend
from plaint.protocol.directory_keys import Compromised
from plaint.protocol.leaf import compute_token_hash, compute_token_leaf
from plaint.protocol.missed import Missed, encode_missed, sign_missed
from plaint.protocol.packs import compute_pack_digest
from tests.support.directory_world import (
    EU_INTERNAL,
    DirectoryWorld,
    find_id,
    make_keys,
    make_record,
    make_rotation,
)
from tools.vectors.case import Case, draw, replace_once
from tools.vectors.counters import LOGGED, MOVABLE, STEADY, SUSPENDED, TRUST_TEXT, copy_directory, tell
from tools.vectors.counters import ORG as ORGANISATION
from tools.vectors.notes import AT, ROOM_KEYS, TOKENS
from tools.vectors.story import BATCH, COSIGNERS, TICK_S, Story
from tools.vectors.world import MEMBERS, ORG

KEY = SigningKey(draw("watcher's key"))
CHECKPOINT = "plaint.example/7f3a/log/cases\n16384\n" + encode_base64(draw("root")) + "\n\n— plaint.example Az3grlgt\n"
MISSED = Missed(
    org=ORG,
    member=next(iter(MEMBERS.values())).id,
    pack=compute_pack_digest(EU_INTERNAL),
    kind="acknowledge",
    opened=AT + 600,
    open=TOKENS.open,
    token=TOKENS.acknowledge,
    due=AT + 600 + 7 * 86_400,
    cells=1_024,
    checkpoint=CHECKPOINT.encode(),
)


WATCHER = make_keys("dov")
LEFT = DirectoryWorld().change(MOVABLE).append(Leave(find_id("dov")), "dov")
VOID = DirectoryWorld().change(MOVABLE).append(Compromised(find_id("dov")), "dov")
ROTATED = DirectoryWorld().change(MOVABLE).change(make_rotation("dov", "dov again"), "dov")
LOST = DirectoryWorld().change(MOVABLE).change(make_rotation("dov", "dov again"), "dov")
LOST.append(Compromised(find_id("dov")), "ada", "eva")
STOPPED = DirectoryWorld().change(MOVABLE).append(Suspend(find_id("dov")), "ada")
BACK = DirectoryWorld().change(MOVABLE).append(Suspend(find_id("dov")), "ada")
BACK.change(make_record("dov", ["independent"]), "ada", "eva")
OTHER_ROLE = DirectoryWorld().change(MOVABLE).change(make_record("dov", ["reviewer"]), "ada", "eva")
OPEN_LEAF = compute_token_leaf(ROOM_KEYS.compute_token("open"))
ANSWER_LEAF = compute_token_leaf(ROOM_KEYS.compute_token("acknowledge"))
SLEPT_S = DAY_S - 7 * TICK_S  # so that a day after the report is tick 10
SILENCE = replace(tell(), slept_s=SLEPT_S)
END = AT + 30 * TICK_S + SLEPT_S
SEEN = 157  # the tick of the directory in which a file is made that saw tick 20


def _watch(story: Story, *, tick: int = 20, **changes: Any) -> Missed:
    """Return what a member who cannot read says of the report that `story` logs."""
    opened = AT + (LOGGED - 1) * TICK_S + 5
    seen = Missed(
        org=ORGANISATION,
        member=find_id("dov"),
        pack=compute_pack_digest(MOVABLE),
        kind="acknowledge",
        opened=opened,
        open=compute_token_hash(OPEN_LEAF),
        token=compute_token_hash(ANSWER_LEAF),
        due=opened + DAY_S,
        cells=1_024,
        checkpoint=story.make_note(BATCH * (tick + 1)),
    )
    return replace(seen, **changes)


def _judge(
    name: str,
    about: str,
    verdict: str,
    *reasons: str,
    story: Story = SILENCE,
    missed: Missed | None = None,
    key: SigningKey = WATCHER.sign,
    copied: Story | None = None,
    leaves: bool = True,
    directory: dict[str, Any] | None = STEADY,
    now: int = END,
    until: int | None = None,
) -> Case:
    text = sign_missed(missed or _watch(story), key).decode()
    given: dict[str, Any] = {"text": text, "trust": TRUST_TEXT, "now": now}
    given |= (copied or story).make_copy() if leaves else {}
    given |= {} if directory is None else {"directory": directory}
    expect = {"verdict": verdict, "reasons": list(reasons), "until": until}
    return Case("missed", f"judge-{name}", "judge", about, given, expect=expect)


def _make_former() -> list[Case]:
    """Return cases of keys that stopped counting: when the file was signed, nobody can say."""
    met, late = (replace(tell(events={tick: [ANSWER_LEAF]}), slept_s=SLEPT_S) for tick in (6, 16))
    after, ended = SEEN + 3, AT + (SEEN + 2) * TICK_S + 5
    left = copy_directory((4, 0), (4, 19), (5, after), world=LEFT)
    rotated = copy_directory((4, 0), (4, 19), (6, after), world=ROTATED)
    earlier = copy_directory((4, 0), (6, 19), world=ROTATED)
    lost = copy_directory((4, 0), (4, 19), (6, after), (7, after + 1), world=LOST)
    stopped = copy_directory((4, 0), (4, 19), (5, after), world=STOPPED)
    back = copy_directory((4, 0), (4, 19), (5, after), (7, after + 1), world=BACK)
    other = copy_directory((4, 0), (4, 19), (6, after), world=OTHER_ROLE)
    again = make_keys("dov again").sign

    def former(name: str, about: str, directory: dict[str, Any], story: Story = SILENCE) -> Case:
        name = f"former-{name}"
        return _judge(name, about, "former", "missed-former", directory=directory, story=story, until=ended)

    return [
        former("left", "by an independent who left afterwards", left),
        former("late", "the same, and the answer came late", left, late),
        former("rotated", "with a key that was replaced afterwards", rotated),
        former("suspended", "by an independent who was suspended afterwards", stopped),
        former("role", "by a member who is no independent any more", other),
        _judge("former-met", "by one who left, and the date was kept", "holds", story=met, directory=left, until=ended),
        _judge("former-before", "judged before she left", "silent", directory=left, now=ended - 1),
        _judge("back", "by an independent who was suspended and came back", "silent", directory=back),
        _judge("rotated-new", "with the key that she got after she saw the log", "silent", directory=rotated,
               key=again),
        _judge("rotated-old", "with a key that was replaced before", "invalid", "missed-member", directory=earlier),
        _judge("rotated-lost", "with the key before the one that others have", "invalid", "missed-member",
               directory=lost),
    ]  # fmt: skip


def _make_verdicts() -> list[Case]:
    met, late = (replace(tell(events={tick: [ANSWER_LEAF]}), slept_s=SLEPT_S) for tick in (6, 16))
    undated = replace(SILENCE, absent={20: list(COSIGNERS)})
    opened = _watch(SILENCE).opened
    handler, gone = _watch(SILENCE, member=find_id("ida")), copy_directory((4, 0), (5, 19), world=LEFT)
    void = copy_directory((4, 0), (4, 19), (5, 160), world=VOID)
    other = copy_directory((4, 0), world=SUSPENDED) | {"checkpoints": copy_directory((5, 19))["checkpoints"]}
    return [
        _judge("silent", "nobody acknowledged it", "silent"),
        _judge("late", "somebody did, too late", "late", story=late),
        _judge("met", "somebody did, in time", "holds", story=met),
        _judge("kept-back", "the watcher's copy was short of it", "holds", copied=met, missed=_watch(SILENCE)),
        _judge(
            "old-copy",
            "the copy ends before the date",
            "cannot-judge",
            "missed-early",
            copied=replace(SILENCE, ticks=6),
        ),
        _judge("now", "the date is to come", "cannot-judge", "missed-early", now=AT + 6 * TICK_S + SLEPT_S),
        _judge("seen-early", "seen before the date", "cannot-judge", "missed-early", missed=_watch(SILENCE, tick=8)),
        _judge("undated", "nobody dated what was seen", "cannot-judge", "missed-early", missed=_watch(undated)),
        _judge("no-leaves", "no copy of the log", "cannot-judge", "leaves-missing", leaves=False),
        _judge("no-directory", "nobody says whose key", "cannot-judge", "counter-directory", directory=None),
        _judge("directory", "the directory is not what was signed", "cannot-judge", "directory-root", directory=other),
        _judge("org", "another organisation", "invalid", "missed-org", missed=_watch(SILENCE, org=draw("org", 16))),
        _judge("member", "nobody's", "invalid", "missed-member", missed=_watch(SILENCE, member=draw("m", 16))),
        _judge("forged", "signed by another member", "invalid", "note-no-known-key", key=make_keys("ben").sign),
        _judge("handler", "by a member who is not independent", "invalid", "missed-member", missed=handler,
               key=make_keys("ida").sign),
        _judge("left", "by an independent who had left", "invalid", "missed-member", directory=gone),
        _judge("compromised", "with a key that others had", "invalid", "missed-member", directory=void),
        _judge("due", "another date than the pack's", "invalid", "missed-due", missed=_watch(SILENCE, due=opened + 1)),
        _judge("pack", "a pack that the directory does not hold", "invalid", "missed-due",
               missed=_watch(SILENCE, pack=draw("pack"))),
        _judge("other-kind", "the date of another duty", "invalid", "missed-due", missed=_watch(SILENCE,
               pack=compute_pack_digest(EU_INTERNAL), due=opened + 7 * DAY_S, kind="feedback")),
        _judge("opened", "another date of arrival", "invalid", "missed-open", missed=_watch(SILENCE, opened=AT,
               due=AT + DAY_S)),
        _judge("open", "about no report", "invalid", "missed-open", missed=_watch(SILENCE, open=draw("open"))),
        _judge(
            "later",
            "logged after what was seen",
            "invalid",
            "missed-open",
            missed=_watch(replace(SILENCE, offsets=dict.fromkeys(COSIGNERS, SLEPT_S + 20 * TICK_S)), tick=2),
        ),
    ]  # fmt: skip


def _make_cases() -> list[Case]:
    text = sign_missed(MISSED, KEY).decode()
    said: dict[str, Any] = {
        **{name: getattr(MISSED, name).hex() for name in ("org", "member", "pack", "open", "token")},
        **{name: getattr(MISSED, name) for name in ("kind", "opened", "due", "cells")},
        "checkpoint": CHECKPOINT,
    }
    encoded = encode_base64(CHECKPOINT.encode())

    def parse(name: str, about: str, given: str, error: str | None = None) -> Case:
        return Case("missed", name, "parse", about, {"text": given}, error=error)

    def change(name: str, about: str, old: str, new: str, error: str) -> Case:
        return parse(name, about, replace_once(text, old, new), error)

    return [
        parse("acknowledge", "a missed acknowledgement", text),
        Case("missed", "sign", "sign", "the same, signed", {"missed": said, "seed": KEY.seed.hex()}),
        change("version", "another version", "plaint/v1/missed", "plaint/v2/missed", "text-first-line"),
        change("kind", "no duty", "kind acknowledge", "kind open", "missed-kind"),
        change("action", "a duty that no receipt promises", "kind acknowledge", "kind action", "missed-kind"),
        change("token", "half a hash", MISSED.token.hex(), MISSED.token.hex()[:32], "text-hex"),
        change("due", "no whole number", f"due {MISSED.due}", f"due {MISSED.due}.5", "text-integer"),
        change("order", "cells before due", f"due {MISSED.due}\n", "", "text-order"),
        change("checkpoint", "not base64", encoded, encoded[:-1] + "*", "base64-form"),
        parse("unsigned", "no signature", encode_missed(MISSED).decode(), "note-form"),
    ]


CASES = [*_make_cases(), *_make_verdicts(), *_make_former()]
