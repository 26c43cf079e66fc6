"""The portal over an in-memory stand, called without a socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from stend.chassis.tracing.store import TraceStore
from stend.portal.app import create_portal
from stend.portal.figures.sampler import Sampler
from stend.portal.learning.classroom import Classroom
from stend.portal.messages.watch import BrokerAccess
from tests.fakes.course import FakeChecks, classroom_in
from tests.fakes.orders import HandClock
from tests.fakes.portal import (
    CALLERS,
    PLACES,
    FakeClient,
    FakeCredential,
    FakeIds,
    FakeLender,
    FakeShop,
    FakeStand,
    clients_of,
)
from tests.fakes.wire import FakeWire

BASE_URL = "http://127.0.0.1:8000"


@pytest.fixture
def stand() -> FakeStand:
    return FakeStand()


@pytest.fixture
def clients() -> dict[str, FakeClient]:
    return clients_of(FakeShop())


@pytest.fixture
def lender(clients: dict[str, FakeClient]) -> FakeLender:
    return FakeLender(clients)


@pytest.fixture
def callers() -> list[FakeCredential]:
    """Those of the demo; a test may take them away."""
    return list(CALLERS)


@pytest.fixture
def wire() -> FakeWire:
    """A recording without sockets; a test puts in what has passed."""
    return FakeWire()


@pytest.fixture
def sampler() -> Sampler:
    """Of no metrics at all, and with a clock that stands still."""
    return Sampler(CollectorRegistry(), HandClock())


@pytest.fixture
def traces() -> TraceStore:
    """Empty; a test puts in the spans."""
    return TraceStore(100, 10_000)


@pytest.fixture
def checks() -> FakeChecks:
    """What checks of exercises come to; a test may change its answer."""
    return FakeChecks()


@pytest.fixture
def classroom(tmp_path: Path, checks: FakeChecks) -> Classroom:
    """A small course, and a workspace in which nothing is begun."""
    return classroom_in(tmp_path, checks)


@pytest.fixture
def portal(
    stand: FakeStand,
    lender: FakeLender,
    callers: list[FakeCredential],
    wire: FakeWire,
    sampler: Sampler,
    traces: TraceStore,
    classroom: Classroom,
) -> ASGIApp:
    return create_portal(
        stand=stand,
        lender=lender,
        credentials=lambda: callers,
        clock=wire.clock,
        ids=FakeIds(),
        places=PLACES,
        wire=wire.wire,
        sampler=sampler,
        traces=traces,
        readers=tuple,
        access=BrokerAccess(),
        classroom=classroom,
    )


@pytest.fixture
async def http(portal: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """English unless a test says otherwise. A bug of a page is an answer, not an exception here."""
    transport = httpx.ASGITransport(portal, raise_app_exceptions=False)
    headers = {"Accept-Language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers) as client:
        yield client
