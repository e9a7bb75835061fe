"""Draws a sheet as PDF: the same bytes wherever the same fonts are."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from plaint.client.sheet.words import RIGHT_TO_LEFT
from plaint.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plaint.client.sheet.describe import Sheet

# Fonts that draw each language, the best first. What none of them draws would be empty boxes.
LATIN = ("Noto Sans", "DejaVu Sans", "Liberation Sans", "Libertinus Serif")
FONTS = {
    "en": LATIN,
    "de": LATIN,
    "zh": (
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "WenQuanYi Micro Hei",
        "WenQuanYi Zen Hei",
        "PingFang SC",
        "Microsoft YaHei",
    ),
    "ar": ("Noto Sans Arabic", "Noto Naskh Arabic", "Amiri", "DejaVu Sans", "Geeza Pro", "Segoe UI"),
}


def draw_pdf(sheet: Sheet) -> bytes:
    """Return the sheet as a tagged PDF.

    Raises: UnavailableError "sheet-font" when no font on this machine is known to draw its language.
    """
    import typst  # noqa: PLC0415 - 80 MB that only this command needs

    language = sheet.words.language
    table = {**sheet.words.table, "grace": sheet.grace}
    data = {
        "lang": language,
        "rtl": language in RIGHT_TO_LEFT,
        "fonts": _choose_fonts(language, typst.Fonts().families()),
        "words": table,
        "facts": sheet.facts,
        "rows": [asdict(row) for row in sheet.rows],
        "proves": sheet.proves,
        "proves_not": sheet.proves_not,
        "digests": sheet.digests,
        "command": sheet.command,
    }
    source = (files("plaint.client.sheet") / "sheet.typ").read_bytes()
    drawn = typst.compile(
        source,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards="ua-1",
        timestamp=datetime.fromtimestamp(0, UTC),
    )
    return bytes(drawn)


def _choose_fonts(language: str, families: Sequence[str]) -> list[str]:
    own = [font for font in FONTS[language] if font in families]
    if not own:
        raise UnavailableError("sheet-font")
    latin = [font for font in LATIN if font in families]
    return [*latin[:1], *own[:1]] if language == "zh" else [own[0], *latin[:1]]
