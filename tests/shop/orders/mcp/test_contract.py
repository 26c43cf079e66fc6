"""mcp.json came first: the code is measured against it."""

import json
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft202012Validator, meta
from mcp.types import Tool
from pydantic import BaseModel

from stend.chassis.access import OpenAccess
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api import messages
from stend.shop.orders.api.mcp import server, translate
from stend.shop.orders.api.mcp.faults import FAULTS
from stend.shop.orders.api.mcp.translate import OPERATION_OF, ToolName
from stend.shop.orders.api.rest.server import contract as openapi
from stend.shop.orders.domain import OrderErrorCode
from stend.shop.orders.usecases import Operation
from tests.fakes.orders import memory_shop

DOCUMENT: dict[str, Any] = json.loads(server.contract())
TOOLS: dict[str, Any] = {
    str(tool["name"]): tool for tool in translate.contract_from(DOCUMENT).tools
}
OPENAPI: dict[str, Any] = yaml.safe_load(openapi())["components"]["schemas"]
MODELS: dict[str, type[BaseModel]] = {
    ToolName.PLACE_ORDER: messages._PlaceOrderParams,
    ToolName.GET_ORDER: messages._GetOrderParams,
    ToolName.LIST_ORDERS: messages._ListOrdersParams,
    ToolName.CANCEL_ORDER: messages._CancelOrderParams,
}


def test_the_tools_of_the_code_are_those_of_the_contract() -> None:
    tools = server.tools_of(
        memory_shop().orders.on_behalf_of, Intake("orders", "mcp", OpenAccess(), 1)
    )
    assert list(tools) == list(TOOLS) == list(ToolName)


def test_every_operation_but_the_stream_is_a_tool() -> None:
    assert set(OPERATION_OF.values()) == set(Operation) - {Operation.TRACK_ORDER}


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_is_as_the_sdk_wants_it(name: str) -> None:
    tool = Tool.model_validate(TOOLS[name])
    assert tool.annotations is not None
    assert tool.annotations.read_only_hint == (name in {ToolName.GET_ORDER, ToolName.LIST_ORDERS})
    assert tool.annotations.destructive_hint == (name == ToolName.CANCEL_ORDER)


@pytest.mark.parametrize("name", TOOLS)
def test_each_schema_is_valid_and_whole_with_nothing_to_spare(name: str) -> None:
    for kind in ("inputSchema", "outputSchema"):
        schema = TOOLS[name][kind]
        assert meta.is_valid(schema)
        assert schema["type"] == "object"
        used = {one.removeprefix("#/$defs/") for one in _references(schema)}
        assert used == set(schema.get("$defs", {}))


def test_every_shared_schema_is_used() -> None:
    used = {
        name
        for tool in TOOLS.values()
        for kind in ("inputSchema", "outputSchema")
        for name in tool[kind].get("$defs", {})
    }
    assert used == set(DOCUMENT["$defs"])


@pytest.mark.parametrize("name", TOOLS)
def test_arguments_of_code_and_contract_are_equal(name: str) -> None:
    schema, fields = TOOLS[name]["inputSchema"], MODELS[name].model_fields
    assert list(schema["properties"]) == list(fields)
    required = [field for field, facts in fields.items() if facts.is_required()]
    assert set(schema.get("required", [])) == set(required)
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("name", ["Order", "OrderLine", "Address", "Slot", "Money", "OrderStatus"])
def test_schemas_are_those_of_rest(name: str) -> None:
    assert DOCUMENT["$defs"][name] == _with_defs(OPENAPI[name])


@pytest.mark.parametrize("name", TOOLS)
def test_the_examples_in_the_input_schema_make_a_valid_call(name: str) -> None:
    schema = TOOLS[name]["inputSchema"]
    validator = Draft202012Validator(schema)
    arguments = {
        "customer_id": "cus_0042",
        "lines": DOCUMENT["tools"][0]["inputSchema"]["properties"]["lines"]["examples"][0],
        "address": {"city": "Москва", "street": "Лесная улица", "house": "7"},
        "idempotency_key": "cart-2026-11-23-0001",
        "order_id": "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV",
    }
    given = {one: arguments[one] for one in schema["properties"] if one in arguments}
    assert validator.is_valid(given)
    messages.input_from_json(OPERATION_OF[ToolName(name)], given)
    assert not validator.is_valid({**given, "more": 1})


def test_a_result_with_is_error_is_what_a_model_can_do_something_about() -> None:
    told_by_protocol = {code for code, fault in FAULTS.items() if not fault.in_result}
    assert told_by_protocol == {
        EdgeErrorCode.MALFORMED_MESSAGE,
        EdgeErrorCode.MESSAGE_TOO_LARGE,
        EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
        EdgeErrorCode.NO_SUCH_OPERATION,
        EdgeErrorCode.METHOD_NOT_ALLOWED,
        EdgeErrorCode.UNAUTHENTICATED,
        EdgeErrorCode.FORBIDDEN,
    }
    assert all(FAULTS[code].in_result for code in OrderErrorCode)
    assert all(FAULTS[code].status >= 400 for code in told_by_protocol)


def _with_defs(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            name: child.replace("#/components/schemas/", "#/$defs/")
            if name == "$ref"
            else _with_defs(child)
            for name, child in node.items()
            if name != "x-ru"
        }
    if isinstance(node, list):
        return [_with_defs(child) for child in node]
    return node


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [pointer for child in node.values() for pointer in _references(child)]
    if isinstance(node, list):
        return [pointer for child in node for pointer in _references(child)]
    return []
