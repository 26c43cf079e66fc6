"""Commands of MongoDB as spans; a traced one carries its context in the field `comment`.

Source: OpenTelemetry's semantic conventions for MongoDB client spans; MongoDB manual, "comment".
"""

from contextlib import AbstractContextManager

from stend.chassis.tracing.recording import begin, entered
from stend.chassis.tracing.spans import Kind, Span


def command(name: str, database: str, collection: str) -> AbstractContextManager[Span | None]:
    """
    Args:
        name: such as `find`.
    """
    span = begin("", Kind.CLIENT)
    if span is not None:
        span.name = f"{name} {collection}"
        attributes = span.attributes
        attributes["db.system.name"] = "mongodb"
        attributes["db.operation.name"] = name
        attributes["db.collection.name"] = collection
        attributes["db.namespace"] = database
        attributes["db.query.summary"] = span.name
    return entered(span)


def comment_of(span: Span | None) -> dict[str, str] | None:
    """The value of `comment`; None leaves the command as it is."""
    return None if span is None else dict(span.carrier())
