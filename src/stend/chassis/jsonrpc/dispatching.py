"""From the text of a message to the methods it calls and back. Knows no transport."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from stend.chassis.jsonrpc.messages import (
    Incoming,
    Invalid,
    Request,
    dump,
    error_object,
    failure_of,
    named_params,
    read,
    result_of,
)
from stend.chassis.tracing.recording import begin, current, entered, fail
from stend.chassis.tracing.rpc import name_request
from stend.chassis.tracing.spans import Kind
from stend.kit.errors import EdgeErrorCode, StendError, internal
from stend.kit.json import JsonObject, JsonValue

_log = logging.getLogger("stend.jsonrpc")


@dataclass(frozen=True, slots=True)
class JsonRpcLimits:
    """
    Attributes:
        message_bytes: largest message, in either direction of a WebSocket and as a body.
        batch: requests in one batch.
        concurrent_calls: of one batch; of a WebSocket, messages at once. More wait for their turn.
        waiting_messages: of one WebSocket, with those that run; more are refused.
        subscriptions: of one WebSocket; more are refused.
        stall_s: a reader of a WebSocket who takes nothing for so long is cut.
    """

    message_bytes: int
    batch: int = 50
    concurrent_calls: int = 8
    waiting_messages: int = 64
    subscriptions: int = 16
    stall_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Feed:
    """What a subscription sends: a notification for each item, and one for the end.

    Attributes:
        event_method: of the notifications with the members `subscription` and `event`.
        end_method: of the last one, with `subscription`, and with `error` where it failed.
    """

    items: AsyncGenerator[JsonObject, None]
    event_method: str
    end_method: str


class Subscriptions(Protocol):
    """Of one connection that carries messages both ways."""

    def add(self, feed: Feed) -> str:
        """The id of the subscription, whose feed begins after the answer to this call.

        Raises:
            StendError: OVERLOADED.
        """
        ...

    def end(self, subscription: str) -> bool:
        """Whether there was such a one."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """How a request came.

    Attributes:
        credential: the header Authorization; of a WebSocket the one of its handshake.
        subscriptions: None where nothing can be sent but the answer.
    """

    credential: str | None = None
    subscriptions: Subscriptions | None = None


Method = Callable[[JsonObject, Call], Awaitable[JsonValue]]


class Dispatcher:
    """
    Args:
        methods: by name; each gets the parameters by name.
        faults: the number of every code that a method can refuse with.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        faults: Mapping[StrEnum, int],
        limits: JsonRpcLimits,
    ) -> None:
        self._methods = methods
        self._faults = faults
        self.limits = limits

    async def answer(self, text: bytes, call: Call) -> bytes | None:
        """The text of the answer; None where the message held notifications only."""
        try:
            incoming = read(text, self.limits.batch)
        except StendError as error:
            return self.refusal(error)
        answers = await self._answers(incoming, call)
        if not answers:
            return None
        return dump(answers if incoming.is_batch else answers[0])

    async def refuse(self, text: bytes, error: StendError) -> bytes | None:
        """Answers every request of the message with one error, without doing anything."""

        async def refusing(params: JsonObject, call: Call) -> JsonValue:
            raise error

        methods = dict.fromkeys(self._methods, refusing)
        return await Dispatcher(methods, self._faults, self.limits).answer(text, Call())

    def refusal(self, error: StendError) -> bytes:
        """The answer to what is no request, or came in no way that requests come."""
        return dump(failure_of(None, self.error(error)))

    def error(self, error: StendError) -> JsonObject:
        return error_object(error, self._faults)

    async def _answers(self, incoming: Incoming, call: Call) -> list[JsonObject]:
        if not incoming.is_batch:
            if isinstance(only := incoming.items[0], Request):
                name_request("jsonrpc", "", only.method)
            answers = [await self._one(incoming.items[0], call)]
        else:
            # Section 6 allows any order; the answers of this server stand in that of the requests.
            turns = asyncio.Semaphore(self.limits.concurrent_calls)

            async def in_turn(item: Request | Invalid) -> JsonObject | None:
                method = item.method if isinstance(item, Request) else "invalid"
                with entered(begin(method, Kind.SERVER)):
                    name_request("jsonrpc", "", method)
                    async with turns:
                        return await self._one(item, call)

            answers = list(await asyncio.gather(*(in_turn(item) for item in incoming.items)))
        return [one for one in answers if one is not None]

    async def _one(self, item: Request | Invalid, call: Call) -> JsonObject | None:
        if isinstance(item, Invalid):
            return failure_of(item.id, self.error(item.error))
        try:
            result = await self._perform(item, call)
        except StendError as error:
            fail(current(), error)
            if item.is_notification:
                # Section 4.1: the caller would not be aware of any error.
                _log.info("the notification %s was refused: %s", item.method, error.detail)
            return None if item.is_notification else failure_of(item.id, self.error(error))
        return None if item.is_notification else result_of(item.id, result)

    async def _perform(self, request: Request, call: Call) -> JsonValue:
        method = self._methods.get(request.method)
        if method is None:
            raise self._no_such_method(request.method)
        try:
            return await method(named_params(request), call)
        except StendError:
            raise
        except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets an error object
            _log.exception("%s failed", request.method)
            raise internal() from None

    def _no_such_method(self, name: str) -> StendError:
        return StendError(
            EdgeErrorCode.NO_SUCH_OPERATION,
            "This service has no such method.",
            value=name[:100],
            expected=", ".join(sorted(self._methods)),
            next_step="rpc.discover answers with the contract.",
        )
