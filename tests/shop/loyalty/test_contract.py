"""openrpc.json came first: the code is measured against it."""

from typing import Any

import pytest
from pydantic import BaseModel

from stend.chassis.access import OpenAccess
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode
from stend.shop.loyalty.api.jsonrpc import server, translate
from stend.shop.loyalty.api.jsonrpc.faults import FAULTS
from stend.shop.loyalty.api.jsonrpc.translate import MethodName
from stend.shop.loyalty.domain import (
    CUSTOMER_ID_PATTERN,
    OPERATION_ID_PATTERN,
    EntryKind,
    Level,
    LoyaltyErrorCode,
)
from stend.shop.loyalty.usecases import Loyalty, Operation
from tests.fakes.orders import HandClock
from tests.shop.openrpc.contracts import Contract

CONTRACT = Contract(server.contract())
METHODS = [name for name in CONTRACT.methods if name != MethodName.DISCOVER]
MODELS: dict[str, type[BaseModel]] = {
    MethodName.ACCRUE: translate.AccrueParams,
    MethodName.REVERSE: translate.ReverseParams,
    MethodName.BALANCE: translate.BalanceParams,
    MethodName.HISTORY: translate.HistoryParams,
    MethodName.DISCOVER: translate.DiscoverParams,
}


def test_the_contract_is_valid_by_the_meta_schema_of_openrpc() -> None:
    assert CONTRACT.problems() == []


def test_the_meta_schema_would_find_a_mistake() -> None:
    broken = Contract(server.contract())
    broken.document["methods"][0]["params"][2]["schema"] = {"type": "text"}
    del broken.document["methods"][1]["name"]
    assert len(broken.problems()) == 2


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    assert CONTRACT.dangling() == []


def test_the_methods_of_the_code_are_those_of_the_contract() -> None:
    class NoStore:
        """The table of methods is made without a look at it."""

    loyalty = Loyalty(NoStore(), HandClock())  # type: ignore[arg-type]
    methods = server.methods_of(loyalty.on_behalf_of, Intake("loyalty", "jsonrpc", OpenAccess(), 1))
    assert list(methods) == list(CONTRACT.methods)
    operations = [CONTRACT.methods[name]["x-operation"] for name in METHODS]
    assert sorted(operations) == sorted(Operation)


@pytest.mark.parametrize("name", CONTRACT.methods)
def test_parameters_of_code_and_contract_are_equal(name: str) -> None:
    declared, model = CONTRACT.params(name), MODELS[name]
    schema = model.model_json_schema()
    assert CONTRACT.methods[name]["paramStructure"] == "by-name"
    assert list(declared) == list(model.model_fields)
    required = [param for param, facts in declared.items() if facts["required"]]
    assert required == schema.get("required", [])
    told = ("type", "pattern", "minimum", "maximum", "default")
    for param, facts in declared.items():
        own: dict[str, Any] = schema["properties"][param]
        assert {key: facts["schema"].get(key) for key in told} == {
            key: own.get(key) for key in told
        }


@pytest.mark.parametrize("name", CONTRACT.methods)
def test_every_text_of_the_contract_is_in_both_languages(name: str) -> None:
    method = CONTRACT.methods[name]
    for described in (method, *CONTRACT.params(name).values()):
        assert described["summary"].isascii()
        assert not described["x-ru"].isascii()


def test_closed_sets_and_patterns_are_equal() -> None:
    schemas = CONTRACT.schemas
    assert schemas["Level"]["enum"] == [level.value for level in Level]
    assert schemas["EntryKind"]["enum"] == [kind.value for kind in EntryKind]
    assert schemas["CustomerId"]["pattern"] == CUSTOMER_ID_PATTERN
    assert schemas["OperationId"]["pattern"] == OPERATION_ID_PATTERN


def test_every_error_has_a_number_and_no_number_stands_for_two() -> None:
    assert set(FAULTS) == {*EdgeErrorCode, *LoyaltyErrorCode}
    assert len(set(FAULTS.values())) == len(FAULTS)
    # Section 5.1 of JSON-RPC 2.0: what is the protocol's own.
    assert all(not -32768 <= FAULTS[code] <= -32000 for code in LoyaltyErrorCode)


@pytest.mark.parametrize("name", METHODS)
def test_declared_errors_have_the_numbers_of_the_table(name: str) -> None:
    known = {code.value: number for code, number in FAULTS.items()}
    declared = CONTRACT.errors(name)
    assert declared.items() <= known.items()
    # What any method may meet, whatever it does.
    expected = {"invalid-argument", "unauthenticated", "forbidden", "unavailable"}
    assert expected | {"deadline-exceeded", "internal"} <= set(declared)


def test_every_error_of_the_domain_is_declared_somewhere() -> None:
    declared = {code for name in METHODS for code in CONTRACT.errors(name)}
    assert {code.value for code in LoyaltyErrorCode} <= declared


def test_examples_of_the_contract_are_as_its_schemas_want_them() -> None:
    for name in METHODS:
        method = CONTRACT.methods[name]
        for example in method.get("examples", []):
            for given in example["params"]:
                schema = CONTRACT.params(name)[given["name"]]["schema"]
                assert CONTRACT.complaints(schema, given["value"]) == []
            wanted = method["result"]["schema"]
            assert CONTRACT.complaints(wanted, example["result"]["value"]) == []
