"""Statements of SQLAlchemy over aiomysql as spans; a traced one has its context as a comment."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from stend.chassis.tracing.recording import begin, end
from stend.chassis.tracing.sockets import ports_of
from stend.chassis.tracing.spans import Kind, Span
from stend.chassis.tracing.sql import commented, summary_of

# Where the span of an execution waits for its end.
_SPAN = "_span_of_trace"


def trace_statements(engine: AsyncEngine) -> None:
    """Of every connection of the engine, from now on."""
    below = engine.sync_engine
    event.listen(below, "before_cursor_execute", _before, retval=True)
    event.listen(below, "after_cursor_execute", _after)
    event.listen(below, "handle_error", _failed)


def _before(
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> tuple[str, Any]:
    span = begin("", Kind.CLIENT)
    if span is None:
        return statement, parameters
    _describe(span, statement, connection)
    setattr(context, _SPAN, span)
    return commented(statement, span, with_parameters=bool(parameters)), parameters


def _after(
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> None:
    end(getattr(context, _SPAN, None))


def _failed(failure: ExceptionContext) -> None:
    end(getattr(failure.execution_context, _SPAN, None), failure.original_exception)


def _describe(span: Span, statement: str, connection: Any) -> None:
    attributes = span.attributes
    span.name = summary_of(statement)
    attributes["db.system.name"] = "mysql"
    attributes["db.query.summary"] = span.name
    attributes["db.query.text"] = statement
    url = connection.engine.url
    attributes["db.namespace"] = url.database or ""
    attributes["server.address"] = url.host or ""
    if url.port:
        attributes["server.port"] = url.port
    # aiomysql tells its stream to nobody; without it the span only misses its ports.
    writer = getattr(connection.connection.driver_connection, "_writer", None)
    if writer is not None:
        attributes.update(
            ports_of(writer.get_extra_info("sockname"), writer.get_extra_info("peername"))
        )
