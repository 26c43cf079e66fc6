"""asyncapi.yaml came first: frames of both sides are measured against it."""

import json
from pathlib import Path
from typing import Any

import pytest

from stend.chassis.websocket import CloseCode
from stend.kit.errors import EdgeErrorCode, StendError, Violation
from stend.shop.orders import api
from stend.shop.orders.api.websocket import faults, translate
from stend.shop.orders.api.websocket.client import WebSocketClient
from stend.shop.orders.domain import OrderErrorCode, OrderEventType, OrderStatus
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    Operation,
    OperationInput,
    TrackOrder,
)
from tests.shop.asyncapi_contract import (
    check_document,
    check_payload,
    payload_errors,
    read_contract,
)
from tests.shop.orders.examples import HOME, UNKNOWN_ORDER, a_request, fresh_customer

CONTRACT = read_contract(Path(api.__path__[0]) / "websocket" / "contract" / "asyncapi.yaml")
SCHEMAS: dict[str, Any] = CONTRACT["components"]["schemas"]
REQUESTS: dict[Operation, OperationInput] = {
    Operation.PLACE_ORDER: a_request(),
    Operation.GET_ORDER: GetOrder(UNKNOWN_ORDER),
    Operation.LIST_ORDERS: ListOrders(fresh_customer(), OrderStatus.PLACED, 5, "A" * 22),
    Operation.CANCEL_ORDER: CancelOrder(UNKNOWN_ORDER, "передумал", 1),
    Operation.TRACK_ORDER: TrackOrder(UNKNOWN_ORDER, 3),
}


def test_the_contract_is_a_valid_document() -> None:
    check_document(CONTRACT)


def test_operations_path_subprotocol_and_close_codes_are_those_of_the_code() -> None:
    assert set(CONTRACT["operations"]) == {*Operation, "cancel", "ping"}
    assert CONTRACT["channels"]["orders"]["address"] == translate.PATH
    told = CONTRACT["info"]["description"]
    assert translate.SUBPROTOCOL in told
    assert all(str(code.value) in told for code in CloseCode)


def test_enumerations_are_those_of_the_domain() -> None:
    assert SCHEMAS["OrderStatus"]["enum"] == [*OrderStatus]
    assert SCHEMAS["OrderEventType"]["enum"] == [*OrderEventType]


@pytest.mark.parametrize("operation", Operation)
def test_a_request_of_the_client_is_as_the_contract_says_and_is_read_back(
    operation: Operation,
) -> None:
    request = REQUESTS[operation]
    frame = json.loads(translate.request_frame("1", request))
    check_payload(CONTRACT, operation, frame)
    assert translate.operation_from(frame["type"], frame["params"]) == request


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        (Operation.GET_ORDER, {}),
        (Operation.GET_ORDER, {"order_id": "x"}),
        (Operation.GET_ORDER, {"order_id": UNKNOWN_ORDER, "more": 1}),
        (Operation.LIST_ORDERS, {"limit": 0}),
        (Operation.LIST_ORDERS, {"status": "lost"}),
        (Operation.CANCEL_ORDER, {"order_id": UNKNOWN_ORDER, "reason": "a\u0000"}),
        (Operation.TRACK_ORDER, {"order_id": UNKNOWN_ORDER, "after_version": -1}),
        (Operation.PLACE_ORDER, {"customer_id": "cus_1"}),
    ],
)
def test_what_the_contract_forbids_is_refused(operation: Operation, params: dict[str, Any]) -> None:
    frame = {"id": "1", "type": operation.value, "params": params}
    assert payload_errors(CONTRACT, operation, frame)
    with pytest.raises(StendError) as refused:
        translate.operation_from(operation, params)
    assert refused.value.code is EdgeErrorCode.INVALID_ARGUMENT


@pytest.mark.parametrize("code", [*EdgeErrorCode, *OrderErrorCode])
def test_every_error_is_as_the_contract_says(code: EdgeErrorCode | OrderErrorCode) -> None:
    error = StendError(
        code, "No.", value="x", expected="y", next_step="z", violations=(Violation("/a", "b"),)
    )
    frame = {"id": None, "type": "error", "error": faults.fault_of(error)}
    check_payload(CONTRACT, "error", frame)


@pytest.mark.slow
async def test_answers_of_the_server_are_as_the_contract_says(client: WebSocketClient) -> None:
    request = a_request(address=HOME)
    placed = await client.place_order(request)
    order_id = placed.value.order.order_id
    replies = [
        placed,
        await client.get_order(GetOrder(order_id)),
        await client.list_orders(ListOrders(request.customer_id)),
        await client.cancel_order(CancelOrder(order_id, "передумал")),
        await client.get_order(GetOrder(UNKNOWN_ORDER)),
        *[reply async for reply in client.track_order(TrackOrder(order_id))],
    ]
    assert [reply.status for reply in replies] == ["result"] * 4 + ["error", "event", "event"]
    for reply in replies:
        check_payload(CONTRACT, reply.status, json.loads(reply.body))
