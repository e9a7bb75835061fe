from __future__ import annotations

import pytest

from plaint.errors import MalformedError
from plaint.server.notify.schema import check_address


@pytest.mark.parametrize(
    "address", ["a@x.invalid", "A.b+c_d@mail.x-y.invalid", "o'hara@x.invalid", "a@x", "a" * 64 + "@x.invalid"]
)
def test_plain_addresses_are_taken_as_they_are(address: str) -> None:
    assert check_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ben",
        "@x",
        "ben@",
        "a b@x.invalid",
        "a@x.invalid\n",
        "a@x.invalid\r\nBcc: y@x.invalid",
        "a\0@x.invalid",
        '"a"@x.invalid',
        "a(b)@x.invalid",
        "a@x..invalid",
        ".a@x.invalid",
        "a@[127.0.0.1]",
        "<a@x.invalid>",
        "Ben <a@x.invalid>",
        "a@x.invalid,b@x.invalid",
        "a@b@x.invalid",
        "ä@x.invalid",
        "a@ä.invalid",
        "a" * 65 + "@x.invalid",
        "a@" + "x." * 124 + "invalid",
        "a@" + "x" * 64 + ".invalid",
        "a@-x.invalid",
    ],
)
def test_whatever_could_hide_something_is_refused(address: str) -> None:
    with pytest.raises(MalformedError) as caught:
        check_address(address)
    assert caught.value.code == "mail-address"
