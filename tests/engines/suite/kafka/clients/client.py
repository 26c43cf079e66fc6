"""What the checks want of a client library, whichever it is: one shape for three of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.waiting import until

# So short that a check may wait for silence, so long that an answer on this machine is not late.
_SILENCE_S = 0.2
_LOOK_S = 0.05
READ_COMMITTED, READ_UNCOMMITTED = "read_committed", "read_uncommitted"
SESSION_TIMEOUT_MS = 6_000
HEARTBEAT_MS = 200

Headers = Sequence[tuple[str, bytes]]


class Partition(NamedTuple):
    topic: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message has gone, as its client was told."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a consumer hands it over.

    Attributes:
        timestamp_ms: since 1970.
        is_append_time: the time is the broker's, not the producer's.
    """

    partition: Partition
    offset: int
    timestamp_ms: int
    is_append_time: bool
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


class Committed(NamedTuple):
    offset: int
    metadata: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Producing:
    """How a producer works.

    Attributes:
        acks: 0, 1 or -1 for all.
        compression: `gzip`, `snappy`, `lz4`, `zstd`; None for none.
    """

    acks: int = -1
    compression: str | None = None
    idempotent: bool = False
    transactional_id: str | None = None
    transaction_timeout_ms: int = 30_000
    linger_ms: int = 0
    max_request_bytes: int = 1_000_000
    timeout_ms: int = 15_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Consuming:
    """How a consumer works.

    Attributes:
        reset: where to begin without a committed offset: `earliest`, `latest`, `none` (an error).
        assignor: `range`, `roundrobin`, `sticky`, `cooperative-sticky`.
        instance: makes a static member of it (KIP-345).
        max_wait_ms: of a fetch; some clients see only after it that they have been moved.
        creates: asking for a topic that is not there makes it.
    """

    group: str | None = None
    reset: str = "earliest"
    isolation: str = READ_UNCOMMITTED
    assignor: str = "range"
    instance: str | None = None
    session_timeout_ms: int = SESSION_TIMEOUT_MS
    heartbeat_ms: int = HEARTBEAT_MS
    max_wait_ms: int = 100
    min_bytes: int = 1
    creates: bool = False


class Producer(ABC):
    def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        headers: Headers = (),
    ) -> Sent:
        """Waits for the broker's answer; raises the client's error."""
        sent = self.send_all(
            topic,
            [value],
            keys=[key],
            partition=partition,
            timestamp_ms=timestamp_ms,
            headers=headers,
        )
        return sent[0]

    @abstractmethod
    def send_all(
        self,
        topic: str,
        values: Iterable[bytes | None],
        *,
        keys: Iterable[bytes | None] | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        headers: Headers = (),
    ) -> list[Sent]:
        """As many at once as the client likes; then the same as `send`."""

    @abstractmethod
    def begin(self) -> None: ...

    @abstractmethod
    def commit(self) -> None: ...

    @abstractmethod
    def abort(self) -> None: ...

    @abstractmethod
    def send_offsets(self, offsets: Mapping[Partition, int], consumer: "Consumer") -> None:
        """The offsets of a consumer's group as a part of the transaction."""

    @abstractmethod
    def close(self) -> None: ...


class Consumer(ABC):
    """Keeps what was received while the check waited for something else."""

    def __init__(self, how: Consuming) -> None:
        self.how = how
        self._inbox: list[Message] = []

    @abstractmethod
    def poll(self, timeout_s: float) -> list[Message]:
        """What has come, or nothing after that time; also lets the client do its other work."""

    @abstractmethod
    def assign(self, *partitions: Partition) -> None:
        """Without a group's help; from the place that `reset` says."""

    @abstractmethod
    def assignment(self) -> set[Partition]: ...

    @abstractmethod
    def seek(self, partition: Partition, offset: int) -> None: ...

    @abstractmethod
    def pause(self, *partitions: Partition) -> None: ...

    @abstractmethod
    def resume(self, *partitions: Partition) -> None: ...

    @abstractmethod
    def position(self, partition: Partition) -> int: ...

    @abstractmethod
    def commit(self, offsets: Mapping[Partition, Committed] | None = None) -> None:
        """Waits for the answer; without offsets the positions."""

    @abstractmethod
    def committed(self, partition: Partition) -> Committed | None: ...

    @abstractmethod
    def ends(self, partition: Partition) -> tuple[int, int]:
        """The first offset that can be read, and the one that the next message will have."""

    @abstractmethod
    def offset_at(self, partition: Partition, timestamp_ms: int) -> int | None:
        """The first offset with that time or a later one."""

    @abstractmethod
    def close(self) -> None: ...

    def work(self, timeout_s: float = _LOOK_S) -> None:
        self._inbox += self.poll(timeout_s)

    def take(self, count: int, timeout_s: float = 20) -> list[Message]:
        """The next messages; more than `count` fail the check."""
        work_until([self], lambda: len(self._inbox) >= count, timeout_s)
        got, self._inbox = self._inbox, []
        assert len(got) == count, [(one.partition, one.offset, one.value) for one in got]
        return got

    def values(self, count: int, timeout_s: float = 20) -> list[bytes | None]:
        return [message.value for message in self.take(count, timeout_s)]

    def silent(self) -> None:
        """Nothing more comes."""
        self.work(_SILENCE_S)
        assert self._inbox == []

    def forget(self) -> list[Message]:
        """What has come so far."""
        got, self._inbox = self._inbox, []
        return got


class Client(ABC):
    """One library; what it has opened is closed with it."""

    name: str

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._open = ExitStack()

    def producer(self, **how: Any) -> Producer:
        """The fields of `Producing`; with a transactional id, transactions are ready to begin."""
        producer = self._producer(Producing(**how))
        self._open.callback(producer.close)
        return producer

    def consumer(self, *topics: str, **how: Any) -> Consumer:
        """The fields of `Consuming`; without topics it waits to be assigned something."""
        consumer = self._consumer(topics, Consuming(**how))
        self._open.callback(consumer.close)
        return consumer

    def close(self) -> None:
        self._open.close()

    @abstractmethod
    def _producer(self, how: Producing) -> Producer: ...

    @abstractmethod
    def _consumer(self, topics: Sequence[str], how: Consuming) -> Consumer: ...


def work_until(
    consumers: Sequence[Consumer], look: Callable[[], object], timeout_s: float = 20
) -> None:
    """Lets all consumers work, at the same time, until something has become true."""
    with ThreadPoolExecutor(len(consumers)) as threads:

        def looked() -> bool:
            # To exhaust it raises what a consumer has raised.
            list(threads.map(lambda consumer: consumer.work(), consumers))
            return bool(look())

        until(looked, timeout_s)
