"""The service is as asyncapi.yaml says: errors, commands, replies, queues."""

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from stend.chassis.amqp_calls import AmqpCaller
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.stock import api
from stend.shop.stock.api.amqp import faults, server
from stend.shop.stock.api.amqp.translate import MESSAGE_ID_PATTERN, command_from
from stend.shop.stock.domain import (
    RESERVATION_ID_PATTERN,
    SKU_PATTERN,
    MovementKind,
    ReservationStatus,
    StockErrorCode,
)
from stend.shop.stock.usecases import PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, Command
from tests.shop.asyncapi_contract import (
    check_document,
    check_headers,
    check_payload,
    payload_errors,
    read_contract,
)
from tests.shop.stock.conftest import Warehouse
from tests.shop.stock.examples import fresh_id
from tests.shop.stock.test_messages import a_message

CONTRACT = read_contract(Path(api.__path__[0]) / "amqp" / "contract" / "asyncapi.yaml")
CODES: tuple[StrEnum, ...] = (*EdgeErrorCode, *StockErrorCode)
SCHEMAS: dict[str, Any] = CONTRACT["components"]["schemas"]

GOOD = {
    Command.RESERVE_STOCK: '{"reservation_id": "ord_1", "lines": [{"sku": "MILK-001", '
    '"quantity": 2.0}]}',
    Command.RELEASE_STOCK: '{"reservation_id": "ord_1", "reason": "отмена"}',
    Command.COMMIT_STOCK: '{"reservation_id": "ord_1"}',
    Command.RESTOCK_PRODUCT: '{"sku": "MILK-001", "quantity": 1, "restock_id": "r"}',
    Command.GET_STOCK: '{"skus": ["MILK-001"]}',
    Command.LIST_RESERVATIONS: "{}",
}
BAD = {
    Command.RESERVE_STOCK: [
        '{"reservation_id": "ord_1"}',
        '{"reservation_id": "", "lines": []}',
        '{"reservation_id": "ord_1", "lines": [{"sku": "milk", "quantity": 1}]}',
        '{"reservation_id": "ord_1", "lines": [{"sku": "MILK-001", "quantity": "1"}]}',
        '{"reservation_id": "ord_1", "lines": [{"sku": "MILK-001", "quantity": 1.5}]}',
        '{"reservation_id": "ord_1", "lines": [], "more": 1}',
    ],
    Command.RELEASE_STOCK: [
        '{"reservation_id": "ord_1"}',
        '{"reservation_id": "ord_1", "reason": ""}',
        '{"reservation_id": "ord_1", "reason": "a\\u0000b"}',
        '{"reservation_id": "ord_1", "reason": null}',
    ],
    Command.COMMIT_STOCK: ['{"reservation_id": 7}', "[]", "null"],
    Command.RESTOCK_PRODUCT: ['{"sku": "MILK-001", "quantity": true, "restock_id": "r"}'],
    Command.GET_STOCK: ['{"skus": []}', '{"skus": "MILK-001"}'],
    Command.LIST_RESERVATIONS: ['{"limit": 0}', '{"limit": 501}', '{"after": null}'],
}


def test_the_document_is_valid() -> None:
    check_document(CONTRACT)


@pytest.mark.parametrize("code", CODES)
def test_every_error_has_its_fault_and_its_place_in_the_contract(code: StrEnum) -> None:
    reply = server.reply_to_json(StendError(code, "What happened.", value="x"))
    check_payload(CONTRACT, "ReservationReply", reply)
    assert code in faults.FAULTS


def test_no_fault_stands_for_an_error_that_does_not_exist() -> None:
    assert set(faults.FAULTS) == set(CODES)
    assert SCHEMAS["Error"]["properties"]["code"]["enum"] == [code.value for code in CODES]
    assert SCHEMAS["Error"]["properties"]["retry"]["enum"] == [one.value for one in faults.Retry]


def test_the_commands_and_queues_of_the_contract_are_those_of_the_service() -> None:
    assert set(CONTRACT["operations"]) == set(Command)
    assert set(CONTRACT["channels"]["commands"]["messages"]) == set(Command)
    addresses = {name: one["address"] for name, one in CONTRACT["channels"].items()}
    assert addresses["commands"] == server.COMMANDS.name
    assert addresses["deadCommands"] == server.COMMANDS.dead


def test_patterns_and_bounds_are_those_of_the_domain() -> None:
    assert SCHEMAS["Sku"]["pattern"] == SKU_PATTERN
    assert SCHEMAS["ReservationId"]["pattern"] == RESERVATION_ID_PATTERN
    message_id = SCHEMAS["CommandProperties"]["properties"]["message_id"]
    assert message_id["pattern"] == MESSAGE_ID_PATTERN
    limit = SCHEMAS["ListReservations"]["properties"]["limit"]
    assert (limit["default"], limit["maximum"]) == (PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX)
    statuses = SCHEMAS["Reservation"]["properties"]["status"]["enum"]
    assert statuses == [status.value for status in ReservationStatus]
    assert {status.value for status in ReservationStatus} < {kind.value for kind in MovementKind}


@pytest.mark.parametrize("command", [*Command])
def test_the_reader_takes_what_the_contract_takes_and_nothing_else(command: Command) -> None:
    check_payload(CONTRACT, command, json.loads(GOOD[command]))
    assert type(command_from(command, GOOD[command].encode())).__name__ == command
    for text in BAD[command]:
        assert payload_errors(CONTRACT, command, json.loads(text)), text
        with pytest.raises(StendError) as refused:
            command_from(command, text.encode())
        assert refused.value.code is EdgeErrorCode.INVALID_ARGUMENT


REPLIES = {
    Command.GET_STOCK: "GetStockReply",
    Command.LIST_RESERVATIONS: "ListReservationsReply",
    Command.RESTOCK_PRODUCT: "RestockProductReply",
}


@pytest.mark.parametrize("command", [*Command])
async def test_what_the_service_answers_is_as_the_contract_says(
    warehouse: Warehouse, command: Command
) -> None:
    caller = AmqpCaller(warehouse.link)
    await caller.open(warehouse.link)
    body = re.sub('"(ord_1|r)"', f'"{fresh_id()}"', GOOD[command]).encode()
    reply = await caller.call("stock.commands", a_message(body, type=command), 5)
    name = REPLIES.get(command, "ReservationReply")
    check_payload(CONTRACT, name, json.loads(reply.body))
    assert reply.type == f"{command}Reply"
    properties: dict[str, object] = {
        "type": reply.type,
        "message_id": reply.message_id,
        "content_type": reply.content_type,
        "correlation_id": reply.correlation_id,
    }
    check_headers(CONTRACT, name, properties)
