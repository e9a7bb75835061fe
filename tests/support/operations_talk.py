"""What the vectors of bodies, state notes, receipts, writes, work and sessions say that Plaint does."""

from __future__ import annotations

from typing import Any

from plaint.crypto.agreement import AgreementKey
from plaint.crypto.hashes import compute_sha256
from plaint.crypto.signing import SigningKey
from plaint.protocol.authorship import Author, HolderReader, HolderWriter, MemberReader, MemberWriter, compute_tag_key
from plaint.protocol.body import Body, BodyRandom, encode_body, open_body, parse_body, seal_body
from plaint.protocol.note import parse_vkey
from plaint.protocol.receipt import encode_receipt, parse_receipt
from plaint.protocol.room import encode_header, parse_header
from plaint.protocol.session import encode_session_message, sign_session, verify_session
from plaint.protocol.state import (
    Due,
    State,
    check_clock,
    check_dues,
    encode_state,
    open_state,
    parse_state,
    sign_state,
    verify_headers,
)
from plaint.protocol.work import Work, solve_work, verify_work
from plaint.protocol.write import encode_room_answer, encode_write, parse_room_answer, parse_write
from tests.support.operations_keys import Value, h
from tests.support.operations_rooms import text

FIXED = ("opening", "salt", "esk", "file_key", "nonce")


def parse_map(value: Value) -> dict[bytes, bytes]:
    return {bytes.fromhex(key): bytes.fromhex(item) for key, item in value.items()}


def encode_author(author: Author) -> Value:
    if author.signature is not None:
        return {"id": text(author.id), "sig": author.signature.hex()}
    return {"tags": {member.hex(): tag.hex() for member, tag in sorted(author.tags.items())}}


def encode_opened(body: Body) -> Value:
    return {
        "content": body.content.decode(),
        "author": encode_author(body.proof.author),
        "bind": body.proof.bind.decode(),
        "opening": body.proof.opening.hex(),
        "salt": body.proof.salt.hex(),
        "message": body.message.decode(),
    }


def body_seal(value: Value) -> Value:
    writer: MemberWriter | HolderWriter
    if "sign_seed" in value:
        writer = MemberWriter(h(value, "id"), SigningKey(h(value, "sign_seed")))
    else:
        writer = HolderWriter(AgreementKey(h(value, "author_secret")), parse_map(value["members"]))
    random = BodyRandom(**{key: h(value, key) for key in FIXED})
    content = value["content"].encode() * value.get("times", 1)
    sealed = seal_body(h(value, "recipient"), parse_header(value["header"].encode()), content, writer, random=random)
    if len(sealed) > 8_192:
        return {"size": len(sealed), "sha256": compute_sha256(sealed).hex()}
    return {"size": len(sealed), "sealed": sealed.hex()}


def body_open(value: Value) -> Value:
    identity = AgreementKey(h(value, "identity"))
    return encode_opened(open_body(identity, parse_header(value["header"].encode()), h(value, "sealed")))


def body_parse(value: Value) -> Value:
    body = parse_body(h(value, "plaintext"))
    assert encode_body(body) == h(value, "plaintext")
    return encode_opened(body)


def body_judge(value: Value) -> Value:
    given = value["author"]
    author = (
        Author(id=h(given, "id"), signature=h(given, "sig"))
        if "sig" in given
        else Author(tags=parse_map(given["tags"]))
    )
    key = AgreementKey(h(value, "author_secret"))
    signers = {member: (sign,) for member, sign in parse_map(value["signers"]).items()}
    reader: MemberReader | HolderReader
    if "reader" in value:
        holder = None if value["holder"] is None else h(value, "holder")
        reader = MemberReader(h(value, "reader"), key, holder, signers, granted_seq=value["granted_seq"])
    else:
        reader = HolderReader(key, parse_map(value["members"]), signers)
    return {"authorship": reader.judge(author, value["message"].encode(), seq=value["seq"])}


def body_tag_key(value: Value) -> Value:
    key = AgreementKey(h(value, "secret"))
    return {"key": compute_tag_key(key, h(value, "public"), as_holder=value["as_holder"]).hex()}


