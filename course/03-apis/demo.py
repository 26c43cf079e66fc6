"""GetOrder of one order over several protocols: bytes, round trips and time, from the recording.

Calls that are timed and counted go over connections that an earlier call has opened.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Any

from stend.course.demos import Bar, Bars, Exchange, Note, Shown, Stand, Table, Values
from stend.course.stand import Called
from stend.kit.languages import Text

_GROUPS = {
    "calls": ("rest", "jsonrpc", "soap", "graphql", "grpc"),
    "brokers": ("rest", "amqp", "kafka"),
    "others": ("rest", "websocket", "mcp"),
}
_NAMES = {
    "rest": "REST",
    "jsonrpc": "JSON-RPC",
    "soap": "SOAP",
    "graphql": "GraphQL",
    "grpc": "gRPC",
    "amqp": "RabbitMQ",
    "kafka": "Kafka",
    "websocket": "WebSocket",
    "mcp": "MCP",
}
_EDGES = ("client:shop", "client:orders", "client:rabbitmq", "client:kafka")
_ENDED = frozenset({"delivered", "cancelled", "failed"})
_TO_SERVER = "to-server"
# A demo has 10 s. No call is begun that might not end in them.
_CALLS_WITHIN_S = 6.5
_Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Price:
    """
    Attributes:
        up, down: bytes of one call.
        trips: times that the server spoke after the client, in that call.
        took_ms: of calls that were timed.
    """

    name: str
    up: int
    down: int
    trips: int
    took_ms: Sequence[float]
    exchange: str

    @property
    def total(self) -> int:
        return self.up + self.down


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    deadline = time.monotonic() + _CALLS_WITHIN_S
    protocols = _GROUPS[values.choice("over")]
    fields = {"order_id": _some_order(stand)}
    prices: list[Price] = []
    for number, over in enumerate(protocols):
        # Whatever one protocol does not need of its share is left to the others.
        within_s = (deadline - time.monotonic()) / (len(protocols) - number)
        if within_s > 0:
            prices.append(_priced(stand, over, fields, values, within_s))
    yield _table(prices)
    yield Bars(
        Text(ru="Байты туда и обратно", en="Bytes up and down"),
        "B",
        [Bar(one.name, one.total) for one in prices],
    )
    yield Bars(
        Text(ru="Сколько ждёт клиент, медиана", en="How long the client waits, the median"),
        "ms",
        [Bar(one.name, round(median(one.took_ms), 1)) for one in prices],
    )
    for one in prices:
        yield Exchange(Text(ru=f"{one.name}, по байтам", en=f"{one.name}, by bytes"), one.exchange)
    yield _told(prices, values.number("rtt"))
    if left := [_NAMES[one] for one in protocols[len(prices) :]]:
        names = ", ".join(left)
        yield Note(
            Text(
                ru=f"Не уложились в отведённое время: {names}. Позовите ещё раз.",
                en=f"There was no time left for {names}. Try it again.",
            )
        )


def _some_order(stand: Stand) -> str:
    """One that changes no more, where there is one: its answers are equal, byte by byte."""
    found = stand.call("ListOrders", fields={"limit": 20}).value["orders"]
    ended = [one for one in found if one["status"] in _ENDED]
    if not found:
        return stand.place_order().order_id
    return str((ended or found)[0]["order_id"])


def _priced(stand: Stand, over: str, fields: _Json, values: Values, within_s: float) -> Price:
    deadline = time.monotonic() + within_s
    # The first call opens a connection and loads what the portal's client of the protocol needs.
    _called(stand, over, fields)
    since = _exchanges(stand, {"limit": "1"})["version"]
    called = _called(stand, over, fields)
    up, down, trips = _counted(stand, called, since)
    took_ms: list[float] = []
    with ExitStack() as faults:
        if rtt_ms := values.number("rtt"):
            for edge in _EDGES:
                faults.enter_context(stand.fault("latency", edge, latency_ms=rtt_ms))
        while len(took_ms) < values.number("times"):
            took_ms.append(_called(stand, over, fields).duration_ms)
            if time.monotonic() > deadline:
                break
    return Price(_NAMES[over], up, down, trips, took_ms, called.exchanges[0])


def _called(stand: Stand, over: str, fields: _Json) -> Called:
    called = stand.call("GetOrder", over, fields)
    called.value  # noqa: B018 - says why there is none
    if not called.exchanges:
        raise RuntimeError(f"the tap has recorded nothing of the call over {over}")
    return called


def _counted(stand: Stand, called: Called, since: int) -> tuple[int, int, int]:
    """Bytes up and down on the call's connections since then, without what is background."""
    connections = {one.partition(".")[0] for one in called.exchanges}
    query = {"since": str(since), "source": "client", "limit": "500"}
    passed = [
        one
        for one in _exchanges(stand, query)["exchanges"]
        if one["connection"] in connections and not one["is_background"]
    ]
    told = [_asked(stand, f"/stand/tap/exchanges/{one['id']}") for one in passed]
    return (
        sum(one["bytes_to_server"] for one in told),
        sum(one["bytes_to_client"] for one in told),
        sum(_trips([one for one in told if one["connection"] == name]) for name in connections),
    )


