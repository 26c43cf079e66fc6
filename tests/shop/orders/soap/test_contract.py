"""orders.wsdl and orders.xsd: what stock tools read, and what the code says, are the same."""

import re
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
import xmlschema
import zeep
from hypothesis import given, settings
from lxml import etree
from zeep.helpers import serialize_object

from stend.chassis.soap.contract import Contract
from stend.chassis.soap.envelope import SoapVersion
from stend.chassis.soap.members import Shape
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject
from stend.shop.orders.api import messages
from stend.shop.orders.api.soap import translate
from stend.shop.orders.api.soap.server import contract as orders_contract
from stend.shop.orders.domain import OrderEventType, OrderStatus
from stend.shop.orders.usecases import (
    PAGE_LIMIT_MAX,
    Operation,
    OperationInput,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)
from tests.shop.orders.strategies import operations
from tests.shop.orders.test_translate import events, orders

FOLDER = files("stend.shop.orders.api.soap").joinpath("contract")
NS = translate.NAMESPACE
XS = "{http://www.w3.org/2001/XMLSchema}"
# XML has no character of these (XML 1.0, section 2.2).
NOT_OF_XML = re.compile("[\ufffe\uffff]")


@cache
def contract() -> Contract:
    return orders_contract()


@cache
def schema() -> xmlschema.XMLSchema:
    """The same schema, read by a validator that nobody here uses."""
    return xmlschema.XMLSchema(str(FOLDER.joinpath("orders.xsd")))


@cache
def client() -> Any:
    return zeep.Client(str(FOLDER.joinpath("orders.wsdl")))


def declared(name: str, facet: str = "enumeration") -> list[str]:
    root = etree.fromstring(FOLDER.joinpath("orders.xsd").read_bytes())
    found = root.find(f"{XS}simpleType[@name='{name}']")
    assert found is not None
    return [one.get("value", "") for one in found.iter(f"{XS}{facet}")]


# ---- the files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values"), [("OrderStatus", OrderStatus), ("OrderEventType", OrderEventType)]
)
def test_closed_sets_are_those_of_the_domain(name: str, values: Iterable[StrEnum]) -> None:
    assert declared(name) == [value.value for value in values]


def test_bounds_are_those_of_the_use_cases() -> None:
    assert declared("Limit", "maxInclusive") == [str(PAGE_LIMIT_MAX)]


def test_both_bindings_have_every_operation_with_the_same_action() -> None:
    ports = client().wsdl.services["OrdersService"].ports
    assert set(ports) == {"OrdersSoap11", "OrdersSoap12"}
    wanted = {one.name: one.action for one in contract().operations.values()}
    names = {*Operation} - {Operation.TRACK_ORDER} | {"GetOrderEvents"}
    assert set(wanted) == names
    for port in ports.values():
        bound = port.binding._operations
        assert {name: one.soapaction for name, one in bound.items()} == wanted


def test_every_message_of_the_wsdl_is_an_element_of_the_schema() -> None:
    known = set(schema().elements)
    for operation in contract().operations.values():
        for name in (operation.element, operation.answer, f"{{{NS}}}error"):
            assert etree.QName(name).localname in known


# ---- what clients send and servers answer ------------------------------------------------------


def is_of_xml(members: JsonObject) -> bool:
    return not NOT_OF_XML.search(messages.dump(members).decode())


# A slot of a few hours may also begin just before the years of the contract, or end after them.
orders_of_xml = orders.filter(
    lambda order: (
        is_of_xml(messages.order_to_json(order)) and 2000 <= order.slot.ends_at.year <= 2199
    )
)


@settings(max_examples=40, deadline=None)
@given(operations.filter(lambda one: is_of_xml(messages.input_to_json(one))))
def test_what_zeep_sends_is_what_the_server_reads(request: OperationInput) -> None:
    name = translate.operation_of(request)
    service = client().bind("OrdersService", "OrdersSoap12")
    sent = client().create_message(service, name, **translate.arguments_of(request))
    payload = etree.fromstring(etree.tostring(sent))[0][0]
    contract().check(payload)
    if isinstance(request, TrackOrder):
        assert translate.events_request_from(payload).track == request
    else:
        assert translate.input_from(Operation(name), payload) == request


@settings(max_examples=25, deadline=None)
@given(orders_of_xml)
def test_what_the_server_answers_is_what_zeep_reads(order: Any) -> None:
    for operation, result, read in (
        (Operation.GET_ORDER, order, translate.order_from),
        (Operation.PLACE_ORDER, PlacedOrder(order, replayed=True), translate.placed_from),
        (Operation.LIST_ORDERS, OrderPage((order, order), None), translate.page_from),
        (Operation.LIST_ORDERS, OrderPage((order,), "A" * 22), translate.page_from),
    ):
        markup = translate.result_to(operation, result)
        assert read(_as_zeep_reads(operation, markup)) == result


