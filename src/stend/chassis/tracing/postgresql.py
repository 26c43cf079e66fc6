"""Statements of psycopg as spans; a traced one carries its context as a comment.

A cursor of our own and not the instrumentation of SQLAlchemy: half of the statements go to the
driver directly. What is not traced goes to the server as it was, so that it stays prepared.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Self
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection, AsyncCursor, Error
from psycopg.sql import Composable

from stend.chassis.tracing.recording import begin, end
from stend.chassis.tracing.sockets import ports_of_descriptor
from stend.chassis.tracing.spans import Attribute, Kind, Span
from stend.chassis.tracing.sql import commented, summary_of

_known: WeakKeyDictionary[Any, Mapping[str, Attribute]] = WeakKeyDictionary()


class TracedCursor(AsyncCursor[Any]):
    """The cursor of every pooled connection."""

    async def execute(
        self,
        query: Any,
        params: Any = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Self:
        span = begin("", Kind.CLIENT)
        if span is None:
            return await super().execute(query, params, prepare=prepare, binary=binary)
        text = self._described(span, query)
        sent = commented(text, span, with_parameters=params is not None)
        try:
            # Each of them is a text of its own: prepared, it would push out those that come again.
            await super().execute(sent, params, prepare=False, binary=binary)
        except BaseException as error:
            _fail(span, error)
            raise
        end(span)
        return self

    async def executemany(
        self, query: Any, params_seq: Iterable[Any], *, returning: bool = False
    ) -> None:
        span = begin("", Kind.CLIENT)
        if span is None:
            await super().executemany(query, params_seq, returning=returning)
            return
        text = self._described(span, query)
        rows = list(params_seq)
        span.attributes["db.operation.batch.size"] = len(rows)
        connection = self.connection
        threshold = connection.prepare_threshold
        connection.prepare_threshold = None
        try:
            sent = commented(text, span, with_parameters=True)
            await super().executemany(sent, rows, returning=returning)
        except BaseException as error:
            _fail(span, error)
            raise
        finally:
            connection.prepare_threshold = threshold
        end(span)

    def _described(self, span: Span, query: Any) -> str:
        text = query.as_string(self) if isinstance(query, Composable) else query
        if isinstance(text, bytes):
            text = text.decode()
        span.name = summary_of(text)
        attributes = span.attributes
        attributes.update(_about(self.connection))
        attributes["db.query.summary"] = span.name
        attributes["db.query.text"] = text
        return str(text)


def begin_commit(connection: AsyncConnection[Any]) -> Span | None:
    span = begin("COMMIT", Kind.CLIENT)
    if span is not None:
        span.attributes.update(_about(connection))
        span.attributes["db.query.summary"] = span.name
    return span


def _about(connection: AsyncConnection[Any]) -> Mapping[str, Attribute]:
    """What every span of a connection tells; looked up once."""
    known = _known.get(connection)
    if known is None:
        info = connection.info
        known = _known[connection] = {
            "db.system.name": "postgresql",
            "db.namespace": info.dbname,
            "server.address": info.host,
            "server.port": info.port,
            **ports_of_descriptor(connection.pgconn.socket),
        }
    return known


def _fail(span: Span, error: BaseException) -> None:
    code = error.sqlstate if isinstance(error, Error) else None
    if code:
        span.attributes["db.response.status_code"] = code
    end(span, code or error)
