"""Cases of words, keys, age and leaf."""

from __future__ import annotations

from typing import Any

from plaint.crypto import age
from plaint.crypto.agreement import AgreementKey
from plaint.protocol.words import encode_words
from tools.vectors.case import Case, draw
from tools.vectors.world import MANIFEST, ROOM, SECRET

# BIP-39's published English vectors (those of 128 bits), and NBitcoin's published Chinese ones.
ENGLISH = {
    "00000000000000000000000000000000": "abandon " * 11 + "about",
    "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f": "legal winner thank year wave sausage worth useful legal winner thank yellow",
    "80808080808080808080808080808080": "letter advice cage absurd amount doctor acoustic "
    "avoid letter advice cage above",
    "ffffffffffffffffffffffffffffffff": "zoo " * 11 + "wrong",
    "9e885d952ad362caeb4efe34a8e91bd2": "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic",
    "c0ba5a8e914111210f2bd131f3d5e08d": "scheme spot photo card baby mountain device kick cradle pact join borrow",
    "23db8160a31d3e0dca3688ed941adbf3": "cat swing flag economy stadium alone churn speed unique patch report train",
    "f30f8c1da665478f49b001d94c5fc452": "vessel ladder alter error federal sibling chat "
    "ability sun glass valve picture",
}
SIMPLIFIED = {
    "00000000000000000000000000000000": "的 " * 11 + "在",
    "01010101010101010101010101010101": "人 三 谈 我 表 壤 对 据 人 三 谈 于",
    "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f": "枪 疫 霉 尝 俩 闹 饿 贤 枪 疫 霉 卿",
    "80808080808080808080808080808080": "壤 对 据 人 三 谈 我 表 壤 对 据 不",
    "fefefefefefefefefefefefefefefefe": "尝 俩 闹 饿 贤 枪 疫 霉 尝 俩 闹 皱",
    "ffffffffffffffffffffffffffffffff": "歇 " * 11 + "逻",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": "琴 轴 琴 轴 琴 轴 琴 轴 琴 轴 琴 找",
    "55555555555555555555555555555555": "轴 琴 轴 琴 轴 琴 轴 琴 轴 琴 轴 腰",
    "9e885d952ad362caeb4efe34a8e91bd2": "蒙 台 脱 纪 构 硫 浆 霉 感 仅 鱼 汤",
}
TRADITIONAL = {
    "00000000000000000000000000000000": "的 " * 11 + "在",
    "01010101010101010101010101010101": "人 三 談 我 表 壤 對 據 人 三 談 於",
    "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f": "槍 疫 黴 嘗 倆 鬧 餓 賢 槍 疫 黴 卿",
    "80808080808080808080808080808080": "壤 對 據 人 三 談 我 表 壤 對 據 不",
}
PUBLISHED = {"english": ENGLISH, "chinese_simplified": SIMPLIFIED, "chinese_traditional": TRADITIONAL}
OTHERS = ("french", "italian", "japanese", "korean", "portuguese", "spanish", "czech")
OWNER = AgreementKey(draw("age owner"))
SECRETS = {"esk": draw("esk").hex(), "file_key": draw("file key", 16).hex(), "nonce": draw("nonce", 16).hex()}


def _make_words() -> list[Case]:
    cases = []
    for language, pairs in PUBLISHED.items():
        for number, (entropy, words) in enumerate(pairs.items(), 1):
            name, about = f"{language}-{number:02}", f"a published vector, {language}"
            given = {"entropy": entropy, "language": language}
            cases.append(Case("words", f"encode-{name}", "encode", about, given, expect={"words": words}))
            ambiguous = language == "chinese_traditional" and number == 1  # the same words stand in both lists
            found = "chinese_simplified" if ambiguous else language
            expect = {"entropy": entropy, "language": found}
            cases.append(Case("words", f"parse-{name}", "parse", about, {"text": words}, expect=expect))
    for language in OTHERS:
        drawn = draw(f"words {language}", 16)
        words = encode_words(drawn, language)
        given = {"entropy": drawn.hex(), "language": language}
        cases.append(Case("words", f"encode-{language}", "encode", language, given))
        cases.append(Case("words", f"parse-{language}", "parse", f"{language}, in NFKD", {"text": words}, expect=given))
    return cases


def _make_typed() -> list[Case]:
    legal = ENGLISH["7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"]
    entropy = {"entropy": "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"}
    japanese = encode_words(draw("words japanese", 16), "japanese")
    swapped = legal.replace("legal winner", "winner legal", 1)

    def parse(name: str, about: str, text: str, **more: Any) -> Case:
        return Case("words", name, "parse", about, {"text": text}, **more)

    return [
        parse("typed-spaces", "any white space", "\n\t " + legal.replace(" ", " \u00a0\n"), expect=entropy),
        parse("typed-capitals", "capitals", legal.upper(), expect=entropy),
        parse("typed-ideographic", "ideographic spaces", japanese.replace(" ", "\u3000")),
        parse("typed-composed", "composed accents", "\u00e1baco " * 11 + "abierto", expect={"language": "spanish"}),
        parse("qr", "what a QR code says", "PLAINT1:" + legal, expect=entropy),
        parse("few", "eleven words", " ".join(legal.split()[:11]), error="words-count"),
        parse("many", "thirteen words", legal + " yellow", error="words-count"),
        parse("none", "nothing", "", error="words-count"),
        parse("long", "more than 1,024 characters", legal + " " * 1_024, error="words-count"),
        parse("unknown", "the third word is in no list", legal.replace("thank", "thanx", 1), error="words-unknown"),
        parse("unknown-mixed", "words of two lists", legal.replace("sausage", "的"), error="words-unknown"),
        parse("checksum", "two words swapped", swapped, error="words-checksum"),
    ]


