"""Producers that go on while their broker is killed, and what they were promised."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from stend.engines.kafka.asking import ask
from stend.engines.kafka.launcher import KafkaConfig
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.records import BatchHeader, Record, batches, records
from tests.engines.kafka.running import bootstrap_of
from tests.engines.servers import HOST
from tests.guarantees.killing import Workers

ORDERS, PAYMENTS = "orders", "payments"
PARTITIONS = 3
IN_TRANSACTION = 5
_MAX_UNANSWERED = 500
_EVERY_ABORTED = 4
_TIMEOUT_S = 30.0


@dataclass
class Ledger:
    """
    Attributes:
        acknowledged: each value, with partition and offset as the broker told them.
        committed: transactions whose commit was told to have happened.
        aborted: the same for aborts.
        failures: what must not have happened to a producer.
    """

    sent: set[bytes] = field(default_factory=set)
    acknowledged: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    committed: set[str] = field(default_factory=set)
    aborted: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)


class Traffic(Workers):
    """One idempotent and one transactional producer, through all kills."""

    def __init__(self, config: KafkaConfig, ledger: Ledger) -> None:
        super().__init__((self._produce, self._transact), ledger.failures)
        self._config = config
        self._ledger = ledger

    def _produce(self) -> None:
        producer = Producer(self._settings(**{"enable.idempotence": True}))
        for number in count():
            if self.is_over.is_set():
                break
            value = f"order {number}".encode()
            self._ledger.sent.add(value)
            producer.produce(ORDERS, value, on_delivery=self._heard)
            # Some hundred a second: what was promised is compared after every kill.
            producer.poll(0.001)
            while len(producer) > _MAX_UNANSWERED and not self.is_over.is_set():
                producer.poll(0.05)
        assert producer.flush(_TIMEOUT_S) == 0

    def _heard(self, error: KafkaError | None, message: Message) -> None:
        if error:
            self._ledger.failures.append(str(error))
            return
        place = (message.partition() or 0, message.offset() or 0)
        self._ledger.acknowledged[message.value() or b""] = place

    def _transact(self) -> None:
        producer = Producer(self._settings(**{"transactional.id": "till"}))
        _persistently(lambda: producer.init_transactions(_TIMEOUT_S))
        for number in count():
            if self.is_over.is_set():
                return
            self._transaction(producer, number)

    def _transaction(self, producer: Producer, number: int) -> None:
        name = str(number)
        producer.begin_transaction()
        try:
            for part in range(IN_TRANSACTION):
                partition = part % PARTITIONS
                producer.produce(PAYMENTS, f"{name}/{part}".encode(), partition=partition)
            if number % _EVERY_ABORTED:
                _persistently(lambda: producer.commit_transaction(_TIMEOUT_S))
                self._ledger.committed.add(name)
                return
            producer.flush(_TIMEOUT_S)
        except KafkaException as error:
            if not error.args[0].txn_requires_abort():
                raise
        _persistently(lambda: producer.abort_transaction(_TIMEOUT_S))
        self._ledger.aborted.add(name)

    def _settings(self, **more: object) -> dict[str, str | int | float | bool | None]:
        settings: dict[str, object] = {
            "bootstrap.servers": bootstrap_of(self._config),
            "acks": "all",
            "linger.ms": 1,
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 100,
            "retry.backoff.ms": 20,
            # Said by every client each time its broker is killed.
            "log_level": 0,
            **more,
        }
        return settings  # type: ignore[return-value]


def _persistently(step: Callable[[], object]) -> None:
    """As librdkafka asks for: what may be tried again is."""
    while True:
        try:
            step()
        except KafkaException as error:
            if not error.args[0].retriable():
                raise
        else:
            return


@dataclass(slots=True)
class Log:
    """One partition as its files have it.

    Attributes:
        values: by offset, without markers.
        is_committed: by offset, what became of a transactional record; None otherwise.
    """

    values: dict[int, bytes] = field(default_factory=dict)
    is_committed: dict[int, bool | None] = field(default_factory=dict)
    open_producers: set[int] = field(default_factory=set)
    next_offset: int = 0


def read_log(config: KafkaConfig, topic: str, partition: int, *, is_torn: bool = False) -> Log:
    """Reads the files themselves: what is on the disk, not what the broker makes of it.

    Args:
        is_torn: the broker was killed: the last batch may be there in part.
    """
    folder = config.home / "data" / "logs" / f"{topic}-{partition}"
    log = Log()
    open_offsets: dict[int, list[int]] = {}
    for path in sorted(folder.glob("*.log")):
        data = path.read_bytes()
        for header, at in batches(data, allow_partial=is_torn):
            assert header.base_offset == log.next_offset, "offsets are broken"
            log.next_offset = header.next_offset
            _read_batch(log, open_offsets, header, records(data, at, header))
    log.open_producers = set(open_offsets)
    return log


def _read_batch(
    log: Log, open_offsets: dict[int, list[int]], header: BatchHeader, found: list[Record]
) -> None:
    if header.is_control:
        (marker,) = found
        is_commit = (marker.key or b"")[-1] == 1
        for offset in open_offsets.pop(header.producer_id, ()):
            log.is_committed[offset] = is_commit
        return
    for record in found:
        offset = header.base_offset + record.offset_delta
        log.values[offset] = record.value or b""
        log.is_committed[offset] = None
        if header.is_transactional:
            open_offsets.setdefault(header.producer_id, []).append(offset)


def end_offset(config: KafkaConfig, topic: str, partition: int, isolation: int) -> int:
    """The high watermark (0) or the last stable offset (1)."""
    asked: Fields = {
        "replica_id": -1,
        "isolation_level": isolation,
        "topics": [
            {"name": topic, "partitions": [{"partition_index": partition, "timestamp": -1}]}
        ],
    }
    port = config.brokers[0][0].port
    answer = ask(HOST, port, ApiKey.LIST_OFFSETS, 2, asked)
    return int(answer["topics"][0]["partitions"][0]["offset"])
