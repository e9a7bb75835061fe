"""Policies and trust files."""

from __future__ import annotations

from plaint.protocol.note import (
    COSIGNATURE,
    ED25519,
    Note,
    cosign_note,
)
from tests.support.naive_merkle import counted_entries, naive_root
from tools.log_vectors.keys import (
    DIRECTORY_VKEY,
    LOG_VKEY,
    TIME,
    WITNESSES,
    Case,
    Cases,
    checkpoint_text,
    key,
    last_line,
    signature_lines,
    signed,
    vkey,
)


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

    false = cosign_note(b"x\n", name="w3.example", key=key(12), timestamp=TIME)
    forged = note.replace(last_line(note), signature_lines(Note(text, (false,))))
    twice = signed(text, times={"w1": TIME + 50}) + last_line(signed(text, times={"w1": TIME + 5}))
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

    old, older = (vkey("reports.example/acme/receipts", ED25519, seed) for seed in (8, 9))
    project = vkey("plaint.example/releases", ED25519, 7)
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
        "upstream": {
            "trust": f"{head}upstream {project}\n\n{policy}",
            "org": "0123456789abcdef" * 2,
            "receipts": receipts,
            "cases": LOG_VKEY,
            "directory": DIRECTORY_VKEY,
            "quorum": "w1",
            "upstream": project,
        },
        "former": {
            "trust": f"{head}retired 100 {old}\nvoid 200 {older}\ngrace 60\n\n{policy}",
            "org": "0123456789abcdef" * 2,
            "receipts": receipts,
            "cases": LOG_VKEY,
            "directory": DIRECTORY_VKEY,
            "quorum": "w1",
        },
        "former-void-now": {
            "trust": f"{head}void 200 {receipts}\n\n{policy}",
            "org": "0123456789abcdef" * 2,
            "receipts": receipts,
            "cases": LOG_VKEY,
            "directory": DIRECTORY_VKEY,
            "quorum": "w1",
        },
        "former-order": refused(f"{head}void 200 {older}\nretired 100 {old}\n\n{policy}", "text-order"),
        "former-twice": refused(f"{head}retired 1 {old}\nvoid 2 {old}\n\n{policy}", "trust-former"),
        "former-retired-now": refused(f"{head}retired 1 {receipts}\n\n{policy}", "trust-former"),
        "former-name": refused(f"{head}retired 1 {third}\n\n{policy}", "trust-former"),
        "former-many": refused(
            head
            + "".join(f"void 1 {vkey('reports.example/acme/receipts', ED25519, n)}\n" for n in range(100, 117))
            + f"\n{policy}",
            "trust-former",
        ),
        "former-time": refused(f"{head}retired 01 {old}\n\n{policy}", "text-integer"),
        "upstream-before-grace": refused(f"{head}upstream {project}\ngrace 60\n\n{policy}", "text-order"),
        "upstream-of-the-log": refused(f"{head}upstream {LOG_VKEY}\n\n{policy}", "trust-upstream"),
        "upstream-of-receipts": refused(f"{head}upstream {receipts}\n\n{policy}", "trust-upstream"),
        "upstream-type": refused(f"{head}upstream {vkey('u', COSIGNATURE, 6)}\n\n{policy}", "trust-upstream"),
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
