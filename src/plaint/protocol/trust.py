"""Trust files: what a verifier must bring along, because a receipt never carries its own keys (spec/trust.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from plaint.encoding.lines import LineReader, encode_lines, parse_hex, parse_integer, parse_lines
from plaint.errors import MalformedError
from plaint.protocol.note import ED25519, VerifierKey, encode_vkey, parse_vkey
from plaint.protocol.policy import LIMIT_POLICY_BYTES, Policy, encode_policy, parse_policy

FIRST_LINE = "plaint/v1/trust"
CASES_SUFFIX = "/log/cases"
DIRECTORY_SUFFIX = "/log/directory"
LIMIT_HEAD_BYTES = 8_192
LIMIT_FORMER = 16
RETIRED, VOID = "retired", "void"
DEFAULT_GRACE_S = 6 * 600


@dataclass(frozen=True, slots=True)
class FormerKey:
    """A receipt key that ended at `until`.

    What a retired one signed before stays; a `void` one may be in other hands: its notes count only behind leaves that
    were logged before.
    """

    key: VerifierKey
    until: int
    void: bool


@dataclass(frozen=True, slots=True)
class Trust:
    """An organisation, the key of its state notes, the policy for its two logs, and the grace given to due dates.

    `upstream`, when pinned, is the only key whose releases count, whatever the directory says.
    """

    org: bytes
    receipts: VerifierKey
    policy: Policy
    grace_s: int = DEFAULT_GRACE_S
    upstream: VerifierKey | None = None
    former: tuple[FormerKey, ...] = ()

    @property
    def cases(self) -> VerifierKey:
        """The key of the case log."""
        return _find_log(self.policy, CASES_SUFFIX)

    @property
    def directory(self) -> VerifierKey:
        """The key of the directory log."""
        return _find_log(self.policy, DIRECTORY_SUFFIX)


def add_former(trust: Trust, found: Iterable[FormerKey]) -> Trust:
    """Return `trust` with more former receipt keys; of two words about one key *void* stays, else the earlier time.

    Where there are more than a trust file holds, those that ended last.
    """
    known: dict[bytes, FormerKey] = {}
    for key in sorted((*trust.former, *found), key=lambda item: (not item.void, item.until)):
        known.setdefault(key.key.public, key)
    ordered = sorted(known.values(), key=lambda item: (item.until, item.key.public))
    return replace(trust, former=tuple(ordered[-LIMIT_FORMER:]))


def encode_trust(trust: Trust) -> bytes:
    """Return the bytes of a trust file."""
    pairs = [("org", trust.org.hex()), ("receipts", encode_vkey(trust.receipts))]
    for void, word in ((False, RETIRED), (True, VOID)):
        pairs += [(word, f"{known.until} {encode_vkey(known.key)}") for known in trust.former if known.void == void]
    if trust.grace_s != DEFAULT_GRACE_S:
        pairs.append(("grace", str(trust.grace_s)))
    if trust.upstream is not None:
        pairs.append(("upstream", encode_vkey(trust.upstream)))
    return encode_lines(FIRST_LINE, pairs) + b"\n" + encode_policy(trust.policy)


def parse_trust(data: bytes) -> Trust:
    """Return a trust file: a head, a blank line, a tlog-policy.

    Raises: MalformedError "trust-form", "trust-receipts", "trust-former", "trust-logs", "trust-upstream" and those of
            `parse_lines`, `parse_vkey`, `parse_policy`.
    """
    head, blank, policy = data[: LIMIT_HEAD_BYTES + LIMIT_POLICY_BYTES + 1].partition(b"\n\n")
    if not blank:
        raise MalformedError("trust-form")
    reader = LineReader(parse_lines(head + b"\n", FIRST_LINE, limit_bytes=LIMIT_HEAD_BYTES))
    org = parse_hex(reader.take("org"), size_bytes=16)
    receipts = parse_vkey(reader.take("receipts"))
    former = [
        *(_parse_former(value, void=False) for value in reader.take_many(RETIRED)),
        *(_parse_former(value, void=True) for value in reader.take_many(VOID)),
    ]
    grace = reader.take_optional("grace")
    upstream = reader.take_optional("upstream")
    reader.finish()
    trust = Trust(
        org,
        receipts,
        parse_policy(policy),
        grace_s=DEFAULT_GRACE_S if grace is None else parse_integer(grace),
        upstream=None if upstream is None else parse_vkey(upstream),
        former=tuple(former),
    )
    _check_keys(trust)
    return trust


def _check_keys(trust: Trust) -> None:
    cases, directory = trust.cases, trust.directory
    if cases.name.removesuffix(CASES_SUFFIX) != directory.name.removesuffix(DIRECTORY_SUFFIX):
        raise MalformedError("trust-logs")
    keys = [log.key.public for log in trust.policy.logs] + [w.key.public for w in trust.policy.witnesses]
    # A promise must never pass for a checkpoint, nor the reverse.
    if trust.receipts.type != ED25519 or trust.receipts.public in keys:
        raise MalformedError("trust-receipts")
    used = [known.key.public for known in trust.former]
    strange = any(known.key.name != trust.receipts.name or known.key.type != ED25519 for known in trust.former)
    # The key of now may be void: it is not replaced yet. It cannot be retired.
    retired = [known.key.public for known in trust.former if not known.void]
    if strange or len(set(used)) != len(used) or len(used) > LIMIT_FORMER or not set(keys).isdisjoint(used):
        raise MalformedError("trust-former")
    if trust.receipts.public in retired:
        raise MalformedError("trust-former")
    # Whoever serves the pages must not be able to bless them.
    upstream = trust.upstream
    if upstream is not None and (upstream.type != ED25519 or upstream.public in {*keys, *used, trust.receipts.public}):
        raise MalformedError("trust-upstream")


def _parse_former(value: str, *, void: bool) -> FormerKey:
    until, _, vkey = value.partition(" ")
    return FormerKey(parse_vkey(vkey), parse_integer(until), void)


def _find_log(policy: Policy, suffix: str) -> VerifierKey:
    found = [log.key for log in policy.logs if log.key.name.endswith(suffix)]
    if len(found) != 1:
        raise MalformedError("trust-logs")
    return found[0]
