"""Processes of the shop, forked with all imports done, that die where a test wants.

Run as `python -m tests.guarantees.shop.forking`: one JSON object a line comes in, one goes out.
"""

import asyncio
import contextlib
import importlib
import json
import os
import pkgutil
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

# What is imported at the first request or by the workers, and would be imported anew after each
# fork.
_PACKAGES = ("stend.shop", "stend.chassis", "stend.runtime", "stend.portal")
_LIBRARIES = ("zeep", "lxml.etree", "strawberry.asgi", "aiomysql", "alembic.command")


def main() -> None:
    _import_everything()
    _say(ready=True)
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "start":
            _say(pid=_forked(order))
        else:
            _, status = os.waitpid(order["pid"], 0)
            _say(signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)


def _import_everything() -> None:
    for name in _PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("migrations.env"):
                importlib.import_module(module.name)
    for name in _LIBRARIES:
        importlib.import_module(name)


def _say(**members: Any) -> None:
    print(json.dumps(members), flush=True)


def _forked(order: dict[str, Any]) -> int:
    if pid := os.fork():
        return pid
    # What the child prints is no answer of the parent's.
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    status = 1
    try:
        _run(order)
        status = 0
    except BaseException as error:  # noqa: BLE001 - a forked child must never go on as its parent
        print(repr(error), file=sys.stderr)
    finally:
        os._exit(status)


def _run(order: dict[str, Any]) -> None:
    from stend.runtime.run import Plan, run
    from stend.runtime.settings import parse

    if order["die_at"]:
        Scythe(order["die_at"]).install()
    run(Plan(parse(order["settings"], {}, {}), Path(order["root"])))


class Scythe:
    """Kills the process at its n-th effect on something outside: before it, or right after it."""

    def __init__(self, at: int) -> None:
        self._left = at

    def install(self) -> None:
        import aio_pika.exchange
        import aiomysql
        import httpx
        import psycopg
        import redis.asyncio

        from stend.shop.orders.clients.delivery import GrpcCourierDesk
        from stend.shop.orders.clients.kafka_events import KafkaEvents

        for owner, name in (
            (psycopg.AsyncConnection, "commit"),
            (aiomysql.Connection, "commit"),
            (aio_pika.exchange.Exchange, "publish"),
            (httpx.AsyncClient, "send"),
            (redis.asyncio.Redis, "execute_command"),
            (KafkaEvents, "publish"),
            (GrpcCourierDesk, "_call"),
        ):
            setattr(owner, name, self._around(getattr(owner, name)))

    def _around(self, effect: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def reaped(*arguments: Any, **named: Any) -> Any:
            self._step()
            outcome = await effect(*arguments, **named)
            self._step()
            return outcome

        return reaped

    def _step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        main()
