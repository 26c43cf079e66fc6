"""Consumes the events of orders from RabbitMQ, each once, in the queue's order."""

import asyncio
import logging
from collections.abc import Sequence
from contextvars import Context
from dataclasses import replace

from stend.chassis.amqp import AmqpConsumer, AmqpLink, AmqpMessage, AmqpQueue, Binding
from stend.chassis.metrics import INBOX_MESSAGES
from stend.chassis.retrying import is_transient, pauses
from stend.chassis.tracing.recording import batch_entered, stored
from stend.kit.errors import StendError
from stend.shop.notifications.domain import Notification, OrderEvent
from stend.shop.notifications.usecases import Notifications
from stend.shop.notifications.workers.reading import event_of
from stend.shop.notifications.workers.waking import Wake

_log = logging.getLogger("stend.notifications.consumer")
QUEUE = AmqpQueue(
    "notifications.orders",
    dead_letter_exchange="notifications.dead",
    bindings=(Binding("orders.events", "order.#"),),
)
# What comes while one transaction is committed is taken in by the next one, all of it.
_PREFETCH = 100
_NEW = INBOX_MESSAGES.labels("notifications", "new")
_DUPLICATE = INBOX_MESSAGES.labels("notifications", "duplicate")


class _Waiting:
    """An event whose message is acknowledged when it is written."""

    def __init__(self, event: OrderEvent) -> None:
        self.event = event
        self.written: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def fail(self, error: Exception) -> None:
        if not self.written.done():
            self.written.set_exception(error)

    def succeed(self) -> None:
        if not self.written.done():
            self.written.set_result(None)


def _contexts_of(batch: Sequence[_Waiting]) -> list[str | None]:
    return [one.event.trace_context for one in batch]


class EventConsumer:
    """
    Args:
        wakes: set when there were new events.
    """

    def __init__(self, notifications: Notifications, wakes: tuple[Wake, ...]) -> None:
        self._notifications = notifications
        self._wakes = wakes
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    def attach(self, link: AmqpLink) -> None:
        """Consumes whenever the link is there."""
        # What its publisher has not recorded is not recorded here.
        AmqpConsumer(link, QUEUE, _PREFETCH, self.handle, starts_traces=False)

    async def handle(self, message: AmqpMessage) -> None:
        """
        Raises:
            StendError: the message is unintelligible and belongs to the dead letters.
        """
        # Messages are handed out in their order, and nothing is awaited before they stand in line.
        event = event_of(message.body, message.message_id)
        waiting = _Waiting(replace(event, trace_context=stored()))
        self._waiting.append(waiting)
        if self._working is None:
            # Not with the context of the message that happens to be the first.
            self._working = asyncio.create_task(self._work(), context=Context())
        await waiting.written

    async def stop(self) -> None:
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._receive(batch)
        finally:
            self._working = None

    async def _receive(self, batch: Sequence[_Waiting]) -> None:
        try:
            with batch_entered("notifications", "inbox", _contexts_of(batch)):
                new = await self._written([one.event for one in batch])
        except Exception as error:  # noqa: BLE001 - one that cannot be written must not take the others along
            if len(batch) == 1:
                batch[0].fail(error)
                return
            for one in batch:
                await self._receive([one])
            return
        for one in batch:
            one.succeed()
        _NEW.inc(len(new))
        _DUPLICATE.inc(len(batch) - len(new))
        if new:
            for wake in self._wakes:
                wake.set()

    async def _written(self, events: Sequence[OrderEvent]) -> Sequence[Notification]:
        # Tried again here and not by RabbitMQ: a message that is put back would meet its
        # successors in front of it.
        for pause_s in pauses():
            try:
                return await self._notifications.receive(events)
            except StendError as error:
                if not is_transient(error):
                    raise
                _log.warning("%d events wait: %s", len(events), error.detail)
            await asyncio.sleep(pause_s)
        raise AssertionError("pauses have no end")
