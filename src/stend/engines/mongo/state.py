"""All that the server knows beside its connections. Pure: time and randomness come from outside."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from bson import ObjectId, Timestamp

from stend.engines.mongo.cursors import Cursors
from stend.engines.mongo.sessions import Sessions
from stend.engines.mongo.store.store import Store

SET_NAME = "rs0"
# What clients choose their features by; stend's own version stands in buildInfo.stend.
VERSION = "8.0.4"
VERSION_ARRAY = (8, 0, 4, 0)
MAX_WIRE_VERSION = 25
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
MAX_WRITES = 100_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What is the same for as long as the process runs.

    Attributes:
        process: stands for this run of the server in topologyVersion.
        host: where clients connect to it, as `127.0.0.1:8012`.
    """

    process: ObjectId
    host: str
    pid: int
    started_at: datetime
    arguments: tuple[str, ...]
    product_version: str
    python_version: str
    system: str


@dataclass(slots=True)
class Counters:
    """Of this run."""

    connections_created: int = 0
    connections_open: int = 0
    requests: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    by_command: dict[str, int] = field(default_factory=dict)
    failed_by_command: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """
    Attributes:
        clock: the time, UTC, with its zone.
        new_id: a new ObjectId.
        draw: a number in [0, 1).
        draw_bits: a number of so many random bits.
        memory_bytes: what the process takes.
        running: the calls that are under way, by their numbers.
        command_names: what is served.
        log: what getLog tells, the newest last.
    """

    store: Store
    facts: Facts
    clock: Callable[[], datetime]
    new_id: Callable[[], ObjectId]
    draw: Callable[[], float]
    draw_bits: Callable[[int], int]
    memory_bytes: Callable[[], int]
    sessions: Sessions
    cursors: Cursors
    counters: Counters = field(default_factory=Counters)
    running: dict[int, Any] = field(default_factory=dict)
    log: deque[str] = field(default_factory=deque)
    last_call: int = 0
    command_names: tuple[str, ...] = ()

    @property
    def cluster_time(self) -> Timestamp:
        """Of the newest change."""
        return _timestamp(*self.store.cluster_time)

    def moment(self, seconds: float) -> datetime:
        """A number of seconds since 1970 as a date."""
        return datetime.fromtimestamp(seconds, UTC)


# Asked for several times in each command.
_timestamp = lru_cache(maxsize=1)(Timestamp)
