"""One operation over every protocol that can carry it: bytes, round trips and time of each.

Bytes are counted by a relay between the client and the port that it uses, in one run of a few
calls; times are those of another run, without the relay, which would slow them.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.ids import Ids
from stend.runtime.addresses import Addresses
from stend.runtime.calling import OrdersClients, call, completed
from stend.runtime.counting import CountingRelay, Mark, Marks
from stend.runtime.kafka_readdressing import KafkaReaddressing
from stend.runtime.payloads import NotThisProtocolError, Parts, payloads
from stend.shop.orders.api.forms import rest_form
from stend.shop.orders.api.protocols import Protocol, protocols_of
from stend.shop.orders.api.reply import OrdersClient, Reply, ReplyError
from stend.shop.orders.domain import OrderErrorCode
from stend.shop.orders.usecases import Operation

# Bytes hardly differ from call to call; this many show what an average hides.
COUNTED_CALLS = 5
_MORE_TRIES = 3
_Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one call puts on the wire, the mean of some; set-up is a connection's, once.

    Attributes:
        set_up: bytes of the first call, both ways, beyond those of a later one.
        payload_up, payload_down: None where they cannot be told from the rest.
        round_trips: times that the server spoke after the client, on all connections together.
    """

    up: float
    down: float
    payload_up: float | None
    payload_down: float | None
    set_up: float
    round_trips: float


@dataclass(frozen=True, slots=True)
class Row:
    """
    Attributes:
        latencies_ms: sorted; as the client saw each call.
        reason: why a figure is missing.
        error: of a call that was refused: there are no figures then.
    """

    protocol: Protocol
    traffic: Traffic | None = None
    latencies_ms: Sequence[float] = ()
    reason: str = ""
    error: ReplyError | None = None

    def latency_ms(self, part: float) -> float | None:
        if not self.latencies_ms:
            return None
        last = len(self.latencies_ms) - 1
        return self.latencies_ms[min(int(len(self.latencies_ms) * part), last)]


class RefusedError(Exception):
    def __init__(self, error: ReplyError) -> None:
        super().__init__(error.detail)
        self.error = error


class UncountableError(Exception):
    """No relay can be put in front of this port; the text tells why."""


@dataclass(frozen=True, slots=True)
class Shop:
    """
    Attributes:
        authorization: what every call carries; None where none has to.
    """

    addresses: Addresses
    ids: Ids
    authorization: str | None = None

    def clients(self, at: Addresses | None = None) -> OrdersClients:
        """
        Args:
            at: where a relay stands in front of the shop.
        """
        return OrdersClients(at or self.addresses, self.ids, self.authorization)


class Comparison:
    """
    Args:
        given: fields of the operation. Without an order's id, an example order is placed and
            cancelled, so that it is the same for all; CancelOrder gets a new one for each call.
        times: calls whose time is taken, after one that opens the connection.
    """

    def __init__(
        self,
        shop: Shop,
        operation: Operation,
        given: Mapping[str, str],
        times: int,
    ) -> None:
        self._shop = shop
        self._ids = shop.ids
        self._operation = operation
        self._given = dict(given)
        self._times = times
        self._customer = f"cus_{shop.ids.ulid()}"
        self._clients = shop.clients()

    async def rows(self) -> AsyncGenerator[Row, None]:
        """
        Raises:
            StendError: the fields make no such operation, or there is no example order.
        """
        try:
            await self._prepare()
            for protocol in protocols_of(self._operation):
                yield await self._row(protocol)
        finally:
            await self._clients.close()

    async def _prepare(self) -> None:
        if self._operation is Operation.GET_ORDER and "order_id" not in self._given:
            self._given["order_id"] = await self._example(cancel=True)
        if self._operation is Operation.LIST_ORDERS and not self._given:
            await self._example(cancel=True)
            self._given["customer_id"] = self._customer

    async def _example(self, *, cancel: bool) -> str:
        rest = self._clients[Protocol.REST]
        form = rest_form(Operation.PLACE_ORDER)
        fields = completed(form, {"customer_id": self._customer}, self._ids)
        try:
            placed = await _once(rest, Operation.PLACE_ORDER, fields)
            order_id: str = placed.value.order.order_id
            if cancel:
                await self._cancel(order_id)
        except RefusedError as refused:
            raise StendError(
                EdgeErrorCode.UNAVAILABLE,
                "No example order could be placed.",
                value=f"{refused.error.code}: {refused.error.detail}",
                expected="a shop that takes orders",
                next_step="Start the stand, or name an order with order_id=…",
            ) from None
        return order_id

    async def _cancel(self, order_id: str) -> None:
        for tries_left in range(_MORE_TRIES, -1, -1):
            try:
                rest = self._clients[Protocol.REST]
                await _once(rest, Operation.CANCEL_ORDER, {"order_id": order_id})
            except RefusedError as refused:
                if refused.error.code != OrderErrorCode.VERSION_CONFLICT or not tries_left:
                    raise
            else:
                return

    async def _fields(self) -> _Fields:
        """Of the next call: what may be used once is new."""
        fields = completed(rest_form(self._operation), self._given, self._ids)
        if self._operation is Operation.CANCEL_ORDER and "order_id" not in self._given:
            fields["order_id"] = await self._example(cancel=False)
        return fields

    async def _row(self, protocol: Protocol) -> Row:
        row = await self._measured(protocol)
        for _ in range(_MORE_TRIES):
            # The saga of an example order that is to be cancelled may be faster, now and then.
            if row.error is None or row.error.code != OrderErrorCode.VERSION_CONFLICT:
                break
            row = await self._measured(protocol)
        return row

    async def _measured(self, protocol: Protocol) -> Row:
        traffic, reason = None, ""
        try:
            try:
                traffic, reason = await self._traffic(protocol)
            except UncountableError as error:
                reason = str(error)
            latencies = await self._latencies(protocol)
        except RefusedError as refused:
            return Row(protocol, error=refused.error)
        return Row(protocol, traffic, sorted(latencies), reason)

    async def _latencies(self, protocol: Protocol) -> list[float]:
        async with _client_of(self._shop.clients(), protocol) as client:
            await _once(client, self._operation, await self._fields())
            return [
                (await _once(client, self._operation, await self._fields())).duration_ms
                for _ in range(self._times)
            ]

    async def _traffic(self, protocol: Protocol) -> tuple[Traffic, str]:
        async with (
            _relayed(self._shop.addresses, protocol) as (addresses, relays),
            _client_of(self._shop.clients(addresses), protocol) as client,
        ):
            await _once(client, self._operation, await self._fields())
            began = _marks(relays)
            for _ in range(COUNTED_CALLS):
                await _once(client, self._operation, await self._fields())
            ended = _marks(relays)
        return _counted(protocol, began, ended)


