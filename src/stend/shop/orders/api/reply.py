"""What a client of any protocol hands back: the result, and how the protocol said it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from stend.kit.errors import Violation
from stend.shop.orders.domain import Order, OrderEvent
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)

ResultT_co = TypeVar("ResultT_co", covariant=True)


@dataclass(frozen=True, slots=True)
class ReplyError:
    """An error as it came over the wire. `code` is the stable code, the same over every protocol.

    `domain` tells an answer of the service (no such order) from a failure of the exchange itself
    (nobody listens, the deadline passed).
    """

    code: str
    detail: str
    domain: bool
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply(Generic[ResultT_co]):
    """One exchange. Either `result` or `error` is set.

    Attributes:
        status: the protocol's own word, for example "201 Created" or "NOT_FOUND".
        headers: headers or metadata of the answer, in order.
        body: the answer as text, the way the protocol's own tools show it.
        duration_ms: from the first byte sent to the last byte read, as the client saw it.
    """

    status: str
    headers: tuple[tuple[str, str], ...]
    body: str
    duration_ms: float
    result: ResultT_co | None = None
    error: ReplyError | None = None

    @property
    def value(self) -> ResultT_co:
        """The result of a reply that carries no error.

        Raises:
            LookupError: it carries one.
        """
        if self.result is None:
            raise LookupError(f"no result: {self.error}")
        return self.result


class OrdersClient(Protocol):
    """The five operations as a consumer sees them; each protocol's client.py is one of these."""

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]: ...

    async def get_order(self, request: GetOrder) -> Reply[Order]: ...

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]: ...

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]: ...

    def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        """One reply per event; a reply with an error is the last one."""
        ...

    async def close(self) -> None: ...
