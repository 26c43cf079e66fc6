"""Consumes the events of orders from RabbitMQ, each once, in the queue's order."""

import logging

from stend.chassis.amqp import AmqpConsumer, AmqpLink, AmqpMessage, AmqpQueue, Binding
from stend.shop.notifications.usecases import Notifications
from stend.shop.notifications.workers.reading import event_of
from stend.shop.notifications.workers.waking import Wake

_log = logging.getLogger("stend.notifications.consumer")
QUEUE = AmqpQueue(
    "notifications.orders",
    dead_letter_exchange="notifications.dead",
    bindings=(Binding("orders.events", "order.#"),),
)
# Two at once could be received in either order, and an order's events must not change places.
_PREFETCH = 1


class EventConsumer:
    """
    Args:
        wakes: set for every event that was new.
    """

    def __init__(self, notifications: Notifications, wakes: tuple[Wake, ...]) -> None:
        self._notifications = notifications
        self._wakes = wakes

    def attach(self, link: AmqpLink) -> None:
        """Consumes whenever the link is there."""
        AmqpConsumer(link, QUEUE, _PREFETCH, self.handle)

    async def handle(self, message: AmqpMessage) -> None:
        """
        Raises:
            StendError: UNAVAILABLE, and the message is tried again; anything else, and it is
                dead-lettered.
        """
        event = event_of(message.body, message.message_id)
        if await self._notifications.receive(event) is None:
            _log.info("event %s came again and changes nothing", event.event_id)
            return
        for wake in self._wakes:
            wake.set()
