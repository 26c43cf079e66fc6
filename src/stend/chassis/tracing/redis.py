"""Commands of Redis as spans. Its protocol has no place for a context: the span tells its
connection instead.

Source: OpenTelemetry's semantic conventions for Redis client spans.
"""

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import NoScriptError

from stend.chassis.tracing.recording import begin, current, end, entered
from stend.chassis.tracing.sockets import ports_of
from stend.chassis.tracing.spans import Kind, Span

_SYSTEM = "db.system.name"


class TracedRedis(Redis):
    async def execute_command(self, *args: Any, **options: Any) -> Any:
        span = begin("", Kind.CLIENT)
        if span is None:
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        _describe(span, self, str(args[0]))
        with entered(span):
            try:
                return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
            except NoScriptError:
                # Asked for in passing: who asked loads the script now, and asks again.
                end(span)
                raise

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        return _TracedPipeline(
            self.connection_pool, self.response_callbacks, transaction, shard_hint
        )


class _TracedPipeline(Pipeline):
    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        span = begin("", Kind.CLIENT) if self.command_stack else None
        if span is None:
            return await super().execute(raise_on_error)
        _describe(span, self, "MULTI" if self.is_transaction else "PIPELINE")
        span.attributes["db.operation.batch.size"] = len(self.command_stack)
        names = dict.fromkeys(str(arguments[0]) for arguments, _ in self.command_stack)
        span.attributes["db.query.summary"] = " ".join((span.name, *names))
        with entered(span):
            return await super().execute(raise_on_error)


def note_connection(writer: Any) -> None:
    """Called as a command goes out, with the connection that it goes over."""
    span = current()
    if span is None or span.attributes.get(_SYSTEM) != "redis":
        return
    local, peer = writer.get_extra_info("sockname"), writer.get_extra_info("peername")
    span.attributes.update(ports_of(local, peer))


def _describe(span: Span, client: Redis, operation: str) -> None:
    attributes = span.attributes
    span.name = operation
    attributes[_SYSTEM] = "redis"
    attributes["db.operation.name"] = operation
    attributes["db.query.summary"] = operation
    attributes["db.namespace"] = str(client.connection_pool.connection_kwargs.get("db", 0))
