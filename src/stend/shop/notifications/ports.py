"""What the use cases and the workers need from outside."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from stend.shop.notifications.domain import (
    Answer,
    Attempt,
    Delivery,
    DeliveryStatus,
    Notification,
    OrderEvent,
    Target,
    Webhook,
)

# A fresh `msg_…` at each call.
MessageIds: TypeAlias = Callable[[], str]


@dataclass(frozen=True, slots=True)
class KeyedRegistration:
    """An idempotency key with the fingerprint of the registration it came with."""

    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Registered:
    """
    Attributes:
        fingerprint: None without an idempotency key.
        replayed: that the key had registered this webhook before.
        past_events: that are on their way because the registration asked for them.
    """

    webhook: Webhook
    fingerprint: bytes | None
    replayed: bool
    past_events: int


class NotificationStore(Protocol):
    """Webhooks, deliveries, attempts and the inbox of events.

    Every method raises StendError UNAVAILABLE when the database cannot be reached.
    """

    async def register(
        self,
        webhook: Webhook,
        keyed: KeyedRegistration | None,
        replay: MessageIds | None,
        most_webhooks: int,
    ) -> Registered | None:
        """Writes the webhook and, where asked for, the deliveries of its order's past events.

        Args:
            replay: ids for these deliveries; None asks for none of them.

        Returns:
            None, with nothing written, when there are `most_webhooks` already.

        Raises:
            StendError: ORDER_NOT_FOUND when past events are asked for and there are none, or none
                that are the owner's.
        """
        ...

    async def webhook(self, webhook_id: str) -> Webhook | None: ...

    async def webhooks(
        self, owner_id: str | None, before_id: str | None, limit: int
    ) -> Sequence[Webhook]:
        """Newest first, strictly older than `before_id`; of one owner or all."""
        ...

    async def remove(self, webhook_id: str) -> bool:
        """With its deliveries and attempts. False when there is none."""
        ...

    async def deliveries(
        self,
        webhook_id: str | None,
        owner_id: str | None,
        status: DeliveryStatus | None,
        before_id: str | None,
        limit: int,
    ) -> Sequence[Delivery]:
        """Newest first, strictly older than `before_id`; of one webhook, of one owner or all."""
        ...

    async def delivery(self, message_id: str) -> Delivery | None: ...

    async def attempts(self, message_id: str) -> Sequence[Attempt]:
        """In order of number."""
        ...

    async def save(
        self, delivery: Delivery, attempt: Attempt | None, disabled_reason: str | None = None
    ) -> bool:
        """Writes what became of the delivery and lets go of it.

        Args:
            disabled_reason: why its webhook is disabled; what waits for it is given up, too.

        Returns:
            False when it is gone, or somebody else has made an attempt meanwhile.
        """
        ...

    async def receive(
        self, events: Sequence[OrderEvent], message_ids: MessageIds, now: datetime
    ) -> Sequence[Notification]:
        """Writes events, their notifications and their deliveries, all in one transaction.

        Args:
            events: in the order in which they came.

        Returns:
            One notification for each event that was not received before, in the same order.
        """
        ...

    async def notifications(self, target: Target, after: int, limit: int) -> Sequence[Notification]:
        """In order of position, strictly after it."""
        ...

    async def claim(
        self, now: datetime, lease_until: datetime, most: int, most_per_webhook: int
    ) -> Sequence[tuple[Delivery, Webhook]]:
        """Takes deliveries that are due; nobody else is given them until the lease ends.

        Of one order and one webhook the oldest pending delivery alone can be taken. Of one
        webhook not more than `most_per_webhook` are under way at one time.
        """
        ...

    async def next_due(self, now: datetime) -> datetime | None:
        """The next moment at which a delivery becomes due or a lease ends; None without one."""
        ...

    async def unannounced(self, limit: int) -> Sequence[Notification]:
        """Notifications that the live feed has not been told, oldest first."""
        ...

    async def mark_announced(self, event_ids: Sequence[str], now: datetime) -> None: ...


class LiveFeed(Protocol):
    """Notifications as they happen, to every process that has listeners."""

    def check(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE when it cannot listen now.
        """
        ...

    def subscribe(self, target: Target) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """Yields when the target may have news.

        Raises:
            StendError: UNAVAILABLE when it cannot listen, at once or later.
        """
        ...

    async def read(self, target: Target, after: int, limit: int) -> Sequence[Notification]:
        """What the feed remembers after this position, in order; may have a gap at its start.

        Raises:
            StendError: UNAVAILABLE.
        """
        ...

    async def announce(self, notifications: Sequence[Notification]) -> None:
        """Tells each once, however often it is called.

        Raises:
            StendError: UNAVAILABLE.
        """
        ...


class UrlGuard(Protocol):
    async def check(self, url: str) -> None:
        """
        Raises:
            StendError: URL_FORBIDDEN when no message may be sent there.
        """
        ...


class WebhookSender(Protocol):
    async def send(self, delivery: Delivery, webhook: Webhook, now: datetime) -> Answer:
        """One attempt. Never raises: whatever goes wrong is an answer, too."""
        ...
