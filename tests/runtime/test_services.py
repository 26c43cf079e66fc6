"""Each service served alone against shared engines, and the shop that they make together."""

import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping

import httpx
import psycopg
import pytest
import pytest_asyncio

from stend.kit.errors import EdgeErrorCode
from stend.runtime.addresses import Addresses, addresses_of
from stend.runtime.calling import OrdersClients
from stend.runtime.rows import ORDERS_DEMO_SECRET, SERVICES
from stend.runtime.services import PLANS
from stend.runtime.settings import Settings, parse
from stend.runtime.system import RandomIds
from stend.shop.identity.domain import CLIENTS
from stend.shop.orders.api.protocols import Protocol
from stend.shop.orders.api.reply import OrdersClient, Reply
from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.usecases import CancelOrder, GetOrder, ListOrders, PlacedOrder, TrackOrder
from tests.runtime.serving import SECRET_OF, Served, Shop, shop_in_pieces
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request
from tests.waiting import until_answered

pytestmark = pytest.mark.slow
_on_one_loop = pytest.mark.asyncio(loop_scope="module")
# Of MCP's tools none is a stream, and the other two are nothing else.
_STREAMING = tuple(one for one in Protocol if one is not Protocol.MCP)
_CALLING = tuple(one for one in Protocol if one not in {Protocol.SSE, Protocol.WEBHOOK})


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with shop_in_pieces() as shop:
        yield shop


def settings_of(shop: Shop, service: str) -> tuple[Settings, Addresses]:
    base = shop.services[service].port_base
    settings = parse({**shop.settings, "stand.port_base": base, "stand.tap": False}, {}, {})
    return settings, addresses_of(settings)


@contextlib.asynccontextmanager
async def clients_with(
    shop: Shop, authorization: str | None
) -> AsyncIterator[Mapping[str, OrdersClient]]:
    # Webhooks are received where that service allows it; the others have addresses in the settings.
    clients = OrdersClients(settings_of(shop, "notifications")[1], RandomIds(), authorization)
    try:
        yield clients
    finally:
        await clients.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def strangers(shop: Shop) -> AsyncIterator[Mapping[str, OrdersClient]]:
    async with clients_with(shop, None) as clients:
        yield clients


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def customers(shop: Shop) -> AsyncIterator[Mapping[str, OrdersClient]]:
    async with clients_with(shop, shop.token("traffic")) as clients:
        yield clients


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def readers(shop: Shop) -> AsyncIterator[Mapping[str, OrdersClient]]:
    async with clients_with(shop, shop.token("readonly")) as clients:
        yield clients


# ---- serving -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_alone_tells_where_it_answers_and_nothing_else(shop: Shop, name: str) -> None:
    served = shop.services[name]
    printed = [line.split() for line in served.said().splitlines()]
    told = [(words[0], words[1]) for words in printed if len(words) == 2]
    endpoints = PLANS[name].endpoints(*settings_of(shop, name))
    assert [(one.protocol, one.url) for one in endpoints] == [
        one for one in told if one != (name, "ready")
    ]
    status = httpx.get(f"{served.url}/stand/status", trust_env=False).json()
    assert (status["ready"], status["engines"]) == (True, [])
    assert [one["name"] for one in status["services"]] == [name]
    # No portal stands there.
    assert httpx.get(served.url, trust_env=False).status_code == 404


async def exposition(served: Served) -> str:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(f"{served.url}/metrics")).text


@_on_one_loop
async def test_an_order_goes_through_nine_processes_to_the_door(
    shop: Shop, customers: Mapping[str, OrdersClient]
) -> None:
    placed = await customers[Protocol.GRPC].place_order(a_request())
    order_id = placed.value.order.order_id

    async def over() -> bool:
        reply = await customers[Protocol.REST].get_order(GetOrder(order_id))
        shown = await exposition(shop.services["orders"])
        # The door is reached before the money is captured.
        return reply.value.status is OrderStatus.DELIVERED and (
            'shop_saga_duration_seconds_count{outcome="delivered"} 1.0' in shown
        )

    await until_answered(over)
    exposed = {name: await exposition(served) for name, served in shop.services.items()}
    for name in ("payments", "loyalty", "delivery", "stock"):
        assert 'shop_requests_total{code="ok",' in exposed[name]
    for name, text in exposed.items():
        others = set(SERVICES) - {name}
        assert not [other for other in others if f'service="{other}"' in text]


def test_a_service_alone_keeps_its_folder_and_its_logs_to_itself(shop: Shop) -> None:
    for name, served in shop.services.items():
        assert (served.state / f"{name}.lock").exists()
        assert not (served.state / "stand.json").exists()
        assert {path.parent.name for path in served.state.rglob("*.jsonl")} <= {name}


