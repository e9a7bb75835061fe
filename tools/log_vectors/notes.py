"""Keys, notes, checkpoints, cosignatures and proofs that travel."""

from __future__ import annotations

import base64
from typing import Any

from plaint.encoding.base64 import encode_base64
from plaint.protocol.note import (
    COSIGNATURE,
    ED25519,
    Note,
    VerifierKey,
    cosign_note,
    encode_vkey,
    sign_note,
)
from tests.support.naive_merkle import counted_entries, naive_inclusion, naive_root
from tools.log_vectors.keys import (
    DIRECTORY,
    DIRECTORY_VKEY,
    EXAMPLE_NOTE,
    EXAMPLE_VKEY,
    LOG_VKEY,
    ORIGIN,
    SOFA_LINES,
    SOFA_TEXT,
    TIME,
    WITNESSES,
    Case,
    Cases,
    checkpoint_text,
    key,
    signature_lines,
    signed,
    vkey,
)


def make_note() -> Cases:
    """Keys and notes: the published example, and everything that must not open."""
    text = b"one\n\ntwo\n"
    mine, other = vkey("a.example", ED25519, 1), vkey("b.example", ED25519, 2)
    line = signature_lines(Note(text, (sign_note(text, name="a.example", key=key(1)),)))
    other_line = signature_lines(Note(text, (sign_note(text, name="b.example", key=key(2)),)))
    false_line = signature_lines(Note(text, (sign_note(b"else\n", name="b.example", key=key(2)),)))
    body = text.decode() + "\n"
    many = "".join(f"— x{n}.example {encode_base64(bytes([n]) * 68)}\n" for n in range(15))
    kinds = {"ecdsa": 70, "tree-head": 80, "ml-dsa": 2424, "private": 1, "longest": 8_188}
    unknown = "".join(f"— {n}.example {encode_base64(bytes([7]) * (4 + size))}\n" for n, size in kinds.items())
    full = "".join(f"— x{n}.example {encode_base64(bytes([n]) * 68)}\n" for n in range(63))
    long_line = "y" * 100_000 + "\n"
    long_signature = signature_lines(
        Note(long_line.encode(), (sign_note(long_line.encode(), name="a.example", key=key(1)),))
    )
    long_name = "n" * 255
    too_many = "".join(f"— x{n}.example {encode_base64(bytes([n]) * 68)}\n" for n in range(64))

    def note(data: str, keys: list[str], **rest: Any) -> Case:
        return {"check": "note", "note": data, "keys": keys} | rest

    def refused(data: str, error: str, keys: list[str] | None = None) -> Case:
        return note(data, keys or [mine], error=error)

    cases = {
        "c2sp-example": note(
            EXAMPLE_NOTE, [EXAMPLE_VKEY], text="This is an example message.\n", signers=["example.com/foo"]
        ),
        "blank-line-in-text": note(body + line, [mine], text=text.decode(), signers=["a.example"]),
        "two-keys": note(
            body + line + other_line, [mine, other], text=text.decode(), signers=["a.example", "b.example"]
        ),
        "unknown-false-signature": note(body + line + false_line, [mine], text=text.decode(), signers=["a.example"]),
        "sixteen-signatures": note(body + many + line, [mine], text=text.decode(), signers=["a.example"]),
        "seventeen-signatures": note(
            body + many + line + other_line, [mine, other], text=text.decode(), signers=["a.example", "b.example"]
        ),
        "sixty-four-signatures": note(body + full + line, [mine], text=text.decode(), signers=["a.example"]),
        "unknown-types": note(body + unknown + line, [mine], text=text.decode(), signers=["a.example"]),
        "unknown-types-first-and-last": note(
            body + unknown + line + unknown, [mine], text=text.decode(), signers=["a.example"]
        ),
        "unknown-longest-name": note(
            f"{body}— {long_name} {encode_base64(bytes(68))}\n{line}", [mine], text=text.decode(), signers=["a.example"]
        ),
        "long-line": note(long_line + "\n" + long_signature, [mine], text=long_line, signers=["a.example"]),
        "name-too-long": refused(f"{body}— {long_name}n {encode_base64(bytes(68))}\n{line}", "note-signature"),
        "signature-too-long": refused(f"{body}— x.example {encode_base64(bytes(8_193))}\n{line}", "base64-size"),
        "same-name-other-key": note(
            body + line + signature_lines(Note(text, (sign_note(b"x\n", name="a.example", key=key(3)),))),
            [mine],
            text=text.decode(),
            signers=["a.example"],
        ),
        "known-key-false": refused(body + line + false_line, "note-known-key", [mine, other]),
        "known-key-false-alone": refused(body + false_line, "note-known-key", [other]),
        "known-key-short-signature": refused(
            f"{body}— a.example {encode_base64(VerifierKey('a.example', ED25519, key(1).public).key_id + bytes(10))}\n",
            "note-known-key",
        ),
        "no-known-key": refused(body + other_line, "note-no-known-key"),
        "changed-text": refused("One\n\ntwo\n\n" + line, "note-known-key"),
        "no-blank-line": refused("one\n" + line, "note-form"),
        "no-signature": refused("one\n\n", "note-signature"),
        "no-final-newline": refused(body + line.removesuffix("\n"), "note-signature"),
        "hyphen-for-dash": refused(body + line.replace("—", "-"), "note-signature"),
        "name-with-plus": refused(body + line.replace("a.example", "a+example"), "note-signature"),
        "name-with-no-break-space": refused(body + line.replace("a.example", "a\u00a0example"), "note-signature"),
        "name-empty": refused(body + line.replace("a.example", ""), "note-signature"),
        "key-id-only": refused(body + "— a.example AAAAAA==\n", "note-signature"),
        "base64-loose": refused(body + "— a.example AAAAAAB=\n", "base64-form"),
        "base64-unpadded": refused(body + line.replace("=\n", "\n"), "base64-form"),
        "control-character": refused("one\t\n\n" + line, "note-control"),
        "carriage-return": refused("one\r\n\n" + line, "note-control"),
        "too-many-signatures": refused(body + too_many + line, "note-signatures"),
        "too-long": refused("x" * 131_072 + "\n\n" + line, "note-size"),
        "not-utf8": {
            "check": "note",
            "note_hex": (b"\xff\n\n" + line.encode()).hex(),
            "keys": [mine],
            "error": "note-utf8",
        },
        "signing": {
            "check": "sign",
            "seed": (bytes([1]) * 32).hex(),
            "name": "a.example",
            "text": text.decode(),
            "vkey": mine,
            "note": body + line,
        },
    }
    return cases | _make_vkeys(mine)


