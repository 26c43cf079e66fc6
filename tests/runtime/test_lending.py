"""What the portal is lent: clients of one caller each, and credentials that stay for a while."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stend.chassis.access import OpenAccess
from stend.runtime.addresses import addresses_of
from stend.runtime.lending import DemoCredentials, LentClients
from stend.runtime.settings import parse
from stend.runtime.system import RandomIds
from stend.shop.identity.service import IdentityConfig, IdentityService
from stend.shop.orders.api.protocols import Protocol
from tests.fakes.orders import HandClock


@pytest.fixture
async def lender() -> AsyncIterator[LentClients]:
    made = LentClients(addresses_of(parse({}, {}, {})), RandomIds())
    yield made
    await made.close()


async def lent(lender: LentClients, authorization: str | None) -> Any:
    async with lender.lend("rest", authorization) as client:
        return client


async def test_a_caller_keeps_his_client(lender: LentClients) -> None:
    assert lender.protocols == tuple(Protocol)
    assert await lent(lender, None) is await lent(lender, None)
    own = await lent(lender, "Bearer a")
    assert own is not await lent(lender, None)
    assert own._http.headers["Authorization"] == "Bearer a"


async def test_who_has_not_called_for_long_is_forgotten(lender: LentClients) -> None:
    first = await lent(lender, "Bearer first")
    async with lender.lend("rest", "Bearer busy") as busy:
        for number in range(5):
            await lent(lender, f"Bearer {number}")
        assert first._http.is_closed
        assert not busy._http.is_closed  # type: ignore[attr-defined] # it is the client of REST
        assert await lent(lender, "Bearer busy") is busy
    assert await lent(lender, "Bearer first") is not first


@pytest.fixture
def identity(tmp_path: Path) -> IdentityService:
    config = IdentityConfig("http://127.0.0.1:8080", tmp_path)
    return IdentityService(config, HandClock(), RandomIds(), OpenAccess())


def test_credentials_stay_for_a_while(identity: IdentityService) -> None:
    clock = HandClock()
    credentials = DemoCredentials({"identity": identity}, clock)
    first = credentials()
    assert "readonly" in [one.subject for one in first]
    assert credentials() is first
    clock.pass_by(timedelta(minutes=11))
    assert credentials() is not first


def test_without_the_token_service_there_are_none(identity: IdentityService) -> None:
    services: dict[str, Any] = {}
    credentials = DemoCredentials(services, HandClock())
    assert credentials() == ()
    # It has become ready meanwhile: nobody waits until the emptiness is old.
    services["identity"] = identity
    assert credentials() != ()
