"""The shop under customers, killed at one effect after the other, and what must hold afterwards."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import psutil

from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api.reply import Reply
from stend.shop.orders.api.rest.client import RestClient
from stend.shop.orders.usecases import CancelOrder, GetOrder
from tests.conftest import PROJECT, free_port_base
from tests.guarantees.shop.engines import Engines
from tests.shop.orders.examples import a_request
from tests.waiting import until_answered, until_async

EVERYBODY = ("orders", "stock", "payments", "loyalty", "delivery", "notifications", "identity")
_CUSTOMERS = 6
_CANCELS = 0.15
# Enough for some orders from the cart to the door, so that any effect of any step may be the last.
_EFFECTS = 400
# A service that the saga asks has one or two of them per order.
_EFFECTS_OF_ONE = 16
# Long enough for the last effect to come on a busy machine, too.
_LIFE_S = 45.0
_ENDS_WITHIN_S = 60.0
_COMPLAINTS = 5
_AWAY = frozenset({EdgeErrorCode.UNAVAILABLE, EdgeErrorCode.DEADLINE_EXCEEDED})


class Forker:
    """Starts processes of the shop, and tells how they ended. It imports everything when made.

    One test at a time asks it, and each question waits for its answer.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.guarantees.shop.forking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            env={"PYTHONPATH": f"{PROJECT / 'src'}:{PROJECT}", "PATH": "/usr/bin:/bin"},
        )

        self._answer()

    async def start(self, settings: Mapping[str, Any], die_at: int = 0) -> int:
        """
        Args:
            die_at: the effect that is the last; 0 lives until it is ended.
        """
        log = self._engines.root / "shop.log"
        wanted = {**self._engines.settings, **settings}
        order = {"do": "start", "settings": wanted, "die_at": die_at}
        answer = await self._ask(root=str(self._engines.root), log=str(log), **order)
        pid: int = answer["pid"]
        return pid

    async def ended(self, pid: int, within_s: float) -> bool:
        """Whether the process has died by itself; otherwise it is killed now."""
        try:
            await until_async(lambda: _is_dead(pid), within_s)
        except AssertionError:
            psutil.Process(pid).kill()
            died = False
        else:
            died = True
        ended = await self._ask(do="wait", pid=pid)
        assert ended["signal"] == signal.SIGKILL, "the shop ended by itself: see shop.log"
        return died

    def complaints(self) -> list[str]:
        """The last lines of the shop's log that tell of an error."""
        logs = self._engines.root.glob(".stend/*/logs/*.jsonl")
        lines = [line for log in logs for line in log.read_text(encoding="utf-8").splitlines()]
        return [line for line in lines if '"error"' in line][-_COMPLAINTS:]

    def close(self) -> None:
        """No process of the shop may run any more."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait(10)

    async def kill(self, pid: int) -> None:
        psutil.Process(pid).kill()
        await self._ask(do="wait", pid=pid)

    async def _ask(self, **order: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self._exchange, order)

    def _exchange(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def _is_dead(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@dataclass(slots=True)
class Customers:
    """Place orders one after the other, whatever the shop does, and follow each to its end.

    Attributes:
        accepted: ids of orders that were answered.
        cancelled: of those, for which a cancellation was answered.
        deaths_at_effects: of the shop; it died of its age otherwise.
    """

    url: str
    random: Random
    accepted: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    is_over: bool = False
    deaths_at_effects: int = 0

    @contextlib.asynccontextmanager
    async def shopping(self) -> AsyncIterator[None]:
        """What was begun is brought to its end."""
        client = RestClient(self.url)
        tasks = [asyncio.create_task(self._shop(client)) for _ in range(_CUSTOMERS)]
        try:
            yield
        finally:
            self.is_over = True
            for task in tasks:
                await task
            await client.close()

    async def _shop(self, client: RestClient) -> None:
        while not self.is_over:
            placed = await _persistently(client.place_order, a_request())
            assert placed.error is None, placed.error
            order_id = placed.value.order.order_id
            self.accepted.append(order_id)
            if self.random.random() < _CANCELS:
                cancelled = await _persistently(client.cancel_order, CancelOrder(order_id))
                if cancelled.error is None:
                    self.cancelled.append(order_id)

            async def is_final(order_id: str = order_id) -> bool:
                got = await _persistently(client.get_order, GetOrder(order_id))
                return bool(got.value.is_final)

            await until_answered(is_final, _ENDS_WITHIN_S)


async def _persistently(perform: Any, request: Any) -> Reply[Any]:
    """The first answer that is none of a shop that is away."""

    async def answered() -> Reply[Any] | None:
        reply: Reply[Any] = await perform(request)
        return None if reply.error and reply.error.code in _AWAY else reply

    reply = await until_answered(answered, _ENDS_WITHIN_S)
    assert reply is not None
    return reply


@dataclass(frozen=True, slots=True)
class Cast:
    """Which services die together, and where everybody is then found.

    Attributes:
        effects: of them, any of which may be the last: as many as some orders take.
    """

    victims: tuple[str, ...]
    settings: dict[str, Any]
    rest: tuple[str, ...]
    rest_settings: dict[str, Any]
    orders_url: str
    effects: int


def all_together(engines: Engines) -> Cast:
    settings = {"stand.only": ",".join(EVERYBODY), "stand.port_base": engines.port_base}
    return Cast(EVERYBODY, settings, (), {}, f"http://127.0.0.1:{engines.port_base}", _EFFECTS)


def alone(victim: str, engines: Engines) -> Cast:
    """One service in a process and on ports of its own, the others in another."""
    # Real engines leave the ports of the shop free.
    own, others = free_port_base(but=engines.port_base), engines.port_base
    rest = tuple(name for name in EVERYBODY if name != victim)

    def http(service: str) -> str:
        return f"http://127.0.0.1:{own if service == victim else others}"

    known = {
        "auth.url": http("identity"),
        "payments.url": http("payments") + "/soap/bank",
        "loyalty.url": http("loyalty") + "/rpc/loyalty",
        "notifications.url": http("notifications"),
        "delivery.grpc_target": f"127.0.0.1:{(own if victim == 'delivery' else others) + 2}",
    }
    return Cast(
        (victim,),
        {**known, "stand.only": victim, "stand.port_base": own},
        rest,
        {**known, "stand.only": ",".join(rest), "stand.port_base": others},
        http("orders"),
        _EFFECTS if victim == "orders" else _EFFECTS_OF_ONE,
    )


@contextlib.asynccontextmanager
async def killed(
    forker: Forker, cast: Cast, count: int, random: Random
) -> AsyncIterator[Customers]:
    """The customers of a shop that was killed so often, lives now, and has come to rest."""
    customers = Customers(cast.orders_url, random)
    running = [await forker.start(cast.rest_settings)] if cast.rest else []
    try:
        async with customers.shopping():
            for _ in range(count):
                pid = await forker.start(cast.settings, random.randint(1, cast.effects))
                customers.deaths_at_effects += await forker.ended(pid, _LIFE_S)
            running.append(await forker.start(cast.settings))
        yield customers
    except BaseException:
        print("\n".join(forker.complaints()))
        raise
    finally:
        for pid in running:
            await forker.kill(pid)