def _trips(exchanges: Sequence[_Json]) -> int:
    """Times that the server spoke after the client, on one connection."""
    spoken = sorted(
        (_moment(part), part["direction"] == _TO_SERVER)
        for one in exchanges
        for part in one["parts"]
    )
    return sum(before and not now for (_, before), (_, now) in pairwise(spoken))


def _moment(part: _Json) -> datetime:
    return datetime.fromisoformat(part["began_at"])


def _exchanges(stand: Stand, query: Mapping[str, str]) -> Any:
    return _asked(stand, "/stand/tap/exchanges", query)


def _asked(stand: Stand, path: str, query: Mapping[str, str] | None = None) -> Any:
    return stand.http.get(path, params=query).raise_for_status().json()


def _table(prices: Sequence[Price]) -> Table:
    heads = (
        Text(ru="протокол", en="protocol"),
        Text(ru="туда, Б", en="up, B"),
        Text(ru="обратно, Б", en="down, B"),
        Text(ru="кругов", en="round trips"),
        Text(ru="медиана, мс", en="median, ms"),
        Text(ru="вызовов", en="calls"),
    )
    return Table(
        Text(ru="GetOrder: один заказ, один ответ", en="GetOrder: one order, one answer"),
        heads,
        [
            (one.name, one.up, one.down, one.trips, round(median(one.took_ms), 1), len(one.took_ms))
            for one in prices
        ],
    )


def _told(prices: Sequence[Price], rtt_ms: float) -> Note:
    least, most = (choose(prices, key=lambda one: one.total) for choose in (min, max))
    times = f"{most.total / least.total:.1f}"
    delay = (
        Text(
            ru=f"каждый ответ задержан на {rtt_ms:g} мс, и решает, сколько ответов ждут один за "
            "другим, а не байты.",
            en=f"every answer is held back for {rtt_ms:g} ms, and what decides is how many answers "
            "are waited for one after another, not bytes.",
        )
        if rtt_ms
        else Text(
            ru="задержки сети здесь нет. Добавьте RTT и сравните ещё раз.",
            en="there is no delay of a network here. Add an RTT, and compare again.",
        )
    )
    return Note(
        Text(
            ru=f"Смысл один, а байт от {least.total} ({least.name}) до {most.total} ({most.name}): "
            f"в {times.replace('.', ',')} раза больше. Соединения были открыты заранее; служебное, "
            "что идёт и без вызова (пинги, пустые опросы), не считается. Время — это код магазина "
            f"и занятость машины; {delay.ru}",
            en=f"The meaning is one, and bytes go from {least.total} ({least.name}) to "
            f"{most.total} ({most.name}): {times} times as many. Connections were open already; "
            "what passes without a call, too (pings, empty polls), is not counted. The time is "
            f"that of the shop's code and of a busy machine; {delay.en}",
        )
    )
