"""Texts in many scripts with names in them, and what Python blacks out: the browser does the same (exporting.test.ts).

Usage: python -m tests.support.random_redactions SEED COUNT; writes one JSON line for each.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from random import Random
from typing import Any

from tests.support.operations_export import export_redact

NAMES = [
    *("Müller", "Anna-Lena Groß", "Straße", "STRASSER", "ẞeim", "Æsa", "Øre", "Ångström", "Zoë", "Nguyễn Văn", "ŉa"),
    *("İbrahim", "Işık", "Çağrı Şen", "Έλλη Σας", "Кирилл", "D’Arcy", "O'Neil", "J.R.", "(x)", "a*b", "Jo", "K", "ſam"),
    *(
        "李雷",
        "김철수",
        "たなか",
        "\uff80\uff85\uff76",
        "สมชาย",
        "مريم",
        "أحمد علي",
        "נועם",
        "Mary  Ann",
        "Ann\u00ade",
        "\U0001d49cda",
    ),
]
BETWEEN = [
    *" .,'’_-/“。\n",
    "\x85",
    "\xa0",
    "\u3000",
    "\u200b",
    "\xad",
    "",
    "s",
    "'s",
    "en",
    "enn",
    "2",
    "\u0301",
    "the",
]
LANGUAGES = ["en", "de", "zh", "ar"]


def main(seed: int, count: int) -> None:
    """Write `count` texts, always the same for one seed."""
    random = Random(seed)
    for _ in range(count):
        given = _draw(random)
        sys.stdout.write(json.dumps({"input": given, "expect": export_redact(given)}) + "\n")


def _draw(random: Random) -> dict[str, Any]:
    names = random.sample(NAMES, random.randrange(1, 5))
    pieces = [
        random.choice(BETWEEN) + _vary(random.choice([*names, *NAMES]), random) for _ in range(random.randrange(12))
    ]
    given = {"text": random.choice(BETWEEN).join(pieces), "names": names, "language": random.choice(LANGUAGES)}
    return {**given, "allowed": random.sample(NAMES, random.randrange(3)), "people": random.sample(NAMES, 3)}


def _vary(name: str, random: Random) -> str:
    """Write a name otherwise: in another case or form, broken, or cut short."""
    place = random.randrange(len(name))
    form: Any = random.choice(["NFC", "NFD", "NFKC", "NFKD"])
    broken = name[:place] + random.choice(BETWEEN) + name[place:]
    ways = [name.upper(), name.lower(), name.swapcase(), unicodedata.normalize(form, name), broken, name[: place + 1]]
    return str(random.choice([*ways, name]))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
