"""The x-arguments of queues: read, checked, refused. Pure.

Texts follow RabbitMQ's, which clients' users search the web for. What RabbitMQ knows and this
broker cannot do is refused with NOT_IMPLEMENTED; what RabbitMQ does not know either is kept and
shown, as RabbitMQ does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from stend.engines.amqp.errors import (
    AmqpError,
    not_implemented,
    precondition_failed,
    type_name,
)
from stend.wire.amqp.values import Table, Value

_MAX_PRIORITY = 255
# What Erlang's timers can count, and so what RabbitMQ takes: 2**32 - 1 milliseconds.
_MAX_MS = 0xFFFF_FFFF


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


def _number(value: Value, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _WrongError(f"{{unacceptable_type,{type_name(value)}}}")
    if value < 0:
        raise _WrongError(f"{{value_negative,{value}}}")
    if value < least:
        raise _WrongError("{value_zero,0}")
    if value > most:
        raise _WrongError(f"{{max_value_exceeded,{value}}}")
    return value


def _count(value: Value) -> int:
    return _number(value, 0, 2**63 - 1)


def _milliseconds(value: Value) -> int:
    return _number(value, 0, _MAX_MS)


def _expiry(value: Value) -> int:
    return _number(value, 1, _MAX_MS)


def _priority(value: Value) -> int:
    return _number(value, 0, _MAX_PRIORITY)


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise _WrongError(f"{{unacceptable_type,{type_name(value)}}}")
    return value


def _switch(value: Value) -> bool:
    if not isinstance(value, bool):
        raise _WrongError(f"{{unacceptable_type,{type_name(value)}}}")
    return value


def _overflow(value: Value) -> Overflow:
    text = _text(value)
    if text not in list(Overflow):
        raise _WrongError(f'{{invalid_overflow,<<"{text}">>}}')
    return Overflow(text)


def _is_quorum(value: Value) -> bool:
    text = _text(value)
    if text == "stream":
        raise not_implemented("streams (x-queue-type=stream): this broker has classic and quorum")
    if text not in ("classic", "quorum"):
        raise _WrongError(f"unsupported queue type '{text}'")
    return text == "quorum"


_READERS: dict[str, tuple[str, Callable[[Value], object]]] = {
    "x-queue-type": ("quorum", _is_quorum),
    "x-expires": ("expires_ms", _expiry),
    "x-message-ttl": ("message_ttl_ms", _milliseconds),
    "x-max-length": ("max_length", _count),
    "x-max-length-bytes": ("max_length_bytes", _count),
    "x-overflow": ("overflow", _overflow),
    "x-dead-letter-exchange": ("dead_letter_exchange", _text),
    "x-dead-letter-routing-key": ("dead_letter_routing_key", _text),
    "x-max-priority": ("max_priority", _priority),
    "x-single-active-consumer": ("single_active_consumer", _switch),
    "x-delivery-limit": ("delivery_limit", _count),
}

# RabbitMQ has them, this broker does not.
_REFUSED = ("x-consumer-timeout", "x-max-age", "x-stream-max-segment-size-bytes")


def read_queue_arguments(table: Table, queue: str, vhost: str) -> QueueArguments:
    """
    Raises:
        AmqpError: PRECONDITION_FAILED for a wrong value, NOT_IMPLEMENTED for what RabbitMQ has and
            this broker does not.
    """
    found: dict[str, object] = {}
    for name, value in table.items():
        if name in _REFUSED:
            raise not_implemented(f"argument '{name}' of queue '{queue}'")
        if name == "x-dead-letter-strategy" and value != "at-most-once":
            raise not_implemented(f"x-dead-letter-strategy={value!r}: only at-most-once")
        if name not in _READERS:
            continue
        field, read = _READERS[name]
        try:
            found[field] = read(value)
        except _WrongError as wrong:
            raise _invalid(name, queue, vhost, str(wrong)) from None
    if "x-dead-letter-routing-key" in table and "x-dead-letter-exchange" not in table:
        text = "routing_key_but_no_dlx_defined"
        raise _invalid("x-dead-letter-routing-key", queue, vhost, text)
    return QueueArguments(**found)  # type: ignore[arg-type]  # each reader gives its field's type


def same_arguments(received: Table, current: Table) -> tuple[str, Value, Value] | None:
    """The first argument that a second declaration gives otherwise; None when there is none."""
    for name in _READERS:
        if received.get(name) != current.get(name):
            return name, received.get(name), current.get(name)
    return None


def _invalid(name: str, queue: str, vhost: str, wrong: str) -> AmqpError:
    return precondition_failed(
        f"invalid arg '{name}' for queue '{queue}' in vhost '{vhost}': {wrong}"
    )
