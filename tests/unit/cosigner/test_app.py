"""The cosigner in process: it signs, serves what it signed, mirrors, and tells strangers nothing."""

from __future__ import annotations

import asyncio
import stat
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from plaint.cosigner import mirror
from plaint.cosigner.app import CosignerApp, build_app
from plaint.cosigner.identity import load_identity
from plaint.errors import MalformedError
from plaint.log.feed import CosignerAddress, Feed, FeedResult
from plaint.log.fetch import hash_origin
from plaint.protocol.checkpoint import open_checkpoint
from plaint.protocol.note import encode_vkey, find_signatures, parse_note, verify_note
from tests.support.patience import PATIENCE_S
from tests.support.toy_log import START, URL, ToyOrg

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path


@pytest.fixture
def org(tmp_path: Path) -> Iterator[ToyOrg]:
    made = ToyOrg(tmp_path / "org")
    made.tick()
    yield made
    made.close()


def run(org: ToyOrg, data: Path, scene: Callable[[CosignerApp, httpx.AsyncClient], Awaitable[None]]) -> None:
    async def play() -> None:
        keys = [f"{encode_vkey(log.signer.log_key)}={URL}/log/{name}" for name, log in org.logs.items()]
        toward_org = httpx.AsyncClient(transport=httpx.ASGITransport(org))
        app = build_app(data, keys, name="watch.example", now=lambda: START, client=toward_org)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://watch.example") as client:
            await scene(app, client)
        await app.close()

    asyncio.run(play())


async def feed(org: ToyOrg, app: CosignerApp, client: httpx.AsyncClient, name: str = "cases") -> FeedResult:
    log = org.logs[name]
    address = CosignerAddress(app.verifier_key, "http://watch.example")
    return await Feed([address], client=client).collect(log.kept[log.tree.size], log.tree.compute_consistency)


def test_it_signs_serves_the_checkpoint_and_mirrors_the_leaves(org: ToyOrg, tmp_path: Path) -> None:
    org.tick(batch=600)

    async def scene(app: CosignerApp, client: httpx.AsyncClient) -> None:
        for name, log in org.logs.items():
            result = await feed(org, app, client, name)
            assert len(result.signatures) == 1
            await app.pull()
            base = "/" + hash_origin(log.signer.origin)
            note = parse_note((await client.get(f"{base}/checkpoint")).content)
            verify_note(note, [app.verifier_key])
            assert open_checkpoint(note, log.signer.log_key).root == log.tree.root()
            assert len(find_signatures(note, app.verifier_key)) == 1
            width = log.tree.size % 256
            path = f"tile/entries/{log.tree.size // 256:03}.p/{width}"
            assert (await client.get(f"{base}/{path}")).content == log.read(path)

    run(org, tmp_path / "w", scene)


def test_what_it_signed_and_copied_survives_the_process(org: ToyOrg, tmp_path: Path) -> None:
    async def first(app: CosignerApp, client: httpx.AsyncClient) -> None:
        await feed(org, app, client)
        await app.pull()

    async def second(app: CosignerApp, client: httpx.AsyncClient) -> None:
        base = "/" + hash_origin(org.logs["cases"].signer.origin)
        assert (await client.get(f"{base}/tile/entries/000.p/16")).status_code == 200
        org.tick()
        assert len((await feed(org, app, client)).signatures) == 1

    run(org, tmp_path / "w", first)
    run(org, tmp_path / "w", second)


def test_a_forked_log_gets_no_second_signature_and_the_copy_stays(org: ToyOrg, tmp_path: Path) -> None:
    other = ToyOrg(tmp_path / "fork", seed=2)
    other.tick()
    other.tick()

    async def scene(app: CosignerApp, client: httpx.AsyncClient) -> None:
        await feed(org, app, client)
        await app.pull()
        assert [key.name for key in (await feed(other, app, client)).forks] == ["watch.example"]
        base = "/" + hash_origin(org.logs["cases"].signer.origin)
        note = parse_note((await client.get(f"{base}/checkpoint")).content)
        assert open_checkpoint(note, org.logs["cases"].signer.log_key).size == 16

    run(org, tmp_path / "w", scene)
    other.close()


def test_everything_else_is_one_404(org: ToyOrg, tmp_path: Path) -> None:
    async def scene(app: CosignerApp, client: httpx.AsyncClient) -> None:
        base = "/" + hash_origin(org.logs["cases"].signer.origin)
        paths = [
            "/",
            "/x",
            "/" + "0" * 64 + "/checkpoint",
            base,
            f"{base}/checkpoint",
            f"{base}/tile/0/000",
            f"{base}/x",
        ]
        answers = [await client.get(path) for path in paths] + [
            await client.post(base),
            await client.put("/add-checkpoint"),
        ]
        assert {(a.status_code, a.content, tuple(a.headers.items())) for a in answers} == {
            (404, b"", tuple(answers[0].headers.items()))
        }
        assert (await client.post("/add-checkpoint", content=b"x" * 300_000)).status_code == 413

    run(org, tmp_path / "w", scene)


