"""All organisations of one process: their services, their tickers, one database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plaint.errors import PlaintError, UnavailableError
from plaint.http.errors import NotFoundError
from plaint.http.log import get_log
from plaint.server.clock.service import TickService
from plaint.server.directory.service import DirectoryService
from plaint.server.erasures.service import ErasureService
from plaint.server.keys import read_keys
from plaint.server.log.service import LogService
from plaint.server.members.service import MemberService
from plaint.server.notify.service import NoticeService
from plaint.server.organisation import load_organisation
from plaint.server.outside.service import read_additions
from plaint.server.receipts import ReceiptKeys
from plaint.server.restore import Restore
from plaint.server.rooms.service import RoomService
from plaint.server.uploads.service import UploadService
from plaint.store.blobs import BlobFiles
from plaint.store.database import Database
from plaint.store.directory import has_organisation
from plaint.store.keystore import KeyStore

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from random import Random

    import httpx

    from plaint.protocol.directory_state import DirectoryState
    from plaint.server.config import Config
    from plaint.server.keys import ServerKeys
    from plaint.server.organisation import Organisation
    from plaint.server.ports import Clock
    from plaint.store.lead import Lead

SWEEP_S = 3_600
# Files are swept once they are a day old: those that an erasure left are looked for until then.
SWEEPS_OF_ALL = 25
NOTICES_S = 15
LEAD_S = 1.0
FOLLOW_S = 1.0
LONGEST_HOLD_S = 1.0
BLOCKED_S = 60.0
FILES = "org-files"


@dataclass(frozen=True, slots=True)
class Services:
    """Everything one organisation is served by."""

    organisation: Organisation
    clock: TickService
    lead: Lead
    directory: DirectoryService
    erasures: ErasureService
    log: LogService
    members: MemberService
    notices: NoticeService
    outside: bytes
    rooms: RoomService
    uploads: UploadService


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why an organisation could not be opened, and until when nobody tries again."""

    code: str
    until: float


