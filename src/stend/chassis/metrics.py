"""Numbers of a service under the names that Prometheus' own conventions ask for.

Rate, errors and duration per protocol and operation (the RED method); `/metrics` shows them.
Source: prometheus.io/docs/practices/naming.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# One registry for the process and not the library's default one: that adds collectors of its own
# when it is imported.
REGISTRY = CollectorRegistry()

# From a read that costs a millisecond to a deadline of ten seconds.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# From the three calls of an order to a courier's way.
_LONG_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

REQUESTS = Counter(
    "shop_requests_total",
    "Requests that have ended; code is ok, the stable code of the error, or cancelled, by the "
    "caller.",
    ("service", "protocol", "operation", "code"),
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    "shop_request_duration_seconds",
    "From the request that was read to the answer that is ready to be written.",
    ("service", "protocol", "operation"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
CALLS = Counter(
    "shop_client_calls_total",
    "Calls of one service to another; code is ok or the stable code of the error.",
    ("service", "peer", "operation", "code"),
    registry=REGISTRY,
)
SAGA_SECONDS = Histogram(
    "shop_saga_duration_seconds",
    "From the order that was placed to the end of its saga.",
    ("outcome",),
    buckets=_LONG_SECONDS,
    registry=REGISTRY,
)
SAGA_STEPS = Counter(
    "shop_saga_steps_total",
    "Attempts at the steps of sagas; outcome is done, failed (it is tried again) or refused.",
    ("step", "outcome"),
    registry=REGISTRY,
)
SAGAS_OPEN = Gauge(
    "shop_sagas_open",
    "Sagas that have not ended, by the step whose turn it is.",
    ("step",),
    registry=REGISTRY,
)
SAGA_STEP_AGE_SECONDS = Gauge(
    "shop_saga_step_age_seconds",
    "For how long the step of a saga has had its turn, the longest of each step; 0 when none does.",
    ("step",),
    registry=REGISTRY,
)
ORDER_VALUE = Counter(
    "shop_order_value_minor_units_total",
    "Sums of the orders whose sagas have ended, in minor units of the currency (kopecks for RUB).",
    ("outcome", "currency"),
    registry=REGISTRY,
)
ORDER_TO_DOOR_SECONDS = Histogram(
    "shop_order_to_door_seconds",
    "From the order that was placed to the goods at the customer's door.",
    buckets=_LONG_SECONDS,
    registry=REGISTRY,
)
OUTBOX_PUBLISHED = Counter(
    "shop_outbox_published_total",
    "Events of the outbox that a broker has confirmed and the outbox has ticked off.",
    ("service", "target", "type"),
    registry=REGISTRY,
)
OUTBOX_ROWS = Gauge(
    "shop_outbox_unpublished_rows",
    "Rows of the outbox that wait for the relay.",
    ("service", "target"),
    registry=REGISTRY,
)
OUTBOX_LAG_SECONDS = Gauge(
    "shop_outbox_lag_seconds",
    "Age of the oldest row of the outbox that waits for the relay; 0 when none does.",
    ("service", "target"),
    registry=REGISTRY,
)
INBOX_MESSAGES = Counter(
    "shop_inbox_messages_total",
    "Messages that an inbox was asked about; outcome is new, or duplicate for what it had already.",
    ("service", "outcome"),
    registry=REGISTRY,
)
QUEUE_MESSAGES = Gauge(
    "shop_queue_messages",
    "Messages of a queue of RabbitMQ, as its consumer last saw.",
    ("queue",),
    registry=REGISTRY,
)
QUEUE_UNACKED = Gauge(
    "shop_queue_unacked_messages",
    "Messages of a queue of RabbitMQ that its consumers here hold and have not acknowledged.",
    ("queue",),
    registry=REGISTRY,
)
QUEUE_CONSUMED = Counter(
    "shop_queue_consumed_total",
    "Messages that consumers here have answered; outcome is ack, or reject for a dead letter.",
    ("queue", "outcome"),
    registry=REGISTRY,
)
PUBLISHED = Counter(
    "shop_messages_published_total",
    "Messages and records that a broker has confirmed.",
    ("broker",),
    registry=REGISTRY,
)
CONSUMER_RECORDS = Counter(
    "shop_consumer_records_total",
    "Records of Kafka that a group has worked off.",
    ("group", "topic"),
    registry=REGISTRY,
)
CONSUMER_LAG = Gauge(
    "shop_consumer_lag_records",
    "Records of Kafka that a group has not read yet.",
    ("group", "topic", "partition"),
    registry=REGISTRY,
)
MONGODB_COMMAND_SECONDS = Histogram(
    "shop_mongodb_command_duration_seconds",
    "From a command that was sent to MongoDB to its answer; outcome is ok or failed.",
    ("service", "command", "outcome"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
ENGINE_READY = Gauge(
    "stend_engine_ready",
    "Whether the engine answers this process: 1 or 0.",
    ("engine",),
    registry=REGISTRY,
)
SERVICE_READY = Gauge(
    "stend_service_ready",
    "Whether the service of this process can work: 1 or 0.",
    ("service",),
    registry=REGISTRY,
)
