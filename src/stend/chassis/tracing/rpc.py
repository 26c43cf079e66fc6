"""Spans of remote calls, of the one who makes them and the one who is called.

Source: OpenTelemetry's semantic conventions for RPC spans.
"""

from collections.abc import Mapping

from stend.chassis.tracing.recording import begin, current, received, received_here
from stend.chassis.tracing.spans import TRACEPARENT, TRACESTATE, Kind, Span


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


def begin_message(
    system: str, service: str, method: str, members: Mapping[str, object]
) -> Span | None:
    """The span of a call that has come over a connection which carries many.

    Args:
        members: of the message, among which `traceparent` and `tracestate` may be.
    """
    traceparent, tracestate = members.get(TRACEPARENT), members.get(TRACESTATE)
    span = received_here(
        "",
        Kind.SERVER,
        traceparent if isinstance(traceparent, str) else None,
        tracestate if isinstance(tracestate, str) else "",
    )
    if span is not None:
        describe(span, system, service, method)
    return span


def begin_carried(
    system: str, service: str, method: str, members: Mapping[str, object]
) -> Span | None:
    """The span of a call that one request of HTTP carries.

    Where the request belongs to the trace it is that span, which is only named; None then. Where
    the message alone carries the context, as after a gateway that drops headers, it gets its own.
    """
    carrying = current()
    name_request(system, service, method)
    told = str(members.get(TRACEPARENT, ""))
    if not told or (carrying is not None and carrying.trace_id in told):
        return None
    return begin_message(system, service, method, members)
