"""How each protocol of each service says a code, read off the tables of faults.

The tables are imported when somebody opens a page: those of SOAP bring lxml with them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, TypeVar

from stend.kit.errors import EdgeErrorCode

_Fault = TypeVar("_Fault")


@dataclass(frozen=True, slots=True)
class Carrier:
    """One protocol of one service; `words` are by code."""

    service: str
    protocol: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Status:
    """
    Attributes:
        services: that say it like this, where another service says it otherwise over the same
            protocol; empty where all agree.
    """

    protocol: str
    words: str
    services: tuple[str, ...]


def statuses_of(code: StrEnum) -> tuple[Status, ...]:
    """Protocol by protocol, in the order of `carriers`."""
    told: dict[str, dict[str, list[str]]] = {}
    for carrier in carriers():
        if words := carrier.words.get(code.value):
            told.setdefault(carrier.protocol, {}).setdefault(words, []).append(carrier.service)
    return tuple(
        Status(protocol, words, tuple(services) if len(ways) > 1 else ())
        for protocol, ways in told.items()
        for words, services in ways.items()
    )


@cache
def carriers() -> tuple[Carrier, ...]:
    """Every protocol of every service that has a table of faults."""
    return (*_of_orders(), *_of_http(), *_of_the_rest())


def _of_orders() -> Iterator[Carrier]:
    from stend.shop.orders.api.amqp import faults as amqp
    from stend.shop.orders.api.graphql import faults as graphql
    from stend.shop.orders.api.grpc import faults as grpc
    from stend.shop.orders.api.jsonrpc import faults as jsonrpc
    from stend.shop.orders.api.kafka import faults as kafka
    from stend.shop.orders.api.mcp import faults as mcp
    from stend.shop.orders.api.rest import faults as rest
    from stend.shop.orders.api.soap import faults as soap
    from stend.shop.orders.api.websocket import faults as websocket

    yield _carrier("orders", "rest", rest.FAULTS, _problem)
    yield _carrier("orders", "jsonrpc", jsonrpc.FAULTS, _number)
    yield _carrier("orders", "soap", soap.FAULTS, _side)
    yield _graphql("orders", graphql.FAULTS)
    yield _carrier("orders", "grpc", grpc.FAULTS, _grpc_code)
    yield _carrier("orders", "websocket", websocket.FAULTS, _frame)
    yield _carrier("orders", "amqp", amqp.FAULTS, _reply)
    yield _carrier("orders", "kafka", kafka.FAULTS, _reply)
    yield _carrier("orders", "mcp", mcp.FAULTS, _tool)


def _of_http() -> Iterator[Carrier]:
    from stend.shop.analytics.api.rest import faults as analytics
    from stend.shop.catalog.api.graphql import faults as catalog_graphql
    from stend.shop.catalog.api.rest import faults as catalog
    from stend.shop.identity.api.oauth import faults as identity
    from stend.shop.notifications.api.rest import faults as notifications

    yield _carrier("catalog", "rest", catalog.FAULTS, _problem)
    yield _graphql("catalog", catalog_graphql.FAULTS)
    yield _carrier("notifications", "rest", notifications.FAULTS, _problem)
    yield _carrier("analytics", "rest", analytics.FAULTS, _problem)
    yield _carrier("identity", "OAuth", identity.FAULTS, _oauth)


def _of_the_rest() -> Iterator[Carrier]:
    from stend.shop.delivery.api.grpc import faults as delivery
    from stend.shop.loyalty.api.jsonrpc import faults as loyalty
    from stend.shop.notifications.api.websocket import faults as notifications
    from stend.shop.payments.api.soap import faults as payments
    from stend.shop.stock.api.amqp import faults as stock

    yield _carrier("stock", "amqp", stock.FAULTS, _reply)
    yield _carrier("payments", "soap", payments.FAULTS, _side)
    yield _carrier("loyalty", "jsonrpc", loyalty.FAULTS, _number)
    yield _carrier("delivery", "grpc", delivery.FAULTS, _grpc_code)
    yield _carrier("notifications", "websocket", notifications.FAULTS, _frame)


def _carrier(
    service: str,
    protocol: str,
    faults: Mapping[StrEnum, _Fault],
    worded: Callable[[_Fault], str],
) -> Carrier:
    return Carrier(service, protocol, {code.value: worded(fault) for code, fault in faults.items()})


# ---- a row of a table, as the protocol writes it -----------------------------------------------


class _Problem(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def title(self) -> str: ...


class _Reply(Protocol):
    @property
    def retry(self) -> StrEnum: ...
    @property
    def dead_letter(self) -> bool: ...


def _problem(kind: _Problem) -> str:
    return f"{kind.status} {kind.title}"


def _number(number: int) -> str:
    return f"code: {number}"


def _side(side: Any) -> str:
    old, new = side.value
    return f"SOAP 1.1 {old}, SOAP 1.2 {new}"


def _graphql(service: str, faults: Mapping[StrEnum, int]) -> Carrier:
    # A rule of the shop refuses inside a field, and the answer to the others is still given.
    return Carrier(
        service,
        "graphql",
        {
            code.value: f"HTTP {status}" if isinstance(code, EdgeErrorCode) else "HTTP 200, errors"
            for code, status in faults.items()
        },
    )


def _grpc_code(number: Any) -> str:
    from google.rpc import code_pb2

    return str(code_pb2.Code.Name(number))


def _frame(side: str) -> str:
    return f"side: {side}"


def _reply(fault: _Reply) -> str:
    return f"retry: {fault.retry.value}" + (", dead letter" if fault.dead_letter else "")


def _tool(fault: Any) -> str:
    return "isError: true" if fault.in_result else f"code: {fault.number}, HTTP {fault.status}"


def _oauth(fault: Any) -> str:
    return f"{fault.status} {fault.error}"
