"""What a request costs in SQL, counted in the log of a real PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psycopg
import pytest
import pytest_asyncio

from stend.chassis.access import OpenAccess
from stend.chassis.intake import Intake
from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role
from stend.shop.orders.api.graphql import stubs
from stend.shop.orders.api.graphql.client import GraphqlClient
from stend.shop.orders.api.graphql.server import create_app
from stend.shop.orders.stores.store import PostgresOrderStore
from stend.shop.orders.usecases import GetOrder, ListOrders, Orders
from tests.engines.servers import HOST, free_port, launched
from tests.fakes.orders import CountingIds, HandClock, MemoryOrderFeed
from tests.folders import open_folder
from tests.serving import served
from tests.shop.orders.examples import a_request, fresh_customer

pytestmark = pytest.mark.asyncio(loop_scope="module")
TITLES = """query($c: ID!, $n: Int!) { orders(customerId: $c, first: $n) { edges { node {
    orderId lines { sku product { title(language: EN) } } } } } }"""


class Shop:
    def __init__(self, url: str, log: Path, launcher: PostgresLauncher) -> None:
        self.launcher = launcher
        self.client = GraphqlClient(url)
        self.http = httpx.AsyncClient(base_url=url, trust_env=False)
        self._log = log
        self._marks = 0

    async def statements_of(self, document: str, **variables: object) -> list[str]:
        """Of the service, while it answers one request."""
        seen = self._statements()
        response = await self.http.post(
            "/graphql", json={"query": document, "variables": variables}
        )
        assert "errors" not in response.json(), response.text
        # The log is written before the answer of each statement.
        return self._statements()[len(seen) :]

    def _statements(self) -> list[str]:
        return [
            line
            for line in self._log.read_text(encoding="utf-8").splitlines()
            if "execute " in line or "statement: SELECT" in line
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Shop]:
    with open_folder() as folder:
        config = PostgresConfig(
            folder / "postgresql",
            folder / "postgresql.log",
            HOST,
            free_port(),
            "lavka",
            (Role("orders", "orders"),),
            ("log_statement=all",),
        )
        with launched(PostgresLauncher(config), psycopg.OperationalError) as launcher:
            url = f"postgresql://orders:orders@{HOST}:{config.port}/lavka"
            store = PostgresOrderStore(url, 2, 1.0)
            await store.open()
            orders = Orders(store, MemoryOrderFeed(), HandClock(), CountingIds())
            intake = Intake("orders", "graphql", OpenAccess(), 5.0)
            async with served(create_app(orders.on_behalf_of, store.prices, intake)) as address:
                made = Shop(address, config.log_path, launcher)
                yield made
                await made.client.close()
                await made.http.aclose()
            await store.close()


async def test_fifty_orders_with_all_titles_cost_two_statements(shop: Shop) -> None:
    customer = fresh_customer()
    for _ in range(50):
        await shop.client.place_order(a_request(customer_id=customer))
    page = (await shop.client.list_orders(ListOrders(customer, limit=50))).value
    assert len(page.orders) == 50
    one, fifty = [await shop.statements_of(TITLES, c=customer, n=number) for number in (1, 50)]
    assert [len(one), len(fifty)] == [2, 2]
    assert "order_lines" in fifty[0]
    assert "price_list" in fifty[1]


async def test_one_order_costs_one_statement(shop: Shop) -> None:
    order = (await shop.client.place_order(a_request())).value.order
    assert (await shop.client.get_order(GetOrder(order.order_id))).value == order
    assert len(await shop.statements_of(stubs.GET_ORDER, orderId=order.order_id)) == 1


async def test_a_service_without_its_database_says_so_in_a_field(shop: Shop) -> None:
    order = (await shop.client.place_order(a_request())).value.order
    shop.launcher.stop()
    reply = await shop.client.get_order(GetOrder(order.order_id))
    assert reply.error is not None
    assert (reply.status, reply.error.code) == ("200 OK", "unavailable")
