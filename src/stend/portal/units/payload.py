"""Which bytes of a unit are the user's payload, and which only carry it.

Payload is what the protocol itself calls the content of a message, as in `stend compare`: the body
of HTTP whatever it holds, the data of a WebSocket frame, the message of gRPC without its five bytes
of prefix, the content body of AMQP, the value of a Kafka record; of a database, the statement and
the values. It is told from the tree alone: a field of such a name begins payload, and everything
below it and inside of it is payload, too, but for the framing that stands right below.
"""

from collections.abc import Mapping
from typing import NamedTuple

from stend.kit.fields import Field


class Rule(NamedTuple):
    """
    Attributes:
        begins: fields that are payload, with all below them.
        carries: right below such a field: what is not payload again.
        never: groups in which nothing is payload, whatever it is called.
    """

    begins: frozenset[str]
    carries: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


class Standing(NamedTuple):
    """Where a field stands. `below`: how far below the field that began the payload; 0 outside."""

    below: int = 0
    is_never: bool = False

    @property
    def is_payload(self) -> bool:
        return self.below > 0


_HTTP = Rule(
    frozenset({"message body", "body part", "chunk-data"}),
    frozenset({"chunk", "last-chunk", "CRLF", "trailer section"}),
)
_HTTP2 = Rule(
    frozenset({"message", "message_part", "data"}),
    frozenset({"compressed_flag", "message_length"}),
    frozenset({"field block fragment", "field block"}),
)
_WEBSOCKET = Rule(frozenset({"Payload data", "Application data"}))
_AMQP = Rule(frozenset({"body", "content body", "payload"}), never=frozenset({"headers"}))
_KAFKA = Rule(frozenset({"value"}), never=frozenset({"headers"}))
_POSTGRESQL = Rule(frozenset({"query", "value", "element", "data", "payload"}))
_MYSQL = Rule(frozenset({"query", "value", "statement"}))
_MONGODB = Rule(frozenset({"body", "document", "documents", "sections"}))
_REDIS = Rule(frozenset({"data"}), never=frozenset({"command", "subcommand", "option"}))

RULES: Mapping[str, Rule] = {
    "http1": _HTTP,
    "http2": _HTTP2,
    "websocket": _WEBSOCKET,
    "amqp": _AMQP,
    "kafka": _KAFKA,
    "postgresql": _POSTGRESQL,
    "mysql": _MYSQL,
    "mongodb": _MONGODB,
    "resp": _REDIS,
}
_NOTHING = Rule(frozenset())


def rule_of(protocol: str) -> Rule:
    return RULES.get(protocol, _NOTHING)


def standing(field: Field, above: Standing, rule: Rule) -> Standing:
    """Where a field stands, by where the one above it does."""
    if above.is_never or field.name in rule.never:
        return Standing(0, is_never=True)
    if above.below == 1 and field.name in rule.carries:
        return Standing()
    if above.is_payload:
        return Standing(above.below + 1)
    return Standing(1 if field.name in rule.begins else 0)


def payload_size(protocol: str, fields: tuple[Field, ...]) -> int:
    """How many bytes of a unit are payload, as they stand on the wire."""
    rule = rule_of(protocol)
    waiting = [(one, Standing()) for one in fields]
    found = 0
    while waiting:
        one, above = waiting.pop()
        here = standing(one, above, rule)
        waiting += [(child, here) for child in one.children]
        if not one.children and (here.is_payload or holds_payload(one, here, rule)):
            found += one.end - one.start
    return found


def holds_payload(field: Field, here: Standing, rule: Rule) -> bool:
    """Of what is packed whole: where its content has payload, the packed bytes are payload."""
    if field.inner is None:
        return False
    waiting = [(one, here) for one in field.inner.fields]
    while waiting:
        one, above = waiting.pop()
        inside = standing(one, above, rule)
        if inside.is_payload:
            return True
        waiting += [(child, inside) for child in one.children]
    return False
