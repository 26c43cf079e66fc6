"""Events of orders to Kafka: CloudEvents 1.0 in binary mode, keyed by the order.

The key puts all events of one order into one partition, and an idempotent producer keeps them in
order there. Sources: CloudEvents 1.0.2, Kafka Protocol Binding, section 3.2; Kafka's documentation
of `enable.idempotence`.
"""

import asyncio
import threading
import time
from collections.abc import Sequence

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from stend.chassis.kafka import Topic, connecting, create_topics, librdkafka_log
from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.chassis.metrics import PUBLISHED
from stend.chassis.tracing.messaging import KAFKA, describe, describe_message
from stend.chassis.tracing.recording import begin_after, context_in, end
from stend.chassis.tracing.spans import Kind, Span
from stend.kit.clock import rfc3339
from stend.kit.errors import StendError, deadline_exceeded, unavailable
from stend.shop.orders.ports import OutboxEvent

TOPIC = Topic("orders.events", partitions=3)
_SAME_FOR_ALL = (
    ("ce_specversion", b"1.0"),
    ("ce_source", b"/orders"),
    ("content-type", b"application/json"),
)
_DEADLINE_S = 10.0
# Whether the service stops meanwhile.
_LOOK_EVERY_S = 0.2


class KafkaEvents:
    """Publishes batches, one after the other.

    Args:
        servers: `host:port` of brokers to begin with.
    """

    most_at_once = 1000

    def __init__(self, servers: Sequence[str], security: KafkaSecurity = PLAINTEXT) -> None:
        self._servers = ",".join(servers)
        self._security = security
        self._producer: Producer | None = None
        self._closing = threading.Event()

    async def publish(self, events: Sequence[OutboxEvent]) -> None:
        """
        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED; some of the events may have arrived.
        """
        await asyncio.to_thread(self._publish, events)
        PUBLISHED.labels("kafka").inc(len(events))

    async def close(self) -> None:
        self._closing.set()
        producer, self._producer = self._producer, None
        if producer:
            await asyncio.to_thread(_give_up, producer)

    def _publish(self, events: Sequence[OutboxEvent]) -> None:
        spans = [_begin(event) for event in events]
        try:
            self._produce(events, spans)
        except StendError as error:
            for span in spans:
                end(span, error)
            raise
        for span in spans:
            end(span)

    def _produce(self, events: Sequence[OutboxEvent], spans: Sequence[Span | None]) -> None:
        producer = self._producer or self._open()
        failures: list[KafkaError] = []

        def on_delivery(error: KafkaError | None, _: Message) -> None:
            if error is not None:
                failures.append(error)

        try:
            for event, span in zip(events, spans, strict=True):
                producer.produce(
                    TOPIC.name,
                    event.body,
                    event.order_id,
                    headers=[*headers_of(event), *(span.carrier() if span else ())],
                    on_delivery=on_delivery,
                )
            left = self._flush(producer)
        except (KafkaException, BufferError) as error:
            self._start_anew(producer)
            raise unavailable("Kafka", str(error)) from error
        if failures or left:
            # What is still on its way must not arrive behind its own repetition.
            self._start_anew(producer)
            if not failures:
                raise deadline_exceeded(_DEADLINE_S)
            raise unavailable("Kafka", failures[0].str())

    def _flush(self, producer: Producer) -> int:
        """How many events are not confirmed when the time is over, or the service stops."""
        ends_at = time.monotonic() + _DEADLINE_S
        while left := producer.flush(_LOOK_EVERY_S):
            if self._closing.is_set() or time.monotonic() >= ends_at:
                break
        return left

    def _open(self) -> Producer:
        create_topics(self._servers, (TOPIC,), self._closing, self._security)
        if self._closing.is_set():
            raise unavailable("Kafka", "the service is stopping")
        self._producer = Producer(
            {
                **connecting(self._servers, self._security),
                "client.id": "orders-relay",
                "enable.idempotence": True,
                "acks": "all",
                # Ends with the flush after each batch: so a batch leaves in a few requests and not
                # in as many as the broker can answer meanwhile.
                "linger.ms": 50,
                "message.timeout.ms": int(_DEADLINE_S * 1000),
                "queue.buffering.max.messages": 10_000,
                "allow.auto.create.topics": False,
            },
            logger=librdkafka_log,
        )
        return self._producer

    def _start_anew(self, producer: Producer) -> None:
        self._producer = None
        _give_up(producer)


def _begin(event: OutboxEvent) -> Span | None:
    context = context_in("orders", event.trace_context)
    span = begin_after(context, "", Kind.PRODUCER)
    if span is not None:
        describe(span, KAFKA, TOPIC.name, "send")
        describe_message(span, len(event.body), event.event_id, None, event.type)
        span.attributes["messaging.kafka.message.key"] = event.order_id
    return span


def _give_up(producer: Producer) -> None:
    producer.purge()
    producer.flush(1)


def headers_of(event: OutboxEvent) -> list[tuple[str, str | bytes | None]]:
    """The attributes of the event (Kafka Protocol Binding, section 3.2.3)."""
    return [
        *_SAME_FOR_ALL,
        ("ce_id", event.event_id),
        ("ce_type", event.type),
        ("ce_time", rfc3339(event.occurred_at)),
        ("ce_subject", event.order_id),
    ]