def encode_parsed(state: State) -> Value:
    return {
        "log": state.log,
        "org": state.org.hex(),
        "room": state.room.hex(),
        "at": state.at,
        "entries": state.entries,
        "head": state.head.hex(),
        "size": state.size,
        "leaves": [{"leaf": item.leaf.hex(), "include_by": item.include_by} for item in state.leaves],
        "dues": [{"kind": due.kind, "at": due.at, "hash": due.hash.hex()} for due in state.dues],
    }


def state_parse(value: Value) -> Value:
    data = value["text"].encode()
    state = parse_state(data)
    assert encode_state(state) == data
    return encode_parsed(state)


def state_sign(value: Value) -> Value:
    note = sign_state(parse_state(value["text"].encode()), SigningKey(h(value, "seed")), name=value["name"])
    return {"note": note.decode()}


def state_open(value: Value) -> Value:
    return encode_parsed(open_state(value["note"].encode(), parse_vkey(value["vkey"])))


def state_check(value: Value) -> Value:
    state = parse_state(value["text"].encode())
    check_clock(state, now=value["now"])
    expected = [Due(due["kind"], due["at"], h(due, "hash")) for due in value["expected"]]
    check_dues(state, expected=expected, met=value["met"])
    headers = [parse_header(item.encode()) for item in value["headers"]]
    verify_headers(state, headers, start=value["start"], prev=h(value, "prev"))
    return {}


def receipt_parse(value: Value) -> Value:
    data = value["text"].encode()
    receipt = parse_receipt(data)
    assert encode_receipt(receipt) == data
    return {
        "header": encode_header(receipt.header).decode(),
        "opening": receipt.opening.hex(),
        "note": receipt.note.decode(),
        "proof": None if receipt.proof is None else receipt.proof.decode(),
    }


def work_solve(value: Value) -> Value:
    work = solve_work(org=h(value, "org"), tick=value["tick"], subject=h(value, "subject"), bits=value["bits"])
    return {"nonce": work.nonce}


def work_verify(value: Value) -> Value:
    work = Work(value["tick"], value["nonce"])
    verify_work(work, org=h(value, "org"), subject=h(value, "subject"), bits=value["bits"])
    return {}


def session_sign(value: Value) -> Value:
    parts = {key: h(value, key) for key in ("org", "member", "challenge")}
    key = SigningKey(h(value, "seed"))
    return {"message": encode_session_message(**parts).decode(), "sig": sign_session(key, **parts).hex()}


def session_verify(value: Value) -> Value:
    parts = {key: h(value, key) for key in ("org", "member", "challenge")}
    verify_session(h(value, "sig"), public=h(value, "public"), **parts)
    return {}


def write_parse(value: Value) -> Value:
    data = h(value, "write")
    write = parse_write(data)
    assert encode_write(write) == data
    opening: Any = write.opening and {
        "channel": write.opening.channel,
        "pack": write.opening.pack.hex(),
        "roster": write.opening.roster,
        "locator_hash": text(write.opening.locator_hash),
        "cap_hash": write.opening.cap_hash.hex(),
        "tally": write.opening.tally.hex(),
        "unique": text(write.opening.unique),
        "work": write.opening.work and {"tick": write.opening.work.tick, "nonce": write.opening.work.nonce},
    }
    return {
        "header": encode_header(write.header).decode(),
        "body": write.body.hex(),
        "slots": write.slots.hex(),
        "leaves": [leaf.hex() for leaf in write.leaves],
        "blobs": [blob.hex() for blob in write.blobs],
        "opening": opening,
    }


def write_answer(value: Value) -> Value:
    data = h(value, "answer")
    answer = parse_room_answer(data)
    assert encode_room_answer(answer) == data
    return {
        "entries": [{"header": encode_header(e.header).decode(), "body": e.body.hex()} for e in answer.entries],
        "slots": answer.slots.hex(),
        "slots_seq": answer.slots_seq,
        "opening": answer.opening.decode(),
        "note": answer.note.decode(),
    }
