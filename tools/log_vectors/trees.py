"""Trees, proofs, tiles and bundles."""

from __future__ import annotations

from tests.support.naive_merkle import (
    CountedTree,
    UniformTree,
    counted_entries,
    naive_consistency,
    naive_inclusion,
    naive_root,
)
from tools.log_vectors.keys import (
    RFC_ENTRIES,
    SIZES,
    Case,
    Cases,
    to_hex,
)

MILLION = 1_000_000
UNIFORM_SIZES = (65_537, MILLION, 2**32 + 1, 2**53 - 1)


def make_merkle() -> Cases:
    """Trees of every size that matters, and proofs that must not hold."""
    rfc = [bytes.fromhex(entry) for entry in RFC_ENTRIES]
    cases: Cases = {
        "rfc-6962-leaves": {
            "check": "tree",
            "entries": RFC_ENTRIES,
            "roots": [naive_root(rfc[:size]).hex() for size in range(9)],
            "inclusion": [
                {"index": i, "size": s, "proof": to_hex(naive_inclusion(i, rfc[:s]))}
                for s in range(1, 9)
                for i in range(s)
            ],
            "consistency": [
                {"old": old, "new": new, "proof": to_hex(naive_consistency(old, rfc[:new]))}
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
            "inclusion": [{"index": i, "proof": to_hex(naive_inclusion(i, entries))} for i in indexes],
            "consistency": [
                {
                    "old": old,
                    "old_root": naive_root(everything[:old]).hex(),
                    "proof": to_hex(naive_consistency(old, entries)),
                }
                for old in olds
                if old <= size and (size < 1000 or old in {1, 257, size - 1})
            ],
        }
    return cases | _make_million() | _make_uniform() | _make_refused_proofs(rfc)


def _make_million() -> Cases:
    """A million counted entries, by proofs alone: whoever has the time may hash them all."""
    tree = CountedTree()
    root = tree.root(0, MILLION).hex()
    cases: Cases = {}
    for index in (0, 524_287, 524_288, 999_935, 999_936, 999_999):
        leaf, proof = tree.root(index, index + 1).hex(), to_hex(tree.inclusion(index, MILLION))
        case = {"check": "inclusion", "leaf": leaf, "index": index, "size": MILLION, "proof": proof, "root": root}
        cases[f"million-inclusion-{index}"] = case
    for old in (1, 65_536, 65_537, 524_288, 999_999):
        case = {"check": "consistency", "old": old, "new": MILLION, "old_root": tree.root(0, old).hex()}
        cases[f"million-consistency-{old}"] = case | {"new_root": root, "proof": to_hex(tree.consistency(old, MILLION))}
    return cases


def _make_uniform() -> Cases:
    """One entry repeated: proofs that a reader of tiles computes, up to the largest size there is."""
    entry = b"\x01" + bytes(32)
    tree = UniformTree(entry)
    cases: Cases = {}
    for size in UNIFORM_SIZES:
        indexes = sorted({0, 255, 256, 65_535, 65_536, size // 3, size - 2, size - 1})
        olds = sorted({1, 255, 256, 257, 65_536, size // 3, size - 1})
        cases[f"uniform-{size}"] = {
            "check": "uniform",
            "entry": entry.hex(),
            "size": size,
            "root": tree.root(0, size).hex(),
            "inclusion": [{"index": i, "proof": to_hex(tree.inclusion(i, size))} for i in indexes],
            "consistency": [
                {"old": old, "old_root": tree.root(0, old).hex(), "proof": to_hex(tree.consistency(old, size))}
                for old in olds
            ],
        }
    return cases


def _make_refused_proofs(rfc: list[bytes]) -> Cases:
    root, other = naive_root(rfc).hex(), naive_root(rfc[:7]).hex()
    leaf, proof = naive_root(rfc[5:6]).hex(), to_hex(naive_inclusion(5, rfc))
    good = {"check": "inclusion", "leaf": leaf, "index": 5, "size": 8, "proof": proof, "root": root}
    path = to_hex(naive_consistency(6, rfc))
    old: Case = {"check": "consistency", "old": 6, "new": 8, "old_root": naive_root(rfc[:6]).hex(), "new_root": root}
    old |= {"proof": path}
    changes: dict[str, tuple[Case, str]] = {
        "inclusion-index-is-size": (good | {"index": 8}, "inclusion-range"),
        "inclusion-empty-tree": (good | {"index": 0, "size": 0, "proof": []}, "inclusion-range"),
        "inclusion-short": (good | {"proof": proof[:-1]}, "inclusion-length"),
        "inclusion-long": (good | {"proof": [*proof, leaf]}, "inclusion-length"),
        "inclusion-other-index": (good | {"index": 4}, "inclusion-root"),
        "inclusion-other-root": (good | {"root": other}, "inclusion-root"),
        "inclusion-swapped": (good | {"proof": proof[::-1]}, "inclusion-root"),
        "consistency-shrinks": (old | {"old": 9}, "consistency-range"),
        "consistency-short": (old | {"proof": path[:-1]}, "consistency-length"),
        "consistency-long": (old | {"proof": [*path, leaf]}, "consistency-length"),
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
    for size in (*SIZES, 70_000, MILLION):
        levels = [divmod(size >> (8 * level), 256) for level in range(4)]
        cases[f"geometry-{size}"] = {
            "check": "geometry",
            "size": size,
            "levels": [{"full": full, "partial": partial} for full, partial in levels],
        }
    entries = [b"", b"a", b"\x01" + bytes(32)]
    bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    good = {"check": "bundle", "bundle": bundle.hex(), "count": 3}
    cases["bundle"] = good | {"entries": to_hex(entries)}
    cases["bundle-short"] = good | {"bundle": bundle[:-1].hex(), "error": "bundle-size"}
    cases["bundle-cut-length"] = good | {"bundle": (bundle + b"\0").hex(), "count": 4, "error": "bundle-size"}
    cases["bundle-long"] = good | {"bundle": (bundle + b"\0\0").hex(), "error": "bundle-size"}
    cases["bundle-fewer"] = good | {"count": 4, "error": "bundle-size"}
    return cases