@settings(max_examples=30, deadline=None)
@given(events.filter(lambda event: is_of_xml(messages.event_to_json(event))))
def test_events_come_back(event: Any) -> None:
    for batch in (
        translate.EventBatch((event, event), final=True),
        translate.EventBatch((), final=False),
    ):
        value = _as_zeep_reads("GetOrderEvents", translate.events_to(batch))
        assert translate.events_from(value) == batch


@settings(max_examples=20, deadline=None)
@given(orders_of_xml)
def test_two_validators_find_every_answer_right(order: Any) -> None:
    answer = etree.fromstring(translate.result_to(Operation.GET_ORDER, order))
    contract().check(answer)
    schema().validate(answer)


WRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("GetOrder", {"order_id": "ord_1"}),
    ("GetOrder", {}),
    ("GetOrder", {"order_id": "ord_01M8EPWEKBB7XAWA4BKGEQX0VF", "more": "x"}),
    ("ListOrders", {"limit": "0"}),
    ("ListOrders", {"limit": "101"}),
    ("ListOrders", {"limit": "1.0"}),
    ("ListOrders", {"status": "lost"}),
    ("ListOrders", {"cursor": "x"}),
    ("GetOrderEvents", {"order_id": "ord_01M8EPWEKBB7XAWA4BKGEQX0VF", "wait_s": "21"}),
    ("GetOrderEvents", {"order_id": "ord_01M8EPWEKBB7XAWA4BKGEQX0VF", "after_version": "-1"}),
    ("CancelOrder", {"order_id": "ord_01M8EPWEKBB7XAWA4BKGEQX0VF", "reason": ""}),
    ("CancelOrder", {"order_id": "ord_01M8EPWEKBB7XAWA4BKGEQX0VF", "reason": "a\tb"}),
    ("CancelOrder", {"order_id": "ord_01M8EPWEKBB7XAWA4BKGEQX0VF", "expected_version": "0"}),
    ("Nothing", {}),
)


@pytest.mark.parametrize(("name", "members"), WRONG)
def test_two_validators_find_the_same_messages_wrong(name: str, members: dict[str, Any]) -> None:
    message = etree.fromstring(Shape(NS, {}).markup(name, members))
    assert not schema().is_valid(message)
    with pytest.raises(StendError) as caught:
        contract().check(message)
    assert caught.value.code is EdgeErrorCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-24",
        "2026-11-24T10:00:00",
        "1999-11-24T10:00:00Z",
        "2200-11-24T10:00:00Z",
        "2026-13-24T10:00:00Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24t10:00:00Z",
        "1763978400",
    ],
)
def test_a_moment_is_one_of_this_era_with_its_offset(moment: str) -> None:
    request = _a_message_with_slot(moment)
    with pytest.raises(StendError) as caught:
        _read(request)
    assert caught.value.code is EdgeErrorCode.INVALID_ARGUMENT


def test_white_space_around_values_says_nothing() -> None:
    request = _a_message_with_slot("\n2026-11-24T10:00:00+03:00 ", quantity=" 2\n")
    read = _read(request)
    assert isinstance(read, PlaceOrder)
    assert read.slot is not None
    assert read.slot.starts_at.utcoffset() == timedelta(hours=3)
    assert read.lines[0].quantity == 2


def _read(request: etree._Element) -> OperationInput:
    contract().check(request)
    return translate.input_from(Operation.PLACE_ORDER, request)


def _a_message_with_slot(moment: str, quantity: str = "1") -> etree._Element:
    return etree.fromstring(
        f'<PlaceOrder xmlns="{NS}"><customer_id>cus_1</customer_id>'
        f"<lines><line><sku>MILK-001</sku><quantity>{quantity}</quantity></line></lines>"
        "<address><city>М</city><street>Л</street><house>7</house></address>"
        f"<slot><starts_at>{moment}</starts_at><ends_at>2026-11-24T11:00:00Z</ends_at></slot>"
        "<idempotency_key>12345678</idempotency_key></PlaceOrder>"
    )


def _as_zeep_reads(name: str, markup: str) -> Any:
    binding = client().wsdl.services["OrdersService"].ports["OrdersSoap11"].binding
    uri = SoapVersion.SOAP_11.namespace
    text = f'<s:Envelope xmlns:s="{uri}"><s:Body>{markup}</s:Body></s:Envelope>'
    value = binding.get(name).process_reply(etree.fromstring(text))
    return serialize_object(value, dict)
