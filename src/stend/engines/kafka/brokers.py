"""The brokers that this process shows: one, or three to teach with. Pure.

A stopped broker closes its port and leads nothing; its replicas are out of sync until it is back.
All replicas of a partition are one log in this process, so what is emulated is who may be asked and
which acknowledgements are given, not the copying of data.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Listener:
    """
    Attributes:
        port: where it listens.
        advertised_port: what clients that came here are told to connect to.
    """

    port: int
    advertised_port: int


@dataclass(slots=True)
class Broker:
    """
    Attributes:
        listeners: by position; a client stays with the position it came by.
    """

    id: int
    listeners: tuple[Listener, ...]
    is_stopped: bool = False


@dataclass(slots=True)
class Brokers:
    """
    Attributes:
        advertised_host: what clients are told to connect to.
    """

    advertised_host: str
    known: Mapping[int, Broker] = field(default_factory=dict)

    def alive(self) -> Iterator[Broker]:
        return (broker for broker in self.known.values() if not broker.is_stopped)

    def alive_ids(self) -> list[int]:
        return [broker.id for broker in self.alive()]

    def is_alive(self, broker_id: int) -> bool:
        broker = self.known.get(broker_id)
        return broker is not None and not broker.is_stopped

    @property
    def controller_id(self) -> int:
        """The first that is alive."""
        return next(self.alive()).id

    def coordinator_of(self, key: str) -> int:
        """Which broker keeps this group or transactional id, as long as it is alive.

        Kafka takes the leader of a partition of an internal topic, chosen by Java's hash of the
        key; here the brokers that are alive stand for those leaders.
        """
        ids = self.alive_ids()
        return ids[_java_hash(key) % len(ids)]

    def port_of(self, broker_id: int, listener: int) -> int:
        """The port of a broker that a client is told which came by this listener."""
        return self.known[broker_id].listeners[listener].advertised_port


def _java_hash(text: str) -> int:
    """String.hashCode, made positive as Kafka's Utils.abs does."""
    value = 0
    for char in text:
        value = (31 * value + ord(char)) & 0xFFFFFFFF
    return value & 0x7FFFFFFF
