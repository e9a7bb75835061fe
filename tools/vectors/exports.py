"""Cases of exports for one person: what is blacked out, what is found, and the files to the last byte."""

from __future__ import annotations

from typing import Any

from tools.vectors.case import Case, draw

TEXT = "Caius Nobody and Mia Madeup stood there. CAIUS NOBODY'S coat <was> on Nobody's \"chair\".\n马丽 saw it."

MARK_NAMES = {"de": "Geschke", "zh": "\u9690", "ar": "\u0645\u062d\u062c\u0648\u0628"}


def _redact(
    name: str,
    about: str,
    text: str,
    *names: str,
    allowed: tuple[str, ...] = (),
    people: tuple[str, ...] = (),
    left: tuple[str, ...] = (),
    language: str = "en",
) -> Case:
    given = {"language": language, "text": text, "names": list(names), "allowed": list(allowed), "people": list(people)}
    return Case("export", f"redact-{name}", "redact", about, given, expect={"left": list(left)})


def _describe(name: str, about: str, kind: str, language: str = "en", **content: Any) -> Case:
    given = {"language": language, "kind": kind, "content": {"v": 1, **content}}
    return Case("export", f"describe-{name}", "describe", about, given)


def _make_redactions() -> list[Case]:
    return [
        _redact(
            "endings",
            "endings of two letters, any case",
            "Ben, BEN and Bens hat; Ben's, a benefit",
            "Ben",
            left=("benefit",),
        ),
        _redact("longer", "longer names go first", "Ben  Bold\nand Ben Bold, Ben", "Ben", "Ben Bold"),
        _redact("unspaced", "a script without spaces", "他看见马丽了", "马丽"),
        *(
            _redact(
                f"mark-{language}",
                f"the mark of this language holds nobody's name, {language}",
                "Bennett came.",
                "Bennett",
                name,
                language=language,
            )
            for language, name in MARK_NAMES.items()
        ),
        _redact("marks", "combining marks", "Jose\u0301 und Jos\u00e9", "Jos\u00e9"),
        _redact("pattern", "letters of patterns are letters", "A \\1 and a.b (c) [d] x+y", "a.b", "(c)", "[d]", "x+y"),
        _redact("unseen", "letters nobody sees", "B\u200ben Bo\u00adld", "Ben Bold"),
        _redact(
            "umlauts", "other spellings", "Mueller, Muller and M\u00fcllers", "M\u00fcller", left=("mueller", "muller")
        ),
        _redact("sharp", "a letter that folds to two", "STRASSER und Stra\u00dfer", "Stra\u00dfer", left=("strasser",)),
        _redact(
            "sigma",
            "a letter with two small forms",
            "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c2",
            "\u039f\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c2",
        ),
        _redact("sharp-capital", "the same as a capital", "FRAU GRO\u1e9e, Gross", "Gro\u00df", left=("gross",)),
        _redact(
            "dotless",
            "four letters that are one i",
            "I\u015fIK, \u0131\u015f\u0131k, \u0130\u015f\u0130k",
            "I\u015f\u0131k",
        ),
        _redact("half-width", "narrow letters of an unspaced script", "\uff80\uff85\uff76\u306f", "\uff80\uff85\uff76"),
        _redact("spaces", "whatever space is between", "Ben\u0085Bold, Ben\u3000Bold, Ben\u001cBold", "Ben Bold"),
        _redact("blank", "a name of blanks is none", "Ben Bold", " \u3000", "Ben"),
        _redact("left", "what still holds a part", "The benefit of Bold", "Ben Bold", left=("benefit", "bold")),
        _redact("allowed", "what may stay", "The benefit of Bold", "Ben Bold", allowed=("benefit", "Mia Bold")),
        _redact("short", "of a short name only the whole word", "Li lives in Lima, li", "Li"),
        _redact(
            "arabic",
            "another script",
            "\u0631\u0623\u064a\u062a \u0645\u0631\u064a\u0645 \u0647\u0646\u0627\u0643",
            "\u0645\u0631\u064a\u0645",
        ),
        _redact("people", "people of the case", TEXT, "Nobody", people=("Mia Madeup", "Caius Nobody", "caius")),
        _redact(
            "pieces",
            "people as somebody typed them: small words and what stands around a name are no name",
            "Rafe said so",
            people=(
                "Rafe Ostellan, (Teldane Stores)",
                "the buyer of »Teldane«",
                "李雷、马丽",
                "مدير الفرع",
                "ſ Éa",
                "… -",
            ),
        ),
    ]


