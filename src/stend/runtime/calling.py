"""Performs an operation of the shop for somebody outside of it: the command line, the bench."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from typing import Any

from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.ids import Ids
from stend.kit.json import JsonValue
from stend.runtime.addresses import Addresses
from stend.shop.orders.api import messages
from stend.shop.orders.api.dispatch import perform
from stend.shop.orders.api.fields import input_from_fields
from stend.shop.orders.api.forms import FormField
from stend.shop.orders.api.protocols import Protocol
from stend.shop.orders.api.reply import OrdersClient, Reply
from stend.shop.orders.domain import Order, OrderEvent
from stend.shop.orders.usecases import Operation, OrderPage, PlacedOrder, TrackOrder

Result = PlacedOrder | Order | OrderPage | OrderEvent


class OrdersClients(Mapping[str, OrdersClient]):
    """A client per protocol, each made when it is first asked for: its library is imported then.

    Args:
        ids: for what a client has to name, such as the path of a webhook's receiver.
        authorization: `Bearer …` or `ApiKey …`, which every call then carries.
    """

    def __init__(self, addresses: Addresses, ids: Ids, authorization: str | None = None) -> None:
        self._makers = _makers(addresses, ids, authorization)
        self._made: dict[str, OrdersClient] = {}

    def __getitem__(self, protocol: str) -> OrdersClient:
        if protocol not in self._made:
            self._made[protocol] = self._makers[protocol]()
        return self._made[protocol]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    async def close(self) -> None:
        for client in self._made.values():
            await client.close()


_Makers = Mapping[str, Callable[[], OrdersClient]]


def _makers(addresses: Addresses, ids: Ids, authorization: str | None) -> _Makers:
    makers = {
        **_http_makers(addresses.orders_rest_url, authorization),
        **_pushing_makers(addresses, ids, authorization),
        **_other_makers(addresses, ids, authorization),
    }
    return {protocol: makers[protocol] for protocol in Protocol}


def _http_makers(url: str, authorization: str | None) -> _Makers:

    def rest() -> OrdersClient:
        from stend.shop.orders.api.rest.client import RestClient

        return RestClient(url, authorization)

    def jsonrpc() -> OrdersClient:
        from stend.shop.orders.api.jsonrpc.client import JsonRpcClient

        return JsonRpcClient(url, authorization)

    def soap() -> OrdersClient:
        from stend.shop.orders.api.soap.client import SoapClient

        return SoapClient(url, authorization=authorization)

    def graphql() -> OrdersClient:
        from stend.shop.orders.api.graphql.client import GraphqlClient

        return GraphqlClient(url, authorization)

    def websocket() -> OrdersClient:
        from stend.shop.orders.api.websocket.client import WebSocketClient

        return WebSocketClient("ws" + url.removeprefix("http"), authorization)

    def mcp() -> OrdersClient:
        from stend.shop.orders.api.mcp.client import McpClient

        return McpClient(url, authorization)

    return {
        Protocol.REST: rest,
        Protocol.JSONRPC: jsonrpc,
        Protocol.SOAP: soap,
        Protocol.GRAPHQL: graphql,
        Protocol.WEBSOCKET: websocket,
        Protocol.MCP: mcp,
    }


def _pushing_makers(addresses: Addresses, ids: Ids, authorization: str | None) -> _Makers:
    def sse() -> OrdersClient:
        from stend.shop.orders.api.sse.client import SseClient

        return SseClient(addresses.orders_rest_url, authorization)

    def webhook() -> OrdersClient:
        from stend.shop.orders.api.webhook.client import WebhookClient

        return WebhookClient(
            addresses.notifications_url, addresses.receiver_ports, ids, authorization
        )

    return {Protocol.SSE: sse, Protocol.WEBHOOK: webhook}


def _other_makers(addresses: Addresses, ids: Ids, authorization: str | None) -> _Makers:
    def grpc() -> OrdersClient:
        from stend.shop.orders.api.grpc.client import GrpcClient

        return GrpcClient(addresses.orders_grpc_target, authorization)

    def amqp() -> OrdersClient:
        from stend.shop.orders.api.amqp.client import AmqpClient

        return AmqpClient(addresses.amqp_url, ids, authorization)

    def kafka() -> OrdersClient:
        from stend.shop.orders.api.kafka.client import KafkaClient

        servers, security = ",".join(addresses.kafka_servers), addresses.kafka_security
        return KafkaClient(servers, ids, authorization, security=security)

    return {Protocol.GRPC: grpc, Protocol.AMQP: amqp, Protocol.KAFKA: kafka}


async def call(
    client: OrdersClient, operation: Operation, fields: Mapping[str, str]
) -> AsyncGenerator[Reply[Any], None]:
    """One reply, or one per event for TrackOrder.

    Raises:
        StendError: INVALID_ARGUMENT, when the fields do not make the operation.
    """
    request = input_from_fields(operation, fields)
    try:
        if isinstance(request, TrackOrder):
            async for reply in client.track_order(request):
                yield reply
        else:
            yield await perform(client, request)
    except ValueError as error:
        raise _unfit(error) from None


def _unfit(error: ValueError) -> StendError:
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        "A value does not fit into the protocol's message.",
        value=str(error),
        expected="a value that the contract can carry",
        next_step="Correct the value or choose another protocol.",
    )


def completed(form: tuple[FormField, ...], given: Mapping[str, str], ids: Ids) -> dict[str, str]:
    """Adds the contract's examples for what the operation needs and nobody gave.

    A list is taken over as a whole or not at all: whoever names one line names all of them.
    """
    own_lists = {path.split(".")[0] for path in given if _in_list(path)}
    fields = {
        field.path: field.example
        for field in form
        if field.required
        and field.example
        and not (_in_list(field.path) and field.path.split(".")[0] in own_lists)
    }
    if any(field.path == "idempotency_key" for field in form):
        fields["idempotency_key"] = ids.ulid()
    return fields | dict(given)


def result_to_json(result: Result) -> dict[str, JsonValue]:
    """The canonical form of a result, the same whichever protocol carried it."""
    orders: list[JsonValue]
    match result:
        case PlacedOrder():
            return messages.order_to_json(result.order)
        case Order():
            return messages.order_to_json(result)
        case OrderPage():
            orders = [messages.order_to_json(order) for order in result.orders]
            return {"orders": orders, "next_cursor": result.next_cursor}
        case OrderEvent():
            return messages.event_to_json(result)


def _in_list(path: str) -> bool:
    return any(part.isdecimal() for part in path.split("."))
