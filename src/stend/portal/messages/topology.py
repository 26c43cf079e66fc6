"""RabbitMQ's exchanges, bindings, queues and consumers out of its management API. Pure.

Source: https://www.rabbitmq.com/docs/management#http-api
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Each list of the broker is read so far.
MOST = 500
_FOREIGN_PREFIX = "amq."
DEFAULT_EXCHANGE = ""


@dataclass(frozen=True, slots=True)
class Counters:
    """What has passed since the queue was declared, as the broker counts it."""

    published: int = 0
    delivered: int = 0
    acknowledged: int = 0
    redelivered: int = 0


@dataclass(frozen=True, slots=True)
class Consumer:
    """
    Attributes:
        name: what its connection calls itself; else its user.
        prefetch: messages without `ack` that it may have; 0 for any number.
    """

    tag: str
    name: str
    prefetch: int


@dataclass(frozen=True, slots=True)
class Queue:
    """
    Attributes:
        dead_letter_exchange: where a message goes that is rejected, expired or pushed out.
        is_dead_letter: it is bound to such an exchange of another queue.
    """

    vhost: str
    name: str
    kind: str
    ready: int
    unacked: int
    consumers: tuple[Consumer, ...]
    counters: Counters
    dead_letter_exchange: str | None
    dead_letter_key: str | None
    is_dead_letter: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    vhost: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Binding:
    """`to_queue` is false for one from exchange to exchange."""

    vhost: str
    source: str
    key: str
    target: str
    to_queue: bool


@dataclass(frozen=True, slots=True)
class Topology:
    """`left_off`: things of the broker beyond those that are read."""

    exchanges: tuple[Exchange, ...]
    bindings: tuple[Binding, ...]
    queues: tuple[Queue, ...]
    left_off: int

    def queue(self, name: str) -> Queue | None:
        return next((one for one in self.queues if one.name == name), None)

    def queue_of(self, consumer_tag: str) -> str | None:
        """The queue of a consumer: after a gap the wire tells its tag only."""
        return next(
            (
                queue.name
                for queue in self.queues
                for consumer in queue.consumers
                if consumer.tag == consumer_tag
            ),
            None,
        )


def topology_of(told: Mapping[str, Sequence[Mapping[str, Any]]]) -> Topology:
    """
    Args:
        told: answers of the paths `exchanges`, `bindings`, `queues`, `consumers`, `connections`.

    Raises:
        KeyError, TypeError, ValueError: something else than the management API has answered.
    """
    names = {one["name"]: _name_of(one) for one in told["connections"]}
    consumers = _consumers(told["consumers"], names)
    bindings = [_binding(one) for one in told["bindings"][:MOST]]
    dead = _dead_letter_targets(told["queues"], bindings)
    queues = [_queue(one, consumers, dead) for one in told["queues"][:MOST]]
    exchanges = [
        Exchange(str(one["vhost"]), str(one["name"]), str(one["type"]))
        for one in told["exchanges"][:MOST]
    ]
    return Topology(
        tuple(exchanges),
        tuple(bindings),
        tuple(queues),
        sum(max(0, len(told[name]) - MOST) for name in ("exchanges", "bindings", "queues")),
    )


def used_exchanges(topology: Topology, published_to: Iterable[str]) -> tuple[Exchange, ...]:
    """Those that something is bound to, or that somebody publishes to."""
    bound = {(one.vhost, one.source) for one in topology.bindings if one.source}
    wanted = frozenset(published_to)
    return tuple(
        one
        for one in topology.exchanges
        if (one.vhost, one.name) in bound
        or one.name in wanted
        or not (one.name.startswith(_FOREIGN_PREFIX) or one.name == DEFAULT_EXCHANGE)
    )


def _name_of(connection: Mapping[str, Any]) -> str:
    told = connection.get("client_properties") or {}
    name = told.get("connection_name") if isinstance(told, dict) else None
    return str(name or connection.get("user") or connection["name"])


def _consumers(
    told: Sequence[Mapping[str, Any]], names: Mapping[str, str]
) -> Mapping[tuple[str, str], list[Consumer]]:
    found: dict[tuple[str, str], list[Consumer]] = {}
    for one in told[:MOST]:
        channel = one.get("channel_details") or {}
        name = names.get(str(channel.get("connection_name")), str(channel.get("user") or "–"))
        consumer = Consumer(str(one["consumer_tag"]), name, int(one["prefetch_count"]))
        place = str(one["queue"]["vhost"]), str(one["queue"]["name"])
        found.setdefault(place, []).append(consumer)
    return found


def _binding(one: Mapping[str, Any]) -> Binding:
    return Binding(
        str(one["vhost"]),
        str(one["source"]),
        str(one["routing_key"]),
        str(one["destination"]),
        one["destination_type"] == "queue",
    )


def _dead_letter_targets(
    queues: Sequence[Mapping[str, Any]], bindings: Sequence[Binding]
) -> frozenset[tuple[str, str]]:
    exchanges = {
        (one["vhost"], one["arguments"]["x-dead-letter-exchange"])
        for one in queues
        if "x-dead-letter-exchange" in one["arguments"]
    }
    return frozenset(
        (one.vhost, one.target)
        for one in bindings
        if one.to_queue and one.source and (one.vhost, one.source) in exchanges
    )


def _queue(
    one: Mapping[str, Any],
    consumers: Mapping[tuple[str, str], list[Consumer]],
    dead: frozenset[tuple[str, str]],
) -> Queue:
    place = str(one["vhost"]), str(one["name"])
    stats = one.get("message_stats") or {}
    arguments = one["arguments"]
    return Queue(
        vhost=place[0],
        name=place[1],
        kind=str(one.get("type", "classic")),
        # Real RabbitMQ tells no counts of a queue that was declared a moment ago.
        ready=int(one.get("messages_ready", 0)),
        unacked=int(one.get("messages_unacknowledged", 0)),
        consumers=tuple(consumers.get(place, ())),
        counters=Counters(
            published=int(stats.get("publish", 0)),
            delivered=int(stats.get("deliver_get", 0)),
            acknowledged=int(stats.get("ack", 0)),
            redelivered=int(stats.get("redeliver", 0)),
        ),
        dead_letter_exchange=arguments.get("x-dead-letter-exchange"),
        dead_letter_key=arguments.get("x-dead-letter-routing-key"),
        is_dead_letter=place in dead,
    )
