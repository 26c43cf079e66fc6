"""The three marts as expressions of Ibis over the table `order_events`.

They name no engine: compiled for DuckDB they run here, and the same expressions run on Spark or
ClickHouse. Each copy of an event counts once, whichever way it came into the warehouse twice.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from stend.shop.analytics.domain import UNKNOWN_STORE, MartName, OrderEventType

if TYPE_CHECKING:
    from ibis.expr.types import Table  # type: ignore[import-untyped]

_MICROSECONDS = 1_000_000
# What the marts read of the table, in the types of Ibis.
_SCHEMA = {
    "kafka_partition": "int32",
    "kafka_offset": "int64",
    "event_id": "string",
    "order_id": "string",
    "type": "string",
    "occurred_at": "timestamp",
    "store": "string",
    "lines": "array<struct<sku: string, quantity: int32, unit_price_minor: int64>>",
    "total_minor": "int64",
}
_QUANTILES = {"p50_s": 0.5, "p95_s": 0.95}


def order_events() -> "Table":
    """The table, in whichever engine it stands; `occurred_at` without a zone, in UTC."""
    import ibis  # type: ignore[import-untyped]

    return ibis.table(_SCHEMA, name="order_events")


def events_once(events: "Table") -> "Table":
    """The first copy of each event, in the order of Kafka."""
    import ibis

    first = ibis.row_number().over(
        group_by=[events.event_id],
        order_by=[events.kafka_partition, events.kafka_offset],
    )
    return events.mutate(copy=first).filter(lambda row: row.copy == 0).drop("copy")


def orders_by_hour(events: "Table") -> "Table":
    """Orders by the hour in which they were placed (UTC), and what has become of them since."""
    placed = _of_type(events, OrderEventType.ORDER_PLACED)
    placed = placed.select("order_id", "occurred_at", "total_minor")
    for name, kind in _OUTCOMES.items():
        ended = _of_type(events, kind).select("order_id").mutate(**{name: 1})
        placed = placed.left_join(ended, "order_id").drop("order_id_right")
    hours = placed.group_by(hour=placed.occurred_at.truncate("h")).agg(
        placed=placed.count(),
        **{name: placed[name].sum().coalesce(0) for name in _OUTCOMES},
        placed_total_minor=placed.total_minor.sum(),
    )
    ended_orders = hours.delivered + hours.cancelled + hours.failed
    return (
        hours.mutate(in_progress=hours.placed - ended_orders)
        .relocate("in_progress", before="placed_total_minor")
        .order_by(hours.hour.desc())
    )


_OUTCOMES = {
    "delivered": OrderEventType.ORDER_DELIVERED,
    "cancelled": OrderEventType.ORDER_CANCELLED,
    "failed": OrderEventType.ORDER_FAILED,
}


def delivery_time_by_store(events: "Table") -> "Table":
    """Seconds from the order that was placed to its delivery, by dark store."""
    stores = events.group_by("order_id").agg(store=events.store.max().fill_null(UNKNOWN_STORE))
    placed = _of_type(events, OrderEventType.ORDER_PLACED)
    delivered = _of_type(events, OrderEventType.ORDER_DELIVERED)
    trips = (
        placed.select("order_id", placed_at="occurred_at")
        .join(delivered.select("order_id", delivered_at="occurred_at"), "order_id")
        .join(stores, "order_id")
    )
    lasted = trips.delivered_at.delta(trips.placed_at, unit="microsecond") / _MICROSECONDS
    trips = trips.select("store", seconds=lasted)
    return (
        trips.group_by("store")
        .agg(
            deliveries=trips.count(),
            mean_s=trips.seconds.mean(),
            **{name: trips.seconds.quantile(share) for name, share in _QUANTILES.items()},
            max_s=trips.seconds.max(),
        )
        .order_by("store")
    )


def products_sold(events: "Table") -> "Table":
    """Pieces and revenue by product, of the orders that were delivered.

    A sale is what the customer has received: until then the money can still go back to him.
    """
    delivered = _of_type(events, OrderEventType.ORDER_DELIVERED).select("order_id")
    placed = _of_type(events, OrderEventType.ORDER_PLACED)
    sold = placed.semi_join(delivered, "order_id").select("order_id", line=placed.lines.unnest())
    lines = sold.select(
        "order_id",
        sku=sold.line.sku,
        quantity=sold.line.quantity,
        revenue_minor=sold.line.quantity.cast("int64") * sold.line.unit_price_minor,
    )
    products = lines.group_by("sku").agg(
        orders=lines.order_id.nunique(),
        quantity=lines.quantity.sum(),
        revenue_minor=lines.revenue_minor.sum(),
    )
    return products.order_by(products.revenue_minor.desc(), products.sku)


def _of_type(events: "Table", kind: OrderEventType) -> "Table":
    return events.filter(events.type == kind.value)


MARTS: Mapping[MartName, "Callable[[Table], Table]"] = {
    MartName.ORDERS_BY_HOUR: orders_by_hour,
    MartName.DELIVERY_TIME_BY_STORE: delivery_time_by_store,
    MartName.PRODUCTS_SOLD: products_sold,
}
