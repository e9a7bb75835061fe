from __future__ import annotations

import pytest

from plaint.errors import MalformedError, VerificationError
from plaint.protocol.work import Work, encode_work, parse_work, solve_work, verify_work

ORG, SUBJECT = bytes(16), bytes(32)


@pytest.mark.parametrize("bits", [0, 1, 8, 10])
def test_solved_work_holds_and_one_bit_more_is_not_promised(bits: int) -> None:
    work = solve_work(org=ORG, tick=5, subject=SUBJECT, bits=bits)
    verify_work(work, org=ORG, subject=SUBJECT, bits=bits)
    assert parse_work(encode_work(work)) == work
    with pytest.raises(VerificationError) as caught:
        verify_work(work, org=ORG, subject=SUBJECT, bits=bits + 40)
    assert caught.value.code == "work"


def test_no_smaller_nonce_would_have_done() -> None:
    work = solve_work(org=ORG, tick=5, subject=SUBJECT, bits=6)
    for nonce in range(work.nonce):
        with pytest.raises(VerificationError):
            verify_work(Work(5, nonce), org=ORG, subject=SUBJECT, bits=6)


@pytest.mark.parametrize(("text", "code"), [("5", "text-value"), ("5 x", "text-integer"), ("5  6", "text-integer")])
def test_work_has_one_spelling(text: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_work(text)
    assert caught.value.code == code
