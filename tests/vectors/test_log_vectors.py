"""The log's formats do what their vectors say; TypeScript reads the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from plaint.crypto.signing import SigningKey
from plaint.errors import PlaintError
from plaint.protocol.checkpoint import (
    encode_checkpoint,
    encode_run,
    encode_sizes,
    open_checkpoint,
    parse_checkpoint,
    parse_run,
    parse_sizes,
)
from plaint.protocol.cosignature import encode_cosigned_message, parse_cosignature, verify_cosignature
from plaint.protocol.merkle import Frontier, Hash, compute_leaf_hash, verify_consistency, verify_inclusion
from plaint.protocol.note import (
    Note,
    cosign_note,
    encode_note,
    encode_signatures,
    encode_vkey,
    find_signatures,
    parse_note,
    parse_signatures,
    parse_vkey,
    sign_note,
    verify_note,
)
from plaint.protocol.policy import compute_date, encode_policy, parse_policy
from plaint.protocol.proof import encode_proof, open_proof, parse_proof
from plaint.protocol.tiles import (
    HashReader,
    Tile,
    compute_consistency,
    compute_inclusion,
    compute_new_tiles,
    compute_root,
    encode_bundle,
    encode_tile_path,
    parse_bundle,
    parse_tile_path,
)
from plaint.protocol.trust import encode_trust, parse_trust
from tests.support.hash_levels import HashLevels, UniformLevels
from tests.support.naive_merkle import counted_entries
from tests.support.vectors import load_vectors
from tools.make_log_vectors import encode_case, make_vectors

if TYPE_CHECKING:
    from collections.abc import Callable

Case = dict[str, Any]


def check_tree(case: Case) -> None:
    entries = [bytes.fromhex(entry) for entry in case["entries"]]
    levels, roots = HashLevels(entries), [Hash(bytes.fromhex(root)) for root in case["roots"]]
    frontier = Frontier()
    for size, root in enumerate(roots):
        assert frontier.compute_root() == root
        if size < len(entries):
            frontier.append(compute_leaf_hash(entries[size]))
    for each in case["inclusion"]:
        index, size, proof = each["index"], each["size"], hashes(each["proof"])
        assert compute_inclusion(levels, index, size) == proof
        leaf = compute_leaf_hash(entries[index])
        verify_inclusion(leaf, index=index, size=size, proof=proof, root=roots[size])
    for each in case["consistency"]:
        old, new, proof = each["old"], each["new"], hashes(each["proof"])
        assert compute_consistency(levels, old, new) == proof
        verify_consistency(old=old, new=new, proof=proof, old_root=roots[old], new_root=roots[new])


def check_counted(case: Case) -> None:
    entries = counted_entries(case["size"])
    check_size(case, HashLevels(entries), entries.__getitem__)


def check_uniform(case: Case) -> None:
    entry = bytes.fromhex(case["entry"])
    check_size(case, UniformLevels(entry), lambda _: entry)


def check_size(case: Case, levels: HashReader, find_entry: Callable[[int], bytes]) -> None:
    size, root = case["size"], Hash(bytes.fromhex(case["root"]))
    assert compute_root(levels, size) == root
    for each in case["inclusion"]:
        proof, leaf = hashes(each["proof"]), compute_leaf_hash(find_entry(each["index"]))
        assert compute_inclusion(levels, each["index"], size) == proof
        verify_inclusion(leaf, index=each["index"], size=size, proof=proof, root=root)
    for each in case["consistency"]:
        proof, old_root = hashes(each["proof"]), Hash(bytes.fromhex(each["old_root"]))
        assert compute_consistency(levels, each["old"], size) == proof
        verify_consistency(old=each["old"], new=size, proof=proof, old_root=old_root, new_root=root)


def check_inclusion(case: Case) -> None:
    leaf, root = hashes([case["leaf"], case["root"]])
    verify_inclusion(leaf, index=case["index"], size=case["size"], proof=hashes(case["proof"]), root=root)


def check_consistency(case: Case) -> None:
    old_root, new_root = hashes([case["old_root"], case["new_root"]])
    proof = hashes(case["proof"])
    verify_consistency(old=case["old"], new=case["new"], proof=proof, old_root=old_root, new_root=new_root)


def check_path(case: Case) -> None:
    tile = parse_tile_path(case["path"])
    assert tile == Tile(case["level"], case["index"], case["width"])
    assert encode_tile_path(tile) == case["path"]


def check_geometry(case: Case) -> None:
    for level, want in enumerate(case["levels"]):
        widths = [tile.width for tile in compute_new_tiles(level, 0, case["size"])]
        assert widths.count(256) == want["full"]
        assert [width for width in widths if width != 256] == ([want["partial"]] if want["partial"] else [])


def check_bundle(case: Case) -> None:
    entries = parse_bundle(bytes.fromhex(case["bundle"]), count=case["count"])
    assert [entry.hex() for entry in entries] == case["entries"]
    assert encode_bundle(entries).hex() == case["bundle"]


def check_note(case: Case) -> None:
    data = bytes.fromhex(case["note_hex"]) if "note_hex" in case else case["note"].encode()
    note, keys = parse_note(data), [parse_vkey(key) for key in case["keys"]]
    assert encode_note(note) == data
    verify_note(note, keys)
    assert note.text.decode() == case["text"]
    assert [key.name for key in keys if find_signatures(note, key)] == case["signers"]


def check_vkey(case: Case) -> None:
    key = parse_vkey(case["vkey"])
    assert (key.name, key.key_id.hex(), key.type, key.public.hex()) == (
        case["name"],
        case["key_id"],
        case["type"],
        case["public"],
    )
    assert encode_vkey(key) == case["vkey"]


def check_sign(case: Case) -> None:
    key, text, name = SigningKey(bytes.fromhex(case["seed"])), case["text"].encode(), case["name"]
    assert parse_vkey(case["vkey"]).public == key.public
    if "timestamp" in case:
        assert encode_cosigned_message(text, case["timestamp"]).decode() == case["message"]
        line = cosign_note(text, name=name, key=key, timestamp=case["timestamp"])
        assert encode_signatures([line]).decode() == case["line"]
    else:
        assert encode_note(Note(text, (sign_note(text, name=name, key=key),))).decode() == case["note"]


def check_checkpoint(case: Case) -> None:
    note = parse_note(case["note"].encode())
    checkpoint = open_checkpoint(note, parse_vkey(case["log"]))
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == (case["origin"], case["size"], case["root"])
    assert list(checkpoint.extensions) == case["extensions"]
    assert encode_checkpoint(checkpoint) == note.text


def check_text(case: Case) -> None:
    checkpoint = parse_checkpoint(case["text"].encode())
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == (case["origin"], case["size"], case["root"])


def check_sizes(case: Case) -> None:
    assert parse_sizes(case["text"].encode()) == case["sizes"]
    assert encode_sizes(case["sizes"]).decode() == case["text"]


def check_run(case: Case) -> None:
    notes = parse_run(bytes.fromhex(case["data"]))
    assert [encode_note(note).decode() for note in notes] == case["notes"]
    assert encode_run(notes).hex() == case["data"]


def check_cosignature(case: Case) -> None:
    cosignature = parse_cosignature(bytes.fromhex(case["cosignature"]))
    verify_cosignature(bytes.fromhex(case["public"]), case["text"].encode(), cosignature)
    assert cosignature.timestamp == case["timestamp"]


def check_line(case: Case) -> None:
    (line,) = parse_signatures(case["line"].encode())
    assert (line.name, line.key_id.hex()) == (case["name"], case["key_id"])
    assert parse_cosignature(line.signature).timestamp == case["timestamp"]
    assert encode_signatures([line]).decode() == case["line"]


def check_proof(case: Case) -> None:
    proof = parse_proof(case["proof"].encode())
    checkpoint = open_proof(proof, entry=bytes.fromhex(case["entry"]), log=parse_vkey(case["log"]))
    assert (proof.index, checkpoint.size) == (case["index"], case["size"])
    assert encode_proof(proof).decode() == case["proof"]


def check_policy(case: Case) -> None:
    policy = parse_policy(case["policy"].encode())
    assert compute_date(policy, parse_note(case["note"].encode())) == case["date"]
    assert parse_policy(encode_policy(policy)) == policy


def check_trust(case: Case) -> None:
    trust = parse_trust(case["trust"].encode())
    keys = [encode_vkey(key) for key in (trust.receipts, trust.cases, trust.directory)]
    assert keys == [case["receipts"], case["cases"], case["directory"]]
    assert (trust.org.hex(), trust.policy.quorum) == (case["org"], case["quorum"])
    assert encode_trust(trust).decode() == case["trust"]


def hashes(values: list[str]) -> list[Hash]:
    return [Hash(bytes.fromhex(value)) for value in values]


CHECKS: dict[str, Callable[[Case], None]] = {
    "tree": check_tree,
    "counted": check_counted,
    "uniform": check_uniform,
    "inclusion": check_inclusion,
    "consistency": check_consistency,
    "path": check_path,
    "geometry": check_geometry,
    "bundle": check_bundle,
    "note": check_note,
    "vkey": check_vkey,
    "sign": check_sign,
    "checkpoint": check_checkpoint,
    "text": check_text,
    "sizes": check_sizes,
    "run": check_run,
    "cosignature": check_cosignature,
    "line": check_line,
    "proof": check_proof,
    "policy": check_policy,
    "trust": check_trust,
}
FOLDERS = ("merkle", "tiles", "note", "checkpoint", "cosignature", "proof", "policy", "trust")
ALL = [pytest.param(folder, case, id=f"{folder}-{name}") for folder in FOLDERS for name, case in load_vectors(folder)]


@pytest.mark.parametrize(("folder", "case"), ALL)
def test_vector(folder: str, case: Case) -> None:
    check = CHECKS[case.get("check", folder)]
    if "error" not in case:
        check(case)
        return
    with pytest.raises(PlaintError) as caught:
        check(case)
    assert caught.value.code == case["error"]


def test_the_files_are_what_the_tool_writes() -> None:
    made = {folder: {n: encode_case(case) for n, case in cases.items()} for folder, cases in make_vectors().items()}
    kept = {folder: {n: encode_case(case) for n, case in load_vectors(folder)} for folder in FOLDERS}
    assert made == kept
