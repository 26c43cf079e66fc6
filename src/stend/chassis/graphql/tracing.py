"""What the span in hand tells of an operation of GraphQL.

Source: OpenTelemetry's semantic conventions for GraphQL.
"""

from stend.chassis.graphql.documents import Prepared
from stend.chassis.tracing.spans import Span


def describe(span: Span | None, prepared: Prepared) -> None:
    if span is None:
        return
    kind, name = prepared.kind.value, prepared.operation.name
    span.attributes["graphql.operation.type"] = kind
    if name is not None:
        span.attributes["graphql.operation.name"] = name.value
    # The operation's own name may be anything that a client writes; its type is one of three.
    span.name = f"graphql {kind}"
