"""The x-arguments of queues: read, checked, refused. Pure.

Texts follow RabbitMQ's, which clients' users search the web for. What RabbitMQ knows and this
broker cannot do is refused with NOT_IMPLEMENTED; what RabbitMQ does not know either is kept and
shown, as RabbitMQ does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum

from stend.engines.amqp.errors import (
    AmqpError,
    not_implemented,
    precondition_failed,
    type_name,
)
from stend.wire.amqp.values import Table, Timestamp, Value

_MAX_PRIORITY = 255
_MAX_SHORT_STRING = 255
# Ten years, as much as RabbitMQ takes.
MAX_MS = 315_360_000_000


class Overflow(StrEnum):
    DROP_HEAD = "drop-head"
    REJECT_PUBLISH = "reject-publish"
    REJECT_PUBLISH_DLX = "reject-publish-dlx"


@dataclass(frozen=True, slots=True)
class QueueArguments:
    """What the arguments of a queue mean; None where an argument is absent."""

    quorum: bool = False
    expires_ms: int | None = None
    message_ttl_ms: int | None = None
    max_length: int | None = None
    max_length_bytes: int | None = None
    overflow: Overflow = Overflow.DROP_HEAD
    dead_letter_exchange: str | None = None
    dead_letter_routing_key: str | None = None
    max_priority: int | None = None
    single_active_consumer: bool = False
    delivery_limit: int | None = None


class _WrongError(Exception):
    """What is wrong with an argument, in RabbitMQ's words."""


def _integer(value: Value) -> int:
    if isinstance(value, bool | Timestamp) or not isinstance(value, int):
        raise _WrongError(f'"expected integer, got {type_name(value)}"')
    return value


def _count(value: Value) -> int:
    number = _integer(value)
    if number < 0:
        raise _WrongError(f"{{value_negative,{number}}}")
    return number


def _milliseconds(value: Value) -> int:
    number = _count(value)
    if number > MAX_MS:
        raise _WrongError(f"{{value_too_large,{number}}}")
    return number


def _expiry(value: Value) -> int:
    number = _milliseconds(value)
    if number == 0:
        raise _WrongError("{value_zero,0}")
    return number


def _priority(value: Value) -> int:
    number = _count(value)
    if number > _MAX_PRIORITY:
        raise _WrongError(f"{{max_value_exceeded,{number}}}")
    return number


def _delivery_limit(value: Value) -> int | None:
    """A negative one is none at all (RabbitMQ 4 documents -1)."""
    number = _integer(value)
    return None if number < 0 else number


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise _WrongError(f"{{unacceptable_type,{type_name(value)}}}")
    return value


def _short_text(value: Value) -> str:
    text = _text(value)
    if len(text.encode()) > _MAX_SHORT_STRING:
        raise _WrongError('{too_long,"a routing key has 255 bytes at most"}')
    return text


def _switch(value: Value) -> bool:
    if not isinstance(value, bool):
        raise _WrongError(f"{{unacceptable_type,{type_name(value)}}}")
    return value


def _overflow(value: Value) -> Overflow:
    text = _text(value)
    if text not in list(Overflow):
        raise _WrongError("invalid_overflow")
    return Overflow(text)


def _is_quorum(value: Value) -> bool:
    text = _text(value)
    if text == "stream":
        raise not_implemented("streams (x-queue-type=stream): this broker has classic and quorum")
    if text not in ("classic", "quorum"):
        raise _WrongError(f"\"unsupported queue type '{text}'\"")
    return text == "quorum"


def _mode(value: Value) -> None:
    """Lazy queues keep their messages on disk; here all are in memory, which no client can see."""
    if (text := _text(value)) not in ("default", "lazy"):
        raise _WrongError(f"\"unsupported queue mode '{text}'\"")


def _version(value: Value) -> None:
    """The versions of a classic queue differ in their files on disk only."""
    if (number := _integer(value)) not in (1, 2):
        raise _WrongError(f"\"unsupported queue version '{number}'\"")


def _strategy(value: Value) -> None:
    text = _text(value)
    if text == "at-least-once":
        raise not_implemented("x-dead-letter-strategy=at-least-once: only at-most-once")
    if text != "at-most-once":
        raise _WrongError("invalid_dlx_strategy")


