"""A client without a socket: speaks to a pure session of brokers whose disk is in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

from stend.engines.kafka.brokers import Broker, Brokers, Listener
from stend.engines.kafka.groups.settings import GroupSettings
from stend.engines.kafka.session import Session
from stend.engines.kafka.state import Defaults, State
from stend.wire.kafka import codec
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.frames import FrameReader, frame
from stend.wire.kafka.headers import request_header, response_tags
from stend.wire.kafka.records import Record, build_batch
from tests.fakes.volume import MemoryVolume

START_MS = 1_795_000_000_000
_CORRELATION_BYTES = 4
_MAX_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class Stand:
    """Brokers with a virtual clock, whose disk is waited for when the test says so."""

    volume: MemoryVolume
    brokers: int = 1
    defaults: Defaults = field(default_factory=Defaults)
    now_ms: int = START_MS
    state: State = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        numbers = count(1)
        known = {
            number: Broker(number, (Listener(9000 + number, 9000 + number),))
            for number in range(1, self.brokers + 1)
        }
        self.state = State(
            Brokers("127.0.0.1", known),
            self.volume,
            self.defaults,
            GroupSettings(initial_rebalance_delay_ms=0),
            lambda: UUID(int=next(numbers)),
            self.now_ms,
        )
        self.settle()

    def settle(self) -> None:
        """The disk is waited for until nobody waits for it any more."""
        self.state.journal.write()
        while self.state.barrier.is_due:
            self.sync()

    def sync(self) -> None:
        """One round of the disk."""
        self.state.journal.write()
        taken = self.state.barrier.begin()
        for file in taken.files:
            file.sync()
        taken.finish()
        self.state.journal.write()

    def pass_ms(self, time_ms: int) -> None:
        """Time goes by, and everything due meanwhile happens at its moment."""
        end = self.now_ms + time_ms
        while (moment := self.state.next_moment_ms(self.now_ms)) <= end:
            self.now_ms = max(self.now_ms, moment)
            self.state.tick(self.now_ms)
            self.settle()
        self.now_ms = end
        self.state.timers.now_ms = end


class Peer:
    """One connection to one broker."""

    def __init__(self, stand: Stand, broker_id: int = 1) -> None:
        self.stand = stand
        self.session = Session(stand.state, broker_id, 0, "/127.0.0.1", lambda _: None)
        self._reader = FrameReader(_MAX_BYTES)
        self._correlation_ids = count(1)
        self._asked: list[tuple[int, int]] = []

    def send(self, api_key: int, version: int, fields: Fields) -> None:
        number = next(self._correlation_ids)
        header = request_header(api_key, version, number, "peer")
        self._asked.append((api_key, version))
        self.send_bytes(frame(header, codec.request(api_key, version).encode(fields)))

    def send_bytes(self, data: bytes) -> None:
        self.stand.state.timers.now_ms = self.stand.now_ms
        self.session.receive(data, self.stand.now_ms)

    def read(self) -> list[Fields]:
        """The answers that are there."""
        return list(self._answers())

    def call(self, api_key: int, version: int, fields: Fields) -> Fields:
        """Asks, waits for the disk, and returns the one answer."""
        self.read()
        self.send(api_key, version, fields)
        self.stand.settle()
        (answer,) = self.read()
        return answer

    def _answers(self) -> Iterator[Fields]:
        for answer in self._reader.feed(b"".join(self.session.take_output())):
            api_key, version = self._asked.pop(0)
            at = _CORRELATION_BYTES + len(response_tags(api_key, version))
            fields, end = codec.response(api_key, version).decode(answer, at)
            assert end == len(answer)
            yield fields


def batch(
    *values: bytes,
    key: bytes | None = None,
    producer: tuple[int, int, int] = (-1, -1, -1),
    is_transactional: bool = False,
    at_ms: int = START_MS,
) -> bytes:
    """
    Args:
        producer: id, epoch and the sequence number of the first record.
    """
    records = [Record(number, 0, key, value, []) for number, value in enumerate(values)]
    return build_batch(
        records,
        base_timestamp=at_ms,
        max_timestamp=at_ms,
        producer_id=producer[0],
        producer_epoch=producer[1],
        base_sequence=producer[2],
        is_transactional=is_transactional,
    )
