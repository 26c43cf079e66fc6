"""Events as the service orders publishes them, and the records that carry them."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from stend.kit.clock import rfc3339
from stend.shop.analytics.domain import OrderFact, Partition, Record, RejectedRecord
from stend.shop.analytics.ports import Batch
from stend.shop.analytics.stores.manifest import read_manifest
from stend.shop.analytics.workers.records import fact_or_rejection

TOPIC = "orders.events"
PARTITIONS = 3
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
_STATUS_OF = {
    "OrderPlaced": "placed",
    "OrderReserved": "reserved",
    "OrderPaid": "paid",
    "PickingStarted": "picking",
    "OrderDispatched": "on_the_way",
    "OrderDelivered": "delivered",
    "OrderCancelled": "cancelled",
    "OrderFailed": "failed",
}


class FixedClock:
    def __init__(self, now: datetime = NOON) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def pass_time(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def rub(amount_minor: int) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": "RUB"}


def event(
    order_id: str, version: int, kind: str, at: datetime = NOON, **more: Any
) -> dict[str, Any]:
    members = {
        "order_id": order_id,
        "customer_id": "cus_1",
        "version": version,
        "type": kind,
        "status": _STATUS_OF.get(kind, "placed"),
        "occurred_at": rfc3339(at),
    }
    if kind == "OrderPlaced":
        members["lines"] = [{"sku": "MILK-001", "quantity": 2, "unit_price": rub(8990)}]
        members["total"] = rub(17980)
    return {**members, **more}


def headers_of(members: Mapping[str, Any]) -> tuple[tuple[str, bytes | None], ...]:
    event_id = f"{members['order_id']}:{members['version']}"
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_source", b"/orders"),
        ("ce_type", str(members["type"]).encode()),
        ("ce_time", str(members["occurred_at"]).encode()),
        ("content-type", b"application/json"),
    )


def record(members: Mapping[str, Any], offset: int = 0, partition: int = 0) -> Record:
    return Record(
        Partition(TOPIC, partition),
        offset,
        str(members["order_id"]).encode(),
        json.dumps(members, ensure_ascii=False).encode(),
        headers_of(members),
    )


def batch_of(records: Iterable[Record]) -> Batch:
    facts: list[OrderFact] = []
    rejected: list[RejectedRecord] = []
    positions: dict[Partition, int] = {}
    for one in records:
        read = fact_or_rejection(one)
        if isinstance(read, OrderFact):
            facts.append(read)
        else:
            rejected.append(read)
        positions[one.partition] = max(one.offset + 1, positions.get(one.partition, 0))
    return Batch(facts, rejected, positions)


def rows_of(folder: Any, table: str = "order_events", columns: str = "*") -> list[tuple[Any, ...]]:
    """What the files that the manifest names hold, in the order of Kafka."""
    files = [str(folder / one.path) for one in read_manifest(folder).files if one.table == table]
    if not files:
        return []
    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT {columns} FROM read_parquet($files, union_by_name = true)"  # noqa: S608
            " ORDER BY kafka_topic, kafka_partition, kafka_offset",
            {"files": files},
        ).fetchall()


def places_of(folder: Any, table: str = "order_events") -> list[tuple[int, int]]:
    return rows_of(folder, table, "kafka_partition, kafka_offset")
