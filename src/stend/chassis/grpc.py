"""A port that speaks gRPC: messages in, the use case, messages or a rich status out.

Handlers get raw bytes and not parsed messages: grpcio would answer bytes that it cannot parse with
INTERNAL, which blames the server for what the caller sent.
"""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, TypeVar, cast

import grpc.aio
from google.protobuf.message import DecodeError, Message
from google.rpc import code_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from stend.chassis.access import Caller
from stend.chassis.intake import Intake
from stend.chassis.rich_errors import status_of
from stend.chassis.tracing.recording import current, entered, fail
from stend.chassis.tracing.rpc import begin_served
from stend.chassis.tracing.spans import TRACEPARENT, TRACESTATE, Span
from stend.kit.errors import EdgeErrorCode, StendError, internal

_log = logging.getLogger("stend.grpc")
_RequestT = TypeVar("_RequestT", bound=Message)
_Context = grpc.aio.ServicerContext[Any, Any]
Send = Callable[[Message], Awaitable[None]]
Faults = Mapping[StrEnum, "code_pb2.Code.ValueType"]
# Time for calls in flight when the server stops; a stream has no end to wait for.
_STOP_GRACE_S = 0.2
_OPTIONS = (
    # Two processes on one port would each get half of the calls.
    ("grpc.so_reuseport", 0),
    # A peer who vanished without a word is noticed within half a minute, so that his streams do
    # not stay for ever (grpc.io/docs/guides/keepalive).
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # The shortest interval in which clients may do the same to us.
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
)


@dataclass(frozen=True, slots=True)
class GrpcLimits:
    """
    Attributes:
        deadline_s: for one unary call, where the client's own deadline is not shorter.
        message_limit_bytes: largest request message.
        calls_limit: calls and streams at one time; more are refused with RESOURCE_EXHAUSTED.
    """

    deadline_s: float
    message_limit_bytes: int
    calls_limit: int = 2000


class GrpcPort:
    """One service, its health and its reflection on one port.

    Args:
        service: full name, such as `lavka.orders.v1.Orders`.
        handlers: by the method's name.
    """

    def __init__(self, service: str, handlers: Mapping[str, Any], limits: GrpcLimits) -> None:
        self._service = service
        self._server = grpc.aio.server(
            options=[("grpc.max_receive_message_length", limits.message_limit_bytes), *_OPTIONS],
            maximum_concurrent_rpcs=limits.calls_limit,
        )
        self._health = health.aio.HealthServicer()
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, dict(handlers)),)
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (service, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)

    async def start(self, address: str) -> None:
        """
        Args:
            address: `host:port` to listen on.

        Raises:
            OSError: the port is taken.
        """
        try:
            self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"gRPC cannot listen on {address}: {error}") from None
        await self._server.start()

    async def set_serving(self, serving: bool) -> None:
        """What the health service (grpc.health.v1) answers, for the server and for the service."""
        states = health_pb2.HealthCheckResponse
        status = states.SERVING if serving else states.NOT_SERVING
        for name in ("", self._service):
            await self._health.set(name, status)

    async def stop(self) -> None:
        await self._server.stop(_STOP_GRACE_S)