def _make_vkeys(mine: str) -> Cases:
    def opened(text: str) -> Case:
        name, key_id, encoded = text.split("+", 2)
        data = base64.b64decode(encoded)
        return {
            "check": "vkey",
            "vkey": text,
            "name": name,
            "key_id": key_id,
            "type": data[0],
            "public": data[1:].hex(),
        }

    name, key_id, encoded = mine.split("+", 2)
    wrong_type = VerifierKey(name, 2, key(1).public)
    refused = {
        "two-parts": (f"{name}+{encoded}", "vkey-form"),
        "name-empty": (f"+{key_id}+{encoded}", "vkey-name"),
        "name-with-space": (f"a example+{key_id}+{encoded}", "vkey-name"),
        "other-name": (f"b.example+{key_id}+{encoded}", "vkey-id"),
        "upper-case-id": (f"{name}+{key_id.upper()}+{encoded}", "text-hex"),
        "short-id": (f"{name}+{key_id[:-2]}+{encoded}", "text-hex"),
        "short-key": (f"{name}+{key_id}+{encode_base64(bytes([1]) * 32)}", "base64-size"),
        "long-key": (f"{name}+{key_id}+{encode_base64(bytes([1]) * 34)}", "base64-size"),
        "other-type": (encode_vkey(wrong_type), "vkey-type"),
        "too-long": (f"{'a' * 400}+{key_id}+{encoded}", "vkey-form"),
    }
    cases: Cases = {
        "vkey-c2sp-example": opened(EXAMPLE_VKEY),
        "vkey-with-plus-in-base64": opened(
            next(v for v in (vkey("p.example", ED25519, n) for n in range(256)) if v.count("+") > 2)
        ),
        "vkey-cosigner": opened(vkey("w1.example", COSIGNATURE, 10)),
    }
    return cases | {f"vkey-{n}": {"check": "vkey", "vkey": text, "error": e} for n, (text, e) in refused.items()}


