from __future__ import annotations

from pathlib import Path

import pytest

from plaint.errors import MalformedError
from plaint.server.config import Config, check_slug


@pytest.mark.parametrize("slug", ["a", "demo", "my-org-2", "0", "a" * 32])
def test_slugs(slug: str) -> None:
    assert check_slug(slug) == slug


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a/b", "..", "a.b", "a" * 33, "ä", "a b", "a\n"])
def test_what_is_no_slug(slug: str) -> None:
    with pytest.raises(MalformedError) as caught:
        check_slug(slug)
    assert caught.value.code == "org-slug"


@pytest.mark.parametrize("url", ["example.org", "ftp://example.org", "https://", "https://a b", ""])
def test_what_is_no_public_address(tmp_path: Path, url: str) -> None:
    with pytest.raises(MalformedError) as caught:
        Config(tmp_path, public_url=url)
    assert caught.value.code == "config-public-url"


def test_only_organisations_with_keys_are_listed(tmp_path: Path) -> None:
    config = Config(tmp_path)
    assert config.list_slugs() == []
    (tmp_path / "keys").mkdir()
    for name in ("demo.json", "Other.json", "demo.json.new", "second.json"):
        (tmp_path / "keys" / name).touch()
    assert config.list_slugs() == ["demo", "second"]


def test_https_alone_is_encrypted(tmp_path: Path) -> None:
    assert Config(tmp_path, public_url="https://plaint.test").encrypted
    assert not Config(tmp_path, public_url="http://plaint.test").encrypted
    assert not Config(tmp_path).encrypted
