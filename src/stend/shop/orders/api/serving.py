"""The HTTP protocols of the service, each behind its path, each imported when somebody asks."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp

from stend.chassis.intake import Intake
from stend.chassis.lazy import LazyApp
from stend.chassis.websocket import FrameServer, SocketLimits
from stend.kit.clock import Clock
from stend.shop.orders.api.limits import RestLimits
from stend.shop.orders.api.rest.translate import PATH_PREFIXES
from stend.shop.orders.domain import Price
from stend.shop.orders.reconciliation.requesting import ReconciliationsOf
from stend.shop.orders.usecases import OrdersOf

PriceList = Callable[[Sequence[str]], Awaitable[Mapping[str, Price]]]
_REST, _JSONRPC, _SOAP = "rest", "jsonrpc", "soap"
_GRAPHQL, _WEBSOCKET, _MCP = "graphql", "websocket", "mcp"
# Where each protocol answers; the runtime sends requests there by them.
PATHS = (*PATH_PREFIXES, "/rpc/orders", "/soap/orders", "/graphql", "/ws/orders", "/mcp")


@dataclass(frozen=True, slots=True)
class Served:
    """What all protocols are made from.

    Attributes:
        prices: the price list, for titles of products.
        intake: of a protocol, by its name.
    """

    orders: OrdersOf
    reconciliations: ReconciliationsOf
    prices: PriceList
    intake: Callable[[str], Intake]
    limits: RestLimits
    clock: Clock


class HttpApps:
    """
    Attributes:
        by_path: the application behind each path prefix.
    """

    def __init__(self, served: Served) -> None:
        self._served = served
        self._sockets: FrameServer | None = None
        made: dict[str, Callable[[], ASGIApp]] = {
            "/rpc/orders": self._jsonrpc,
            "/soap/orders": self._soap,
            "/graphql": self._graphql,
            "/ws/orders": self._websocket,
            "/mcp": self._mcp,
        }
        self.by_path: Mapping[str, ASGIApp] = {
            **dict.fromkeys(PATH_PREFIXES, LazyApp(self._rest)),
            **{path: LazyApp(make) for path, make in made.items()},
        }

    def end_streams(self) -> None:
        if self._sockets:
            self._sockets.end_streams()

    def _rest(self) -> ASGIApp:
        from stend.shop.orders.api.rest.server import create_app

        served = self._served
        intake = served.intake(_REST)
        return create_app(served.orders, served.reconciliations, served.limits, intake)

    def _jsonrpc(self) -> ASGIApp:
        from stend.chassis.jsonrpc.dispatching import JsonRpcLimits
        from stend.shop.orders.api.jsonrpc.server import create_app

        served = self._served
        limits = JsonRpcLimits(served.limits.body_limit_bytes)
        return create_app(served.orders, served.intake(_JSONRPC), limits)

    def _soap(self) -> ASGIApp:
        from stend.shop.orders.api.soap.server import create_app

        served = self._served
        limit_bytes = served.limits.body_limit_bytes
        return create_app(served.orders, limit_bytes, served.intake(_SOAP), served.clock)

    def _graphql(self) -> ASGIApp:
        from stend.shop.orders.api.graphql.server import create_app

        served = self._served
        return create_app(served.orders, served.prices, served.intake(_GRAPHQL))

    def _websocket(self) -> ASGIApp:
        from stend.shop.orders.api.websocket.server import create_app

        served = self._served
        self._sockets = create_app(served.orders, SocketLimits(), served.intake(_WEBSOCKET))
        return self._sockets

    def _mcp(self) -> ASGIApp:
        from stend.shop.orders.api.mcp.server import create_app

        served = self._served
        return create_app(served.orders, served.intake(_MCP), served.limits.body_limit_bytes)