def _make_words() -> list[Case]:
    step = {"step": "contact", "text": "By telephone."}
    return [
        _describe("feedback", "feedback", "feedback", action="A rail.", grounds="It broke."),
        _describe("close", "a closing", "close", reason="It is done."),
        _describe("reopen", "a reopening without a reason", "reopen", text="More."),
        _describe("step", "a step with words", "entry", **step),
        _describe("machine", "written by a machine", "entry", automatic=True, text="Seven days."),
        _describe("hold", "a hold", "entry", hold={"type": "legal", "until": None, "reason": "A court."}),
        _describe("risk", "how great the risk is", "entry", risk="high", text="They share a room."),
        *(
            _describe(f"risk-{language}", "the same", "entry", language, risk=level, text="?")
            for language, level in (("de", "low"), ("zh", "medium"), ("ar", "severe"))
        ),
        _describe("lift", "its end", "entry", lifts=draw("a hold").hex()),
        _describe("confirms", "a second signature", "entry", confirms=draw("a closing").hex()),
        _describe(
            "told", "an earlier telling", "entry", disclosure={"on": "2026-05-01", "to": "manager", "name": "Mia"}
        ),
        _describe("told-undated", "on a day not known", "entry", disclosure={"on": None, "to": "hr", "name": ""}),
        _describe("open-told", "one that stands in the report", "open", **_make_open()),
        *(
            _describe(f"told-{language}", "the same", "entry", language, disclosure={"on": on, "to": to, "name": name})
            for language, on, to, name in (
                ("de", "2026-05-01", "hr", "Mia"),
                ("zh", None, "police", ""),
                ("ar", "2026-05-01", "other", "Mia"),
            )
        ),
        _describe("step-de", "a step, in German", "entry", "de", **step),
        _describe("machine-zh", "by a machine, in Chinese", "entry", "zh", automatic=True, step="inquiry"),
        _describe(
            "hold-ar", "a hold, in Arabic", "entry", "ar", hold={"type": "legal", "until": None, "reason": "A court."}
        ),
        _describe("erase-de", "a wish to erase, in German", "erase", "de", ground="retention"),
        _describe("notice-de", "somebody let in, in German", "entry", "de", notice=_make_notice("internal")),
        _describe("notice-strange", "into a room of no known kind", "entry", notice=_make_notice("cellar {room}")),
        _describe("erase", "a wish to erase", "erase", ground="order", text="By letter."),
        _describe("erase-second", "its confirmation", "erase", confirms=draw("a wish").hex()),
        _describe("plain", "words", "acknowledge", text="It is here."),
    ]


def _make_open() -> dict[str, Any]:
    told = {"on": "2026-05-01", "to": "manager", "name": "Mia"}
    access: dict[str, Any] = {"granted": [], "conflicted": [], "excluded": []}
    return {"room": "plaint/v1/room\n", "access": access, "people": [], "text": "It broke.", "disclosure": told}


def _make_notice(label: str) -> dict[str, Any]:
    return {"type": "access", "room": "ab" * 32, "label": label, "member": "cd" * 16, "name": "Mia"}


def _make_files() -> list[Case]:
    entries: list[dict[str, Any]] = [
        {
            "name": "reporter:0",
            "kind": "open",
            "author": "reporter",
            "authorship": "proved",
            "logged_at": 1_750_000_000,
            "text": TEXT.replace("Caius Nobody", "[redacted 1]"),
            "files": ["text/plain, 12 bytes", "file, 3 bytes"],
            "original": draw("original").hex(),
            "before": TEXT,
        },
        {
            "name": "internal:3",
            "kind": "entry",
            "author": "[redacted 1]",
            "authorship": "unproved",
            "logged_at": None,
            "text": "",
            "files": [],
            "original": draw("another").hex(),
            "before": "\u2028 \x7f \\ \t",
        },
    ]
    entries += [{**entries[1], "authorship": authorship} for authorship in ("earlier", "unadmitted", "former")]
    given = {"entries": entries, "for": 'Mia "M" Madeup', "redact": ["Caius Nobody"], "counts": [2], "leave": ["chair"]}
    return [
        Case("export", name, "write", f"the four files, {language}", {"language": language, **given})
        for name, language in (("write", "en"), ("write-de", "de"), ("write-zh", "zh"), ("write-ar", "ar"))
    ]


CASES = [*_make_redactions(), *_make_words(), *_make_files()]