def test_it_writes_nothing_down_about_requests(org: ToyOrg, tmp_path: Path, capfd: Any, caplog: Any) -> None:
    async def scene(app: CosignerApp, client: httpx.AsyncClient) -> None:
        await client.post("/add-checkpoint", content=b"garbage")
        await client.get("/secret-path")

    before = len(caplog.records)
    run(org, tmp_path / "w", scene)
    assert capfd.readouterr() == ("", "")
    assert not [r for r in caplog.records[before:] if not r.name.startswith(("httpx", "httpcore", "asyncio"))]


def test_the_key_is_made_once_for_the_owner_only_and_keeps_its_name(tmp_path: Path) -> None:
    first = load_identity(tmp_path / "w", name="watch.example")
    assert stat.S_IMODE((tmp_path / "w" / "seed").stat().st_mode) == 0o600
    assert load_identity(tmp_path / "w").verifier_key == first.verifier_key
    with pytest.raises(MalformedError, match="cosigner-name"):
        load_identity(tmp_path / "w", name="other.example")
    assert load_identity(tmp_path / "n").name.endswith(".invalid")


class LateLog:
    """Serves an organisation's logs only once `open` is set, as a server does that publishes after the signature."""

    def __init__(self, org: ToyOrg) -> None:
        self._org = org
        self.open = False
        self.asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        if self.open:
            await self._org(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def mirror_late(
    org: ToyOrg,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    scene: Callable[[LateLog, CosignerApp], Awaitable[None]],
    *,
    retries: int = 2,
) -> list[tuple[str, str]]:
    """Play a scene with a cosigner whose retries follow each other fast, and return what it reported."""
    monkeypatch.setattr(mirror, "RETRIES_S", (0.01,) * retries)
    monkeypatch.setattr(mirror, "PULL_S", 0.02)
    heard: list[tuple[str, str]] = []

    async def play() -> None:
        log, late = org.logs["cases"], LateLog(org)
        key = f"{encode_vkey(log.signer.log_key)}={URL}/log/cases"
        toward_org = httpx.AsyncClient(transport=httpx.ASGITransport(late))
        app = build_app(
            data,
            [key],
            name="watch.example",
            now=lambda: START,
            client=toward_org,
            report=lambda *said: heard.append(said),
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://watch.example") as client:
            assert len((await feed(org, app, client)).signatures) == 1
            await scene(late, app)
        await app.close()

    asyncio.run(play())
    return heard


async def wait_for(check: Callable[[], bool]) -> None:
    for _ in range(100 * PATIENCE_S):
        if check():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


def read_size(app: CosignerApp) -> int:
    return next(iter(app._mirrors.values())).tree.size


def read_reported(app: CosignerApp) -> str:
    return next(iter(app._mirrors.values()))._reported


def test_a_copy_catches_up_by_itself_once_the_log_is_published(
    org: ToyOrg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(late: LateLog, app: CosignerApp) -> None:
        await wait_for(lambda: late.asked > 1)
        assert read_size(app) == 0
        late.open = True
        await wait_for(lambda: read_size(app) == 16)

    assert mirror_late(org, tmp_path / "w", monkeypatch, scene, retries=100 * PATIENCE_S) == []


def test_a_copy_that_stays_behind_is_told_once_and_so_is_its_end(
    org: ToyOrg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(late: LateLog, app: CosignerApp) -> None:
        await wait_for(lambda: read_reported(app) != "ok")
        asked = late.asked
        await wait_for(lambda: late.asked > asked + 3)
        late.open = True
        await wait_for(lambda: read_reported(app) == "ok")
        assert read_size(app) == 16
        await asyncio.sleep(0.1)

    origin = org.logs["cases"].signer.origin
    assert mirror_late(org, tmp_path / "w", monkeypatch, scene) == [(origin, "log-answer"), (origin, "ok")]


def test_a_log_that_shows_others_another_tree_is_told_at_once(
    org: ToyOrg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ToyOrg(tmp_path / "fork", seed=2)
    other.tick()

    async def scene(late: LateLog, app: CosignerApp) -> None:
        late._org, late.open = other, True
        await wait_for(lambda: read_reported(app) != "ok")
        assert read_size(app) == 0

    assert mirror_late(org, tmp_path / "w", monkeypatch, scene) == [(org.logs["cases"].signer.origin, "log-fork")]
    other.close()
