"""openrpc.json came first: the code is measured against it."""

from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from stend.chassis.access import OpenAccess
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api import messages
from stend.shop.orders.api.jsonrpc import server, translate
from stend.shop.orders.api.jsonrpc.faults import FAULTS
from stend.shop.orders.api.jsonrpc.translate import METHOD_OF, MethodName, NotificationName
from stend.shop.orders.api.rest.server import contract as openapi
from stend.shop.orders.domain import OrderErrorCode, OrderEventType, OrderStatus
from stend.shop.orders.usecases import Operation
from tests.fakes.orders import memory_shop
from tests.shop.openrpc.contracts import Contract

CONTRACT = Contract(server.contract())
OPENAPI: dict[str, Any] = yaml.safe_load(openapi())["components"]["schemas"]
MODELS: dict[str, type[BaseModel]] = {
    MethodName.PLACE: messages._PlaceOrderParams,
    MethodName.GET: messages._GetOrderParams,
    MethodName.LIST: messages._ListOrdersParams,
    MethodName.CANCEL: messages._CancelOrderParams,
    MethodName.TRACK: messages._TrackOrderParams,
    MethodName.UNTRACK: translate.UntrackParams,
    MethodName.DISCOVER: translate.DiscoverParams,
}
# What the two contracts say in the same words; the others differ as the protocols do.
SHARED = (
    "CustomerId",
    "Sku",
    "OrderStatus",
    "OrderEventType",
    "Money",
    "CartLine",
    "OrderLine",
    "Address",
    "Slot",
    "Order",
    "OrderEvent",
)


def test_the_contract_is_valid_by_the_meta_schema_of_openrpc() -> None:
    assert CONTRACT.problems() == []


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    assert CONTRACT.dangling() == []


def test_the_methods_of_the_code_are_those_of_the_contract() -> None:
    intake = Intake("orders", "jsonrpc", OpenAccess(), 1)
    methods = server.methods_of(memory_shop().orders.on_behalf_of, intake)
    assert set(methods) == set(CONTRACT.methods) == set(MethodName)


def test_every_operation_is_a_method() -> None:
    operations = {
        method["x-operation"]: name
        for name, method in CONTRACT.methods.items()
        if "x-operation" in method
    }
    assert operations == METHOD_OF
    assert set(METHOD_OF) == set(Operation)


@pytest.mark.parametrize("name", CONTRACT.methods)
def test_parameters_of_code_and_contract_are_equal(name: str) -> None:
    declared, fields = CONTRACT.params(name), MODELS[name].model_fields
    assert CONTRACT.methods[name]["paramStructure"] == "by-name"
    assert list(declared) == list(fields)
    for param, facts in declared.items():
        assert facts["required"] == fields[param].is_required()


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("OrderId", messages.OrderId),
        ("CustomerId", messages.CustomerId),
        ("Cursor", messages.Cursor),
        ("IdempotencyKey", messages.IdempotencyKey),
        ("Reason", messages.LongText),
    ],
)
def test_patterns_of_code_and_contract_are_equal(schema: str, pattern: Any) -> None:
    assert CONTRACT.schemas[schema]["pattern"] == pattern.__metadata__[0].metadata[0].pattern


@pytest.mark.parametrize("name", SHARED)
def test_schemas_are_those_of_rest(name: str) -> None:
    assert CONTRACT.schemas[name] == _draft_7(OPENAPI[name])


def test_closed_sets_are_equal() -> None:
    assert CONTRACT.schemas["OrderStatus"]["enum"] == [status.value for status in OrderStatus]
    assert CONTRACT.schemas["OrderEventType"]["enum"] == [kind.value for kind in OrderEventType]


@pytest.mark.parametrize("name", CONTRACT.methods)
def test_every_text_of_the_contract_is_in_both_languages(name: str) -> None:
    for described in (CONTRACT.methods[name], *CONTRACT.params(name).values()):
        assert described["summary"].isascii()
        assert not described["x-ru"].isascii()


def test_every_error_has_a_number_of_its_own() -> None:
    assert len(set(FAULTS.values())) == len(FAULTS)
    # Section 5.1 of JSON-RPC 2.0: what is the protocol's own.
    assert all(not -32768 <= FAULTS[code] <= -32000 for code in OrderErrorCode)


@pytest.mark.parametrize("name", METHOD_OF.values())
def test_declared_errors_have_the_numbers_of_the_table(name: str) -> None:
    known = {code.value: number for code, number in FAULTS.items()}
    declared = CONTRACT.errors(name)
    assert declared.items() <= known.items()
    assert {"invalid-argument", "unavailable", "deadline-exceeded", "internal"} <= set(declared)
    assert {EdgeErrorCode.UNAUTHENTICATED, EdgeErrorCode.FORBIDDEN} <= set(declared)


def test_every_error_of_the_domain_is_declared_somewhere() -> None:
    declared = {code for name in METHOD_OF.values() for code in CONTRACT.errors(name)}
    assert {code.value for code in OrderErrorCode} <= declared


def test_the_notifications_are_those_of_the_code() -> None:
    assert set(CONTRACT.methods[MethodName.TRACK]["x-notifications"]) == set(NotificationName)


def test_examples_of_the_contract_are_as_its_schemas_want_them() -> None:
    examples = [
        (name, example)
        for name, method in CONTRACT.methods.items()
        for example in method.get("examples", [])
    ]
    assert examples
    for name, example in examples:
        params = {given["name"]: given["value"] for given in example["params"]}
        for param, value in params.items():
            assert CONTRACT.complaints(CONTRACT.params(name)[param]["schema"], value) == []
        operation = next(one for one, method in METHOD_OF.items() if method == name)
        messages.input_from_json(operation, params)
        wanted = CONTRACT.methods[name]["result"]["schema"]
        assert CONTRACT.complaints(wanted, example["result"]["value"]) == []


def _draft_7(node: Any) -> Any:
    """In draft-07 nothing may stand beside a `$ref`; Russian words are for forms only."""
    if isinstance(node, dict):
        if "$ref" in node:
            return {"$ref": node["$ref"]}
        return {name: _draft_7(child) for name, child in node.items() if name != "x-ru"}
    if isinstance(node, list):
        return [_draft_7(child) for child in node]
    return node