def make_checkpoint() -> Cases:
    """Checkpoints and lists of kept sizes."""
    root = naive_root(counted_entries(3))
    text = checkpoint_text(3, root).decode()
    empty = naive_root([])

    def refused(changed: str, error: str) -> Case:
        return {"check": "checkpoint", "note": signed(changed.encode()), "log": LOG_VKEY, "error": error}

    def opened(data: bytes, size: int, hash_: bytes, extensions: list[str]) -> Case:
        rest = {"origin": ORIGIN, "size": size, "root": hash_.hex(), "extensions": extensions}
        return {"check": "checkpoint", "note": signed(data), "log": LOG_VKEY} | rest

    lines = text.split("\n")
    cases: Cases = {
        "three-lines": opened(text.encode(), 3, root, []),
        "empty-log": opened(checkpoint_text(0, empty), 0, empty, []),
        "extension-lines": opened((text + "more\nand more\n").encode(), 3, root, ["more", "and more"]),
        "long-extension-line": opened((text + "x" * 16_000 + "\n").encode(), 3, root, ["x" * 16_000]),
        "c2sp-example": {
            "check": "text",
            "text": SOFA_TEXT,
            "origin": "example.com/behind-the-sofa",
            "size": 20_852_163,
            "root": "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62",
        },
        "size-leading-zero": refused(f"{ORIGIN}\n03\n{lines[2]}\n", "text-integer"),
        "size-negative": refused(f"{ORIGIN}\n-3\n{lines[2]}\n", "text-integer"),
        "size-2-53": refused(f"{ORIGIN}\n9007199254740992\n{lines[2]}\n", "text-integer"),
        "root-short": refused(f"{ORIGIN}\n3\n{encode_base64(root[:31])}\n", "base64-size"),
        "root-url-alphabet": refused(f"{ORIGIN}\n3\n{'_' * 43}=\n", "base64-form"),
        "two-lines": refused(f"{ORIGIN}\n3\n", "checkpoint-form"),
        "empty-extension": refused(text + "\nmore\n", "checkpoint-form"),
        "empty-origin": refused(f"\n3\n{lines[2]}\n", "checkpoint-form"),
        "empty-log-other-root": refused(f"{ORIGIN}\n0\n{lines[2]}\n", "checkpoint-empty-root"),
        "too-long": refused(text + "x" * 16_384 + "\n", "checkpoint-size"),
        "other-origin": refused(checkpoint_text(3, root, origin=DIRECTORY).decode(), "checkpoint-origin"),
        "sizes": {"check": "sizes", "text": "0\n16\n32\n", "sizes": [0, 16, 32]},
        "sizes-none": {"check": "sizes", "text": "", "sizes": []},
        "sizes-unordered": {"check": "sizes", "text": "32\n16\n", "error": "sizes-form"},
        "sizes-twice": {"check": "sizes", "text": "16\n16\n", "error": "sizes-form"},
        "sizes-no-final-newline": {"check": "sizes", "text": "16", "error": "sizes-form"},
        "sizes-leading-zero": {"check": "sizes", "text": "016\n", "error": "text-integer"},
    }
    return cases | _make_runs([signed(checkpoint_text(size, root)) for size in (3, 4)])


