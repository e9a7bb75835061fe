"""Write the vectors of the log's formats: `python -m tools.make_log_vectors`.

Roots and proofs come from the naive recursion of RFC 9162, expected error codes are written down by hand; the fast code
only has to agree.
"""

from __future__ import annotations

import json
from pathlib import Path

from tools.log_vectors.keys import Case, Cases
from tools.log_vectors.notes import make_checkpoint, make_cosignature, make_note, make_proof
from tools.log_vectors.policies import make_policy, make_trust
from tools.log_vectors.trees import make_merkle, make_tiles

VECTORS = Path(__file__).resolve().parents[1] / "vectors"


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
