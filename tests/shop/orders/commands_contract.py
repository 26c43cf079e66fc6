"""What the contracts of both brokers must say, and how commands and replies are held to them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

import pytest

from stend.kit.errors import EdgeErrorCode, StendError, error_to_json
from stend.shop.orders.api.commands import Fault, Retry
from stend.shop.orders.api.messages import (
    input_from_json,
    input_to_json,
    result_to_json,
)
from stend.shop.orders.api.reply import OrdersClient, Reply
from stend.shop.orders.domain import (
    ORDER_ID_PATTERN,
    SKU_PATTERN,
    OrderErrorCode,
    OrderEventType,
    OrderStatus,
    Slot,
)
from stend.shop.orders.stores.writing import payload_of
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    Operation,
    OperationInput,
    TrackOrder,
)
from tests.fakes.orders import MORNING, memory_shop
from tests.shop.asyncapi_contract import check_document, check_payload, payload_errors
from tests.shop.orders.examples import HOME, UNKNOWN_ORDER, a_request

CODES: tuple[StrEnum, ...] = (*EdgeErrorCode, *OrderErrorCode)
_GOOD: list[OperationInput] = [
    a_request(slot=Slot(MORNING, MORNING.replace(hour=12))),
    a_request(address=replace(HOME, flat=None, comment=None)),
    GetOrder(UNKNOWN_ORDER),
    ListOrders(),
    ListOrders("cus_1", OrderStatus.PLACED, 7, "A" * 22),
    CancelOrder(UNKNOWN_ORDER),
    CancelOrder(UNKNOWN_ORDER, "передумал", 3),
    TrackOrder(UNKNOWN_ORDER, 2),
]
_BAD: list[tuple[Operation, str]] = [
    (Operation.PLACE_ORDER, "{}"),
    (Operation.GET_ORDER, '{"order_id": "ord_1"}'),
    (Operation.GET_ORDER, "[]"),
    (Operation.LIST_ORDERS, '{"limit": 0}'),
    (Operation.LIST_ORDERS, '{"limit": "5"}'),
    (Operation.LIST_ORDERS, '{"status": "lost"}'),
    (Operation.LIST_ORDERS, '{"cursor": null}'),
    (Operation.LIST_ORDERS, '{"more": 1}'),
    (Operation.CANCEL_ORDER, f'{{"order_id": "{UNKNOWN_ORDER}", "expected_version": 0}}'),
    (Operation.CANCEL_ORDER, f'{{"order_id": "{UNKNOWN_ORDER}", "reason": ""}}'),
    (Operation.TRACK_ORDER, f'{{"order_id": "{UNKNOWN_ORDER}", "after_version": -1}}'),
]


class ContractSuite:
    """
    Attributes:
        contract: the document of the protocol.
        faults: the table of the protocol.
    """

    contract: dict[str, Any]
    faults: Mapping[StrEnum, Fault]

    def schema(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.contract["components"]["schemas"][name]
        return found

    def test_the_document_is_valid(self) -> None:
        check_document(self.contract)

    def test_its_operations_are_those_of_the_service(self) -> None:
        assert set(self.contract["operations"]) == {*Operation, "PublishEvent"}
        assert set(self.contract["channels"]["commands"]["messages"]) == set(Operation)

    def test_every_code_stands_in_the_contract_and_no_other(self) -> None:
        properties = self.schema("Error")["properties"]
        assert properties["code"]["enum"] == [code.value for code in CODES]
        assert properties["retry"]["enum"] == [one.value for one in Retry]
        for code in CODES:
            error = error_to_json(StendError(code, "What happened.", value="x"))
            reply = {"ok": False, "error": {**error, "retry": self.faults[code].retry}}
            check_payload(self.contract, "GetOrderReply", reply)

    def test_patterns_and_enumerations_are_those_of_the_domain(self) -> None:
        assert self.schema("OrderId")["pattern"] == ORDER_ID_PATTERN
        assert self.schema("Sku")["pattern"] == SKU_PATTERN
        assert self.schema("OrderStatus")["enum"] == [one.value for one in OrderStatus]
        assert self.schema("OrderEventType")["enum"] == [one.value for one in OrderEventType]

    @pytest.mark.parametrize("request_", _GOOD, ids=lambda one: type(one).__name__)
    def test_what_clients_send_is_as_the_contract_says(self, request_: OperationInput) -> None:
        check_payload(self.contract, type(request_).__name__, input_to_json(request_))

    @pytest.mark.parametrize(("operation", "text"), _BAD)
    def test_what_the_contract_refuses_the_service_refuses(
        self, operation: Operation, text: str
    ) -> None:
        assert payload_errors(self.contract, operation, json.loads(text))
        with pytest.raises(StendError) as refused:
            input_from_json(operation, text.encode())
        assert refused.value.code is EdgeErrorCode.INVALID_ARGUMENT

    async def test_published_events_are_as_the_contract_says(self) -> None:
        shop = memory_shop()
        order = (await shop.orders.place_order(a_request())).order
        (placed,) = shop.store.events
        check_payload(self.contract, "PublishedEvent", payload_of(order, placed))
        cancelled, event = order.advance(OrderStatus.CANCELLED, MORNING, "передумал")
        check_payload(self.contract, "PublishedEvent", payload_of(cancelled, event))
        # Without its lines an OrderPlaced tells analytics nothing.
        bare = {**payload_of(cancelled, event), "type": "OrderPlaced"}
        assert payload_errors(self.contract, "PublishedEvent", bare)


async def check_replies(contract: dict[str, Any], client: OrdersClient) -> list[Reply[Any]]:
    """Every reply of every operation, held to the contract; handed back for their headers."""
    order = (placed := await client.place_order(a_request())).value.order
    replies: list[tuple[Operation, Reply[Any]]] = [
        (Operation.PLACE_ORDER, placed),
        (Operation.GET_ORDER, await client.get_order(GetOrder(order.order_id))),
        (Operation.GET_ORDER, await client.get_order(GetOrder("no id"))),
        (Operation.LIST_ORDERS, await client.list_orders(ListOrders(order.customer_id))),
        (Operation.CANCEL_ORDER, await client.cancel_order(CancelOrder(order.order_id, "нет"))),
    ]
    async for reply in client.track_order(TrackOrder(order.order_id)):
        assert json.loads(reply.body)["result"] == result_to_json(reply.value)
        replies.append((Operation.TRACK_ORDER, reply))
    for operation, reply in replies:
        check_payload(contract, f"{operation}Reply", json.loads(reply.body))
        assert dict(reply.headers)["type"] == f"{operation}Reply"
    end = {"order_id": order.order_id, "after_version": 2, "is_final": True}
    check_payload(contract, "TrackOrderReply", {"ok": True, "result": end})
    return [reply for _, reply in replies]
