"""States of engines: told when they change, and true."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine

import pytest

from stend.chassis.metrics import REGISTRY
from stend.portal.stand import Endpoint, EngineLabel, PartState
from stend.runtime import supervision
from stend.runtime.parts import EnginePart, Parts
from stend.runtime.supervision import supervise_engine, supervise_external
from tests.waiting import until_async


class FakeServer:
    """A server whose answers the test decides."""

    def __init__(self) -> None:
        self.refusal: Exception | None = OSError("connection refused")
        self.death: str | None = None
        self.broken: Exception | None = None
        self.launches = 0

    def launch(self) -> None:
        if self.broken:
            raise self.broken
        self.launches += 1
        self.death = None

    def probe(self) -> str:
        if self.refusal:
            raise self.refusal
        return "1.2"

    def failure(self) -> str | None:
        return self.death

    def pss_bytes(self) -> int | None:
        return 4096

    def stop(self) -> None:
        raise AssertionError("supervision stops nobody")


@pytest.fixture
def part() -> EnginePart:
    return EnginePart("redis", EngineLabel.REAL, (Endpoint("redis", "redis://h:1", None),))


@pytest.fixture
def parts(part: EnginePart) -> Parts:
    made = Parts(8000)
    made.engines.append(part)
    return made


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    every = ("PROBE_EVERY_S", "WATCH_EVERY_S", "ASK_EVERY_S", "MEASURE_EVERY_S", "PING_EVERY_S")
    for name in (*every, "RESTART_AFTER_S"):
        monkeypatch.setattr(supervision, name, 0.001)


@contextlib.asynccontextmanager
async def running(supervising: Coroutine[object, object, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(supervising)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("refusal", [OSError("no"), ValueError("not RESP"), KeyError("version")])
async def test_an_engine_is_ready_once_it_answers_whatever_it_said_before(
    part: EnginePart, parts: Parts, refusal: Exception
) -> None:
    server = FakeServer()
    server.refusal = refusal
    async with running(supervise_engine(server, part, parts)):
        await until_async(lambda: server.launches)
        assert part.state is PartState.STARTING
        server.refusal = None
        await until_async(lambda: part.state is PartState.READY)
    assert (part.version, part.pss_bytes) == ("1.2", 4096)
    assert parts.view().ready


async def test_an_engine_that_is_late_is_told_and_still_waited_for(
    part: EnginePart, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "LATE_AFTER_S", 0.0)
    server = FakeServer()
    async with running(supervise_engine(server, part, parts)):
        await until_async(lambda: part.state is PartState.FAILED)
        assert part.reason == "no answer yet: connection refused"
        assert REGISTRY.get_sample_value("stend_engine_ready", {"engine": "redis"}) == 0
        server.refusal = None
        await until_async(lambda: part.state is PartState.READY)
        assert REGISTRY.get_sample_value("stend_engine_ready", {"engine": "redis"}) == 1
    assert part.reason is None


async def test_an_engine_that_hangs_is_told_and_not_started_again(
    part: EnginePart, parts: Parts
) -> None:
    server = FakeServer()
    server.refusal = None
    async with running(supervise_engine(server, part, parts)):
        await until_async(lambda: part.state is PartState.READY)
        server.refusal = TimeoutError("timed out")
        await until_async(lambda: part.state is PartState.FAILED)
        assert part.reason == "does not answer: timed out"
        server.refusal = None
        await until_async(lambda: part.state is PartState.READY)
    assert server.launches == 1


async def test_an_engine_that_dies_is_started_again_but_not_for_ever(
    part: EnginePart, parts: Parts
) -> None:
    server = FakeServer()
    server.refusal = None
    async with running(supervise_engine(server, part, parts)):
        for launch in range(1 + supervision.MAX_RESTARTS):
            await until_async(
                lambda wanted=launch + 1: (  # type: ignore[misc] # a default fixes the loop's value
                    server.launches == wanted and part.state is PartState.READY
                )
            )
            server.death = "it ended with code 1"
        await until_async(lambda: (part.reason or "").startswith("given up"))
    assert part.state is PartState.FAILED
    assert "it ended with code 1" in (part.reason or "")


async def test_an_engine_that_cannot_be_launched_is_told(part: EnginePart, parts: Parts) -> None:
    server = FakeServer()
    server.broken = RuntimeError("no binary")
    await supervise_engine(server, part, parts)
    assert (part.state, part.reason) == (PartState.FAILED, "no binary")


async def test_a_server_of_somebody_else_is_followed(part: EnginePart, parts: Parts) -> None:
    server = FakeServer()
    async with running(supervise_external(server, part, parts)):
        await until_async(lambda: part.reason)
        assert (part.state, part.reason) == (PartState.STARTING, "no answer: connection refused")
        server.refusal = None
        await until_async(lambda: part.state is PartState.READY)
        server.refusal = OSError("gone")
        await until_async(lambda: part.state is PartState.FAILED)
        assert part.reason == "no answer: gone"
        server.refusal = None
        await until_async(lambda: part.state is PartState.READY)
    assert server.launches == 0
    assert part.pss_bytes is None


def test_what_is_not_meant_to_run_keeps_nothing_from_being_ready(
    part: EnginePart, parts: Parts
) -> None:
    parts.enter(part, PartState.STOPPED, "no wheel here")
    assert not parts.view().ready
    other = EnginePart("nginx", EngineLabel.REAL, part.endpoints)
    parts.engines.append(other)
    assert not parts.view().ready
    parts.enter(other, PartState.READY)
    assert parts.view().ready
