"""Columns of the two tables of the warehouse, and how a fact becomes a row."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from stend.kit.json import JsonValue
from stend.shop.analytics.domain import OrderFact, RejectedRecord

_ItemT = TypeVar("_ItemT")
Cell = JsonValue | bytes | datetime


@dataclass(frozen=True, slots=True)
class Table(Generic[_ItemT]):
    """
    Attributes:
        name: folder of its files below the warehouse's.
        columns: name and DuckDB type. Only ever added to: a file that lacks a column has NULLs.
        cells: an item's values, in the order of the columns.
    """

    name: str
    columns: Mapping[str, str]
    cells: Callable[[_ItemT, datetime], Sequence[Cell]]


def _order_event(fact: OrderFact, read_at: datetime) -> Sequence[Cell]:
    # DuckDB binds a dictionary of Python as a struct.
    lines: list[JsonValue] = [
        {
            "sku": line.sku,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price.amount_minor,
        }
        for line in fact.lines
    ]
    return (
        fact.partition.topic,
        fact.partition.number,
        fact.offset,
        fact.event_id,
        fact.order_id,
        fact.version,
        fact.type.value,
        fact.status,
        fact.occurred_at,
        fact.reason,
        fact.customer_id,
        fact.store,
        lines or None,
        fact.total.amount_minor if fact.total else None,
        fact.total.currency.value if fact.total else None,
        fact.extra,
        read_at,
    )


def _rejected(rejected: RejectedRecord, read_at: datetime) -> Sequence[Cell]:
    record = rejected.record
    headers = [
        {
            "name": name,
            "value": None if value is None else value.decode("utf-8", "backslashreplace"),
        }
        for name, value in record.headers
    ]
    return (
        record.partition.topic,
        record.partition.number,
        record.offset,
        rejected.reason.value,
        rejected.detail,
        record.key,
        record.value,
        json.dumps(headers, ensure_ascii=False),
        read_at,
    )


_PLACE = {"kafka_topic": "VARCHAR", "kafka_partition": "INTEGER", "kafka_offset": "BIGINT"}

ORDER_EVENTS: Table[OrderFact] = Table(
    "order_events",
    {
        **_PLACE,
        "event_id": "VARCHAR",
        "order_id": "VARCHAR",
        "version": "INTEGER",
        "type": "VARCHAR",
        "status": "VARCHAR",
        "occurred_at": "TIMESTAMPTZ",
        "reason": "VARCHAR",
        "customer_id": "VARCHAR",
        "store": "VARCHAR",
        "lines": "STRUCT(sku VARCHAR, quantity INTEGER, unit_price_minor BIGINT)[]",
        "total_minor": "BIGINT",
        "currency": "VARCHAR",
        "extra": "VARCHAR",
        "read_at": "TIMESTAMPTZ",
    },
    _order_event,
)
REJECTED: Table[RejectedRecord] = Table(
    "rejected",
    {
        **_PLACE,
        "reason": "VARCHAR",
        "detail": "VARCHAR",
        "key": "BLOB",
        "value": "BLOB",
        "headers": "VARCHAR",
        "read_at": "TIMESTAMPTZ",
    },
    _rejected,
)
TABLES: tuple[str, ...] = (ORDER_EVENTS.name, REJECTED.name)