def _make_keys() -> list[Case]:
    low = bytes(32).hex()
    cases = [
        Case("keys", f"holder-{i}", "holder", "a holder's keys", {"entropy": draw(f"holder {i}", 16).hex()})
        for i in (1, 2)
    ]
    cases += [
        Case("keys", f"member-{i}", "member", "a member's keys", {"entropy": draw(f"member {i}", 16).hex()})
        for i in (1, 2)
    ]
    secret, public = draw("agree").hex(), AgreementKey(draw("agree with")).public.hex()
    return [
        *cases,
        Case("keys", "holder-short", "holder", "15 bytes", {"entropy": "00" * 15}, error="words-entropy"),
        Case("keys", "member-long", "member", "17 bytes", {"entropy": "00" * 17}, error="words-entropy"),
        Case("keys", "room-1", "room", "a room's keys", {"secret": SECRET.hex()}),
        Case("keys", "room-2", "room", "a room's keys", {"secret": draw("room 2").hex()}),
        Case("keys", "room-short", "room", "31 bytes", {"secret": "00" * 31}, error="key-length"),
        Case("keys", "check-1", "check", "check words", {"room": ROOM.hex(), "slots": draw("slots").hex()}),
        Case("keys", "agree", "agree", "X25519", {"secret": secret, "public": public}),
        Case("keys", "agree-zero", "agree", "zeros", {"secret": secret, "public": low}, error="key-agreement"),
        Case("keys", "text", "text", "age's own spelling", {"secret": secret}),
    ]


def _make_age() -> list[Case]:
    recipient = OWNER.public.hex()
    cases = [
        Case("age", f"seal-{size:06}", "seal", f"{size} bytes", {"recipient": recipient, "size": size, **SECRETS})
        for size in (0, 1, 256, 4_096, 65_535, 65_536, 65_537, 131_072, 200_001)
    ]
    sealed = age.seal_age(OWNER.public, b"invented words", **{key: bytes.fromhex(v) for key, v in SECRETS.items()})
    other = AgreementKey(draw("age other"))

    def open_(name: str, about: str, data: bytes, identity: AgreementKey = OWNER, **more: Any) -> Case:
        return Case("age", name, "open", about, {"identity": identity.secret.hex(), "sealed": data.hex()}, **more)

    mac = bytes([sealed[124] ^ 1])
    stanza = b"-> x-grease a b\n" + b"A" * 64 + b"\n\n"
    return [
        *cases,
        Case("age", "size", "size", "what 70,000 bytes become", {"size": 70_000}, expect={"size": 70_216}),
        Case(
            "age",
            "seal-zero",
            "seal",
            "nobody's key",
            {"recipient": "00" * 32, "size": 1, **SECRETS},
            error="key-agreement",
        ),
        open_("open", "ours", sealed, expect={"plaintext": b"invented words".hex()}),
        open_("open-other", "for somebody else", sealed, other, error="age-no-identity"),
        open_("open-short", "the last byte is missing", sealed[:-1], error="age-payload"),
        open_("open-header", "half a header", sealed[:90], error="age-form"),
        open_("open-empty", "nothing", b"", error="age-form"),
        open_("open-version", "version 2", sealed.replace(b"org/v1", b"org/v2"), error="age-form"),
        open_("open-mac", "a false MAC", sealed[:124] + mac + sealed[125:], error="age-payload"),
        open_("open-stanza-added", "a stanza added later", sealed[:22] + stanza + sealed[22:], error="age-payload"),
        open_("open-padding", "base64 with padding", sealed.replace(b"\n--- ", b"=\n--- "), error="age-form"),
        open_(
            "open-flip",
            "a bit of the payload",
            sealed[:-3] + bytes([sealed[-3] ^ 1]) + sealed[-2:],
            error="age-payload",
        ),
    ]


def _make_leaf() -> list[Case]:
    header = f"plaint/v1/entry\norg {MANIFEST.org.hex()}\n"
    opening = draw("opening").hex()
    token = {"secret": SECRET.hex(), "kind": "acknowledge", "count": 1}
    return [
        Case("leaf", "content", "content", "a content leaf", {"opening": opening, "header": header}),
        Case(
            "leaf",
            "content-short",
            "content",
            "31 bytes",
            {"opening": opening[2:], "header": header},
            error="key-length",
        ),
        Case("leaf", "token", "token", "the first acknowledgement", token),
        Case("leaf", "token-2", "token", "the second", {**token, "count": 2}),
        Case("leaf", "check", "check", "a leaf", {"leaf": "01" + "ab" * 32}),
        Case("leaf", "check-prefix", "check", "another first byte", {"leaf": "02" + "ab" * 32}, error="leaf-form"),
        Case("leaf", "check-size", "check", "34 bytes", {"leaf": "01" + "ab" * 33}, error="leaf-form"),
    ]


CASES = [*_make_words(), *_make_typed(), *_make_keys(), *_make_age(), *_make_leaf()]
