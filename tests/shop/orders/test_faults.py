"""Every error has its answer in every protocol. A protocol is a folder below api/."""

from collections.abc import Mapping
from enum import StrEnum
from importlib import import_module
from itertools import product
from pathlib import Path
from types import ModuleType

import pytest
from google.rpc import code_pb2, error_details_pb2

from stend.chassis import rich_errors
from stend.chassis.http import problem_headers
from stend.kit.errors import EdgeErrorCode, StendError, Violation, error_to_json, unavailable
from stend.kit.problems import problem_to_json
from stend.shop.orders import api
from stend.shop.orders.api.grpc import faults as grpc
from stend.shop.orders.api.rest import faults as rest
from stend.shop.orders.domain import OrderErrorCode

CODES: tuple[StrEnum, ...] = (*EdgeErrorCode, *OrderErrorCode)
PROTOCOLS = sorted(path.parent.name for path in Path(api.__path__[0]).glob("*/faults.py"))


def faults_of(protocol: str) -> ModuleType:
    return import_module(f"stend.shop.orders.api.{protocol}.faults")


def test_the_protocols_of_the_first_release_are_found() -> None:
    assert {"grpc", "rest"} <= set(PROTOCOLS)


@pytest.mark.parametrize(("protocol", "code"), [*product(PROTOCOLS, CODES)])
def test_every_error_has_an_answer_in_every_protocol(protocol: str, code: StrEnum) -> None:
    assert code in faults_of(protocol).FAULTS


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_answer_stands_for_an_error_that_does_not_exist(protocol: str) -> None:
    table: Mapping[StrEnum, object] = faults_of(protocol).FAULTS
    assert set(table) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_problem_carries_code_title_and_status(code: StrEnum) -> None:
    problem = problem_to_json(StendError(code, "What happened."), rest.FAULTS[code])
    assert problem == {
        "type": f"/errors/{code.value}",
        "title": rest.FAULTS[code].title,
        "status": rest.FAULTS[code].status,
        "detail": "What happened.",
        "code": code.value,
    }


@pytest.mark.parametrize("code", CODES)
def test_a_status_carries_an_error_info_whose_reason_leads_back_to_the_code(code: StrEnum) -> None:
    status = rich_errors.status_of(StendError(code, "What happened."), grpc.FAULTS)
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert (info.domain, rich_errors.code_of(info.reason)) == ("lavka", code)
    assert status.code != code_pb2.OK
    assert len(status.details) == 1


def test_broken_fields_are_named_in_the_words_of_each_protocol() -> None:
    violations = (Violation("/lines/0/sku", "a sku"), Violation("customer_id", "an id"))
    error = StendError(EdgeErrorCode.INVALID_ARGUMENT, "No.", violations=violations)
    assert error_to_json(error)["violations"] == [
        {"where": "/lines/0/sku", "rule": "a sku"},
        {"where": "customer_id", "rule": "an id"},
    ]
    request = error_details_pb2.BadRequest()
    assert rich_errors.status_of(error, grpc.FAULTS).details[1].Unpack(request)
    assert [one.field for one in request.field_violations] == ["lines.0.sku", "customer_id"]


def test_only_unavailable_says_when_to_come_back() -> None:
    assert problem_headers(unavailable("PostgreSQL", "gone")) == {"Retry-After": "1"}
    assert problem_headers(StendError(EdgeErrorCode.INTERNAL, "No.")) == {}


def test_the_error_tells_value_expectation_and_next_step() -> None:
    error = StendError(
        OrderErrorCode.ORDER_NOT_FOUND, "None.", value="x", expected="y", next_step="Do z."
    )
    problem = error_to_json(error)
    assert (problem["value"], problem["expected"], problem["next_step"]) == ("x", "y", "Do z.")
    assert problem["detail"] == "None. Got: x. Expected: y. Do z."
