"""Events of orders to RabbitMQ: a topic exchange that everybody may bind a queue to."""

import asyncio
from collections.abc import Sequence

from stend.chassis.amqp import AmqpLink, AmqpMessage, AmqpPublisher, AmqpQueue, Binding
from stend.chassis.tracing.recording import resumed
from stend.shop.orders.ports import OutboxEvent

EXCHANGE = "orders.events"
# An exchange forgets what no queue takes. This consumer must miss nothing, so his queue is there
# before the first event, whoever starts first; the contract of both services describes it.
NOTIFICATIONS = AmqpQueue(
    "notifications.orders",
    dead_letter_exchange="notifications.dead",
    bindings=(Binding(EXCHANGE, "order.#"),),
)
_DEADLINE_S = 5.0


class RabbitmqEvents:
    # Each has a frame and a confirm of its own.
    most_at_once = 100

    def __init__(self, link: AmqpLink) -> None:
        self._publisher = AmqpPublisher(link, (EXCHANGE,), (NOTIFICATIONS,))

    async def publish(self, events: Sequence[OutboxEvent]) -> None:
        # One channel keeps what is published on it in order, so all of it may be on its way at
        # once; the first failure is told when the others have ended, too.
        sent = await asyncio.gather(*map(self._publish, events), return_exceptions=True)
        for outcome in sent:
            if outcome is not None:
                raise outcome

    async def _publish(self, event: OutboxEvent) -> None:
        message = AmqpMessage(
            event.body,
            type=event.type,
            message_id=event.event_id,
            content_type="application/json",
        )
        # Each in a task of its own, so that no event gets the context of another.
        with resumed("orders", event.trace_context):
            await self._publisher.publish(
                message, f"order.{event.type}", exchange=EXCHANGE, deadline_s=_DEADLINE_S
            )