def _make_runs(notes: list[str]) -> Cases:
    """Runs of kept checkpoints, each note after its length."""
    data = b"".join(len(note.encode()).to_bytes(4, "big") + note.encode() for note in notes)
    one = data[: len(data) // 2]

    def run(given: bytes, **rest: Any) -> Case:
        return {"check": "run", "data": given.hex()} | rest

    return {
        "run": run(data, notes=notes),
        "run-none": run(b"", notes=[]),
        "run-longest": run(one * 32, notes=notes[:1] * 32),
        "run-too-many": run(one * 33, error="run-form"),
        "run-cut": run(data[:-1], error="run-form"),
        "run-length-cut": run(data + b"\0\0\0", error="run-form"),
        "run-no-note": run(data + bytes(4), error="note-form"),
    }


def make_cosignature() -> Cases:
    """Cosignatures of type 0x04."""
    text = checkpoint_text(3, naive_root(counted_entries(3)))
    name, seed = WITNESSES["w1"]
    blob = cosign_note(text, name=name, key=key(seed), timestamp=TIME).signature
    good: Case = {"check": "cosignature", "text": text.decode(), "public": key(seed).public.hex()}

    def refused(data: bytes, error: str, **rest: Any) -> Case:
        return good | {"cosignature": data.hex(), "error": error} | rest

    sofa = base64.b64decode(SOFA_LINES.split(" ")[-1])
    return {
        "holds": good | {"cosignature": blob.hex(), "timestamp": TIME},
        "signing": {
            "check": "sign",
            "seed": (bytes([seed]) * 32).hex(),
            "name": name,
            "text": text.decode(),
            "timestamp": TIME,
            "message": f"cosignature/v1\ntime {TIME}\n" + text.decode(),
            "vkey": vkey(name, COSIGNATURE, seed),
            "line": signature_lines(Note(text, (cosign_note(text, name=name, key=key(seed), timestamp=TIME),))),
        },
        "c2sp-example": {
            "check": "line",
            "line": SOFA_LINES.split("\n")[1] + "\n",
            "name": "witness.example.com/w1",
            "key_id": sofa[:4].hex(),
            "timestamp": 1_679_315_147,
        },
        "other-time": refused((TIME + 1).to_bytes(8, "big") + blob[8:], "cosignature-signature"),
        "other-text": refused(blob, "cosignature-signature", text=text.decode().replace("\n3\n", "\n4\n")),
        "plain-note-signature": refused(blob[:8] + key(seed).sign(text), "cosignature-signature"),
        "time-zero": refused(bytes(8) + blob[8:], "cosignature-timestamp"),
        "time-2-53": refused((2**53).to_bytes(8, "big") + blob[8:], "cosignature-timestamp"),
        "short": refused(blob[:-1], "cosignature-size"),
        "long": refused(blob + b"\0", "cosignature-size"),
    }


def make_proof() -> Cases:
    """Proofs that travel alone."""
    entries = counted_entries(300)
    index, entry = 257, entries[257]
    note = signed(checkpoint_text(300, naive_root(entries)), times={"w1": TIME})
    hashes = "".join(f"{encode_base64(node)}\n" for node in naive_inclusion(index, entries))
    first = "c2sp.org/tlog-proof@v1\n"
    good = f"{first}index {index}\n{hashes}\n{note}"
    base: Case = {"entry": entry.hex(), "log": LOG_VKEY}

    def refused(text: str, error: str, **rest: Any) -> Case:
        return base | {"proof": text, "error": error} | rest

    single = signed(checkpoint_text(1, naive_root(entries[:1])))
    return {
        "holds": base | {"proof": good, "index": index, "size": 300},
        "tree-of-one": base
        | {"entry": entries[0].hex(), "proof": f"{first}index 0\n\n{single}", "index": 0, "size": 1},
        "other-entry": refused(good, "inclusion-root", entry=entries[256].hex()),
        "other-index": refused(good.replace("index 257", "index 256"), "inclusion-root"),
        "index-out-of-range": refused(good.replace("index 257", "index 300"), "inclusion-range"),
        "hash-missing": refused(f"{first}index {index}\n{hashes[45:]}\n{note}", "inclusion-length"),
        "extra": refused(f"{first}extra AAAA\nindex {index}\n{hashes}\n{note}", "proof-extra"),
        "other-first-line": refused(good.replace("@v1", "@v2"), "proof-first-line"),
        "index-leading-zero": refused(good.replace("index 257", "index 0257"), "text-integer"),
        "no-index": refused(f"{first}{hashes}\n{note}", "proof-form"),
        "no-blank-line": refused("c2sp.org/tlog-proof@v1", "proof-form"),
        "too-many-hashes": refused(f"{first}index 0\n{hashes[:45] * 54}\n{note}", "proof-form"),
        "short-hash": refused(f"{first}index {index}\nAAAA\n\n{note}", "base64-size"),
        "too-long": refused(good + "x" * 140_000, "proof-size"),
        "other-log": refused(good, "note-no-known-key", log=DIRECTORY_VKEY),
    }
