"""Which figures there are, and which rows they have in common."""

from dataclasses import dataclass

from stend.portal.figures.figure import (
    Figure,
    Level,
    Match,
    Quantile,
    Rate,
    Source,
    Unit,
)
from stend.shop.orders.domain import OrderEventType, OrderStatus
from stend.shop.orders.saga import COMPENSATIONS, Step


@dataclass(frozen=True, slots=True)
class Band:
    """Figures with the same rows: a table and its charts.

    Attributes:
        rows: that are shown though nothing of them has been measured; others come behind them.
        wire: the protocol or engine that all rows are of, where each is not one itself.
    """

    key: str
    figures: tuple[Figure, ...]
    rows: tuple[str, ...] = ()
    wire: str | None = None


# Another code than `ok` is an error, whatever it is.
_FAILED = (Match("code", "ok", is_equal=False),)
_REQUESTS = "shop_requests_total"
_SECONDS = Source("shop_request_duration_seconds_bucket", ("protocol",))
_SAGA = "shop_saga_duration_seconds_bucket"
_STEPS = "shop_saga_steps_total"
_EVENTS = "shop_outbox_published_total"
_CONSUMED = "shop_queue_consumed_total"
_CALLS = "shop_client_calls_total"

# What the customers of the stand have asked: the stand itself asks other services when it starts.
ASKED = Source(_REQUESTS, ("service",), (Match("service", "orders"),))

BANDS = (
    Band(
        "requests",
        (
            Figure("requests", Rate(Source(_REQUESTS, ("protocol",)))),
            Figure("errors", Rate(Source(_REQUESTS, ("protocol",), _FAILED))),
            Figure("p50", Quantile(_SECONDS, 0.5)),
            Figure("p95", Quantile(_SECONDS, 0.95)),
            Figure("p99", Quantile(_SECONDS, 0.99)),
        ),
        (
            "rest",
            "jsonrpc",
            "soap",
            "graphql",
            "grpc",
            "websocket",
            "sse",
            "amqp",
            "kafka",
            "mcp",
        ),
    ),
    Band(
        "events",
        (
            Figure("events_kafka", Rate(Source(_EVENTS, ("type",), (Match("target", "kafka"),)))),
            Figure(
                "events_rabbitmq", Rate(Source(_EVENTS, ("type",), (Match("target", "rabbitmq"),)))
            ),
        ),
        tuple(OrderEventType),
    ),
    Band(
        "sagas",
        (
            Figure("sagas", Rate(Source("shop_saga_duration_seconds_count", ("outcome",)))),
            Figure("saga_p50", Quantile(Source(_SAGA, ("outcome",)), 0.5, Unit.SECONDS)),
            Figure("saga_p95", Quantile(Source(_SAGA, ("outcome",)), 0.95, Unit.SECONDS)),
        ),
        (OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.FAILED),
    ),
    Band(
        "steps",
        (
            Figure("steps_done", Rate(Source(_STEPS, ("step",), (Match("outcome", "done"),)))),
            Figure("steps_failed", Rate(Source(_STEPS, ("step",), (Match("outcome", "failed"),)))),
            Figure(
                "steps_refused", Rate(Source(_STEPS, ("step",), (Match("outcome", "refused"),)))
            ),
        ),
        tuple(step for step in Step if step is not Step.DONE),
    ),
    Band(
        "brokers",
        (
            Figure("published", Rate(Source("shop_messages_published_total", ("broker",)))),
            Figure("outbox_rows", Level(Source("shop_outbox_unpublished_rows", ("target",)))),
            Figure(
                "outbox_lag",
                Level(Source("shop_outbox_lag_seconds", ("target",), most=True), Unit.SECONDS),
            ),
        ),
        ("rabbitmq", "kafka"),
    ),
    Band(
        "queues",
        (
            Figure("acked", Rate(Source(_CONSUMED, ("queue",), (Match("outcome", "ack"),)))),
            Figure("rejected", Rate(Source(_CONSUMED, ("queue",), (Match("outcome", "reject"),)))),
            Figure("ready", Level(Source("shop_queue_messages", ("queue",)))),
            Figure("unacked", Level(Source("shop_queue_unacked_messages", ("queue",)))),
        ),
        wire="rabbitmq",
    ),
    Band(
        "groups",
        (
            Figure("records", Rate(Source("shop_consumer_records_total", ("group", "topic")))),
            Figure("lag", Level(Source("shop_consumer_lag_records", ("group", "topic")))),
        ),
        wire="kafka",
    ),
    Band(
        "calls",
        (
            Figure("calls", Rate(Source(_CALLS, ("service", "peer")))),
            Figure("calls_failed", Rate(Source(_CALLS, ("service", "peer"), _FAILED))),
        ),
    ),
    Band(
        "cache",
        (Figure("cache", Rate(Source("shop_cache_requests_total", ("result",)))),),
        ("hit", "miss", "joined", "bypassed"),
        wire="redis",
    ),
)
FIGURES = tuple(figure for band in BANDS for figure in band.figures)
COMPENSATING = frozenset(str(step) for step in COMPENSATIONS)