class Deployment:
    """Opens the database, finds organisations by their slug, and lets their clocks tick."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock,
        random: Random,
        client: httpx.AsyncClient | None = None,
        ticking: bool = True,
    ) -> None:
        """Prepare a deployment; nothing is opened before `start`.

        `client` reaches the cosigners. Without `ticking` time passes only by `run_tick`.
        """
        self.config = config
        self._clock = clock
        self._random = random
        self._client = client
        self._ticking = ticking
        self._database: Database | None = None
        self._keystore: KeyStore | None = None
        self._services: dict[str, Services] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loading = asyncio.Lock()
        self._blocked: dict[str, Blocked] = {}
        self.closing = asyncio.Event()

    async def start(self) -> None:
        """Open everything; a second call does nothing.

        An organisation that cannot be opened, by its log or its files, is left out while there are others.
        Raises: UnavailableError "database", "database-newer", "keystore"; where none opens, those of `read_keys`,
                `read_additions`, `load_organisation`, `Restore`, `ErasureService.start`, and OSError.
        """
        if self._database is not None:
            return
        self.config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._database = await asyncio.to_thread(Database, self.config.database)
        self._keystore = await asyncio.to_thread(open_keystore, self.config)
        slugs = self.config.list_slugs()
        for slug in slugs:
            try:
                async with self._loading:
                    await self._try_load(slug)
            except (PlaintError, OSError):
                if slug == slugs[-1] and not self._services:
                    raise

    async def find(self, slug: str) -> Services:
        """Return an organisation's services; one made while the process runs is found as well.

        Raises: NotFoundError; UnavailableError "org-blocked", whatever the reason.
        """
        found = self._services.get(slug)
        if found is not None:
            await found.clock.look()
            return found
        if slug not in self.config.list_slugs():
            raise NotFoundError
        async with self._loading:
            found = self._services.get(slug)
            if found is not None:
                return found
            blocked = self._blocked.get(slug)
            if blocked is not None and blocked.until > asyncio.get_running_loop().time():
                raise UnavailableError("org-blocked")
            try:
                return await self._try_load(slug)
            except NotFoundError:
                raise
            except (PlaintError, OSError) as error:
                # Why is said to the operator alone, and once for each try.
                raise UnavailableError("org-blocked") from error

    def list_states(self) -> dict[str, DirectoryState]:
        """Return the directory of every organisation that is loaded, by its slug."""
        return {slug: services.organisation.state for slug, services in self._services.items()}

    def list_blocked(self) -> dict[str, str]:
        """Return why an organisation whose keys are here is not served, by its slug: the code of what failed."""
        return {slug: blocked.code for slug, blocked in self._blocked.items()}

    async def run_tick(self, slug: str) -> int:
        """Run one tick of an organisation now and return its number. Raises: NotFoundError."""
        return await (await self.find(slug)).clock.run()

    def start_ticking(self) -> None:
        """Let real time drive the ticks from now on, where a program drove them by hand."""
        if not self._ticking:
            self._ticking = True
            for services in self._services.values():
                self._spawn(services)

    async def close(self) -> None:
        """Stop ticking, end open streams, finish writes and close the database."""
        self.closing.set()
        for services in self._services.values():
            await services.clock.close()
            await services.clock.wake()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for services in self._services.values():
            await services.lead.close()
            await services.notices.close()
            services.organisation.close()
        if self._client is not None:
            await self._client.aclose()
        if self._database is not None:
            await asyncio.to_thread(self._database.close)
        if self._keystore is not None:
            await asyncio.to_thread(self._keystore.close)

    async def _try_load(self, slug: str) -> Services:
        """Load an organisation; one that could not be opened is looked at again only after a while."""
        try:
            services = await self._load(slug)
        except NotFoundError:
            raise
        except (PlaintError, OSError) as error:
            code = error.code if isinstance(error, PlaintError) else FILES
            self._blocked[slug] = Blocked(code, asyncio.get_running_loop().time() + BLOCKED_S)
            get_log().error("blocked", code=code)
            raise
        self._blocked.pop(slug, None)
        return services

    async def _restore(self, database: Database, keys: ServerKeys, folder: Path) -> None:
        """Let the log go on from where it was, where the database is older."""
        restore = Restore(database, keys, folder, now=int(self._clock()), connect=self._connect)
        found = await restore.run()
        if found is None:
            return
        for log in found.logs:
            get_log().error("restored", log=log.log, old=log.old, new=log.new, found=log.found, lost=log.lost)
        get_log().error("missing", names=found.names, chart=found.chart)

    async def _load(self, slug: str) -> Services:
        database, rest = self._database, self._keystore
        if database is None or rest is None:
            raise NotFoundError
        keys = read_keys(self.config.keys_path(slug))
        if not await database.read(lambda c: has_organisation(c, keys.org)):
            raise NotFoundError  # being made right now, or its making was cut short
        logs = self.config.logs_dir(slug)
        outside = await asyncio.to_thread(read_additions, self.config.outside_path(slug))
        await self._restore(database, keys, logs)
        held, now = ReceiptKeys(self.config.receipts_path(slug), keys), int(self._clock())
        organisation = await database.read(
            lambda c: load_organisation(c, slug, keys, held, logs, rest=rest, now=now, random=self._random)
        )
        services = self._wire(organisation, database, outside)
        try:
            await services.erasures.start()
            await services.clock.start()
            if self._ticking and await services.lead.take() and not organisation.tick:
                await services.clock.run()
        except BaseException:
            await services.lead.close()
            organisation.close()
            raise
        if self._ticking:
            self._spawn(services)
        self._services[slug] = services
        return services

    def _wire(self, organisation: Organisation, database: Database, outside: bytes) -> Services:
        members = MemberService(organisation, database, clock=self._clock)
        files = BlobFiles(self.config.blobs_dir(organisation.slug))
        erasures = ErasureService(organisation, database, files)
        rooms = RoomService(organisation, database, clock=self._clock, erasures=erasures)
        return Services(
            organisation=organisation,
            clock=TickService(organisation, database, clock=self._clock, random=self._random, connect=self._connect),
            lead=database.make_lead(organisation.org),
            directory=DirectoryService(organisation, database),
            erasures=erasures,
            log=LogService(organisation, database),
            members=members,
            notices=NoticeService(
                organisation,
                database,
                clock=self._clock,
                settings=self.config.notices,
                public_url=self.config.public_url,
                connect=self._connect,
            ),
            outside=outside,
            rooms=rooms,
            uploads=UploadService(organisation, database, files, clock=self._clock, members=members, rooms=rooms),
        )

    def _connect(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx  # noqa: PLC0415 -- loaded once there is a cosigner to speak to

            self._client = httpx.AsyncClient(follow_redirects=False)
        return self._client

    def _spawn(self, services: Services) -> None:
        works: list[Coroutine[None, None, None]] = [self._tick(services), self._sweep(services), self._notify(services)]
        if self._database is not None and self._database.is_shared:
            works.append(self._follow(services))
        for work in works:
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _tick(self, services: Services) -> None:
        lead = services.lead
        while True:
            tick_s = services.organisation.clock.tick
            wait_s = tick_s - self._clock() % tick_s
            await asyncio.sleep(wait_s if lead.leads else min(wait_s, LEAD_S))
            led = lead.leads
            try:
                if not await lead.take():
                    continue
                if led:
                    await services.clock.run_due(after_s=min(LONGEST_HOLD_S, tick_s / 10))
                else:
                    await services.clock.take_over()
            except Exception as error:  # noqa: BLE001 -- a tick that failed is missed, the next one comes all the same
                get_log().error("tick", kind=type(error).__name__)

    async def _sweep(self, services: Services) -> None:
        rounds = SWEEPS_OF_ALL
        while True:
            try:
                if services.lead.leads:
                    await services.uploads.sweep(all_files=rounds > 0)
                    rounds = SWEEPS_OF_ALL if await services.erasures.settle() else max(0, rounds - 1)
            except Exception as error:  # noqa: BLE001 -- what could not be swept now is swept the next time
                get_log().error("sweep", kind=type(error).__name__)
            await asyncio.sleep(SWEEP_S)

    async def _notify(self, services: Services) -> None:
        while services.notices.sends:
            try:
                if services.lead.leads:
                    await services.notices.run()
            except Exception as error:  # noqa: BLE001 -- what could not be sent now waits in the outbox
                get_log().error("notices", kind=type(error).__name__)
            await asyncio.sleep(NOTICES_S)

    async def _follow(self, services: Services) -> None:
        while True:
            await asyncio.sleep(FOLLOW_S)
            try:
                await services.clock.follow()
            except Exception as error:  # noqa: BLE001 -- what could not be read now is read the next time
                get_log().error("follow", kind=type(error).__name__)


def open_keystore(config: Config) -> KeyStore:
    """Return the store of at-rest keys, in a folder of its own unless told otherwise.

    Raises: UnavailableError "keystore".
    """
    path = config.keystore.database
    if config.keystore.get_backend_name() == "sqlite" and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return KeyStore(config.keystore)
