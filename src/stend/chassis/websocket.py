"""Operations and subscriptions over one WebSocket, as frames of JSON.

A frame of the client names an operation: `{"id", "type", "params"}`, and the trace it belongs to
with `traceparent`, where that is not the handshake's. The answer repeats the id:
`result`, or `event` … `end`, or `error`. Any number of operations run at once, up to a bound, and
`cancel` ends one of them. Sources: RFC 6455; ASGI, "WebSocket Connection Scope".
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

from pydantic_core import from_json, to_json
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from stend.chassis.tracing.recording import current, end, entered, fail
from stend.chassis.tracing.rpc import begin_message
from stend.chassis.tracing.spans import TRACEPARENT, TRACESTATE, Span
from stend.kit.errors import EdgeErrorCode, StendError, internal
from stend.kit.json import JsonObject

_log = logging.getLogger("stend.websocket")
_MAX_ID_CHARACTERS = 64
_MEMBERS = frozenset({"id", "type", "params", TRACEPARENT, TRACESTATE})
_UPGRADE_REQUIRED = 426
_BAD_REQUEST = 400


class CloseCode(IntEnum):
    """Why the server closes: RFC 6455, section 7.4; 4000 to 4999 are an application's own."""

    SERVICE_RESTART = 1012
    UNSUPPORTED_DATA = 1003
    MESSAGE_TOO_BIG = 1009
    IDLE = 4408
    SLOW_READER = 4429


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """
    Attributes:
        frame_bytes: largest frame that is read.
        operations: under way at one time on one connection.
        idle_s: a connection without frames and without operations is closed after it.
        stall_s: a reader who takes nothing for so long is cut.
    """

    frame_bytes: int = 65_536
    operations: int = 16
    idle_s: float = 60.0
    stall_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Unary:
    """An operation with one result."""

    work: Callable[[], Awaitable[JsonObject]]


@dataclass(frozen=True, slots=True)
class Stream:
    """A subscription: its events, until they end by themselves or the client cancels."""

    events: AsyncGenerator[JsonObject, None]


# Operation, parameters, the handshake's Authorization header. Raises StendError.
Begin: TypeAlias = Callable[[str, JsonObject, str | None], Unary | Stream]


class FrameServer:
    """An ASGI application; it lives behind one path.

    Args:
        subprotocol: that a client must offer, so that both mean the same frames.
        error_to_json: the member `error` of a frame.
    """

    def __init__(
        self,
        subprotocol: str,
        limits: SocketLimits,
        begin: Begin,
        error_to_json: Callable[[StendError], JsonObject],
    ) -> None:
        self._subprotocol = subprotocol
        self.limits = limits
        self.begin = begin
        self.error_to_json = error_to_json
        self._sessions: set[_Session] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = self._problem(_UPGRADE_REQUIRED, "This path speaks WebSocket only.")
            refusal.headers["Upgrade"] = "websocket"
            await refusal(scope, receive, send)
            return
        socket = WebSocket(scope, receive, send)
        if self._subprotocol not in scope["subprotocols"]:
            rule = f"Offer the subprotocol {self._subprotocol} in the handshake."
            await socket.send_denial_response(self._problem(_BAD_REQUEST, rule))
            return
        await socket.accept(self._subprotocol)
        session = _Session(socket, receive, send, self)
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)

    def end_streams(self) -> None:
        """Clients are told to come back when the service does."""
        for session in self._sessions:
            session.end(CloseCode.SERVICE_RESTART, "the service is stopping")

    def _problem(self, status: int, detail: str) -> Response:
        code = EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE
        members: JsonObject = {
            "type": f"/errors/{code}",
            "title": "Unsupported media type",
            "status": status,
            "detail": detail,
            "code": code,
        }
        return Response(to_json(members), status, media_type="application/problem+json")


