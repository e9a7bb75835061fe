"""What the vectors of words, keys, age, leaf, work and session say that Plaint does: JSON in, JSON out."""

from __future__ import annotations

from typing import Any

from plaint.crypto.age import compute_sealed_bytes, open_age, seal_age
from plaint.crypto.age_keys import encode_age_identity, encode_age_recipient
from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import compute_sha256
from plaint.protocol.keys import (
    compute_check_words,
    compute_holder_keys,
    compute_member_check_words,
    compute_member_keys,
    compute_room_keys,
)
from plaint.protocol.leaf import check_leaf, compute_content_leaf, compute_token_hash, compute_token_leaf
from plaint.protocol.words import encode_words, find_readings, parse_words

Value = dict[str, Any]


def h(value: Value, key: str) -> bytes:
    """Return the bytes under `key`, which stand in hex."""
    return bytes.fromhex(value[key])


def fill(value: Value) -> bytes:
    """Return `plaintext`, or `size` bytes of the repeated counter 0…250."""
    if "plaintext" in value:
        return h(value, "plaintext")
    size: int = value["size"]
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def words_encode(value: Value) -> Value:
    return {"words": encode_words(h(value, "entropy"), value["language"])}


def words_parse(value: Value) -> Value:
    words = parse_words(value["text"])
    readings = [reading.language for reading in find_readings(value["text"])]
    return {"entropy": words.entropy.hex(), "language": words.language, "valid_in": readings}


def keys_holder(value: Value) -> Value:
    keys = compute_holder_keys(h(value, "entropy"))
    return {
        "locator": keys.locator.hex(),
        "age_secret": keys.age.secret.hex(),
        "age": keys.age.public.hex(),
        "author_secret": keys.author.secret.hex(),
        "author": keys.author.public.hex(),
        "room": keys.room.hex(),
        "draft_locator": keys.draft_locator.hex(),
        "draft_key": keys.draft_key.hex(),
    }


def keys_member(value: Value) -> Value:
    keys = compute_member_keys(h(value, "entropy"))
    return {
        "id": keys.id.hex(),
        "age_secret": keys.age.secret.hex(),
        "age": keys.age.public.hex(),
        "author_secret": keys.author.secret.hex(),
        "author": keys.author.public.hex(),
        "sign_seed": keys.sign.seed.hex(),
        "sign": keys.sign.public.hex(),
        "cache": keys.cache.hex(),
        "check_words": compute_member_check_words(keys.age.public, keys.author.public, keys.sign.public),
    }


def keys_room(value: Value) -> Value:
    keys = compute_room_keys(h(value, "secret"))
    return {
        "identity": keys.identity.secret.hex(),
        "recipient": keys.identity.public.hex(),
        "cap": keys.cap.hex(),
        "cap_hash": compute_sha256(keys.cap).hex(),
        "slots_key": keys.slots.hex(),
        "tally": keys.tally.hex(),
        "tokens": [
            {"kind": kind, "count": count, "token": keys.compute_token(kind, count).hex()}
            for kind, count in [("open", 1), ("acknowledge", 1), ("feedback", 1), ("feedback", 2), ("decide", 12)]
        ],
        "children": {label: keys.compute_child(label).hex() for label in ("internal", "respondent")},
    }


def keys_check(value: Value) -> Value:
    return {"words": compute_check_words(h(value, "room"), h(value, "slots"))}


def keys_agree(value: Value) -> Value:
    return {"shared": AgreementKey(h(value, "secret")).agree(h(value, "public")).hex()}


def keys_text(value: Value) -> Value:
    key = AgreementKey(h(value, "secret"))
    return {"identity": encode_age_identity(key.secret), "recipient": encode_age_recipient(key.public)}


def age_seal(value: Value) -> Value:
    plaintext = fill(value)
    secrets = {"esk": h(value, "esk"), "file_key": h(value, "file_key"), "nonce": h(value, "nonce")}
    sealed = seal_age(h(value, "recipient"), plaintext, **secrets)
    if len(sealed) > 1_024:
        return {"size": len(sealed), "sha256": compute_sha256(sealed).hex()}
    return {"size": len(sealed), "sealed": sealed.hex()}


def age_open(value: Value) -> Value:
    return {"plaintext": open_age(AgreementKey(h(value, "identity")), h(value, "sealed")).hex()}


def age_size(value: Value) -> Value:
    return {"size": compute_sealed_bytes(value["size"])}


def leaf_content(value: Value) -> Value:
    return {"leaf": compute_content_leaf(h(value, "opening"), value["header"].encode()).hex()}


def leaf_token(value: Value) -> Value:
    leaf = compute_token_leaf(compute_room_keys(h(value, "secret")).compute_token(value["kind"], value["count"]))
    return {"leaf": leaf.hex(), "hash": compute_token_hash(leaf).hex()}


def leaf_check(value: Value) -> Value:
    return {"leaf": check_leaf(h(value, "leaf")).hex()}
