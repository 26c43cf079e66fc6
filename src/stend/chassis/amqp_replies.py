"""Replies over RabbitMQ, as the one who answers: whether anybody still waits for them.

`mandatory` does not tell it for direct reply-to. Until 4.2 RabbitMQ returns every such message,
those that were taken, too; since then it returns none. What tells it is a passive declaration of
the address. Source: rabbitmq.com/docs/direct-reply-to.
"""

from typing import cast

import aiormq
from aio_pika.exceptions import ChannelNotFoundEntity
from pamqp import commands

from stend.chassis.amqp import LINK_WAIT_S, AmqpLink, AmqpMessage, AmqpPublisher
from stend.chassis.amqp_calls import DIRECT_REPLY_TO
from stend.chassis.amqp_reaching import publishing
from stend.kit.errors import unavailable


class AmqpReplies:
    """Publishes to addresses of `reply_to`, queues or direct ones, as long as they are read."""

    def __init__(self, link: AmqpLink, publisher: AmqpPublisher) -> None:
        self._link = link
        self._publisher = publisher

    async def publish(self, message: AmqpMessage, reply_to: str, *, deadline_s: float) -> None:
        """
        Args:
            message: with a message id.

        Raises:
            StendError: UNAVAILABLE (no broker, or nobody waits), DEADLINE_EXCEEDED.
        """
        is_direct = reply_to.startswith(f"{DIRECT_REPLY_TO}.")
        if is_direct:
            async with publishing(deadline_s):
                await self._link.ready(min(deadline_s / 2, LINK_WAIT_S))
                if not await self._is_there(reply_to):
                    raise unavailable(f"The client behind {reply_to}", "it waits no longer")
        await self._publisher.publish(
            message, reply_to, mandatory=not is_direct, deadline_s=deadline_s
        )

    async def _is_there(self, address: str) -> bool:
        # A channel for this one question: the broker closes it when the answer is no.
        async with self._link.connection.channel(publisher_confirms=False) as channel:
            below = cast("aiormq.Channel", await channel.get_underlay_channel())
            try:
                await below.rpc(_PassiveDeclare(address))
            except ChannelNotFoundEntity:
                return False
        return True


class _PassiveDeclare(commands.Queue.Declare):
    """Of any name: such an address ends in base64's padding, which pamqp lets no queue have."""

    def __init__(self, name: str) -> None:
        super().__init__(passive=True)
        self.queue = name

    def validate(self) -> None:
        """The broker says what is wrong with it."""
