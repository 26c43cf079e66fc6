"""Spans as OpenTelemetry's own messages, for other tools and from them.

Source: OTLP 1.x, opentelemetry/proto/trace/v1/trace.proto. The generated messages take 15 ms to
import, so this module is imported with the first span that leaves or arrives.
"""

from collections.abc import Iterable, Sequence

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2 as pb

from stend.chassis.tracing.spans import Attribute, Kind, Span, SpanContext, context_of

PATH = "/v1/traces"
MEDIA_TYPE = "application/x-protobuf"
_SCOPE = "stend"
_TRACE_BYTES, _SPAN_BYTES = 16, 8
_SERVICE = "service.name"
_KINDS = frozenset(int(kind) for kind in Kind)


def encoded(spans: Iterable[Span]) -> bytes:
    """An ExportTraceServiceRequest: one resource for each service, whichever process it is in."""
    request = ExportTraceServiceRequest()
    scopes: dict[str, pb.ScopeSpans] = {}
    for span in spans:
        scope = scopes.get(span.service)
        if scope is None:
            resource = request.resource_spans.add()
            resource.resource.attributes.append(_pair(_SERVICE, span.service))
            scope = scopes[span.service] = resource.scope_spans.add()
            scope.scope.name = _SCOPE
        _fill(scope.spans.add(), span)
    return request.SerializeToString()


def decoded(raw: bytes) -> Sequence[Span]:
    """
    Raises:
        ValueError: no ExportTraceServiceRequest, or a span without its ids.
    """
    try:
        request = ExportTraceServiceRequest.FromString(raw)
    except DecodeError as error:
        raise ValueError(f"no ExportTraceServiceRequest: {error}") from None
    return [
        _span_of(one, _service_of(resource.resource.attributes))
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for one in scope.spans
    ]


def _fill(message: pb.Span, span: Span) -> None:
    message.trace_id = bytes.fromhex(span.trace_id)
    message.span_id = bytes.fromhex(span.span_id)
    message.parent_span_id = bytes.fromhex(span.parent_id)
    message.trace_state = span.tracestate
    message.name = span.name
    message.kind = pb.Span.SpanKind.ValueType(span.kind)
    message.start_time_unix_nano = span.start_ns
    message.end_time_unix_nano = span.end_ns
    message.attributes.extend(_pair(name, value) for name, value in span.attributes.items())
    for traceparent in span.links:
        if context := context_of("", traceparent):
            link = message.links.add()
            link.trace_id = bytes.fromhex(context.trace_id)
            link.span_id = bytes.fromhex(context.span_id)
    if span.error:
        message.status.code = pb.Status.STATUS_CODE_ERROR
        message.status.message = span.error


def _pair(name: str, value: Attribute) -> KeyValue:
    # A bool is an int, too.
    if isinstance(value, bool):
        told = AnyValue(bool_value=value)
    elif isinstance(value, int):
        told = AnyValue(int_value=value)
    elif isinstance(value, float):
        told = AnyValue(double_value=value)
    else:
        told = AnyValue(string_value=value)
    return KeyValue(key=name, value=told)


def _span_of(message: pb.Span, service: str) -> Span:
    if len(message.trace_id) != _TRACE_BYTES or len(message.span_id) != _SPAN_BYTES:
        raise ValueError(f"the span {message.name!r} has no trace id of 16 and span id of 8 bytes")
    context = SpanContext(service, message.trace_id.hex(), "", message.trace_state)
    number = int(message.kind)
    kind = Kind(number) if number in _KINDS else Kind.INTERNAL
    span = Span(
        context,
        message.parent_span_id.hex(),
        message.span_id.hex(),
        message.name,
        kind,
        message.start_time_unix_nano,
    )
    span.end_ns = message.end_time_unix_nano
    span.attributes = {one.key: _value_of(one.value) for one in message.attributes}
    span.links = [f"00-{one.trace_id.hex()}-{one.span_id.hex()}-01" for one in message.links]
    if message.status.code == pb.Status.STATUS_CODE_ERROR:
        span.error = message.status.message or "error"
    return span


def _service_of(attributes: Iterable[KeyValue]) -> str:
    named = (one.value.string_value for one in attributes if one.key == _SERVICE)
    return next(named, "") or "unknown_service"


def _value_of(value: AnyValue) -> Attribute:
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "int_value":
            return value.int_value
        case "double_value":
            return value.double_value
        case _:
            # Lists, maps and bytes, as text: nothing here computes with them.
            return str(value).strip()
