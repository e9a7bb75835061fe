"""The sweep for missed dates: a whole tick over 10^4, 10^5 and 10^6 open rooms, on SQLite and PostgreSQL.

Usage: python -m benchmarks.bench_sweep DATA [DATABASE] ticks a few times in DATA and prints seconds and peak bytes.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import delete, select, update

from benchmarks.organisation import CLOCK, SLUG, found
from benchmarks.rows import ROUNDS, Row, at_most
from plaint.server.clock.batch import MOVING_PER_CELL
from plaint.server.config import Config
from plaint.server.deployment import Deployment, open_keystore
from plaint.server.keys import read_keys
from plaint.server.maintain import open_database
from plaint.server.organisation import load_organisation
from plaint.server.receipts import ReceiptKeys
from plaint.store.schema import room, waiting
from tests.support.many_rooms import add_rooms
from tests.support.postgres import make_database, run_postgres

SIZES = (10_000, 100_000, 1_000_000)
MEBIBYTE = 2**20
LIMIT_S, LIMIT_MIB, LIMIT_GROWTH = 2, 200, 3
PAST, FUTURE = 1_000_000_000, 9_000_000_000
RELEASED = MOVING_PER_CELL * CLOCK.cells
WITH_SETS = 5_000


def rows(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of both databases."""
    with tempfile.TemporaryDirectory() as name:
        made = measure_database("SQLite", Path(name), None, rounds)
    with (
        tempfile.TemporaryDirectory() as name,
        run_postgres() as server,
        make_database(server, "sweep") as url,
    ):
        return made + measure_database("PostgreSQL", Path(name), url, rounds)


def measure_database(kind: str, data: Path, url: str | None, rounds: int) -> list[Row]:
    """Return the rows of one database, which grows from size to size."""
    found(data, database_url=url)
    config = Config(data, database_url=url)
    few, before, made, took = 0.0, 0, [], {}
    for size in SIZES:
        asyncio.run(fill(config, first=before, count=size - before))
        asyncio.run(miss(config, RELEASED * (rounds + 1)))
        before, took[size] = size, measure(data, url, rounds)
        few = few or took[size]["s"]
        if size == 100_000:
            asyncio.run(miss(config, None))
            late = measure(data, url, rounds)
            asyncio.run(rest(config))
            note = f"one whole tick, every date missed, {RELEASED} released; median of {rounds}"
            made += [
                at_most(f"sweep of {size:,} missed rooms, {kind}", late["s"], LIMIT_S, "s", note),
                at_most(f"the same, peak of the process, {kind}", late["bytes"] / MEBIBYTE, LIMIT_MIB, "MiB"),
            ]
    note = "; ".join(f"{size:,}: {found['s'] * 1_000:.1f} ms" for size, found in took.items())
    growth = took[SIZES[-1]]["s"] / few
    return [*made, at_most(f"a tick at {SIZES[-1]:,} rooms ÷ at {SIZES[0]:,}, {kind}", growth, LIMIT_GROWTH, note=note)]


def measure(data: Path, url: str | None, rounds: int) -> dict[str, float]:
    """Return median seconds and peak bytes of a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bench_sweep", str(data), str(rounds), *([url] if url else [])]
    answer: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return answer


async def fill(config: Config, *, first: int, count: int) -> None:
    """Add rooms whose dates are far away; those of the first that will be missed get slot sets."""
    keys, keystore = read_keys(config.keys_path(SLUG)), open_keystore(config)
    held = ReceiptKeys(config.receipts_path(SLUG), keys)
    sets = 0 if first else WITH_SETS
    async with open_database(config) as database:
        organisation = await database.read(
            lambda c: load_organisation(
                c, SLUG, keys, held, config.data_dir / "unused", rest=keystore, now=0, random=Random(1)
            )
        )
        for start, number in ((first, sets), (first + sets, count - sets)):
            job = partial(add_rooms, organisation=organisation, first=start, count=number, escalate=FUTURE + start)
            await database.write(partial(job, sets=start < WITH_SETS))
        organisation.close()
    keystore.close()


async def miss(config: Config, count: int | None) -> None:
    """Let the dates of the next `count` rooms have passed, or of all."""
    async with open_database(config) as database:
        first = select(room.c.room).where(room.c.escalate >= FUTURE).order_by(room.c.escalate).limit(count)
        chosen = update(room).where(room.c.room.in_(first)) if count else update(room).where(~room.c.escalated)
        await database.write(lambda c: c.execute(chosen.values(escalate=room.c.escalate - FUTURE + PAST)))


async def rest(config: Config) -> None:
    """Let no date have passed."""
    async with open_database(config) as database:
        late = update(room).where(room.c.escalate < FUTURE)
        await database.write(lambda c: c.execute(late.values(escalate=room.c.escalate + FUTURE - PAST)))


async def tick(config: Config, rounds: int) -> list[float]:
    """Tick `rounds` times after a first one, each with the places in the streams free again."""
    deployment = Deployment(config, clock=time.time, random=Random(1), ticking=False)
    await deployment.start()
    times = []
    async with open_database(config) as database:
        for _ in range(rounds + 1):
            await database.write(lambda c: c.execute(delete(waiting)))
            start = time.perf_counter()
            await deployment.run_tick(SLUG)
            times.append(time.perf_counter() - start)
    await deployment.close()
    return times[1:]


if __name__ == "__main__":
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    found_times = asyncio.run(tick(Config(folder, database_url=sys.argv[3] if sys.argv[3:] else None), count))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"s": median(found_times), "bytes": peak}))
