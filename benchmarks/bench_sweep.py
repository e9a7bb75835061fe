"""The sweep for missed dates: a whole tick over 10^4, 10^5 and 10^6 open rooms, on SQLite and PostgreSQL.

Usage: python -m benchmarks.bench_sweep ROUNDS PLACES ticks that often in each place in turn, PLACES a JSON list of
[DATA, DATABASE]; it prints the seconds of each and the peak of the process in bytes.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from benchmarks.organisation import CLOCK, SLUG, found, read_memory
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

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW, SWEPT, MANY = 10_000, 100_000, 1_000_000
MEBIBYTE = 2**20
LIMIT_S, LIMIT_MIB, LIMIT_GROWTH = 2, 150, 3
PAST, FUTURE = 1_000_000_000, 9_000_000_000
RELEASED = MOVING_PER_CELL * CLOCK.cells
WITH_SETS = 5_000
TURNS_A_ROUND = 3


def rows(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of both databases."""
    with tempfile.TemporaryDirectory() as few, tempfile.TemporaryDirectory() as many:
        made = measure_database("SQLite", Config(Path(few)), Config(Path(many)), rounds)
    with (
        tempfile.TemporaryDirectory() as few,
        tempfile.TemporaryDirectory() as many,
        run_postgres() as server,
        make_database(server, "few") as few_url,
        make_database(server, "many") as many_url,
    ):
        configs = Config(Path(few), database_url=few_url), Config(Path(many), database_url=many_url)
        return made + measure_database("PostgreSQL", *configs, rounds)


def measure_database(kind: str, few: Config, many: Config, rounds: int) -> list[Row]:
    """Return the rows of one kind of database; `many` grows from size to size."""
    for config in (few, many):
        found(config.data_dir, database_url=config.database_url)
    asyncio.run(fill(many, first=0, count=SWEPT))
    asyncio.run(miss(many, None))
    (late,), peak = measure([many], rounds)
    asyncio.run(rest(many))
    asyncio.run(fill(few, first=0, count=FEW))
    asyncio.run(fill(many, first=SWEPT, count=MANY - SWEPT))
    turns = TURNS_A_ROUND * rounds
    for config in (few, many):
        asyncio.run(miss(config, RELEASED * (turns + 1)))
    (at_few, at_many), _ = measure([few, many], turns)
    growth = median(more / less for less, more in zip(at_few, at_many, strict=True))
    missed = f"one whole tick, every date missed, {RELEASED} released; median of {rounds}"
    each = f"{FEW:,}: {median(at_few) * 1_000:.1f} ms; {MANY:,}: {median(at_many) * 1_000:.1f} ms; {turns} in turn"
    return [
        at_most(f"sweep of {SWEPT:,} missed rooms, {kind}", median(late), LIMIT_S, "s", missed),
        at_most(f"the same, peak of the process, {kind}", peak / MEBIBYTE, LIMIT_MIB, "MiB"),
        at_most(f"a tick at {MANY:,} rooms ÷ at {FEW:,}, {kind}", growth, LIMIT_GROWTH, note=each),
    ]


def measure(configs: Sequence[Config], rounds: int) -> tuple[list[list[float]], int]:
    """Return the seconds of each tick for each of `configs`, and the peak in bytes of the process that ran them."""
    places = json.dumps([(str(config.data_dir), config.database_url) for config in configs])
    command = [sys.executable, "-m", "benchmarks.bench_sweep", str(rounds), places]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return answer["s"], answer["bytes"]


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


async def tick(configs: Sequence[Config], rounds: int) -> list[list[float]]:
    """Tick `rounds` times after a first one, each with the places in the streams free again, one of `configs` by one.

    What else the machine does meets all of them alike.
    """
    deployments = [Deployment(config, clock=time.time, random=Random(1), ticking=False) for config in configs]
    for deployment in deployments:
        await deployment.start()
    times: list[list[float]] = [[] for _ in configs]
    for _ in range(rounds + 1):
        for config, deployment, taken in zip(configs, deployments, times, strict=True):
            async with open_database(config) as database:
                await database.write(lambda c: c.execute(delete(waiting)))
            start = time.perf_counter()
            await deployment.run_tick(SLUG)
            taken.append(time.perf_counter() - start)
    for deployment in deployments:
        await deployment.close()
    return [taken[1:] for taken in times]


if __name__ == "__main__":
    ticked = [Config(Path(data), database_url=url) for data, url in json.loads(sys.argv[2])]
    print(json.dumps({"s": asyncio.run(tick(ticked, int(sys.argv[1]))), "bytes": read_memory("self", "VmHWM")}))
