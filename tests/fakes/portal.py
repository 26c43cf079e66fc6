"""A stand and a service of orders that live in memory, for the pages of the portal."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from stend.kit.errors import Violation
from stend.kit.ids import encode_ulid
from stend.kit.languages import Text
from stend.kit.money import Money
from stend.portal.snippets.snippet import Places
from stend.portal.stand import (
    Endpoint,
    EngineLabel,
    EngineView,
    LimitationView,
    PartState,
    ServiceView,
    StandView,
)
from stend.shop.orders.api.messages import event_to_json, order_to_json
from stend.shop.orders.api.reply import Reply, ReplyError
from stend.shop.orders.domain import (
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    Slot,
)
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)

_ResultT = TypeVar("_ResultT")

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

ORDERS_READY = ServiceView(
    "orders",
    PartState.READY,
    None,
    (
        Endpoint("rest", "http://127.0.0.1:8000/api/v1", "http://127.0.0.1:8100/api/v1"),
        Endpoint("sse", "http://127.0.0.1:8000/api/v1", "http://127.0.0.1:8100/api/v1"),
        Endpoint("grpc", "127.0.0.1:8001", "127.0.0.1:8101"),
    ),
    uses=("postgresql",),
)
POSTGRESQL_READY = EngineView(
    name="postgresql",
    label=EngineLabel.REAL,
    version="18.1",
    state=PartState.READY,
    reason=None,
    url="postgresql://orders@127.0.0.1:8010/orders",
    tapped_url="postgresql://orders@127.0.0.1:8110/orders",
    also_at=(),
    pss_bytes=31_400_000,
    limitations=(),
)
RABBITMQ_READY = EngineView(
    name="rabbitmq",
    label=EngineLabel.EMULATED,
    version="0.1.0",
    state=PartState.READY,
    reason=None,
    url="amqp://lavka:lavka@127.0.0.1:8014/",
    tapped_url="amqp://lavka:lavka@127.0.0.1:8114/",
    also_at=(Endpoint("management", "http://127.0.0.1:8018", "http://127.0.0.1:8118"),),
    pss_bytes=24_000_000,
    limitations=(
        LimitationView("streams", "нет потоков: объявление — ошибка", "no streams: refused"),
        LimitationView("shovel", "нет <shovel>", "no <shovel>"),
    ),
)
KAFKA_READY = EngineView(
    name="kafka",
    label=EngineLabel.EMULATED,
    version="stend 0.1.0",
    state=PartState.READY,
    reason=None,
    url="127.0.0.1:8015",
    tapped_url="127.0.0.1:8115",
    also_at=(
        Endpoint("kafka", "127.0.0.1:8016", "127.0.0.1:8116"),
        Endpoint("kafka", "127.0.0.1:8017", "127.0.0.1:8117"),
    ),
    pss_bytes=30_000_000,
    limitations=(LimitationView("sasl", "нет SASL: ответ 33", "no SASL: refused with 33"),),
)
NGINX_READY = EngineView(
    name="nginx",
    label=EngineLabel.REAL,
    version="1.31.3",
    state=PartState.READY,
    reason=None,
    url="http://127.0.0.1:8080",
    tapped_url="http://127.0.0.1:8180",
    also_at=(Endpoint("https", "https://127.0.0.1:8443", "https://127.0.0.1:8543"),),
    pss_bytes=5_000_000,
    limitations=(),
)


def view_of(*parts: ServiceView | EngineView) -> StandView:
    return StandView(
        ready=all(part.state is PartState.READY for part in parts),
        port_base=8000,
        engines=tuple(part for part in parts if isinstance(part, EngineView)),
        services=tuple(part for part in parts if isinstance(part, ServiceView)),
    )


READY = view_of(ORDERS_READY, POSTGRESQL_READY)
STARTING = view_of(
    replace(ORDERS_READY, state=PartState.STARTING, reason="waits for postgresql"),
    replace(POSTGRESQL_READY, state=PartState.STARTING, reason="initdb", pss_bytes=None),
)
FAILED = view_of(
    replace(ORDERS_READY, state=PartState.STARTING, reason="waits for postgresql"),
    replace(
        POSTGRESQL_READY,
        state=PartState.FAILED,
        reason="Port 8010 is taken by postgres (1187). Use --port-base 9000 or stop that process.",
        version=None,
        pss_bytes=None,
    ),
)


class FakeStand:
    """A stand whose view the test sets; every `show` is one change."""

    def __init__(self, view: StandView = READY) -> None:
        self._view = view
        self._listeners: set[asyncio.Queue[bool]] = set()
        self.listened = asyncio.Event()

    def view(self) -> StandView:
        return self._view

    def show(self, view: StandView) -> None:
        self._view = view
        for listener in self._listeners:
            listener.put_nowait(True)

    def end(self) -> None:
        for listener in self._listeners:
            listener.put_nowait(False)

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    async def changes(self) -> AsyncIterator[None]:
        queue: asyncio.Queue[bool] = asyncio.Queue()
        self._listeners.add(queue)
        self.listened.set()
        try:
            while await queue.get():
                yield None
        finally:
            self._listeners.discard(queue)


class FakeIds:
    """1, 2, 3, … as ULIDs."""

    def __init__(self) -> None:
        self._last = 0

    def ulid(self) -> str:
        self._last += 1
        return encode_ulid(self._last.to_bytes(16, "big"))


@dataclass
class FakeShop:
    """Orders that several clients share, as over several protocols of one service."""

    ids: FakeIds = field(default_factory=FakeIds)
    orders: dict[str, Order] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    events: dict[str, list[OrderEvent]] = field(default_factory=dict)


class FakeClient:
    """The client of one protocol. `words` are its own for "fine", "created" and "not found"."""

    def __init__(self, shop: FakeShop, words: tuple[str, str, str]) -> None:
        self._shop = shop
        self._ok, self._created, self._missing = words
        self.failure: ReplyError | None = None
        self.crash: Exception | None = None
        self.waits_for: asyncio.Event | None = None
        self.streams_open = 0

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]:
        await self._before()
        if self.failure:
            return self._refused(self.failure)
        known = self._shop.keys.get(request.idempotency_key)
        order = self._shop.orders[known] if known else self._placed(request)
        self._shop.keys[request.idempotency_key] = order.order_id
        return self._reply(self._created, PlacedOrder(order, known is not None), order)

    async def get_order(self, request: GetOrder) -> Reply[Order]:
        await self._before()
        order = self._shop.orders.get(request.order_id)
        if order is None:
            return self._refused(_not_found(request.order_id))
        return self._reply(self._ok, order, order)

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]:
        await self._before()
        orders = tuple(reversed(self._shop.orders.values()))
        page = OrderPage(orders[: request.limit], "A" * 22 if len(orders) > request.limit else None)
        body = json.dumps({"items": [order_to_json(order) for order in page.orders]})
        return Reply(self._ok, _HEADERS, body, 4.2, result=page)

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]:
        await self._before()
        order = self._shop.orders.get(request.order_id)
        if order is None:
            return self._refused(_not_found(request.order_id))
        cancelled, event = order.advance(OrderStatus.CANCELLED, NOW, request.reason)
        self._shop.orders[order.order_id] = cancelled
        self._shop.events[order.order_id].append(event)
        return self._reply(self._ok, cancelled, cancelled)

    async def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        self.streams_open += 1
        try:
            await self._before()
            if request.order_id not in self._shop.events:
                yield self._refused(_not_found(request.order_id))
                return
            for event in self._shop.events[request.order_id][request.after_version :]:
                body = json.dumps(event_to_json(event))
                yield Reply(self._ok, _HEADERS, body, 3.1 * event.version, result=event)
            if self.waits_for:
                await self.waits_for.wait()
        finally:
            self.streams_open -= 1

    async def close(self) -> None:
        return None

    async def _before(self) -> None:
        if self.crash:
            raise self.crash

    def _placed(self, request: PlaceOrder) -> Order:
        order = Order(
            order_id="ord_" + self._shop.ids.ulid(),
            customer_id=request.customer_id,
            lines=tuple(OrderLine(line.sku, line.quantity, Money(8_990)) for line in request.lines),
            address=request.address,
            slot=request.slot or Slot(NOW, NOW + timedelta(hours=1)),
            status=OrderStatus.PLACED,
            version=1,
            placed_at=NOW,
            updated_at=NOW,
        )
        self._shop.orders[order.order_id] = order
        self._shop.events[order.order_id] = [_placed_event(order)]
        return order

    def _reply(self, status: str, result: _ResultT, order: Order) -> Reply[_ResultT]:
        body = json.dumps(order_to_json(order), ensure_ascii=False)
        return Reply(status, _HEADERS, body, 6.14, result=result)

    def _refused(self, error: ReplyError) -> Reply[_ResultT]:
        body = json.dumps({"code": error.code, "detail": error.detail}, ensure_ascii=False)
        return Reply(self._missing, _HEADERS, body, 1.25, error=error)


_HEADERS = (
    ("content-type", "application/json"),
    ("etag", '"1"'),
    ("x-note", "<script>alert(1)</script>"),
)


def _placed_event(order: Order) -> OrderEvent:
    _, event = replace(order, status=OrderStatus.PLACED).advance(OrderStatus.RESERVED, NOW)
    placed_type = type(event.type)("OrderPlaced")
    return replace(event, version=1, type=placed_type, status=OrderStatus.PLACED)


def _not_found(order_id: str) -> ReplyError:
    detail = f"There is no such order. Got: {order_id}. List the orders to find its id."
    return ReplyError("order-not-found", detail, domain=True)


def refused_with_violations() -> ReplyError:
    return ReplyError(
        "invalid-argument",
        "The message breaks the contract.",
        domain=True,
        violations=(Violation("/lines/0/quantity", "1 to 99"),),
    )


class FakeLender:
    """Lends the same clients to everybody, and remembers to whom."""

    def __init__(self, clients: Mapping[str, "FakeClient"]) -> None:
        self._clients = clients
        self.lent: list[tuple[str, str | None]] = []

    @property
    def protocols(self) -> tuple[str, ...]:
        return tuple(self._clients)

    @asynccontextmanager
    async def lend(self, protocol: str, authorization: str | None) -> AsyncIterator["FakeClient"]:
        self.lent.append((protocol, authorization))
        yield self._clients[protocol]


@dataclass(frozen=True)
class FakeCredential:
    subject: str
    label: Text
    may: Text
    scopes: tuple[str, ...]
    credential: str


CALLERS = (
    FakeCredential(
        "cus_demo",
        Text("Покупатель", "A customer"),
        Text("Покупать.", "Shop."),
        ("orders:read", "orders:write"),
        "Bearer eyJ.cus.demo",
    ),
    FakeCredential(
        "readonly",
        Text("Чтение", "Read only"),
        Text("Читать.", "Read."),
        ("orders:read",),
        "ApiKey r.o",
    ),
)
PLACES = Places(
    http_url="http://127.0.0.1:8000",
    grpc_target="127.0.0.1:8001",
    amqp_url="amqp://lavka:lavka@127.0.0.1:8014/",
    kafka_servers="127.0.0.1:8015",
    receiver_port=8009,
)


def clients_of(shop: FakeShop) -> dict[str, FakeClient]:
    return {
        "rest": FakeClient(shop, ("200 OK", "201 Created", "404 Not Found")),
        "grpc": FakeClient(shop, ("OK", "OK", "NOT_FOUND")),
    }
