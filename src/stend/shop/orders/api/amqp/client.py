"""A consumer of the commands over RabbitMQ: request and reply over direct reply-to."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from stend.chassis.amqp import AmqpLink, AmqpMessage
from stend.chassis.amqp_calls import AmqpCaller
from stend.kit.ids import Ids
from stend.shop.orders.api.amqp import translate
from stend.shop.orders.api.command_client import CommandClient, RawReply
from stend.shop.orders.api.commands import CONTENT_TYPE
from stend.shop.orders.usecases import OperationInput

_DEADLINE_S = 10.0
# A stream of the service ends after half a minute at the latest, and is then asked for again.
_SILENCE_S = 45.0


class AmqpClient(CommandClient):
    """The operations of `orders` over RabbitMQ; the connection is made with the first of them.

    Args:
        url: `amqp://user:password@host:port/vhost`.
        authorization: the header `authorization` of every command.
    """

    def __init__(self, url: str, ids: Ids, authorization: str | None = None) -> None:
        super().__init__(_AmqpTransport(url, ids, authorization))


class _AmqpTransport:
    def __init__(self, url: str, ids: Ids, authorization: str | None) -> None:
        self._ids = ids
        self._authorization = authorization
        self._link = AmqpLink(url, "orders.client")
        self._caller = AmqpCaller(self._link)
        self._is_started = False

    async def call(self, request: OperationInput, body: bytes) -> RawReply:
        message = self._command(request, body)
        return _raw(await self._caller.call(translate.QUEUE, message, _DEADLINE_S))

    async def stream(self, request: OperationInput, body: bytes) -> AsyncGenerator[RawReply, None]:
        message = self._command(request, body)
        replies = self._caller.stream(translate.QUEUE, message, _DEADLINE_S, _SILENCE_S)
        async with aclosing(replies):
            async for reply in replies:
                yield _raw(reply)

    async def close(self) -> None:
        await self._link.stop()

    def _command(self, request: OperationInput, body: bytes) -> AmqpMessage:
        if not self._is_started:
            self._is_started = True
            self._link.start()
        headers = {translate.AUTHORIZATION_HEADER: self._authorization}
        return AmqpMessage(
            body,
            type=translate.operation_name(request),
            message_id=self._ids.ulid(),
            content_type=CONTENT_TYPE,
            headers=headers if self._authorization else {},
        )


def _raw(reply: AmqpMessage) -> RawReply:
    properties = {
        "type": reply.type,
        "message_id": reply.message_id,
        "correlation_id": reply.correlation_id,
        "content_type": reply.content_type,
        translate.LAST_HEADER: str(reply.headers.get(translate.LAST_HEADER)).lower(),
    }
    told = tuple((name, str(value)) for name, value in properties.items() if value is not None)
    return RawReply(told, reply.body)
