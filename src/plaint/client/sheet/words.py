"""The words of a sheet in each language, one file each; the browser's pages say the same (web/messages)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

LANGUAGES = ("en", "de", "zh", "ar")
RIGHT_TO_LEFT = ("ar",)
ISOLATE, POP = "\u2066", "\u2069"


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language."""

    language: str
    table: dict[str, str]

    def say(self, key: str, **values: str) -> str:
        """Return a sentence with what it names put in, kept in its own order where the language runs the other way."""
        if self.language in RIGHT_TO_LEFT:
            values = {name: f"{ISOLATE}{value}{POP}" for name, value in values.items()}
        return self.table[key].format(**values)


def load_words(language: str) -> Words:
    """Return the words of one of `LANGUAGES`."""
    text = (files("plaint.client.sheet") / f"{language}.json").read_text("utf-8")
    return Words(language, json.loads(text))


def format_date(moment: int) -> str:
    """Return a date that reads the same everywhere."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")
