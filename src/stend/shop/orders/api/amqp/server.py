"""RabbitMQ: commands of `orders.commands` to the use cases, replies to `reply_to`."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from importlib.resources import files

from stend.chassis.amqp import AmqpConsumer, AmqpLink, AmqpMessage, AmqpPublisher, AmqpQueue
from stend.chassis.amqp_replies import AmqpReplies
from stend.chassis.intake import Intake
from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.shop.orders.api.amqp import translate
from stend.shop.orders.api.amqp.faults import FAULTS
from stend.shop.orders.api.command_desk import Answer, CommandDesk, CommandLimits, Streams
from stend.shop.orders.api.commands import CONTENT_TYPE, CommandReply
from stend.shop.orders.usecases import OrdersOf

_log = logging.getLogger("stend.orders.amqp")
COMMANDS = AmqpQueue(translate.QUEUE, dead_letter_exchange="orders.dlx", most_dead=10_000)


def contract() -> str:
    """The text of asyncapi.yaml."""
    return files("stend.shop.orders.api.amqp").joinpath("contract/asyncapi.yaml").read_text("utf-8")


class AmqpServer:
    """A worker of `orders.commands`; it acknowledges a command when its reply is with the broker.

    A stream is acknowledged when it begins: it runs beside the queue and may be asked for again.

    Args:
        url: `amqp://user:password@host:port/vhost`.
    """

    def __init__(
        self, orders: OrdersOf, url: str, limits: CommandLimits, intake: Intake, ids: Ids
    ) -> None:
        self._ids = ids
        self._deadline_s = limits.deadline_s
        self._desk = CommandDesk(orders, intake, limits, FAULTS)
        self._streams = Streams(limits.streams)
        self._link = AmqpLink(url, "orders.commands")
        self._publisher = AmqpPublisher(self._link)
        self._replies = AmqpReplies(self._link, self._publisher)
        AmqpConsumer(self._link, COMMANDS, limits.prefetch, self._handle)

    def start(self) -> None:
        """Returns at once; a broker that is away is waited for in the background."""
        self._link.start()

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE when no commands are worked off now.
        """
        await self._link.ready()

    async def stop(self) -> None:
        await self._streams.stop()
        await self._link.stop()

    async def _handle(self, message: AmqpMessage) -> None:
        """
        Raises:
            StendError: what dead-letters the command; its sender was told before.
        """
        if not message.reply_to:
            raise translate.no_return_address()
        answer = await self._answer(message)
        if answer.stream is not None:
            try:
                self._streams.begin(self._follow(message, answer))
            except StendError as error:
                await self._reply(message, self._desk.refuse(error))
        if answer.reply is not None:
            await self._reply(message, answer.reply)
        if answer.dead is not None:
            raise answer.dead

    async def _answer(self, message: AmqpMessage) -> Answer:
        command = translate.command_of(
            message.type,
            message.body,
            message.content_type,
            message.headers.get(translate.AUTHORIZATION_HEADER),
            message.expiration_s,
        )
        return await self._desk.answer(command)

    async def _follow(self, message: AmqpMessage, answer: Answer) -> None:
        if answer.stream is None:
            return
        async with aclosing(answer.stream) as replies:
            async for reply in replies:
                # Who is not there any more needs no further events.
                if not await self._event(message, reply):
                    return

    async def _reply(self, message: AmqpMessage, reply: CommandReply) -> bool:
        return await self._send(message, reply, self._publisher.publish)

    async def _event(self, message: AmqpMessage, reply: CommandReply) -> bool:
        return await self._send(message, reply, self._replies.publish)

    async def _send(
        self, message: AmqpMessage, reply: CommandReply, publish: Callable[..., Awaitable[None]]
    ) -> bool:
        outgoing = AmqpMessage(
            translate.reply_body(reply),
            type=translate.reply_type(message.type),
            message_id=self._ids.ulid(),
            correlation_id=message.correlation_id,
            content_type=CONTENT_TYPE,
            headers={translate.LAST_HEADER: reply.last},
        )
        try:
            await publish(outgoing, message.reply_to or "", deadline_s=self._deadline_s)
        except StendError as error:
            # Its sender asks again; an operation that is repeated has its effect once.
            _log.info("a reply to %s was not sent: %s", message.type, error.detail)
            return False
        return True
