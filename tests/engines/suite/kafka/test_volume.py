"""Many messages: all of them come back, once, in order."""

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.clients.client import Client, Partition
from tests.engines.suite.kafka.clients.librdkafka import Librdkafka
from tests.engines.suite.kafka.conftest import MakeTopic

COUNT = 300_000
PARTITIONS = 3


def payload(number: int) -> bytes:
    """100 bytes that begin with the number."""
    return b"%020d" % number + bytes(80)


@check(
    ru="300 000 сообщений по 100 байт: прочитаны все, по одному разу, по порядку в партиции",
    en="300,000 messages of 100 bytes: all are read, once, in order within their partition",
)
def test_many(clients: dict[str, Client], librdkafka: Librdkafka, make_topic: MakeTopic) -> None:
    topic = make_topic(partitions=PARTITIONS)
    settings = {"queue.buffering.max.messages": COUNT}
    raw = librdkafka.producer_with(settings, linger_ms=5).raw
    for number in range(COUNT):
        raw.produce(topic, payload(number), partition=number % PARTITIONS)
    assert raw.flush(60) == 0
    for name in ("librdkafka", "aiokafka"):
        consumer = clients[name].consumer()
        consumer.assign(*(Partition(topic, number) for number in range(PARTITIONS)))
        seen: list[list[bytes | None]] = [[] for _ in range(PARTITIONS)]
        for message in consumer.take(COUNT, timeout_s=60):
            seen[message.partition.number].append(message.value)
        for number in range(PARTITIONS):
            assert seen[number] == list(map(payload, range(number, COUNT, PARTITIONS)))
