"""One WebSocket with the subprotocol `graphql-transport-ws`, the server's side.

Source: github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from enum import IntEnum
from typing import Any

from graphql import GraphQLError
from pydantic_core import from_json, to_json
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from stend.chassis.graphql import requests
from stend.chassis.graphql.answers import GraphqlFaults, RequestError, errors_json
from stend.chassis.graphql.config import GraphqlLimits
from stend.chassis.graphql.running import GraphqlContext, GraphqlRunner
from stend.chassis.graphql.tracing import describe
from stend.chassis.tracing.recording import current, entered
from stend.chassis.tracing.rpc import begin_message
from stend.kit.errors import EdgeErrorCode, StendError, internal

SUBPROTOCOL = "graphql-transport-ws"
_log = logging.getLogger("stend.graphql")
# RFC 6455, section 5.5: a close frame carries 125 bytes, two of them are the code.
_REASON_BYTES = 123


class CloseCode(IntEnum):
    """4400 and above are the protocol's own, 1009 is RFC 6455, section 7.4.1."""

    MESSAGE_TOO_BIG = 1009
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_EXISTS = 4409
    TOO_MANY_INITIALISATIONS = 4429


class _ViolationError(Exception):
    """The peer broke the protocol; the socket is closed with this code and reason."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class TransportWsSocket:
    """Reads messages, runs one task per operation, and lets go of a reader that does not read.

    Nothing is queued: an operation asks its source for the next event only when the last one has
    been taken by the socket, so a slow reader holds one event per operation and no more.
    """

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        runner: GraphqlRunner,
        faults: GraphqlFaults,
        limits: GraphqlLimits,
        context_of: Callable[[str | None], GraphqlContext],
    ) -> None:
        self._socket = WebSocket(scope, receive, send)
        self._runner = runner
        self._faults = faults
        self._limits = limits
        self._context_of = context_of
        self._credential = self._socket.headers.get("authorization")
        self._acknowledged = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()
        self._gone = asyncio.Event()

    async def serve(self) -> None:
        """Until one of the two closes."""
        offered = SUBPROTOCOL in self._socket.scope["subprotocols"]
        await self._socket.accept(SUBPROTOCOL if offered else None)
        reading = asyncio.ensure_future(self._read(offered))
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait({reading, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            tasks = [reading, gone, *self._operations.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, offered: bool) -> None:
        try:
            if not offered:
                raise _ViolationError(
                    CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, f"Only {SUBPROTOCOL} is spoken here"
                )
            await self._initialise()
            while True:
                await self._handle(await self._message())
        except WebSocketDisconnect:
            self._gone.set()
        except _ViolationError as closed:
            if self._socket.application_state is WebSocketState.CONNECTED:
                reason = closed.reason.encode()[:_REASON_BYTES].decode(errors="ignore")
                await self._socket.close(closed.code, reason)

    async def _initialise(self) -> None:
        try:
            async with asyncio.timeout(self._limits.init_timeout_s):
                while not self._acknowledged:
                    await self._handle(await self._message())
        except TimeoutError:
            raise _ViolationError(
                CloseCode.INITIALISATION_TIMEOUT, "Connection initialisation timeout"
            ) from None

    async def _message(self) -> dict[str, Any]:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1005))
        text = event.get("text")
        if text is None:
            raise _ViolationError(CloseCode.BAD_REQUEST, "Messages are JSON in text frames")
        # A character is a byte at least.
        if len(text) > self._limits.body_limit_bytes:
            limit = self._limits.body_limit_bytes
            raise _ViolationError(CloseCode.MESSAGE_TOO_BIG, f"Messages have at most {limit} bytes")
        try:
            message = from_json(text, allow_inf_nan=False)
        except ValueError:
            raise _ViolationError(CloseCode.BAD_REQUEST, "The message is not JSON") from None
        if not isinstance(message, dict):
            raise _ViolationError(CloseCode.BAD_REQUEST, "A message is a JSON object")
        return message

    async def _handle(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "connection_init"}:
                await self._acknowledge(message.get("payload"))
            case {"type": "ping"}:
                await self._send({"type": "pong"})
            case {"type": "pong"}:
                pass
            case {"type": "subscribe", "id": str(operation_id), "payload": payload}:
                await self._subscribe(operation_id, payload)
            case {"type": "complete", "id": str(operation_id)}:
                # An operation that is over already is no error: the messages crossed.
                if task := self._operations.pop(operation_id, None):
                    task.cancel()
            case _:
                kind = str(message.get("type"))[:40]
                raise _ViolationError(
                    CloseCode.BAD_REQUEST, f"No such message, or not whole: {kind}"
                )

    async def _acknowledge(self, payload: Any) -> None:
        if self._acknowledged:
            raise _ViolationError(
                CloseCode.TOO_MANY_INITIALISATIONS, "Too many initialisation requests"
            )
        if not isinstance(payload, dict | None):
            raise _ViolationError(
                CloseCode.BAD_REQUEST, "The payload of connection_init is an object"
            )
        # A browser cannot set headers of a handshake, so its credential comes here.
        given = {name.lower(): value for name, value in (payload or {}).items()}
        credential = given.get("authorization")
        if isinstance(credential, str) and self._credential is None:
            self._credential = credential
        self._acknowledged = True
        await self._send({"type": "connection_ack"})

    async def _subscribe(self, operation_id: str, payload: Any) -> None:
        if not self._acknowledged:
            raise _ViolationError(CloseCode.UNAUTHORIZED, "Unauthorized")
        if operation_id in self._operations:
            reason = f"Subscriber for {operation_id} already exists"
            raise _ViolationError(CloseCode.SUBSCRIBER_EXISTS, reason)
        if len(self._operations) >= self._limits.operations_per_socket:
            await self._send_errors(operation_id, [_too_many(self._limits.operations_per_socket)])
            return
        self._operations[operation_id] = asyncio.create_task(self._run(operation_id, payload))

    async def _run(self, operation_id: str, payload: Any) -> None:
        members = payload.get("extensions") if isinstance(payload, dict) else None
        carried = members if isinstance(members, dict) else {}
        try:
            with entered(begin_message("graphql", "", "subscribe", carried)):
                await self._perform(operation_id, payload)
        except WebSocketDisconnect:
            self._gone.set()

    async def _perform(self, operation_id: str, payload: Any) -> None:
        try:
            request = requests.from_members(payload)
            prepared = self._runner.prepare(request)
            describe(current(), prepared)
            context = self._context_of(self._credential)
            async with aclosing(self._runner.stream(prepared, request, context)) as answers:
                async for answer in answers:
                    await self._send({"id": operation_id, "type": "next", "payload": answer})
            self._operations.pop(operation_id, None)
            await self._send({"id": operation_id, "type": "complete"})
        except RequestError as error:
            await self._end(operation_id, error.errors)
        except StendError as error:
            await self._end(operation_id, [error])
        except WebSocketDisconnect:
            raise
        except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets an answer
            _log.exception("an operation over a WebSocket failed")
            await self._end(operation_id, [internal()])

    async def _end(self, operation_id: str, errors: Sequence[GraphQLError | StendError]) -> None:
        # Freed first: the client may use the id again as soon as it has read the end.
        self._operations.pop(operation_id, None)
        await self._send_errors(operation_id, errors)

    async def _send_errors(
        self, operation_id: str, errors: Sequence[GraphQLError | StendError]
    ) -> None:
        payload = errors_json(errors, self._faults)
        await self._send({"id": operation_id, "type": "error", "payload": payload})

    async def _send(self, message: dict[str, Any]) -> None:
        text = to_json(message).decode()
        async with self._sending:
            if self._socket.application_state is not WebSocketState.CONNECTED:
                raise WebSocketDisconnect
            try:
                async with asyncio.timeout(self._limits.send_timeout_s):
                    await self._socket.send_text(text)
            except TimeoutError:
                raise WebSocketDisconnect from None


def _too_many(limit: int) -> StendError:
    return StendError(
        EdgeErrorCode.OVERLOADED,
        "This connection runs as many operations as it may.",
        value=f"{limit + 1} operations",
        expected=f"at most {limit}",
        next_step="Complete one of them, or open another connection.",
    )
