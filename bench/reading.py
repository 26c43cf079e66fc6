"""One read of an order by two ways: psycopg's own pool, and SQLAlchemy's async engine.

    python -m bench.reading

The same statement, the same server, one connection, one read at a time. Rounds alternate, so that
a machine that gets slower slows both; the median round counts. docs/decisions/0006 says what
follows from it.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import uvloop
from sqlalchemy import bindparam
from sqlalchemy.ext.asyncio import create_async_engine

from bench.stand import Stand, free_port_base
from stend.shop.orders.stores.read_pool import ReadPool
from stend.shop.orders.stores.reading import GET, OrderReader, _order
from stend.shop.orders.stores.tables import orders

ROUNDS = 7
READS = 2000

Read = Callable[[str], Awaitable[object]]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder), free_port_base())
        stand.command("up", "--detach", "--no-browser", "--no-tap")
        try:
            answer = stand.command("call", "PlaceOrder", "--over", "grpc", "--json").stdout
            order_id: str = json.loads(answer)["result"]["order_id"]
            result = uvloop.run(compare(stand.database_url, order_id))
        finally:
            stand.command("down")
    json.dump(result, sys.stdout, indent=2)
    print()


async def compare(database_url: str, order_id: str) -> dict[str, object]:
    rounds: dict[str, list[float]] = {}
    async with AsyncExitStack() as stack:
        ways = {
            **await stack.enter_async_context(through_psycopg(database_url)),
            **await stack.enter_async_context(through_sqlalchemy(database_url)),
        }
        for number in range(ROUNDS):
            print(f"reading: round {number + 1} of {ROUNDS}", file=sys.stderr)
            for name, read in ways.items():
                rounds.setdefault(name, []).append(await one_round(read, order_id))
    median = {name: round(statistics.median(values), 1) for name, values in rounds.items()}
    return {
        "bench": "reading",
        "rounds": ROUNDS,
        "reads": READS,
        "read_us": median,
        "ratio": round(median["sqlalchemy"] / median["psycopg"], 2),
    }


async def one_round(read: Read, order_id: str) -> float:
    """Microseconds of one read."""
    for _ in range(READS // 10):
        await read(order_id)
    started = time.perf_counter()
    for _ in range(READS):
        await read(order_id)
    return (time.perf_counter() - started) / READS * 1e6


@asynccontextmanager
async def through_psycopg(database_url: str) -> AsyncIterator[dict[str, Read]]:
    """The rows alone, and the service's reader, which makes an Order of them."""
    options = {"autocommit": True, "options": "-c timezone=UTC"}
    async with ReadPool(database_url, min_size=1, max_size=1, open=False, kwargs=options) as pool:

        async def rows(order_id: str) -> object:
            async with pool.connection() as connection:
                cursor = await connection.execute(GET, {"order_id": order_id})
                return await cursor.fetchall()

        yield {"psycopg": rows, "reader": OrderReader(pool).get}


@asynccontextmanager
async def through_sqlalchemy(database_url: str) -> AsyncIterator[dict[str, Read]]:
    """The same statement through a connection of the async engine; autocommit, as above."""
    url = database_url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_async_engine(url, pool_size=1, max_overflow=0, isolation_level="AUTOCOMMIT")
    statement = _order.where(orders.c.order_id == bindparam("order_id"))

    async def rows(order_id: str) -> object:
        async with engine.connect() as connection:
            return (await connection.execute(statement, {"order_id": order_id})).all()

    try:
        yield {"sqlalchemy": rows}
    finally:
        await engine.dispose()


if __name__ == "__main__":
    main()
