"""The server keeps to schema.graphql, and tools that nobody here wrote can read it."""

import re
from typing import Any

import pytest
import strawberry
from graphql import (
    build_client_schema,
    build_schema,
    get_introspection_query,
    introspection_from_schema,
    lexicographic_sort_schema,
    parse,
    print_schema,
    validate,
)

from stend.kit.errors import EdgeErrorCode, StendError, Violation
from stend.kit.money import Money
from stend.shop.orders.api.graphql import stubs, translate
from stend.shop.orders.api.graphql.faults import FAULTS, OrderFaults
from stend.shop.orders.api.graphql.server import contract, make_schema
from stend.shop.orders.domain import OrderErrorCode
from tests.shop.orders.graphql.conftest import Desk

CONTRACT = build_schema(contract())


def normal(text: str) -> str:
    return print_schema(lexicographic_sort_schema(build_schema(text)))


def test_the_served_schema_is_the_contract_with_all_its_words() -> None:
    assert normal(make_schema().as_str()) == normal(contract())


@pytest.mark.asyncio(loop_scope="module")
async def test_an_introspection_client_builds_the_contract_from_the_server(desk: Desk) -> None:
    query = get_introspection_query(specified_by_url=True, input_value_deprecation=True)
    response = await desk.http.post("/graphql", json={"query": query})
    read = build_client_schema(response.json()["data"])
    assert print_schema(lexicographic_sort_schema(read)) == normal(contract())


@pytest.mark.parametrize(
    "document",
    [
        stubs.GET_ORDER,
        stubs.LIST_ORDERS,
        stubs.PLACE_ORDER,
        stubs.CANCEL_ORDER,
        stubs.TRACK_ORDER,
    ],
)
def test_what_the_client_sends_is_valid(document: str) -> None:
    assert validate(CONTRACT, parse(document)) == []


def test_the_client_asks_for_every_field_of_an_order() -> None:
    asked = set(re.findall(r"\w+", stubs.ORDER_FIELDS))
    described: Any = introspection_from_schema(CONTRACT)["__schema"]["types"]
    for kind in described:
        if kind["name"] in {"Order", "OrderLine", "Money", "Address", "Slot"}:
            names = {field["name"] for field in kind["fields"]}
            # A line's product is no field of the order; totals are the client's own sums.
            assert names - asked <= {"product", "total"}


# ---- money -------------------------------------------------------------------------------------


@strawberry.type
class _Purse:
    @strawberry.field
    def money(self, amount: translate.MinorUnits) -> translate.Money:
        return translate._money(Money(amount * 2))


PURSE = strawberry.Schema(_Purse, config=translate.config())


def doubled(amount: Any) -> Any:
    query = "query($a: MinorUnits!) { money(amount: $a) { amountMinor } }"
    return PURSE.execute_sync(query, {"a": amount})


def test_amounts_beyond_32_bits_are_told_exactly() -> None:
    result = doubled(2**51 + 1)
    assert (result.errors, result.data) == (None, {"money": {"amountMinor": 2**52 + 2}})


@pytest.mark.parametrize("amount", [2**53, -(2**53), 2**52])
def test_amounts_that_a_json_number_cannot_hold_are_refused(amount: int) -> None:
    result = doubled(amount)
    assert result.data is None
    assert "MinorUnits is an integer of at most 53 bits" in result.errors[0].message


# ---- errors ------------------------------------------------------------------------------------


def test_every_error_has_its_status() -> None:
    assert set(FAULTS) == {*EdgeErrorCode, *OrderErrorCode}
    assert all(400 <= status <= 599 for status in FAULTS.values())


def test_an_error_tells_code_value_expectation_and_broken_fields() -> None:
    error = StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        "No.",
        value="x",
        expected="y",
        next_step="Do z.",
        violations=(Violation("/orderId", "an id"),),
    )
    assert OrderFaults().extensions_of(error) == {
        "code": "invalid-argument",
        "detail": "No. Got: x. Expected: y. Do z.",
        "value": "x",
        "expected": "y",
        "next_step": "Do z.",
        "violations": [{"where": "/orderId", "rule": "an id"}],
    }
