"""The topics of asyncapi.yaml, and how a record gets into one for certain."""

import os

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

BOOTSTRAP = os.environ.get("KAFKA_BOOTSTRAP", "127.0.0.1:8015")
ORDERS = os.environ.get("TOPIC", "__PROJECT__.orders")
DEAD = f"{ORDERS}.dead"
PARTITIONS = 3
TIMEOUT_S = 30


def create_topics() -> None:
    """By name and with the number of partitions that the contract says, not by the first record."""
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    wanted = [NewTopic(ORDERS, PARTITIONS), NewTopic(DEAD, 1)]
    for future in admin.create_topics(wanted, request_timeout=TIMEOUT_S).values():
        try:
            future.result(TIMEOUT_S)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def make_producer() -> Producer:
    return Producer(
        {
            "bootstrap.servers": BOOTSTRAP,
            # Every replica that is in sync has it, and a repeat of the client is dropped there.
            "acks": "all",
            "enable.idempotence": True,
            "delivery.timeout.ms": TIMEOUT_S * 1000,
        }
    )


def send(
    producer: Producer,
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: dict[str, str] | None = None,
) -> None:
    """Comes back when the broker has it.

    Raises:
        KafkaException: it has not, within the timeout.
    """
    failures: list[KafkaError] = []

    def delivered(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failures.append(error)

    told: dict[str, str | bytes | None] = {**(headers or {})}
    producer.produce(topic, value, key, headers=told, on_delivery=delivered)
    producer.flush()
    if failures:
        raise KafkaException(failures[0])