class _ClosingError(Exception):
    """The connection ends for this reason."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Session:
    """One connection. Its buffers are bounded: each operation has one frame to send at most.

    Args:
        socket: has been accepted.
        receive, send: of the same connection; frames need none of what `socket` adds to them.
    """

    def __init__(
        self, socket: WebSocket, receive: Receive, send: Send, server: FrameServer
    ) -> None:
        self._socket = socket
        self._receive = receive
        self._send_message = send
        self._limits = limits = server.limits
        self._begin = server.begin
        self._error_to_json = server.error_to_json
        self._credential: str | None = socket.headers.get("authorization")
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[_ClosingError] = self._loop.create_future()
        self._last_frame_at = self._loop.time()
        self._sending = 0
        # When the first of those who send began, or when the last one got through.
        self._read_at = 0.0
        self._looking = self._loop.call_later(min(limits.idle_s, limits.stall_s), self._look)

    def end(self, code: CloseCode, reason: str) -> None:
        if not self._ended.done():
            self._ended.set_result(_ClosingError(code, reason))

    async def run(self) -> None:
        reading = asyncio.create_task(self._read())
        either: set[asyncio.Future[Any]] = {reading, self._ended}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._looking.cancel()
            tasks = [reading, *self._operations.values()]
            for task in tasks:
                task.cancel()
            read, *_ = await asyncio.gather(*tasks, return_exceptions=True)
        if isinstance(read, Exception):
            _log.error("a connection was interrupted", exc_info=read)
        if self._ended.done():
            await self._close(self._ended.result())

    async def _close(self, closing: _ClosingError) -> None:
        _log.info("a connection is closed with %d: %s", closing.code, closing.reason)
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            # A reader who comes back within this time still reads why it was cut.
            async with asyncio.timeout(self._limits.stall_s):
                await self._socket.close(closing.code, closing.reason)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            return

    async def _read(self) -> None:
        try:
            while (message := await self._receive())["type"] != "websocket.disconnect":
                self._last_frame_at = self._loop.time()
                await self._handle(self._text_of(message))
        except WebSocketDisconnect:
            return
        except _ClosingError as closing:
            self.end(closing.code, closing.reason)

    def _look(self) -> None:
        # One timer that looks back when it is due: one for each frame costs as much as the frame.
        now, idle_s, stall_s = self._loop.time(), self._limits.idle_s, self._limits.stall_s
        until_idle_s = idle_s if self._operations else self._last_frame_at + idle_s - now
        until_stalled_s = self._read_at + stall_s - now if self._sending else stall_s
        if until_stalled_s <= 0:
            rule = f"nothing was read for {stall_s:g} s; come back and go on"
            # `run` then cancels everybody who sends.
            self.end(CloseCode.SLOW_READER, rule)
        elif until_idle_s <= 0:
            self.end(CloseCode.IDLE, f"no frame in {idle_s:g} s")
        else:
            self._looking = self._loop.call_later(min(until_idle_s, until_stalled_s), self._look)

    def _text_of(self, message: Message) -> str:
        text: str | None = message.get("text")
        if text is None:
            raise _ClosingError(CloseCode.UNSUPPORTED_DATA, "frames are text, in JSON")
        if len(text.encode()) > self._limits.frame_bytes:
            rule = f"a frame has at most {self._limits.frame_bytes} bytes"
            raise _ClosingError(CloseCode.MESSAGE_TOO_BIG, rule)
        return text

    async def _handle(self, text: str) -> None:
        frame_id: str | None = None
        try:
            frame = _object(text)
            frame_id = _frame_id(frame)
            kind, params = _kind_and_params(frame)
            if kind == "ping":
                await self._send({"id": frame_id, "type": "pong"})
            elif kind == "cancel":
                await self._cancel(frame_id)
            else:
                span = begin_message("websocket", "", kind, frame)
                self._start(frame_id, kind, params, span)
        except StendError as error:
            await self._send_error(frame_id, error)

    def _start(self, frame_id: str, kind: str, params: JsonObject, span: Span | None) -> None:
        try:
            self._begin_operation(frame_id, kind, params, span)
        except StendError as error:
            end(span, error)
            raise

    def _begin_operation(
        self, frame_id: str, kind: str, params: JsonObject, span: Span | None
    ) -> None:
        if frame_id in self._operations:
            raise _refused(
                "The id belongs to an operation that is under way.", frame_id, "a new id"
            )
        if len(self._operations) >= self._limits.operations:
            raise _overloaded(self._limits.operations)
        operation = self._begin(kind, params, self._credential)
        self._operations[frame_id] = asyncio.create_task(self._perform(frame_id, operation, span))

    async def _cancel(self, frame_id: str) -> None:
        task = self._operations.get(frame_id)
        if task is None:
            what = "No operation with this id is under way."
            raise _refused(what, frame_id, "the id of an operation that has not ended")
        task.cancel()
        await asyncio.wait({task})
        # It may not have begun, so that it could not do this itself.
        self._operations.pop(frame_id, None)
        await self._send({"id": frame_id, "type": "end", "reason": "cancelled"})

    async def _perform(self, frame_id: str, operation: Unary | Stream, span: Span | None) -> None:
        with entered(span):
            await self._perform_in_hand(frame_id, operation)

    async def _perform_in_hand(self, frame_id: str, operation: Unary | Stream) -> None:
        try:
            if isinstance(operation, Unary):
                result = await operation.work()
                await self._send({"id": frame_id, "type": "result", "result": result})
            else:
                await self._follow(frame_id, operation)
        except WebSocketDisconnect:
            return
        except StendError as error:
            fail(current(), error)
            await self._send_error(frame_id, error)
        except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets an error frame
            _log.exception("an operation failed")
            await self._send_error(frame_id, internal())
        finally:
            self._operations.pop(frame_id, None)

    async def _follow(self, frame_id: str, stream: Stream) -> None:
        async with aclosing(stream.events) as events:
            async for event in events:
                await self._send({"id": frame_id, "type": "event", "event": event})
        await self._send({"id": frame_id, "type": "end"})

    async def _send_error(self, frame_id: str | None, error: StendError) -> None:
        # Whoever is gone needs no reason.
        with suppress(WebSocketDisconnect):
            await self._send({"id": frame_id, "type": "error", "error": self._error_to_json(error)})

    async def _send(self, frame: JsonObject) -> None:
        """
        Raises:
            WebSocketDisconnect: the connection is gone, or about to be closed.
        """
        if self._ended.done():
            raise WebSocketDisconnect
        if not self._sending:
            self._read_at = self._loop.time()
        self._sending += 1
        try:
            await self._send_message({"type": "websocket.send", "text": to_json(frame).decode()})
        except (OSError, RuntimeError):
            # The server's words for a client who is gone, and for a socket that is closed already.
            raise WebSocketDisconnect from None
        finally:
            self._sending -= 1
            self._read_at = self._loop.time()


def _object(text: str) -> JsonObject:
    try:
        frame = from_json(text)
    except ValueError as error:
        raise StendError(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The frame is not JSON.",
            value=str(error),
            expected="one JSON object",
            next_step="Check quotes, commas and brackets near that place.",
        ) from None
    if not isinstance(frame, dict):
        raise StendError(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The frame is no JSON object.",
            value=type(frame).__name__,
            expected='{"id": …, "type": …, "params": {…}}',
            next_step="Put the operation into an object.",
        )
    return frame


def _frame_id(frame: JsonObject) -> str:
    frame_id = frame.get("id")
    if not isinstance(frame_id, str) or not 1 <= len(frame_id) <= _MAX_ID_CHARACTERS:
        rule = f"a text of 1 to {_MAX_ID_CHARACTERS} characters"
        raise _refused("The frame has no id that an answer could repeat.", repr(frame_id), rule)
    return frame_id


def _kind_and_params(frame: JsonObject) -> tuple[str, JsonObject]:
    if not frame.keys() <= _MEMBERS:
        unknown = ", ".join(sorted(frame.keys() - _MEMBERS))
        raise _refused(
            "The frame has unknown members.",
            unknown,
            "id, type, params, traceparent and tracestate",
        )
    kind, params = frame.get("type"), frame.get("params", {})
    if not isinstance(kind, str):
        raise _refused("The frame has no type.", repr(kind), "the name of an operation")
    if not isinstance(params, dict):
        raise _refused("The parameters are no object.", repr(params)[:100], "a JSON object")
    return kind, params


def _refused(what: str, value: str, expected: str) -> StendError:
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        what,
        value=value,
        expected=expected,
        next_step="Compare the frame with the contract.",
    )


def _overloaded(most: int) -> StendError:
    return StendError(
        EdgeErrorCode.OVERLOADED,
        "Too many operations are under way on this connection.",
        value=f"{most} operations",
        expected=f"at most {most} at once",
        next_step="Wait for an answer, or cancel a subscription.",
    )
