"""Records become facts or rejections: nothing is dropped, nothing is guessed, nothing escapes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stend.kit.money import Money
from stend.shop.analytics.domain import (
    OrderEventType,
    OrderFact,
    Partition,
    Record,
    RejectedRecord,
    RejectionReason,
)
from stend.shop.analytics.stores.parquet import ParquetWriter
from stend.shop.analytics.stores.tables import ORDER_EVENTS, REJECTED
from stend.shop.analytics.workers.records import fact_or_rejection
from tests.shop.analytics.events import NOON, TOPIC, event, record, rub

PLACED = event("ord_1", 1, "OrderPlaced")
PAID = event("ord_1", 3, "OrderPaid")


def fact(one: Record) -> OrderFact:
    read = fact_or_rejection(one)
    assert isinstance(read, OrderFact), read
    return read


def rejection(one: Record) -> RejectedRecord:
    read = fact_or_rejection(one)
    assert isinstance(read, RejectedRecord), read
    assert read.record is one
    return read


def with_header(name: str, value: bytes | None) -> Record:
    good = record(PAID)
    others = tuple(header for header in good.headers if header[0] != name)
    return replace(good, headers=others if value is None else (*others, (name, value)))


@pytest.mark.parametrize("kind", OrderEventType)
def test_every_type_of_event_is_a_fact(kind: OrderEventType) -> None:
    read = fact(record(event("ord_1", 2, kind.value), 5, 1))
    assert (read.type, read.event_id, read.order_id, read.version) == (kind, "ord_1:2", "ord_1", 2)
    assert (read.partition, read.offset, read.occurred_at) == (Partition(TOPIC, 1), 5, NOON)


def test_only_the_placed_order_has_lines_and_a_total() -> None:
    assert fact(record(PLACED)).total == Money(17980)
    assert [line.sku for line in fact(record(PLACED)).lines] == ["MILK-001"]
    assert (fact(record(PAID)).lines, fact(record(PAID)).total) == ((), None)


def test_members_that_are_not_known_are_kept() -> None:
    read = fact(record(PAID | {"bank": {"auth": "7"}, "tags": ["а", None]}))
    assert json.loads(read.extra or "") == {"bank": {"auth": "7"}, "tags": ["а", None]}
    assert fact(record(PAID)).extra is None


@pytest.mark.parametrize(
    "value",
    [b"application/json", b"application/json; charset=utf-8", b"Application/JSON"],
)
def test_media_types_have_parameters_and_no_case(value: bytes) -> None:
    fact(with_header("content-type", value))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ce_id", None, "without ce_id"),
        ("ce_id", b"", "without ce_id"),
        ("ce_id", b"ord_1:4", "ce_id is ord_1:4, the event is ord_1:3"),
        ("ce_id", b"\xff", "ce_id is \\xff"),
        ("ce_source", None, "without ce_source"),
        ("ce_type", None, "without ce_type"),
        ("ce_specversion", b"0.3", "ce_specversion is b'0.3', expected 1.0"),
        ("content-type", None, "content-type is b''"),
        ("content-type", b"application/xml", "expected application/json"),
    ],
)
def test_headers_are_those_of_a_cloud_event(name: str, value: bytes | None, told: str) -> None:
    refused = rejection(with_header(name, value))
    assert refused.reason is RejectionReason.BAD_HEADERS
    assert told in refused.detail


@pytest.mark.parametrize(
    ("value", "reason", "told"),
    [
        (None, RejectionReason.NO_VALUE, "tombstone"),
        (b"", RejectionReason.NOT_JSON, "EOF"),
        (b"\xff\xfe", RejectionReason.NOT_JSON, "line 1"),
        (b'{"order_id": NaN}', RejectionReason.NOT_JSON, "line 1"),
        (b'{"order_id": "\\ud800"}', RejectionReason.NOT_JSON, "hex escape"),
        (b"[" * 10_000, RejectionReason.NOT_JSON, "recursion"),
        (b"[]", RejectionReason.BAD_EVENT, "dictionary"),
        (b"{}", RejectionReason.BAD_EVENT, "/order_id"),
    ],
)
def test_values_are_json_objects(value: bytes | None, reason: RejectionReason, told: str) -> None:
    refused = rejection(replace(record(PAID), value=value))
    assert refused.reason is reason
    assert told in refused.detail


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"order_id": ""}, "/order_id"),
        ({"version": 0}, "/version"),
        ({"version": "3"}, "/version"),
        ({"version": 2**31}, "/version"),
        ({"status": None}, "/status"),
        ({"occurred_at": 1_700_000_000}, "/occurred_at"),
        ({"occurred_at": "2026-11-27T12:00:00"}, "/occurred_at"),
        ({"occurred_at": "1999-11-27T12:00:00Z"}, "/occurred_at"),
        ({"occurred_at": "2026-13-27T12:00:00Z"}, "/occurred_at"),
        ({"store": 7}, "/store"),
        ({"customer_id": None}, "/customer_id"),
        ({"lines": []}, "/lines"),
        ({"lines": [{"sku": "A", "quantity": 0, "unit_price": rub(1)}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "A", "quantity": True, "unit_price": rub(1)}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "A", "quantity": 1, "unit_price": 1}]}, "/lines/0/unit_price"),
        ({"total": rub(-1)}, "/total/amount_minor"),
        ({"total": {"amount_minor": 1, "currency": "XXX"}}, "/total/currency"),
        ({"total": None}, "/total"),
    ],
)
def test_a_member_that_breaks_its_rule_is_named(changes: dict[str, Any], place: str) -> None:
    good = record(PLACED)
    refused = rejection(replace(good, value=json.dumps(PLACED | changes).encode()))
    assert refused.reason is RejectionReason.BAD_EVENT
    assert refused.detail.startswith(place + ":")


def test_unknown_types_and_topics_are_told() -> None:
    unknown = rejection(record(event("ord_1", 3, "OrderPraised")))
    assert (unknown.reason, unknown.detail) == (
        RejectionReason.UNKNOWN_TYPE,
        "no type OrderPraised is known",
    )
    other = rejection(replace(record(PAID), partition=Partition("delivery.events", 0)))
    assert other.reason is RejectionReason.UNKNOWN_TOPIC


# ---- whatever comes --------------------------------------------------------------------------

_TEXT = st.text(max_size=20)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "order_id": _TEXT | _JSON,
        "status": _TEXT,
        "reason": _TEXT | _JSON,
        "store": _TEXT,
        "customer_id": _TEXT,
        "total": st.fixed_dictionaries({"amount_minor": st.integers(), "currency": st.just("RUB")}),
        "more": _JSON,
    },
)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """From noise to events that are nearly right."""
    members = PLACED | draw(_MEMBERS)
    value = draw(st.just(json.dumps(members).encode()) | st.none() | st.binary(max_size=30))
    good = record(members)
    noise = st.tuples(_TEXT, st.none() | st.binary(max_size=10))
    headers = (*good.headers, *draw(st.lists(noise, max_size=2)))
    return replace(good, value=value, key=draw(st.none() | st.binary(max_size=5)), headers=headers)


_WRITER = ParquetWriter()


@settings(deadline=None, max_examples=60)
@given(one=records())
def test_whatever_comes_is_written_as_a_fact_or_beside_them(
    one: Record, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "any.parquet"
    read = fact_or_rejection(one)
    if isinstance(read, OrderFact):
        _WRITER.write(path, ORDER_EVENTS, [read], NOON)
    else:
        _WRITER.write(path, REJECTED, [read], NOON)
