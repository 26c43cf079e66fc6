"""Orders over SOAP and over REST, on one empty database for all tests of this folder."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping

import pytest
import pytest_asyncio
from starlette.types import ASGIApp

from stend.chassis.access import OpenAccess
from stend.chassis.event_stream import StreamLimits
from stend.chassis.intake import Intake
from stend.runtime.system import RandomIds, SystemClock
from stend.shop.orders.api.limits import RestLimits
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.api.rest.client import RestClient
from stend.shop.orders.api.rest.server import create_app as create_rest_app
from stend.shop.orders.api.soap.client import Port, SoapClient
from stend.shop.orders.api.soap.server import PATH, create_app
from stend.shop.orders.stores.feed import PostgresOrderFeed
from stend.shop.orders.stores.store import PostgresOrderStore
from stend.shop.orders.usecases import Orders
from tests.fakes.reconciliation import memory_reconciliations
from tests.shop.payments.serving import serving
from tests.shop.postgresql import SharedPostgres


class OrdersOverSoap:
    def __init__(self, database_url: str) -> None:
        clock = SystemClock()
        self._store = PostgresOrderStore(database_url, 5, 1.0)
        self._feed = PostgresOrderFeed(database_url, lambda: None)
        orders = Orders(self._store, self._feed, clock, RandomIds())
        intake = Intake("orders", "soap", OpenAccess(), deadline_s=5)
        rest = Intake("orders", "rest", OpenAccess(), deadline_s=5)
        self.http: Mapping[str, ASGIApp] = {
            PATH: create_app(orders.on_behalf_of, 65_536, intake, clock),
            "/api/v1/orders": create_rest_app(
                orders.on_behalf_of,
                memory_reconciliations().on_behalf_of,
                RestLimits(5, 65_536, StreamLimits(15, 60)),
                rest,
            ),
        }
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._store.open()
        self._listening = asyncio.create_task(self._feed.run())

    async def stop(self) -> None:
        if self._listening:
            self._listening.cancel()
        await self._store.close()


@pytest.fixture(scope="session")
def orders_database_url(postgres: SharedPostgres) -> str:
    return postgres.empty_database("orders")


@pytest.fixture(scope="session")
def orders_url(orders_database_url: str) -> Iterator[str]:
    with serving(lambda: OrdersOverSoap(orders_database_url)) as url:
        yield url


@pytest_asyncio.fixture
async def clients(orders_url: str) -> AsyncIterator[Mapping[str, OrdersClient]]:
    opened: dict[str, OrdersClient] = {
        "rest": RestClient(orders_url),
        "soap11": SoapClient(orders_url, Port.SOAP_11),
        "soap12": SoapClient(orders_url, Port.SOAP_12),
    }
    yield opened
    for client in opened.values():
        await client.close()
