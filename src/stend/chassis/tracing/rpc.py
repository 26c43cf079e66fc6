"""Spans of remote calls, of the one who makes them and the one who is called.

Source: OpenTelemetry's semantic conventions for RPC spans.
"""

from stend.chassis.tracing.recording import begin, current, received
from stend.chassis.tracing.spans import Kind, Span


def begin_call(system: str, service: str, method: str) -> Span | None:
    """
    Args:
        system: `grpc`, `jsonrpc`, `soap`, `mcp`.
        service: full name, where the protocol knows one.
    """
    span = begin("", Kind.CLIENT)
    if span is not None:
        describe(span, system, service, method)
    return span


def begin_served(
    of: str,
    system: str,
    service: str,
    method: str,
    traceparent: str | None,
    tracestate: str = "",
    *,
    starts: bool = True,
) -> Span | None:
    """
    Args:
        of: the service of the shop.
    """
    span = received(of, "", Kind.SERVER, traceparent, tracestate, starts=starts)
    if span is not None:
        describe(span, system, service, method)
    return span


def describe(span: Span, system: str, service: str, method: str) -> None:
    span.name = f"{service}/{method}" if service else method
    attributes = span.attributes
    attributes["rpc.system"] = system
    if service:
        attributes["rpc.service"] = service
    attributes["rpc.method"] = method


def name_request(system: str, service: str, method: str) -> None:
    """The request of HTTP in hand carries this call."""
    span = current()
    if span is not None:
        describe(span, system, service, method)