async def _once(client: OrdersClient, operation: Operation, fields: _Fields) -> Reply[Any]:
    """
    Raises:
        RefusedError: whoever refused it.
    """
    async for reply in call(client, operation, fields):
        if reply.error:
            raise RefusedError(reply.error)
        return reply
    raise RefusedError(ReplyError(EdgeErrorCode.UNAVAILABLE, "no reply", domain=False))


@asynccontextmanager
async def _client_of(
    clients: OrdersClients, protocol: Protocol
) -> AsyncGenerator[OrdersClient, None]:
    try:
        yield clients[protocol]
    finally:
        await clients.close()


@asynccontextmanager
async def _relayed(
    addresses: Addresses, protocol: Protocol
) -> AsyncGenerator[tuple[Addresses, list[CountingRelay]], None]:
    """Relays, and the addresses at which clients meet them.

    Raises:
        UncountableError: the connection is encrypted, or its port is not told.
    """
    relays: list[CountingRelay] = []
    try:
        if protocol is Protocol.KAFKA:
            if addresses.kafka_security.has_tls:
                raise UncountableError("kafka: the connection is encrypted")
            ports: dict[int, int] = {}
            relays += [
                CountingRelay(*_place(server), lambda: KafkaReaddressing(ports))
                for server in addresses.kafka_servers
            ]
            for relay in relays:
                await relay.start()
                ports[relay.target_port] = relay.port
            servers = tuple(f"{relay.host}:{relay.port}" for relay in relays)
            yield replace(addresses, kafka_servers=servers), relays
            return
        relay = CountingRelay(*_place(_address(addresses, protocol)))
        relays.append(relay)
        await relay.start()
        yield _through(relay, addresses, protocol), relays
    finally:
        for relay in relays:
            await relay.stop()


def _address(addresses: Addresses, protocol: Protocol) -> str:
    match protocol:
        case Protocol.GRPC:
            return addresses.orders_grpc_target
        case Protocol.AMQP:
            return addresses.amqp_url
        case _:
            return addresses.orders_rest_url


def _through(relay: CountingRelay, addresses: Addresses, protocol: Protocol) -> Addresses:
    moved = _moved(_address(addresses, protocol), relay)
    match protocol:
        case Protocol.GRPC:
            return replace(addresses, orders_grpc_target=moved)
        case Protocol.AMQP:
            return replace(addresses, amqp_url=moved)
        case _:
            return replace(addresses, orders_rest_url=moved)


def _place(address: str) -> tuple[str, int]:
    url = urlsplit(address if "//" in address else f"//{address}")
    if url.scheme not in ("", "http", "amqp"):
        raise UncountableError(f"{url.scheme}: the connection is encrypted")
    port = None
    with suppress(ValueError):
        port = url.port
    if url.hostname is None or port is None:
        raise UncountableError(f"{address}: no host and port")
    return url.hostname, port


def _moved(address: str, relay: CountingRelay) -> str:
    if "//" not in address:
        return f"{relay.host}:{relay.port}"
    url = urlsplit(address)
    user, at, _ = url.netloc.rpartition("@")
    return urlunsplit(url._replace(netloc=f"{user}{at}{relay.host}:{relay.port}"))


def _marks(relays: Sequence[CountingRelay]) -> Marks:
    marks: dict[Any, Mark] = {}
    for relay in relays:
        marks |= relay.marks()
    return marks


def _counted(protocol: Protocol, began: Marks, ended: Marks) -> tuple[Traffic, str]:
    up, down, trips, warm_bytes = 0, 0, 0, 0
    payload_up, payload_down = 0, 0
    reason = ""
    for one, end in ended.items():
        begin = began.get(one, Mark())
        up += end.up - begin.up
        down += end.down - begin.down
        trips += end.round_trips - begin.round_trips
        warm_bytes += begin.up + begin.down
        try:
            sent, received = payloads(protocol, bytes(one.up), bytes(one.down))
        except NotThisProtocolError as error:
            reason = f"payload: {error}"
            continue
        payload_up += _between(sent, begin.up, end.up)
        payload_down += _between(received, begin.down, end.down)
    if not reason and not payload_up + payload_down:
        # Such as a broker of Kafka that has told its client another address.
        raise UncountableError("the client went past the relay")
    calls = COUNTED_CALLS
    traffic = Traffic(
        up=up / calls,
        down=down / calls,
        payload_up=None if reason else payload_up / calls,
        payload_down=None if reason else payload_down / calls,
        set_up=max(warm_bytes - (up + down) / calls, 0.0),
        round_trips=trips / calls,
    )
    return traffic, reason


def _between(parts: Parts, begin: int, end: int) -> int:
    return sum(part.size for part in parts if begin < part.end <= end)
