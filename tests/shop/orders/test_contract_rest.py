"""openapi.yaml came first: the code is measured against it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from schemathesis.specs.openapi.definitions import OPENAPI_31, OPENAPI_31_VALIDATOR

from stend.chassis.access import OpenAccess
from stend.chassis.event_stream import StreamLimits
from stend.chassis.intake import Intake
from stend.shop.orders.api import messages, reconciliations
from stend.shop.orders.api.limits import RestLimits
from stend.shop.orders.api.rest import faults, translate
from stend.shop.orders.api.rest.server import contract, create_app
from stend.shop.orders.domain import (
    MAX_LINES,
    MAX_QUANTITY,
    ORDER_ID_PATTERN,
    SKU_PATTERN,
    OrderErrorCode,
    OrderEventType,
    OrderStatus,
)
from stend.shop.orders.reconciliation.runs import RunState
from stend.shop.orders.reconciliation.sides import FindingKind
from stend.shop.orders.usecases import PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, Operation
from tests.fakes.orders import memory_shop
from tests.fakes.reconciliation import memory_reconciliations

OPENAPI: dict[str, Any] = yaml.safe_load(contract())
SCHEMAS: dict[str, Any] = OPENAPI["components"]["schemas"]
PARAMETERS: dict[str, Any] = OPENAPI["components"]["parameters"]
_METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): spec
        for path, item in OPENAPI["paths"].items()
        for method, spec in item.items()
        if method in _METHODS
    }


def test_the_contract_is_a_valid_openapi_3_1_document() -> None:
    assert OPENAPI["openapi"].startswith("3.1.")
    assert "https://spec.openapis.org/oas/3.1/" in str(OPENAPI_31["$id"])
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(OPENAPI)] == []


def test_every_reference_of_the_contract_leads_somewhere() -> None:
    for pointer in _references(OPENAPI):
        node: Any = OPENAPI
        for name in pointer.removeprefix("#/").split("/"):
            node = node[name]


def test_every_component_is_used() -> None:
    used = set(_references(OPENAPI))
    kinds = ("schemas", "parameters", "responses", "headers")
    defined = {
        f"#/components/{kind}/{name}" for kind in kinds for name in OPENAPI["components"][kind]
    }
    assert defined == used


def test_the_routes_of_the_app_are_the_operations_of_the_contract() -> None:
    limits = RestLimits(deadline_s=1, body_limit_bytes=1, stream=StreamLimits(1, 1))
    intake = Intake("orders", "rest", OpenAccess(), 1)
    guarded = create_app(
        memory_shop().orders.on_behalf_of, memory_reconciliations().on_behalf_of, limits, intake
    )
    app = guarded._app  # type: ignore[attr-defined] # inside the guard
    assert isinstance(app, FastAPI)
    routes = {
        (method, route.path)
        for route in app.router.routes
        if isinstance(route, APIRoute) and route.path.startswith("/api/")
        for method in route.methods or ()
    }
    assert routes == set(operations())


def test_every_operation_of_the_shop_is_in_the_contract_once() -> None:
    ids = [spec["operationId"] for spec in operations().values() if spec["tags"] == ["orders"]]
    assert sorted(ids) == sorted(Operation)


def test_the_reconciliation_is_in_this_contract_only() -> None:
    ids = {
        spec["operationId"] for spec in operations().values() if spec["tags"] == ["reconciliation"]
    }
    assert ids == {"RequestReconciliation", "ListReconciliations", "GetReconciliation"}


@pytest.mark.parametrize(("place", "spec"), operations().items(), ids=lambda x: str(x)[:40])
def test_every_error_status_that_the_service_can_answer_is_declared(
    place: tuple[str, str], spec: dict[str, Any]
) -> None:
    declared = {int(status) for status in spec["responses"]}
    # What any operation may meet, whatever it does.
    assert declared >= {422, 500, 503, 504}
    if "requestBody" in spec:
        assert declared >= {400, 413, 415}
    if "{order_id}" in place[1]:
        assert 404 in declared


def test_every_declared_error_is_one_of_the_table() -> None:
    known = {kind.status for kind in faults.FAULTS.values()}
    declared = {int(status) for spec in operations().values() for status in spec["responses"]}
    assert {status for status in declared if status >= 400} <= known
    assert {faults.FAULTS[code].status for code in OrderErrorCode} <= declared


def schema_of(kind: Any) -> dict[str, Any]:
    schema: dict[str, Any] = TypeAdapter(kind).json_schema()
    return schema


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        (messages.OrderId, SCHEMAS["OrderId"]),
        (reconciliations.RunId, SCHEMAS["ReconciliationId"]),
        (messages.CustomerId, SCHEMAS["CustomerId"]),
        (messages.Cursor, SCHEMAS["Cursor"]),
        (messages.ShortText, SCHEMAS["ShortText"]),
        (messages.TinyText, SCHEMAS["Address"]["properties"]["house"]),
        (messages.TinyText, SCHEMAS["Address"]["properties"]["flat"]),
        (messages.LongText, SCHEMAS["Address"]["properties"]["comment"]),
        (messages.LongText, SCHEMAS["CancelOrderRequest"]["properties"]["reason"]),
        (messages.IdempotencyKey, PARAMETERS["IdempotencyKey"]["schema"]),
    ],
)
def test_patterns_of_code_and_contract_are_equal(kind: Any, declared: dict[str, Any]) -> None:
    assert schema_of(kind)["pattern"] == declared["pattern"]


def test_patterns_of_the_domain_and_the_contract_are_equal() -> None:
    assert SCHEMAS["OrderId"]["pattern"] == ORDER_ID_PATTERN
    assert SCHEMAS["Sku"]["pattern"] == SKU_PATTERN


def test_if_match_is_a_star_or_an_etag() -> None:
    star, etag = PARAMETERS["IfMatch"]["schema"]["anyOf"]
    assert star == {"const": "*"}
    assert etag["pattern"] == OPENAPI["components"]["headers"]["ETag"]["schema"]["pattern"]
    assert schema_of(translate.IfMatch)["pattern"] == rf"^(\*|{etag['pattern'].strip('^$')})$"


def test_bounds_of_code_and_contract_are_equal() -> None:
    query = {
        parameter["name"]: parameter["schema"]
        for parameter in OPENAPI["paths"]["/api/v1/orders"]["get"]["parameters"]
    }
    assert query["limit"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": PAGE_LIMIT_MAX,
        "default": PAGE_LIMIT_DEFAULT,
    }
    assert schema_of(messages.Limit) == {
        "type": "integer",
        "minimum": 1,
        "maximum": PAGE_LIMIT_MAX,
    }
    events = OPENAPI["paths"]["/api/v1/orders/{order_id}/events"]["get"]["parameters"]
    assert schema_of(messages.EventId) == {
        name: events[1]["schema"][name] for name in ("type", "minimum", "maximum")
    }
    cart = SCHEMAS["PlaceOrderRequest"]["properties"]["lines"]
    assert (cart["minItems"], cart["maxItems"]) == (1, MAX_LINES)
    quantity = SCHEMAS["CartLine"]["properties"]["quantity"]
    assert (quantity["minimum"], quantity["maximum"]) == (1, MAX_QUANTITY)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("OrderStatus", OrderStatus),
        ("OrderEventType", OrderEventType),
        ("FindingKind", FindingKind),
        ("ReconciliationState", RunState),
    ],
)
def test_closed_sets_are_equal(name: str, values: type[StrEnum]) -> None:
    assert SCHEMAS[name]["enum"] == [value.value for value in values]


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("PlaceOrderRequest", messages.PlaceOrderBody),
        ("CartLine", messages._CartLine),
        ("Address", messages._Address),
        ("Slot", messages._Slot),
        ("CancelOrderRequest", messages.CancelOrderBody),
    ],
)
def test_the_members_of_a_message_are_those_of_the_contract(
    name: str, model: type[BaseModel]
) -> None:
    declared: Mapping[str, Any] = SCHEMAS[name]
    assert list(declared["properties"]) == list(model.model_fields)
    required = [field for field, facts in model.model_fields.items() if facts.is_required()]
    assert declared.get("required", []) == required
    assert declared["additionalProperties"] is False
    assert model.model_config["extra"] == "forbid"


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [pointer for child in node.values() for pointer in _references(child)]
    if isinstance(node, list):
        return [pointer for child in node for pointer in _references(child)]
    return []