class GrpcMethods:
    """Makes the handlers of one service: access, deadline, metrics and errors around its methods.

    Args:
        service: full name, such as `lavka.orders.v1.Orders`.
        contract: name of the .proto file, as errors tell it.
        faults: the status code of every error.
    """

    def __init__(self, intake: Intake, service: str, contract: str, faults: Faults) -> None:
        self._intake = intake
        self._service = service
        self._contract = contract
        self._faults = faults

    def unary(
        self,
        operation: str,
        scope: str,
        kind: type[_RequestT],
        act: Callable[[_RequestT, Caller], Awaitable[Message]],
    ) -> Any:
        """One message for one message, within the deadline."""

        async def handle(raw: bytes, context: _Context) -> Message:
            async def work(caller: Caller) -> Message:
                return await act(parsed(kind, raw, self._contract), caller)

            # None without a deadline, whatever the stubs say.
            remaining_s = cast("float | None", context.time_remaining())
            told = _Told(context)
            with entered(self._span(operation, told)):
                async with _Refusing(operation, context, self._faults):
                    return await self._intake.perform(
                        operation, scope, told.credential, work, remaining_s
                    )

        return grpc.unary_unary_rpc_method_handler(handle, response_serializer=_serialized)

    def server_stream(
        self,
        operation: str,
        scope: str,
        kind: type[_RequestT],
        act: Callable[[_RequestT, Caller], AsyncGenerator[Message, None]],
    ) -> Any:
        """One message for many."""

        async def handle(raw: bytes, context: _Context) -> AsyncIterator[Message]:
            told = _Told(context)
            with entered(self._span(operation, told)):
                async with _Refusing(operation, context, self._faults):
                    caller = self._intake.open(operation, scope, told.credential)
                    request = parsed(kind, raw, self._contract)
                    async with aclosing(act(request, caller)) as answers:
                        async for answer in answers:
                            yield answer

        return grpc.unary_stream_rpc_method_handler(handle, response_serializer=_serialized)

    def client_stream(
        self,
        operation: str,
        scope: str,
        kind: type[_RequestT],
        act: Callable[[AsyncIterator[_RequestT]], Awaitable[Message]],
    ) -> Any:
        """Many messages for one."""

        async def handle(raws: AsyncIterator[bytes], context: _Context) -> Message:
            told = _Told(context)
            with entered(self._span(operation, told)):
                async with _Refusing(operation, context, self._faults):
                    self._intake.open(operation, scope, told.credential)
                    return await act(self._all_parsed(kind, raws))

        return grpc.stream_unary_rpc_method_handler(handle, response_serializer=_serialized)

    def both_streams(
        self,
        operation: str,
        scope: str,
        kind: type[_RequestT],
        act: Callable[[AsyncIterator[_RequestT], Send], Awaitable[None]],
    ) -> Any:
        """Many messages for many, in no order between the two sides.

        Args:
            act: gets the caller's messages and a function that sends one to him; that may be
                called by one task at a time only.
        """

        async def handle(raws: AsyncIterator[bytes], context: _Context) -> None:
            told = _Told(context)
            with entered(self._span(operation, told)):
                async with _Refusing(operation, context, self._faults):
                    self._intake.open(operation, scope, told.credential)
                    await act(self._all_parsed(kind, raws), context.write)

        return grpc.stream_stream_rpc_method_handler(handle, response_serializer=_serialized)

    def _span(self, operation: str, told: "_Told") -> Span | None:
        span = begin_served(
            self._intake.service,
            "grpc",
            self._service,
            operation,
            told.traceparent,
            told.tracestate,
        )
        if span is not None and told.peer:
            # `ipv4:127.0.0.1:50000` (gRPC Name Resolution).
            _, _, place = told.peer.partition(":")
            address, _, port = place.rpartition(":")
            span.attributes["network.peer.address"] = address
            if port.isdecimal():
                span.attributes["network.peer.port"] = int(port)
        return span

    async def _all_parsed(
        self, kind: type[_RequestT], raws: AsyncIterator[bytes]
    ) -> AsyncIterator[_RequestT]:
        async for raw in raws:
            yield parsed(kind, raw, self._contract)


class _Refusing:
    """Ends the call with the status of whatever error comes out of the block.

    A class and not a generator: it stands around each call, and costs a quarter of one.
    """

    def __init__(self, operation: str, context: _Context, faults: Faults) -> None:
        self._operation = operation
        self._context = context
        self._faults = faults

    async def __aenter__(self) -> None:
        """Nothing to prepare."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, StendError):
            await self._refuse(error)
        elif isinstance(error, Exception):
            # Whatever a bug raises, the caller gets a status.
            _log.error("%s failed", self._operation, exc_info=error)
            await self._refuse(internal())

    async def _refuse(self, error: StendError) -> None:
        """Raises what grpc.aio ends the call with."""
        status = rpc_status.to_status(status_of(error, self._faults))
        if (span := current()) is not None:
            span.attributes["rpc.response.status_code"] = status.code.name
            fail(span, error)
        await self._context.abort_with_status(status)


def parsed(kind: type[_RequestT], raw: bytes, contract: str) -> _RequestT:
    """
    Args:
        contract: name of the .proto file, as the error tells it.

    Raises:
        StendError: MALFORMED_MESSAGE when the bytes are no message of this kind.
    """
    try:
        return kind.FromString(raw)
    except DecodeError:
        raise StendError(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The bytes are not a protobuf message.",
            value=f"{len(raw)} bytes, beginning {raw[:8].hex()}",
            expected=f"a {kind.DESCRIPTOR.full_name} (protobuf encoding)",
            next_step=f"Make the message with stubs generated from {contract}.",
        ) from None


def _serialized(message: Message) -> bytes:
    return message.SerializeToString()


class _Told:
    """What came as metadata, under the names of HTTP's headers (RFC 9113, section 8.3)."""

    __slots__ = ("credential", "peer", "traceparent", "tracestate")

    def __init__(self, context: _Context) -> None:
        self.credential: str | None = None
        self.traceparent: str | None = None
        self.tracestate = ""
        self.peer = ""
        for name, value in context.invocation_metadata() or ():
            if name == "authorization":
                self.credential = _text(value)
            elif name == TRACEPARENT:
                self.traceparent = _text(value)
                self.peer = context.peer()
            elif name == TRACESTATE:
                self.tracestate = _text(value)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
