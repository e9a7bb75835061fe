"""What an entry says, as the text of a file that leaves the device, in the language of whoever makes it.

The browser reads the same words (`export_words.json`), so that both write the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from plaint.protocol.content import (
    CloseContent,
    Content,
    EntryContent,
    EraseContent,
    FeedbackContent,
    OpenContent,
    ReopenContent,
    SlotsContent,
)
from plaint.protocol.records import Disclosure, Hold

LANGUAGES = ("en", "de", "zh", "ar")
RIGHT_TO_LEFT = ("ar",)
_TABLES = json.loads(files("plaint.client").joinpath("export_words.json").read_bytes())


@dataclass(frozen=True, slots=True)
class ExportWords:
    """The words of one language."""

    language: str
    table: Mapping[str, str]

    def say(self, key: str, **values: str) -> str:
        """Return a sentence with what it names put in."""
        return self.table[key].format(**values)


def load_export_words(language: str) -> ExportWords:
    """Return the words of one of `LANGUAGES`."""
    return ExportWords(language, _TABLES[language])


def describe_content(content: Content, words: ExportWords) -> str:
    """Return what an entry says, empty for what says nothing."""
    return "\n\n".join(part for part in (_describe_facts(content, words), content.text) if part)


def describe_told(told: Disclosure, words: ExportWords) -> str:
    """Return the sentence that somebody was told before, as claimed."""
    day = words.say("told-unknown") if told.on is None else words.say("told-day", day=told.on)
    whom = words.say(f"told-{told.to}")
    return words.say("told-named" if told.name else "told", day=day, whom=whom, name=told.name)


def describe_hold(hold: Hold, words: ExportWords) -> str:
    """Return what a case waits for, and why."""
    return words.say("hold", what=words.say(f"hold-{hold.type}"), reason=hold.reason)


def _describe_facts(content: Content, words: ExportWords) -> str:
    match content:
        case OpenContent(disclosure=Disclosure() as told):
            return describe_told(told, words)
        case FeedbackContent(action=action, grounds=grounds):
            return f"{action}\n\n{grounds}"
        case CloseContent(reason=reason) | ReopenContent(reason=reason):
            return reason or ""
        case EntryContent():
            return _describe_entry(content, words)
        case EraseContent(ground=ground):
            return words.say("erase", why=words.say(f"ground-{ground or 'none'}"))
        case _:
            granted = content.granted if isinstance(content, SlotsContent) else None
            return words.say("let-in", name=granted.name) if granted is not None else ""


def _describe_entry(content: EntryContent, words: ExportWords) -> str:
    if content.notice is not None:
        room = words.table.get(f"room-{content.notice.label}", content.notice.label)
        return words.say("let-in-room", name=content.notice.name, room=room)
    if content.confirms is not None:
        return words.say("confirmed")
    if content.disclosure is not None:
        return describe_told(content.disclosure, words)
    if content.lifts is not None:
        return words.say("lifted")
    if content.hold is not None:
        return describe_hold(content.hold, words)
    said = ""
    if content.risk is not None:
        said = words.say("risk", level=words.say(f"risk-{content.risk}"))
    elif content.step is not None:
        said = words.say(f"step-{content.step}")
    return f"{words.say('machine')} {said}".strip() if content.automatic else said
