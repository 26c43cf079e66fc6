"""Spans of messages, whichever broker carries them.

Source: OpenTelemetry's semantic conventions for messaging spans, RabbitMQ and Kafka.
"""

from collections.abc import Mapping

from stend.chassis.tracing.recording import begin, begin_after, current, end, received
from stend.chassis.tracing.spans import TRACEPARENT, TRACESTATE, Kind, Span, context_of

RABBITMQ, KAFKA = "rabbitmq", "kafka"
_REPLIES = "amq.rabbitmq.reply-to"


def begin_send(system: str, destination: str) -> Span | None:
    """
    Args:
        destination: a queue, a topic, or an exchange with its routing key.
    """
    span = begin("", Kind.PRODUCER)
    if span is not None:
        describe(span, system, destination, "send")
    return span


def begin_process(
    service: str,
    system: str,
    destination: str,
    headers: Mapping[str, object],
    *,
    starts: bool = True,
) -> Span | None:
    """
    Args:
        service: that consumes the message.
        headers: of the message, or those of them that carry the context.
        starts: see `received`.
    """
    traceparent, tracestate = headers.get(TRACEPARENT), headers.get(TRACESTATE)
    span = received(
        service,
        "",
        Kind.CONSUMER,
        traceparent if isinstance(traceparent, str) else None,
        tracestate if isinstance(tracestate, str) else "",
        starts=starts,
    )
    if span is not None:
        describe(span, system, destination, "process")
    return span


def describe(span: Span, system: str, destination: str, operation: str) -> None:
    is_reply = destination.startswith(_REPLIES)
    span.name = f"{operation} {_REPLIES if is_reply else destination}"
    attributes = span.attributes
    attributes["messaging.system"] = system
    attributes["messaging.destination.name"] = destination
    attributes["messaging.operation.type"] = operation
    attributes["messaging.operation.name"] = operation
    if is_reply:
        attributes["messaging.destination.temporary"] = True


def describe_message(
    span: Span,
    size_bytes: int,
    message_id: str | None,
    conversation_id: str | None = None,
    kind: str | None = None,
) -> None:
    """
    Args:
        conversation_id: joins a request and its replies.
        kind: what the message is, such as `OrderPlaced`.
    """
    attributes = span.attributes
    attributes["messaging.message.body.size"] = size_bytes
    if message_id:
        attributes["messaging.message.id"] = message_id
    if conversation_id:
        attributes["messaging.message.conversation_id"] = conversation_id
    if kind:
        attributes["messaging.message.type"] = kind


def note_reply(
    system: str, destination: str, headers: Mapping[str, object], conversation_id: str | None
) -> None:
    """The receipt of a reply, after the span that has sent it, or else after the one that waits."""
    asking = current()
    if asking is None:
        return
    sent = headers.get(TRACEPARENT)
    context = context_of(asking.service, sent) if isinstance(sent, str) else None
    if context is not None and context.trace_id == asking.trace_id:
        span = begin_after(context, "", Kind.CONSUMER)
    else:
        span = begin("", Kind.CONSUMER)
    if span is not None:
        describe(span, system, destination, "receive")
        if conversation_id:
            span.attributes["messaging.message.conversation_id"] = conversation_id
        end(span)
