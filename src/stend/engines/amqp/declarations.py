"""Declarations of exchanges and queues, and what is wrong with them. Pure.

Texts follow RabbitMQ's, which clients' users search the web for.
"""

from dataclasses import dataclass

from stend.engines.amqp.arguments import same_arguments
from stend.engines.amqp.errors import AmqpError, ReplyCode, precondition_failed, type_name
from stend.engines.amqp.queues import Queue
from stend.engines.amqp.routing import Exchange, HeadersMatch
from stend.wire.amqp.values import Table, Value

RESERVED = "amq."
_Pair = tuple[str, object, object]


@dataclass(frozen=True, slots=True)
class ExchangeDeclaration:
    """Exchange.Declare (section 1.6.2.1)."""

    name: str
    kind: str
    durable: bool
    auto_delete: bool
    internal: bool
    table: Table


@dataclass(frozen=True, slots=True)
class QueueDeclaration:
    """Queue.Declare (section 1.7.2.1)."""

    name: str
    durable: bool
    exclusive: bool
    auto_delete: bool
    table: Table


def demand_free_name(what: str, name: str) -> None:
    if name.startswith(RESERVED):
        text = f"{what} name '{name}' contains reserved prefix '{RESERVED}*'"
        raise AmqpError(ReplyCode.ACCESS_REFUSED, text)


def demand_same_exchange(existing: Exchange, told: ExchangeDeclaration, vhost: str) -> None:
    """
    Raises:
        AmqpError: PRECONDITION_FAILED, the exchange was declared otherwise before.
    """
    pairs: tuple[_Pair, ...] = (
        ("type", told.kind, existing.kind.value),
        ("durable", told.durable, existing.durable),
        ("auto_delete", told.auto_delete, existing.auto_delete),
        ("internal", told.internal, existing.internal),
    )
    subject = f"exchange '{told.name}' in vhost '{vhost}'"
    _demand_equal(subject, pairs)
    name = "alternate-exchange"
    received, current = told.table.get(name), existing.alternate
    if received != current:
        raise _inequivalent(name, subject, *_both_shown(received, current))


def demand_same_queue(existing: Queue, told: QueueDeclaration, vhost: str) -> None:
    """
    Raises:
        AmqpError: PRECONDITION_FAILED, the queue was declared otherwise before.
    """
    pairs: tuple[_Pair, ...] = (
        ("durable", told.durable, existing.durable),
        ("auto_delete", told.auto_delete, existing.auto_delete),
    )
    subject = f"queue '{told.name}' in vhost '{vhost}'"
    _demand_equal(subject, pairs)
    if difference := same_arguments(told.table, existing.table):
        name, received, current = difference
        raise _inequivalent(name, subject, *_both_shown(received, current))


def demand_quorum_shape(told: QueueDeclaration, vhost: str) -> None:
    """A quorum queue is durable and belongs to nobody."""
    subject = f"queue '{told.name}' in vhost '{vhost}'"
    wrong = (
        ("non-durable", not told.durable),
        ("auto-delete", told.auto_delete),
        ("exclusive-owner", told.exclusive),
    )
    for what, is_wrong in wrong:
        if is_wrong:
            raise precondition_failed(f"invalid property '{what}' for {subject}")


def demand_headers_match(table: Table) -> None:
    how = table.get("x-match", HeadersMatch.ALL)
    if not isinstance(how, str):
        shown = f"Invalid x-match field type {type_name(how)} (value {how!r})"
        raise precondition_failed(f"{shown}; expected longstr")
    if how not in list(HeadersMatch):
        raise precondition_failed(
            f'Invalid x-match field value <<"{how}">>; expected all, any, all-with-x, or any-with-x'
        )


def default_exchange_error() -> AmqpError:
    text = "operation not permitted on the default exchange"
    return AmqpError(ReplyCode.ACCESS_REFUSED, text)


def _demand_equal(subject: str, pairs: tuple[_Pair, ...]) -> None:
    for name, received, current in pairs:
        if received != current:
            raise _inequivalent(name, subject, _quoted(received), _quoted(current))


def _inequivalent(name: str, subject: str, received: str, current: str) -> AmqpError:
    return precondition_failed(
        f"inequivalent arg '{name}' for {subject}: received {received} but current is {current}"
    )


def _quoted(value: object) -> str:
    return f"'{str(value).lower() if isinstance(value, bool) else value}'"


def _both_shown(received: Value, current: Value) -> tuple[str, str]:
    """RabbitMQ names types only where one of the two is missing."""
    if received is None or current is None:
        return _shown(received), _shown(current)
    return _quoted(received), _quoted(current)


def _shown(value: Value) -> str:
    if value is None:
        return "none"
    shown = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    shown = shown.lower() if isinstance(value, bool) else shown
    return f"the value '{shown}' of type '{type_name(value)}'"