def test_a_schema_belongs_to_its_service_whoever_made_it(shop: Shop) -> None:
    """Each connected as the learner, who owns everything; the whole stand comes as the service."""
    with psycopg.connect(shop.engines.database_url) as connection:
        found = connection.execute(
            "SELECT schemaname, array_agg(DISTINCT tableowner::text) FROM pg_tables"
            " WHERE schemaname !~ '^(pg_|information)' GROUP BY schemaname"
        ).fetchall()
    schemas = ("notifications", "orders", "payments", "stock")
    assert dict(found) == {name: [name] for name in schemas}


def test_a_service_that_runs_is_not_served_twice(shop: Shop) -> None:
    again = shop.serve("payments", shop.services["payments"].port_base)
    assert again.process.wait(20) == 2
    assert "the service payments runs already" in again.said()
    other = shop.serve("loyalty", shop.services["payments"].port_base)
    assert other.process.wait(20) == 2
    assert f"port {other.port_base} (HTTP) is taken by" in other.said()


# ---- access ------------------------------------------------------------------------------------


def refused(reply: Reply[object]) -> str | None:
    return reply.error.code if reply.error else None


@pytest.mark.parametrize("protocol", _CALLING)
@_on_one_loop
async def test_a_call_without_a_credential_is_refused(
    strangers: Mapping[str, OrdersClient], protocol: Protocol
) -> None:
    assert refused(await strangers[protocol].list_orders(ListOrders())) == "unauthenticated"


@pytest.mark.parametrize("protocol", _CALLING)
@_on_one_loop
async def test_a_client_with_a_token_is_let_in(
    customers: Mapping[str, OrdersClient], protocol: Protocol
) -> None:
    client = customers[protocol]
    placed: Reply[PlacedOrder] = await client.place_order(a_request())
    got = await client.get_order(GetOrder(placed.value.order.order_id))
    assert got.value.order_id == placed.value.order.order_id


@pytest.mark.parametrize("protocol", _CALLING)
@_on_one_loop
async def test_a_token_that_may_only_read_places_no_order(
    readers: Mapping[str, OrdersClient], protocol: Protocol
) -> None:
    client = readers[protocol]
    assert refused(await client.place_order(a_request())) == "forbidden"
    assert refused(await client.cancel_order(CancelOrder(UNKNOWN_ORDER))) == "forbidden"
    assert refused(await client.get_order(GetOrder(UNKNOWN_ORDER))) == "order-not-found"


@pytest.mark.parametrize("protocol", _STREAMING)
@_on_one_loop
async def test_a_stream_asks_for_a_credential_too(
    strangers: Mapping[str, OrdersClient], customers: Mapping[str, OrdersClient], protocol: Protocol
) -> None:
    placed = await customers[Protocol.REST].place_order(a_request())
    wanted = TrackOrder(placed.value.order.order_id)

    async def first(clients: Mapping[str, OrdersClient]) -> Reply[object]:
        replies = clients[protocol].track_order(wanted)
        async with contextlib.aclosing(replies):
            return await anext(replies)

    assert refused(await first(strangers)) == EdgeErrorCode.UNAUTHENTICATED
    assert refused(await first(customers)) is None


def test_what_everybody_knows_opens_nothing(shop: Shop) -> None:
    url = f"{shop.services['identity'].url}/oauth/token"
    for client in CLIENTS.values():
        answer = httpx.post(
            url,
            data={"grant_type": "client_credentials"},
            auth=(client.client_id, client.demo_secret),
            trust_env=False,
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    orders = httpx.Client(base_url=shop.services["orders"].url, trust_env=False)
    with orders:
        key = {"Authorization": "ApiKey partner-demo.lavka-partner-demo-key"}
        assert orders.get("/api/v1/orders", headers=key).status_code == 401


def test_the_settings_know_the_clients_of_the_shop() -> None:
    names = sorted(set(CLIENTS) - {"orders"})
    secrets = ",".join(f"{name}:{'x' * 16}" for name in names)
    assert sorted(parse({"auth.client_secrets": secrets}, {}, {}).auth.client_secrets) == names
    assert CLIENTS["orders"].demo_secret == ORDERS_DEMO_SECRET
    assert set(SECRET_OF) <= set(CLIENTS)


# ---- the end -----------------------------------------------------------------------------------


def test_a_signal_ends_each_cleanly(shop: Shop) -> None:
    services = tuple(shop.services.values())
    for place, served in enumerate(services):
        served.process.send_signal((signal.SIGINT, signal.SIGTERM)[place % 2])
    for served in services:
        assert served.process.wait(20) == 0, served.said()
        assert "Traceback" not in served.said()
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", served.port_base)) != 0
