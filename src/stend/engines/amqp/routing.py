"""Exchanges and their bindings: which queues a message goes to (section 3.1.3). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from stend.engines.amqp.queues import Queue
from stend.wire.amqp.values import Table, Value


class ExchangeType(StrEnum):
    DIRECT = "direct"
    FANOUT = "fanout"
    TOPIC = "topic"
    HEADERS = "headers"


class HeadersMatch(StrEnum):
    """How a binding of a headers exchange counts; `-with-x` looks at names with `x-` too."""

    ALL = "all"
    ANY = "any"
    ALL_WITH_X = "all-with-x"
    ANY_WITH_X = "any-with-x"


@dataclass(eq=False, slots=True)
class Exchange:
    """
    Attributes:
        internal: takes messages from other exchanges only.
        bindings: those that begin here, in the order they were made.
        durable: comes back after a restart.
    """

    name: str
    kind: ExchangeType
    durable: bool
    auto_delete: bool
    internal: bool
    table: Table
    alternate: str | None = None
    bindings: "dict[Binding, Binding]" = field(default_factory=dict)
    published_in: int = 0


Destination = Queue | Exchange


@dataclass(frozen=True, slots=True)
class Binding:
    """Two bindings are one when all of this is equal.

    Attributes:
        arguments: as bytes, because a table cannot be compared by hash.
        table: the same, read.
    """

    destination: Destination
    key: str
    arguments: bytes
    table: Table = field(compare=False, default_factory=dict)

    @property
    def properties_key(self) -> str:
        """The binding's name in the management API; `~` stands for an empty routing key."""
        return self.key or "~"


def destinations(
    exchange: Exchange, key: str, headers: Mapping[str, Value]
) -> Iterable[Destination]:
    """The destinations of the bindings that match, each once, in the order of the bindings."""
    match exchange.kind:
        case ExchangeType.FANOUT:
            matching: Iterable[Binding] = exchange.bindings
        case ExchangeType.DIRECT:
            matching = (binding for binding in exchange.bindings if binding.key == key)
        case ExchangeType.TOPIC:
            matching = (binding for binding in exchange.bindings if topic_matches(binding.key, key))
        case ExchangeType.HEADERS:
            matching = (
                binding for binding in exchange.bindings if headers_match(binding.table, headers)
            )
    return dict.fromkeys(binding.destination for binding in matching)


def topic_matches(pattern: str, key: str) -> bool:
    """`*` stands for one word, `#` for any number of them (section 3.1.3.3).

    The empty key has no words at all, as in RabbitMQ.

    Every pair of positions is looked at once, so that a pattern of many `#` costs no more than
    pattern times words.
    """
    parts, words = _words(pattern), _words(key)
    # reachable[n]: the pattern so far can stand for the first n words.
    reachable = [True] + [False] * len(words)
    for part in parts:
        if part == "#":
            seen = False
            for at, could in enumerate(reachable):
                seen = seen or could
                reachable[at] = seen
        else:
            for at in range(len(words), 0, -1):
                reachable[at] = reachable[at - 1] and part in ("*", words[at - 1])
            reachable[0] = False
    return reachable[-1]


def _words(key: str) -> list[str]:
    return key.split(".") if key else []


def headers_match(table: Table, headers: Mapping[str, Value]) -> bool:
    """A binding of a headers exchange against the headers of a message (section 3.1.3.4)."""
    how = table.get("x-match", HeadersMatch.ALL)
    with_x = how in (HeadersMatch.ALL_WITH_X, HeadersMatch.ANY_WITH_X)
    wanted = {
        name: value
        for name, value in table.items()
        if name != "x-match" and (with_x or not name.startswith("x-"))
    }
    # A value that is void asks only that the header is there.
    found = (
        name in headers and (value is None or _equal(headers[name], value))
        for name, value in wanted.items()
    )
    if how in (HeadersMatch.ANY, HeadersMatch.ANY_WITH_X):
        return any(found)
    return all(found)


def _equal(one: Value, other: Value) -> bool:
    # In Python True equals 1, on the wire they are two things; text and bytes are one (RabbitMQ
    # compares what it reads, not the types it was sent as).
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return _octets(one) == _octets(other)


def _octets(value: Value) -> Value:
    return value.encode() if isinstance(value, str) else value
