"""Write the vectors of the log's formats: `python -m tools.make_log_vectors`.

Roots and proofs come from the naive recursion of RFC 9162, expected error codes are written down here by hand; the
fast code only has to agree.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from plaint.crypto.signing import SigningKey
from plaint.encoding.base64 import encode_base64
from plaint.protocol.checkpoint import Checkpoint, encode_checkpoint
from plaint.protocol.merkle import Hash
from plaint.protocol.note import (
    COSIGNATURE,
    ED25519,
    Note,
    VerifierKey,
    cosign_note,
    encode_note,
    encode_vkey,
    sign_note,
)
from tests.support.naive_merkle import counted_entries, naive_consistency, naive_inclusion, naive_root

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
Case = dict[str, Any]
Cases = dict[str, Case]

RFC_ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
SIZES = (0, 1, 255, 256, 257, 65_535, 65_536, 65_537)
ORIGIN = "reports.example/acme/log/cases"
DIRECTORY = "reports.example/acme/log/directory"
TIME = 1_800_000_000
EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SOFA_TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
SOFA_LINES = (
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def key(number: int) -> SigningKey:
    """Return an invented key: its seed is `number`, 32 times."""
    return SigningKey(bytes([number]) * 32)


def vkey(name: str, kind: int, number: int) -> str:
    """Return the vkey of an invented key."""
    return encode_vkey(VerifierKey(name, kind, key(number).public))


LOG_VKEY = vkey(ORIGIN, ED25519, 1)
DIRECTORY_VKEY = vkey(DIRECTORY, ED25519, 2)
WITNESSES = {name: (f"{name}.example", 10 + at) for at, name in enumerate(("w1", "w2", "w3"))}


def checkpoint_text(size: int, root: bytes, *, origin: str = ORIGIN) -> bytes:
    """Return the text of a checkpoint."""
    return encode_checkpoint(Checkpoint(origin, size, Hash(root)))


def signed(text: bytes, *, name: str = ORIGIN, number: int = 1, times: dict[str, int] | None = None) -> str:
    """Return a note signed by the log and cosigned by the witnesses in `times`."""
    lines = [sign_note(text, name=name, key=key(number))]
    for witness, time in (times or {}).items():
        witness_name, seed = WITNESSES[witness]
        lines.append(cosign_note(text, name=witness_name, key=key(seed), timestamp=time))
    return encode_note(Note(text, tuple(lines))).decode()


def make_merkle() -> Cases:
    """Trees of every size that matters, and proofs that must not hold."""
    rfc = [bytes.fromhex(entry) for entry in RFC_ENTRIES]
    cases: Cases = {
        "rfc-6962-leaves": {
            "check": "tree",
            "entries": RFC_ENTRIES,
            "roots": [naive_root(rfc[:size]).hex() for size in range(9)],
            "inclusion": [
                {"index": i, "size": s, "proof": _hex(naive_inclusion(i, rfc[:s]))}
                for s in range(1, 9)
                for i in range(s)
            ],
            "consistency": [
                {"old": old, "new": new, "proof": _hex(naive_consistency(old, rfc[:new]))}
                for new in range(9)
                for old in range(new + 1)
            ],
        }
    }
    everything = counted_entries(max(SIZES))
    for size in SIZES:
        entries = everything[:size]
        indexes = sorted({0, size // 2, size - 1}) if size else []
        olds = sorted({0, 1, 255, 256, 257, size // 3, max(size - 1, 0), size})
        cases[f"counted-{size}"] = {
            "check": "counted",
            "size": size,
            "root": naive_root(entries).hex(),
            "inclusion": [{"index": i, "proof": _hex(naive_inclusion(i, entries))} for i in indexes],
            "consistency": [
                {
                    "old": old,
                    "old_root": naive_root(everything[:old]).hex(),
                    "proof": _hex(naive_consistency(old, entries)),
                }
                for old in olds
                if old <= size and (size < 1000 or old in {1, 257, size - 1})
            ],
        }
    return cases | _make_refused_proofs(rfc)


def _make_refused_proofs(rfc: list[bytes]) -> Cases:
    root, other = naive_root(rfc).hex(), naive_root(rfc[:7]).hex()
    leaf, proof = naive_root(rfc[5:6]).hex(), _hex(naive_inclusion(5, rfc))
    good = {"check": "inclusion", "leaf": leaf, "index": 5, "size": 8, "proof": proof, "root": root}
    old = {"check": "consistency", "old": 6, "new": 8, "old_root": naive_root(rfc[:6]).hex(), "new_root": root}
    old["proof"] = _hex(naive_consistency(6, rfc))
    changes: dict[str, tuple[Case, str]] = {
        "inclusion-index-is-size": (good | {"index": 8}, "inclusion-range"),
        "inclusion-empty-tree": (good | {"index": 0, "size": 0, "proof": []}, "inclusion-range"),
        "inclusion-short": (good | {"proof": proof[:-1]}, "inclusion-length"),
        "inclusion-long": (good | {"proof": [*proof, leaf]}, "inclusion-length"),
        "inclusion-other-index": (good | {"index": 4}, "inclusion-root"),
        "inclusion-other-root": (good | {"root": other}, "inclusion-root"),
        "inclusion-swapped": (good | {"proof": proof[::-1]}, "inclusion-root"),
        "consistency-shrinks": (old | {"old": 9}, "consistency-range"),
        "consistency-short": (old | {"proof": old["proof"][:-1]}, "consistency-length"),
        "consistency-long": (old | {"proof": [*old["proof"], leaf]}, "consistency-length"),
        "consistency-from-empty-with-proof": (old | {"old": 0, "old_root": naive_root([]).hex()}, "consistency-length"),
        "consistency-from-empty-other-root": (old | {"old": 0, "proof": []}, "consistency-old-root"),
        "consistency-same-size-other-root": (
            old | {"old": 8, "proof": [], "old_root": other},
            "consistency-new-root",
        ),
        "consistency-power-of-two-empty-proof": (
            old | {"old": 4, "old_root": naive_root(rfc[:4]).hex(), "proof": []},
            "consistency-length",
        ),
        "consistency-rewritten-past": (old | {"old_root": other}, "consistency-old-root"),
        "consistency-rewritten-present": (old | {"new_root": other}, "consistency-new-root"),
    }
    accepted: Cases = {"inclusion-holds": good, "consistency-holds": old}
    return accepted | {name: case | {"error": error} for name, (case, error) in changes.items()}


def make_tiles() -> Cases:
    """Paths, geometry and bundles."""
    paths = {
        "zero": ("tile/0/000", 0, 0, 256),
        "last-of-a-group": ("tile/0/999", 0, 999, 256),
        "two-groups": ("tile/1/x001/000", 1, 1000, 256),
        "three-groups": ("tile/0/x001/x234/067", 0, 1_234_067, 256),
        "partial": ("tile/2/000.p/1", 2, 0, 1),
        "widest-partial": ("tile/0/x001/000.p/255", 0, 1000, 255),
        "entries": ("tile/entries/x001/x234/067.p/8", None, 1_234_067, 8),
    }
    cases: Cases = {
        f"path-{name}": {"check": "path", "path": path, "level": level, "index": index, "width": width}
        for name, (path, level, index, width) in paths.items()
    }
    refused = {
        "width-zero": "tile/0/000.p/0",
        "width-256": "tile/0/000.p/256",
        "width-leading-zero": "tile/0/000.p/01",
        "short-group": "tile/0/00",
        "needless-group": "tile/0/x000/001",
        "group-without-x": "tile/0/001/000",
        "last-group-with-x": "tile/0/x001",
        "level-leading-zero": "tile/00/000",
        "level-8": "tile/8/000",
        "level-words": "tile/data/000",
        "leading-slash": "/tile/0/000",
        "trailing-newline": "tile/0/000\n",
        "other-digits": "tile/0/00٣",
        "too-long": "tile/0/" + "x001/" * 20 + "000",
        "index-2-53": "tile/0/x009/x007/x199/x254/x740/992",
    }
    cases |= {f"path-{name}": {"check": "path", "path": path, "error": "tile-path"} for name, path in refused.items()}
    for size in (*SIZES, 70_000):
        levels = [divmod(size >> (8 * level), 256) for level in range(4)]
        cases[f"geometry-{size}"] = {
            "check": "geometry",
            "size": size,
            "levels": [{"full": full, "partial": partial} for full, partial in levels],
        }
    entries = [b"", b"a", b"\x01" + bytes(32)]
    bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    good = {"check": "bundle", "bundle": bundle.hex(), "count": 3}
    cases["bundle"] = good | {"entries": _hex(entries)}
    cases["bundle-short"] = good | {"bundle": bundle[:-1].hex(), "error": "bundle-size"}
    cases["bundle-cut-length"] = good | {"bundle": (bundle + b"\0").hex(), "count": 4, "error": "bundle-size"}
    cases["bundle-long"] = good | {"bundle": (bundle + b"\0\0").hex(), "error": "bundle-size"}
    cases["bundle-fewer"] = good | {"count": 4, "error": "bundle-size"}
    return cases


def make_note() -> Cases:
    """Keys and notes: the published example, and everything that must not open."""
    text = b"one\n\ntwo\n"
    mine, other = vkey("a.example", ED25519, 1), vkey("b.example", ED25519, 2)
    line = _line(Note(text, (sign_note(text, name="a.example", key=key(1)),)))
    other_line = _line(Note(text, (sign_note(text, name="b.example", key=key(2)),)))
    false_line = _line(Note(text, (sign_note(b"else\n", name="b.example", key=key(2)),)))
    body = text.decode() + "\n"
    many = "".join(f"— x{n}.example {encode_base64(bytes([n]) * 68)}\n" for n in range(15))
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
        "same-name-other-key": note(
            body + line + _line(Note(text, (sign_note(b"x\n", name="a.example", key=key(3)),))),
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
    return cases


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
            "line": _line(Note(text, (cosign_note(text, name=name, key=key(seed), timestamp=TIME),))),
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


def make_policy() -> Cases:
    """Which cosignatures date a checkpoint."""
    text = checkpoint_text(3, naive_root(counted_entries(3)))
    times = {"w1": TIME + 5, "w2": TIME + 700, "w3": TIME + 30}
    note = signed(text, times=times)
    log = f"log {LOG_VKEY}\n"
    witness = {name: f"witness {name} {vkey(full, COSIGNATURE, seed)}\n" for name, (full, seed) in WITNESSES.items()}
    three = log + "".join(witness.values())

    def dated(policy: str, date: int | None, data: str = note) -> Case:
        return {"policy": policy, "note": data, "date": date}

    def refused(policy: str, error: str, data: str = note) -> Case:
        return {"policy": policy, "note": data, "error": error}

    forged = note.replace(
        _last_line(note), _line(Note(text, (cosign_note(b"x\n", name="w3.example", key=key(12), timestamp=TIME),)))
    )
    twice = signed(text, times={"w1": TIME + 50}) + _last_line(signed(text, times={"w1": TIME + 5}))
    return {
        "two-of-three": dated(f"{three}group g 2 w1 w2 w3\nquorum g\n", TIME + 30),
        "any": dated(f"{three}group g any w1 w2 w3\nquorum g\n", TIME + 5),
        "all": dated(f"{three}group g all w1 w2 w3\nquorum g\n", TIME + 700),
        "single-witness": dated(f"{three}quorum w3\n", TIME + 30),
        "nested": dated(f"{three}group a any w1 w2\ngroup b all a w3\nquorum b\n", TIME + 30),
        "one-liar-moves-nothing": dated(
            f"{three}group g 2 w1 w2 w3\nquorum g\n", TIME + 30, signed(text, times=times | {"w1": 1})
        ),
        "same-cosigner-twice-counts-once": dated(f"{three}group g 2 w1 w2 w3\nquorum g\n", None, twice),
        "same-cosigner-twice-earlier-counts": dated(f"{three}quorum w1\n", TIME + 5, twice),
        "quorum-not-met": dated(f"{three}group g 2 w1 w2 w3\nquorum g\n", None, signed(text, times={"w1": TIME})),
        "quorum-none-dates-nothing": dated(f"{log}quorum none\n", None),
        "comments-tabs-urls": dated(
            f"# ours\n\n\t log\t{LOG_VKEY}  https://reports.example/acme \n"
            f"{witness['w1'].strip()} https://w1.example\n \nquorum\tw1\n",
            TIME + 5,
        ),
        "names-beyond-ascii": dated(
            f"{log}witness zeugin-münchen {witness['w1'].split()[2]}\nquorum zeugin-münchen\n", TIME + 5
        ),
        "log-unknown": refused(f"log {DIRECTORY_VKEY}\n{witness['w1']}quorum w1\n", "checkpoint-origin"),
        "no-logs": refused(f"{witness['w1']}quorum w1\n", "checkpoint-origin"),
        "log-did-not-sign": refused(
            f"{three}quorum w1\n", "note-no-known-key", note.replace(note.split("\n\n")[1].split("\n")[0] + "\n", "")
        ),
        "one-false-cosignature": refused(f"{three}quorum w1\n", "note-known-key", forged),
        "no-quorum": refused(three, "policy-quorum"),
        "two-quorums": refused(f"{three}quorum w1\nquorum w2\n", "policy-quorum"),
        "quorum-undefined": refused(f"{three}quorum g\n", "policy-reference"),
        "member-undefined": refused(f"{three}group g any w4\nquorum g\n", "policy-reference"),
        "member-defined-later": refused(f"{log}group g any w1\n{witness['w1']}quorum g\n", "policy-reference"),
        "member-twice": refused(f"{three}group g 2 w1 w1\nquorum g\n", "policy-reference"),
        "member-of-two-groups": refused(f"{three}group a any w1\ngroup b any w1 w2\nquorum b\n", "policy-reference"),
        "member-none": refused(f"{three}group g any none\nquorum g\n", "policy-reference"),
        "threshold-zero": refused(f"{three}group g 0 w1 w2\nquorum g\n", "policy-threshold"),
        "threshold-above": refused(f"{three}group g 3 w1 w2\nquorum g\n", "policy-threshold"),
        "threshold-leading-zero": refused(f"{three}group g 01 w1 w2\nquorum g\n", "text-integer"),
        "group-empty": refused(f"{three}group g any\nquorum g\n", "policy-line"),
        "name-taken": refused(f"{three}group w1 any w2\nquorum w1\n", "policy-name"),
        "name-none": refused(f"{three}group none any w2\nquorum none\n", "policy-name"),
        "witness-key-twice": refused(
            f"{three}witness w4 {vkey('other.example', COSIGNATURE, 10)}\nquorum w1\n", "policy-duplicate-key"
        ),
        "log-key-twice": refused(f"{three}{log}quorum w1\n", "policy-duplicate-key"),
        "log-with-cosigner-key": refused(
            f"log {vkey('w1.example', COSIGNATURE, 10)}\nquorum none\n", "policy-key-type"
        ),
        "witness-with-note-key": refused(
            f"{log}witness w {vkey('w1.example', ED25519, 10)}\nquorum w\n", "policy-key-type"
        ),
        "line-unknown": refused(f"{three}allow w1\nquorum w1\n", "policy-line"),
        "line-too-many-words": refused(f"{three}quorum w1 w2\n", "policy-line"),
        "no-final-newline": refused(f"{three}quorum w1", "policy-line"),
        "carriage-return": refused(f"{three}quorum w1\r\n", "policy-control"),
        "too-long": refused(f"{three}# {'x' * 65_536}\nquorum w1\n", "policy-size"),
        "sixty-five-logs": refused(
            "".join(f"log {vkey(f'l{n}.example', ED25519, n)}\n" for n in range(100, 165)) + "quorum none\n",
            "policy-limit",
        ),
    }


def make_trust() -> Cases:
    """Trust files."""
    receipts = vkey("reports.example/acme/receipts", ED25519, 3)
    name, seed = WITNESSES["w1"]
    policy = f"log {LOG_VKEY}\nlog {DIRECTORY_VKEY}\nwitness w1 {vkey(name, COSIGNATURE, seed)}\nquorum w1\n"
    head = f"plaint/v1/trust\norg {'0123456789abcdef' * 2}\nreceipts {receipts}\n"
    good = f"{head}\n{policy}"

    def refused(text: str, error: str) -> Case:
        return {"trust": text, "error": error}

    third = vkey("reports.example/other/log/cases", ED25519, 4)
    elsewhere = vkey("reports.example/other/log/directory", ED25519, 5)
    return {
        "holds": {
            "trust": good,
            "org": "0123456789abcdef" * 2,
            "receipts": receipts,
            "cases": LOG_VKEY,
            "directory": DIRECTORY_VKEY,
            "quorum": "w1",
        },
        "no-blank-line": refused(head, "trust-form"),
        "other-first-line": refused(good.replace("v1", "v2", 1), "text-first-line"),
        "org-short": refused(good.replace("0123456789abcdef" * 2, "01234567"), "text-hex"),
        "org-missing": refused(f"plaint/v1/trust\nreceipts {receipts}\n\n{policy}", "text-order"),
        "line-unknown": refused(f"{head}url https://reports.example\n\n{policy}", "text-order"),
        "receipts-of-the-log": refused(good.replace(receipts, LOG_VKEY), "trust-receipts"),
        "receipts-of-a-cosigner-key": refused(good.replace(receipts, vkey("r", ED25519, seed)), "trust-receipts"),
        "receipts-type": refused(good.replace(receipts, vkey("r", COSIGNATURE, 3)), "trust-receipts"),
        "one-log": refused(good.replace(f"log {DIRECTORY_VKEY}\n", ""), "trust-logs"),
        "two-case-logs": refused(good.replace("witness", f"log {third}\nwitness"), "trust-logs"),
        "logs-of-two-organisations": refused(good.replace(DIRECTORY_VKEY, elsewhere), "trust-logs"),
        "policy-without-quorum": refused(good.replace("quorum w1\n", ""), "policy-quorum"),
        "carriage-return": refused(good.replace("\nreceipts", "\r\nreceipts", 1), "text-ascii"),
    }


def make_vectors() -> dict[str, Cases]:
    """Return every case by folder and name."""
    return {
        "merkle": make_merkle(),
        "tiles": make_tiles(),
        "note": make_note(),
        "checkpoint": make_checkpoint(),
        "cosignature": make_cosignature(),
        "proof": make_proof(),
        "policy": make_policy(),
        "trust": make_trust(),
    }


def encode_case(case: Case) -> str:
    """Return the text of a vector file."""
    return json.dumps(case, indent=1, ensure_ascii=False) + "\n"


def _line(note: Note) -> str:
    return encode_note(note).decode().removeprefix(note.text.decode() + "\n")


def _last_line(note: str) -> str:
    return note.split("\n")[-2] + "\n"


def _hex(values: list[bytes]) -> list[str]:
    return [value.hex() for value in values]


def main() -> None:
    """Write all files anew."""
    for folder, cases in make_vectors().items():
        (VECTORS / folder).mkdir(parents=True, exist_ok=True)
        for old in (VECTORS / folder).glob("*.json"):
            old.unlink()
        for name, case in cases.items():
            (VECTORS / folder / f"{name}.json").write_text(encode_case(case), "utf-8")


if __name__ == "__main__":
    main()