def _one_node(value: Value) -> None:
    """Where a queue lives in a cluster; there is one place here."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _WrongError(f"{{unacceptable_type,{type_name(value)}}}")


def _leader(value: Value) -> None:
    if value not in ("client-local", "balanced", "random", "least-leaders"):
        raise _WrongError("invalid_queue_locator_arg")


class _Kind(Enum):
    """Which queues know an argument."""

    CLASSIC = "rabbit_classic_queue"
    QUORUM = "rabbit_quorum_queue"
    BOTH = "both"


# What it means, who may have it, and for which field; without a field it is only checked.
_READERS: dict[str, tuple[str | None, _Kind, Callable[[Value], object]]] = {
    "x-expires": ("expires_ms", _Kind.BOTH, _expiry),
    "x-message-ttl": ("message_ttl_ms", _Kind.BOTH, _milliseconds),
    "x-dead-letter-exchange": ("dead_letter_exchange", _Kind.BOTH, _text),
    "x-dead-letter-routing-key": ("dead_letter_routing_key", _Kind.BOTH, _short_text),
    "x-dead-letter-strategy": (None, _Kind.QUORUM, _strategy),
    "x-max-length": ("max_length", _Kind.BOTH, _count),
    "x-max-length-bytes": ("max_length_bytes", _Kind.BOTH, _count),
    "x-max-in-memory-length": (None, _Kind.QUORUM, _count),
    "x-max-in-memory-bytes": (None, _Kind.QUORUM, _count),
    "x-max-priority": ("max_priority", _Kind.CLASSIC, _priority),
    "x-overflow": ("overflow", _Kind.BOTH, _overflow),
    "x-queue-mode": (None, _Kind.CLASSIC, _mode),
    "x-queue-version": (None, _Kind.CLASSIC, _version),
    "x-queue-master-locator": (None, _Kind.CLASSIC, _one_node),
    "x-queue-leader-locator": (None, _Kind.QUORUM, _leader),
    "x-quorum-initial-group-size": (None, _Kind.QUORUM, _count),
    "x-delivery-limit": ("delivery_limit", _Kind.QUORUM, _delivery_limit),
    "x-single-active-consumer": ("single_active_consumer", _Kind.BOTH, _switch),
    "x-queue-type": ("quorum", _Kind.BOTH, _is_quorum),
}

# RabbitMQ has them, this broker does not.
_REFUSED = ("x-consumer-timeout",)
# Only streams have these.
_OF_STREAMS = ("x-max-age", "x-stream-max-segment-size-bytes")


def read_queue_arguments(table: Table, queue: str, vhost: str) -> QueueArguments:
    """
    Raises:
        AmqpError: PRECONDITION_FAILED for a wrong value, NOT_IMPLEMENTED for what RabbitMQ has and
            this broker does not.
    """
    subject = f"queue '{queue}' in vhost '{vhost}'"
    try:
        quorum = _is_quorum(table.get("x-queue-type", "classic"))
    except _WrongError as wrong:
        raise _invalid("x-queue-type", subject, str(wrong)) from None
    own = _Kind.QUORUM if quorum else _Kind.CLASSIC
    found: dict[str, object] = {}
    for name, value in table.items():
        _demand_known(name, value, subject, own)
        if name not in _READERS:
            continue
        field, _, read = _READERS[name]
        try:
            meaning = read(value)
        except _WrongError as wrong:
            raise _invalid(name, subject, str(wrong)) from None
        if field:
            found[field] = meaning
    if "x-dead-letter-routing-key" in table and "x-dead-letter-exchange" not in table:
        name = "x-dead-letter-routing-key"
        raise _invalid(name, subject, "routing_key_but_no_dlx_defined")
    return QueueArguments(**found)  # type: ignore[arg-type]  # each reader gives its field's type


def same_arguments(received: Table, current: Table) -> tuple[str, Value, Value] | None:
    """The first argument that a second declaration gives otherwise; None when there is none."""
    for name in _READERS:
        one, other = received.get(name), current.get(name)
        # Nothing said means classic.
        is_default = name == "x-queue-type" and all(it in (None, "classic") for it in (one, other))
        if one != other and not is_default:
            return name, one, other
    return None


def _demand_known(name: str, value: Value, subject: str, own: _Kind) -> None:
    """Refuses what this kind of queue, or this broker, has not."""
    if name in _REFUSED:
        raise not_implemented(f"argument '{name}' of {subject}")
    _, kind, _ = _READERS.get(name, (None, _Kind.BOTH, None))
    if name in _OF_STREAMS or kind not in (own, _Kind.BOTH):
        raise precondition_failed(f"invalid arg '{name}' for {subject} of queue type {own.value}")
    if name == "x-dead-letter-exchange" and not isinstance(value, str):
        raise precondition_failed(
            f"invalid type '{type_name(value)}' for arg '{name}' in {subject}"
        )


def _invalid(name: str, subject: str, wrong: str) -> AmqpError:
    return precondition_failed(f"invalid arg '{name}' for {subject}: {wrong}")
