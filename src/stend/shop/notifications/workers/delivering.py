"""Delivers webhooks: claims what is due, sends it, writes down what came of it.

A claim is a lease. A process that dies with it leaves the delivery to the next one, under the same
`webhook-id`: at least once, and the receiver can tell a second copy.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from stend.chassis.retrying import pauses
from stend.chassis.tracing.recording import begin, current, entered, fail, resumed
from stend.kit.chance import Chance
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.shop.notifications.domain import (
    Attempt,
    Delivery,
    DeliveryStatus,
    Outcome,
    RetryPolicy,
    Webhook,
    after_attempt,
)
from stend.shop.notifications.ports import NotificationStore, WebhookSender
from stend.shop.notifications.workers.waking import Wake

_log = logging.getLogger("stend.notifications.deliverer")
_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class DeliveryLimits:
    """
    Attributes:
        most: deliveries under way at one time.
        most_per_webhook: of them to one webhook, so that a slow receiver holds up itself alone.
        lease_s: longer than an attempt takes and is written down.
    """

    retries: RetryPolicy
    most: int
    most_per_webhook: int
    lease_s: float


class Deliverer:
    def __init__(
        self,
        store: NotificationStore,
        sender: WebhookSender,
        limits: DeliveryLimits,
        clock: Clock,
        chance: Chance,
        wake: Wake,
    ) -> None:
        self._store = store
        self._sender = sender
        self._limits = limits
        self._clock = clock
        self._chance = chance
        self._wake = wake
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled; what is under way then is left to whoever comes next."""
        delays = pauses()
        try:
            while True:
                try:
                    if not await self._begin_due():
                        await self._wake.wait(await self._until_next_s())
                    delays = pauses()
                except StendError as error:
                    _log.warning("webhooks wait: %s", error.detail)
                    await asyncio.sleep(next(delays))
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _begin_due(self) -> bool:
        """Whether something was begun."""
        free = self._limits.most - len(self._under_way)
        if free <= 0:
            return False
        now = self._clock.now()
        claimed = await self._store.claim(
            now, now + timedelta(seconds=self._limits.lease_s), free, self._limits.most_per_webhook
        )
        for delivery, webhook in claimed:
            task = asyncio.create_task(self._deliver(delivery, webhook))
            self._under_way.add(task)
            task.add_done_callback(self._on_end)
        return bool(claimed)

    async def _until_next_s(self) -> float:
        now = self._clock.now()
        due = await self._store.next_due(now)
        return min((due - now).total_seconds(), _LOOK_EVERY_S) if due else _LOOK_EVERY_S

    def _on_end(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        # The place is free, and the next event of the same order may go.
        self._wake.set()

    async def _deliver(self, delivery: Delivery, webhook: Webhook) -> None:
        kept = delivery.event.trace_context
        with resumed("notifications", kept), entered(begin("webhook")) as span:
            if span is not None:
                span.attributes["messaging.message.id"] = delivery.message_id
                if delivery.attempts:
                    span.attributes["retry.attempt"] = delivery.attempts
            await self._attempt(delivery, webhook)

    async def _attempt(self, delivery: Delivery, webhook: Webhook) -> None:
        started_at = self._clock.now()
        answer = await self._sender.send(delivery, webhook, started_at)
        if answer.outcome is not Outcome.ACCEPTED:
            fail(current(), answer.outcome)
        now, chance = self._clock.now(), self._chance.random()
        after = after_attempt(delivery, answer, self._limits.retries, now, chance)
        attempt = Attempt(delivery.message_id, after.attempts, started_at, answer)
        gone = "its receiver answered 410 Gone" if answer.outcome is Outcome.GONE else None
        try:
            await self._store.save(after, attempt, gone)
        except StendError as error:
            # The lease ends, and the attempt is made again.
            _log.warning("%s: the attempt is forgotten: %s", delivery.message_id, error.detail)
            return
        if after.status is DeliveryStatus.DEAD:
            _log.warning(
                "%s to %s is dead after %d attempts: %s",
                delivery.message_id,
                webhook.webhook_id,
                after.attempts,
                after.last_error,
            )
