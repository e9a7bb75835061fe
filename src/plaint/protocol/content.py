"""What is said inside a body: JCS objects, one dataclass for each kind of entry (spec/content.md)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from plaint.crypto.hashes import HASH_BYTES
from plaint.encoding.fields import Fields
from plaint.encoding.json import encode_json, parse_canonical_json
from plaint.errors import MalformedError
from plaint.protocol.access import WHYS, Access, Excluded, check_access
from plaint.protocol.keys import MEMBER_ID_BYTES
from plaint.protocol.packs import STEPS
from plaint.protocol.records import (
    RISKS,
    Disclosure,
    Hold,
    encode_disclosure,
    encode_hold,
    parse_disclosure,
    parse_hold,
)
from plaint.protocol.room import KINDS

LIMIT_CONTENT_BYTES = 262_144
LIMIT_ATTACHMENTS = 64
LIMIT_PEOPLE = 4_096
LIMIT_NAME = 512
UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
WHERES = ("inside", "outside")
RETENTION = "retention"
GROUNDS = (RETENTION, "irrelevant", "request", "order")
_CODE = "content-form"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A blob, the identity that opens it and the truth about the file in it."""

    id: bytes
    key: bytes = field(repr=False)
    name: str
    type: str
    size: int
    sha256: bytes
    sealed: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a report is about: an id of the chart, or only a name."""

    name: str
    person: str | None
    where: str


@dataclass(frozen=True, slots=True)
class Granted:
    """The member whom a new slot set lets in, by the name the granter saw."""

    member: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Told in the reporter's room: somebody was let into another room of the case."""

    type: str
    room: bytes
    label: str
    member: bytes
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What every kind may say; `extra` keeps unknown keys, which are not shown. Itself the content of most kinds."""

    kinds: ClassVar[tuple[str, ...]] = ("acknowledge", "extend", "decide")
    text: str | None = None
    lang: str | None = None
    attachments: tuple[Attachment, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenContent(Content):
    """The first entry of a room: its manifest and who may read it."""

    kinds: ClassVar[tuple[str, ...]] = ("open",)
    room: bytes
    access: Access
    people: tuple[Person, ...] = ()
    disclosure: Disclosure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotsContent(Content):
    """A new slot set: who may read from now on, and who is let in by it."""

    kinds: ClassVar[tuple[str, ...]] = ("slots",)
    access: Access
    granted: Granted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryContent(Content):
    """A message, the confirmation of a close, a notice, or something that happened in the case.

    `step` is an event that duties wait for; `automatic` says that a machine wrote this and no person; `lifts` is the
    hash of the header of an entry in this room whose hold ends; `risk` how great the risk of further harm is held
    to be.
    """

    kinds: ClassVar[tuple[str, ...]] = ("entry",)
    confirms: bytes | None = None
    notice: Notice | None = None
    step: str | None = None
    automatic: bool = False
    hold: Hold | None = None
    lifts: bytes | None = None
    disclosure: Disclosure | None = None
    risk: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackContent(Content):
    """What was done and why."""

    kinds: ClassVar[tuple[str, ...]] = ("feedback",)
    action: str
    grounds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseContent(Content):
    """One signature of two; effective with an entry that confirms it."""

    kinds: ClassVar[tuple[str, ...]] = ("close",)
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenContent(Content):
    """Takes a close back."""

    kinds: ClassVar[tuple[str, ...]] = ("reopen",)
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseContent(Content):
    """One signature of two that erase a room: the first gives the ground, the second confirms that very entry."""

    kinds: ClassVar[tuple[str, ...]] = ("erase",)
    ground: str | None = None
    confirms: bytes | None = None


def is_blank(text: str) -> bool:
    """Tell whether a text says nothing: no character in it but spaces, controls and what nobody sees (content.md)."""
    return all(unicodedata.category(character) in UNSEEN for character in text)


def encode_content(content: Content) -> bytes:
    """Return the JCS bytes of a content.

    Raises: MalformedError "content-size", "json-value".
    """
    data = encode_json(_Encoder(content).encode())
    if len(data) > LIMIT_CONTENT_BYTES:
        raise MalformedError("content-size")
    return data


def parse_content(kind: str, data: bytes) -> Content:
    """Return the content of an entry of `kind`.

    Raises: MalformedError "content-size", "content-form" (detail: the key), those of `parse_canonical_json` and
            `check_access`.
    """
    if len(data) > LIMIT_CONTENT_BYTES:
        raise MalformedError("content-size")
    fields = Fields(parse_canonical_json(data, limit_bytes=LIMIT_CONTENT_BYTES), _CODE)
    if fields.take_integer("v") != 1 or kind not in KINDS:
        raise MalformedError(_CODE, "v")
    own = _parse_own(kind, fields)
    common: dict[str, Any] = {
        "text": fields.take_optional("text", lambda key: fields.take_string(key, least=0)),
        "lang": fields.take_optional("lang", lambda key: fields.take_string(key, limit=64)),
        "attachments": fields.take_optional(
            "attachments", lambda key: fields.take_list(key, parse_attachment, limit=LIMIT_ATTACHMENTS)
        )
        or (),
    }
    return _CLASSES[kind](**own, **common, extra=fields.take_rest())


def parse_access(value: Any) -> Access:
    """Return the access in a parsed JSON value.

    Raises: MalformedError "content-form" and those of `check_access`.
    """
    fields = Fields(value, _CODE)
    access = Access(
        granted=fields.take_hex_list("granted", MEMBER_ID_BYTES, limit=LIMIT_PEOPLE),
        conflicted=fields.take_hex_list("conflicted", MEMBER_ID_BYTES, limit=LIMIT_PEOPLE),
        excluded=fields.take_list("excluded", _parse_excluded, limit=LIMIT_PEOPLE),
    )
    check_access(access)
    return access


def encode_access(access: Access) -> dict[str, Any]:
    """Return an access as a JSON value."""
    return {
        "granted": [member.hex() for member in access.granted],
        "conflicted": [member.hex() for member in access.conflicted],
        "excluded": [
            {"name": e.name, "person": e.person, "member": e.member and e.member.hex(), "why": e.why, "of": e.of}
            for e in access.excluded
        ],
    }


def parse_attachment(value: Any) -> Attachment:
    """Return the attachment in a parsed JSON value.

    Raises: MalformedError "content-form".
    """
    fields = Fields(value, _CODE)
    return Attachment(
        id=fields.take_hex("id", HASH_BYTES),
        key=fields.take_hex("key", HASH_BYTES),
        name=fields.take_string("name", limit=LIMIT_NAME),
        type=fields.take_string("type", limit=LIMIT_NAME, least=0),
        size=fields.take_integer("size"),
        sha256=fields.take_hex("sha256", HASH_BYTES),
        sealed=fields.take_integer("sealed"),
    )


def encode_attachment(attachment: Attachment) -> dict[str, Any]:
    """Return an attachment as a JSON value."""
    return {
        "id": attachment.id.hex(),
        "key": attachment.key.hex(),
        "name": attachment.name,
        "type": attachment.type,
        "size": attachment.size,
        "sha256": attachment.sha256.hex(),
        "sealed": attachment.sealed,
    }


_CLASSES: dict[str, type[Content]] = {
    kind: cls
    for cls in (
        Content,
        OpenContent,
        SlotsContent,
        EntryContent,
        FeedbackContent,
        CloseContent,
        ReopenContent,
        EraseContent,
    )
    for kind in cls.kinds
}


def _parse_own(kind: str, fields: Fields) -> dict[str, Any]:
    own: dict[str, Any] = {}
    match kind:
        case "open":
            own["room"] = fields.take_string("room", limit=1_024).encode()
            own["access"] = parse_access(fields.take("access"))
            people = fields.take_optional(
                "people", lambda key: fields.take_list(key, _parse_person, limit=LIMIT_PEOPLE)
            )
            own["people"] = people or ()
            own["disclosure"] = fields.take_optional("disclosure", lambda key: parse_disclosure(fields.take(key)))
        case "slots":
            own["access"] = parse_access(fields.take("access"))
            own["granted"] = fields.take_optional("granted", lambda key: _parse_granted(fields.take(key)))
        case "entry":
            own["confirms"] = fields.take_optional("confirms", lambda key: fields.take_hex(key, HASH_BYTES))
            own["notice"] = fields.take_optional("notice", lambda key: _parse_notice(fields.take(key)))
            own["step"] = fields.take_optional("step", lambda key: fields.take_one_of(key, STEPS))
            own["automatic"] = bool(fields.take_optional("automatic", fields.take_flag))
            own["hold"] = fields.take_optional("hold", lambda key: parse_hold(fields.take(key)))
            own["lifts"] = fields.take_optional("lifts", lambda key: fields.take_hex(key, HASH_BYTES))
            own["disclosure"] = fields.take_optional("disclosure", lambda key: parse_disclosure(fields.take(key)))
            own["risk"] = fields.take_optional("risk", lambda key: fields.take_one_of(key, RISKS))
        case "feedback":
            own["action"], own["grounds"] = fields.take_string("action"), fields.take_string("grounds")
        case "close":
            own["reason"] = fields.take_string("reason", least=0)
        case "reopen":
            own["reason"] = fields.take_optional("reason", lambda key: fields.take_string(key, least=0))
        case "erase":
            own["ground"] = fields.take_optional("ground", lambda key: fields.take_one_of(key, GROUNDS))
            own["confirms"] = fields.take_optional("confirms", lambda key: fields.take_hex(key, HASH_BYTES))
            if (own["ground"] is None) == (own["confirms"] is None):
                raise MalformedError(_CODE, "ground")
    return own


def _parse_excluded(value: Any) -> Excluded:
    fields = Fields(value, _CODE)
    return Excluded(
        name=fields.take_string("name", limit=LIMIT_NAME),
        person=fields.take_null("person", lambda key: fields.take_string(key, limit=LIMIT_NAME)),
        member=fields.take_null("member", lambda key: fields.take_hex(key, MEMBER_ID_BYTES)),
        why=fields.take_one_of("why", WHYS),
        of=fields.take_null("of", lambda key: fields.take_string(key, limit=LIMIT_NAME)),
    )


def _parse_person(value: Any) -> Person:
    fields = Fields(value, _CODE)
    return Person(
        name=fields.take_string("name", limit=LIMIT_NAME),
        person=fields.take_null("person", lambda key: fields.take_string(key, limit=LIMIT_NAME)),
        where=fields.take_one_of("where", WHERES),
    )


def _parse_granted(value: Any) -> Granted:
    fields = Fields(value, _CODE)
    return Granted(member=fields.take_hex("member", MEMBER_ID_BYTES), name=fields.take_string("name", limit=LIMIT_NAME))


def _parse_notice(value: Any) -> Notice:
    fields = Fields(value, _CODE)
    return Notice(
        type=fields.take_one_of("type", ("access",)),
        room=fields.take_hex("room", HASH_BYTES),
        label=fields.take_string("label", limit=LIMIT_NAME),
        member=fields.take_hex("member", MEMBER_ID_BYTES),
        name=fields.take_string("name", limit=LIMIT_NAME),
    )


class _Encoder:
    """Turns a content into a JSON value; absent things leave no key."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def encode(self) -> dict[str, Any]:
        content = self._content
        value: dict[str, Any] = {**content.extra, "v": 1, **self._encode_own()}
        value |= {"text": content.text, "lang": content.lang}
        if content.attachments:
            value["attachments"] = [encode_attachment(a) for a in content.attachments]
        return {key: item for key, item in value.items() if item is not None or key in content.extra}

    def _encode_own(self) -> dict[str, Any]:
        own: dict[str, Any] = {}
        match self._content:
            case OpenContent(room=room, access=access, people=people, disclosure=told):
                persons = [{"name": p.name, "person": p.person, "where": p.where} for p in people]
                own = {"room": room.decode(), "access": encode_access(access), "people": persons}
                own["disclosure"] = told and encode_disclosure(told)
            case SlotsContent(access=access, granted=granted):
                who = {"member": granted.member.hex(), "name": granted.name} if granted else None
                own = {"access": encode_access(access), "granted": who}
            case EntryContent() as entry:
                own = _encode_entry(entry)
            case FeedbackContent(action=action, grounds=grounds):
                own = {"action": action, "grounds": grounds}
            case CloseContent(reason=reason) | ReopenContent(reason=reason):
                own = {"reason": reason}
            case EraseContent(ground=ground, confirms=confirms):
                own = {"ground": ground, "confirms": confirms and confirms.hex()}
        return own


def _encode_notice(notice: Notice) -> dict[str, Any]:
    return {
        "type": notice.type,
        "room": notice.room.hex(),
        "label": notice.label,
        "member": notice.member.hex(),
        "name": notice.name,
    }


def _encode_entry(entry: EntryContent) -> dict[str, Any]:
    return {
        "confirms": entry.confirms and entry.confirms.hex(),
        "notice": entry.notice and _encode_notice(entry.notice),
        "step": entry.step,
        "automatic": entry.automatic or None,
        "hold": entry.hold and encode_hold(entry.hold),
        "lifts": entry.lifts and entry.lifts.hex(),
        "disclosure": entry.disclosure and encode_disclosure(entry.disclosure),
        "risk": entry.risk,
    }
