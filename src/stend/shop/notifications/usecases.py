"""The operations of the service. Every protocol and every worker calls these."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from stend.chassis.access import Caller, check_own
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.kit.ids import Ids, decode_ulid, from_token, to_token
from stend.shop.notifications.domain import (
    Attempt,
    Delivery,
    DeliveryStatus,
    EventType,
    Notification,
    NotificationErrorCode,
    OrderEvent,
    Target,
    Webhook,
    WebhookStatus,
    revived,
)
from stend.shop.notifications.ports import (
    KeyedRegistration,
    LiveFeed,
    NotificationStore,
    UrlGuard,
)

PAGE_LIMIT_DEFAULT = 20
PAGE_LIMIT_MAX = 100
WEBHOOK_ID_PREFIX = "whk_"
MESSAGE_ID_PREFIX = "msg_"
SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix that Standard Webhooks prescribes
_FOLLOW_PAGE = 100
# Three ULIDs carry 30 bytes of chance; Standard Webhooks asks for 24 to 64.
_SECRET_ULIDS = 3
_CHANCE_BYTES = 10


# Target, the position it stands after, how many at most.
_Read: TypeAlias = Callable[[Target, int, int], Awaitable[Sequence[Notification]]]


class Operation(StrEnum):
    """The canonical names, the same over every protocol."""

    REGISTER_WEBHOOK = "RegisterWebhook"
    GET_WEBHOOK = "GetWebhook"
    LIST_WEBHOOKS = "ListWebhooks"
    REMOVE_WEBHOOK = "RemoveWebhook"
    LIST_DELIVERIES = "ListDeliveries"
    GET_DELIVERY = "GetDelivery"
    LIST_DEAD_LETTERS = "ListDeadLetters"
    REDELIVER = "Redeliver"
    LIST_NOTIFICATIONS = "ListNotifications"
    FOLLOW_NOTIFICATIONS = "FollowNotifications"


@dataclass(frozen=True, slots=True)
class RegisterWebhook:
    """
    Attributes:
        replay: also deliver what has happened to the order before.
        idempotency_key: names this registration, so that repeating it makes no second one.
    """

    url: str
    order_id: str | None = None
    customer_id: str | None = None
    event_types: frozenset[EventType] = frozenset()
    replay: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class RegisteredWebhook:
    """`replayed`: the key had registered it before. `past_events`: deliveries on their way."""

    webhook: Webhook
    replayed: bool
    past_events: int


@dataclass(frozen=True, slots=True)
class WebhookPage:
    webhooks: tuple[Webhook, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    deliveries: tuple[Delivery, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    delivery: Delivery
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Follow:
    """`after`: the last position that the caller has seen; 0 asks for everything."""

    target: Target
    after: int = 0


class Notifications:
    """The application: every method is atomic and safe to repeat.

    Args:
        on_due: called when a delivery became due by a request and not by its time.
        most_webhooks: registered at one time.
        owner: the customer whose webhooks and notifications alone exist for who asks; None for all.
    """

    def __init__(
        self,
        store: NotificationStore,
        feed: LiveFeed,
        guard: UrlGuard,
        clock: Clock,
        ids: Ids,
        on_due: Callable[[], None],
        most_webhooks: int,
        owner: str | None = None,
    ) -> None:
        self._store = store
        self._feed = feed
        self._guard = guard
        self._clock = clock
        self._ids = ids
        self._on_due = on_due
        self._most_webhooks = most_webhooks
        self._owner = owner

    def on_behalf_of(self, caller: Caller) -> "Notifications":
        """The same operations, as far as this caller may perform them."""
        owner = caller.customer_id
        if owner is None:
            return self
        return Notifications(
            self._store,
            self._feed,
            self._guard,
            self._clock,
            self._ids,
            self._on_due,
            self._most_webhooks,
            owner,
        )

    async def register(self, request: RegisterWebhook) -> RegisteredWebhook:
        """
        Raises:
            StendError: URL_FORBIDDEN, WEBHOOK_LIMIT_REACHED; ORDER_NOT_FOUND when past events are
                asked for and nothing is known of the order; IDEMPOTENCY_KEY_REUSED; FORBIDDEN for
                another customer's.
        """
        if request.customer_id:
            check_own(self._owner, request.customer_id)
        elif self._owner and not request.order_id:
            request = replace(request, customer_id=self._owner)
        await self._guard.check(request.url)
        webhook = Webhook(
            webhook_id=WEBHOOK_ID_PREFIX + self._ids.ulid(),
            url=request.url,
            secret=self._secret(),
            created_at=self._clock.now(),
            order_id=request.order_id,
            customer_id=request.customer_id,
            event_types=request.event_types,
            owner_id=self._owner,
        )
        replay = self._message_id if request.replay else None
        key = request.idempotency_key
        keyed = KeyedRegistration(key, fingerprint(request, self._owner)) if key else None
        registered = await self._store.register(webhook, keyed, replay, self._most_webhooks)
        if registered is None:
            raise _limit_reached(self._most_webhooks)
        if keyed and registered.fingerprint != keyed.fingerprint:
            raise _key_reused(keyed.key)
        self._on_due()
        return RegisteredWebhook(registered.webhook, registered.replayed, registered.past_events)

    async def get_webhook(self, webhook_id: str) -> Webhook:
        """
        Raises:
            StendError: WEBHOOK_NOT_FOUND.
        """
        webhook = await self._store.webhook(webhook_id)
        # Another's is answered like none: that it exists is nobody else's business.
        if webhook is None or self._owner not in {None, webhook.owner_id}:
            raise _no_webhook(webhook_id)
        return webhook

    async def list_webhooks(self, cursor: str | None, limit: int) -> WebhookPage:
        """Newest first."""
        before_id = WEBHOOK_ID_PREFIX + from_token(cursor) if cursor else None
        rows = await self._store.webhooks(self._owner, before_id, limit + 1)
        page = tuple(rows[:limit])
        more = len(rows) > limit
        last = page[-1].webhook_id.removeprefix(WEBHOOK_ID_PREFIX) if more else None
        return WebhookPage(page, to_token(last) if last else None)

    async def remove_webhook(self, webhook_id: str) -> None:
        """
        Raises:
            StendError: WEBHOOK_NOT_FOUND.
        """
        if self._owner:
            await self.get_webhook(webhook_id)
        if not await self._store.remove(webhook_id):
            raise _no_webhook(webhook_id)

    async def list_deliveries(
        self,
        webhook_id: str | None,
        status: DeliveryStatus | None,
        cursor: str | None,
        limit: int,
    ) -> DeliveryPage:
        """Newest first, of one webhook or of all.

        Raises:
            StendError: WEBHOOK_NOT_FOUND.
        """
        if webhook_id:
            await self.get_webhook(webhook_id)
        before_id = MESSAGE_ID_PREFIX + from_token(cursor) if cursor else None
        rows = await self._store.deliveries(webhook_id, self._owner, status, before_id, limit + 1)
        page = tuple(rows[:limit])
        more = len(rows) > limit
        last = page[-1].message_id.removeprefix(MESSAGE_ID_PREFIX) if more else None
        return DeliveryPage(page, to_token(last) if last else None)

    async def get_delivery(self, webhook_id: str, message_id: str) -> DeliveryReport:
        """
        Raises:
            StendError: DELIVERY_NOT_FOUND, also when it belongs to another webhook.
        """
        delivery = await self._delivery(message_id)
        if delivery.webhook_id != webhook_id:
            raise _no_delivery(message_id)
        return DeliveryReport(delivery, tuple(await self._store.attempts(message_id)))

    async def redeliver(self, message_id: str) -> Delivery:
        """Sends a dead letter again, under its old message id.

        Raises:
            StendError: DELIVERY_NOT_FOUND, DELIVERY_NOT_DEAD; WEBHOOK_DISABLED when its receiver
                said that it is gone.
        """
        delivery = revived(await self._delivery(message_id), self._clock.now())
        webhook = await self.get_webhook(delivery.webhook_id)
        if webhook.status is WebhookStatus.DISABLED:
            raise _disabled(webhook)
        if not await self._store.save(delivery, None):
            # Somebody else was faster, and the letter is on its way already.
            return await self._delivery(message_id)
        self._on_due()
        return delivery

    async def receive(self, events: Sequence[OrderEvent]) -> Sequence[Notification]:
        """Takes events in, each once; what is new among them, in their order."""
        return await self._store.receive(events, self._message_id, self._clock.now())

    async def list_notifications(self, request: Follow, limit: int) -> Sequence[Notification]:
        """In order of position; none of another's order, as of one that does not exist.

        Raises:
            StendError: FORBIDDEN for another customer's.
        """
        self._check_target(request.target)
        found = await self._store.notifications(request.target, request.after, limit)
        return [notification for notification in found if self._may_see(notification)]

    def follow(self, request: Follow) -> AsyncGenerator[Notification, None]:
        """Past notifications at once and new ones as they happen, without gap or repetition.

        Raises:
            StendError: UNAVAILABLE at once, or when the feed is lost; who comes back with the last
                position misses nothing. FORBIDDEN for another customer's; of another's order
                nothing ever comes, as of one that does not exist.
        """
        self._check_target(request.target)
        self._feed.check()
        return self._follow(request)

    async def _follow(self, request: Follow) -> AsyncGenerator[Notification, None]:
        target, seen = request.target, request.after
        # Subscribed before the first read, so that nothing falls between the two.
        async with self._feed.subscribe(target) as pulses:
            read: _Read = self._store.notifications
            while True:
                while page := await read(target, seen, _FOLLOW_PAGE):
                    for notification in page:
                        if self._may_see(notification):
                            yield notification
                        seen = target.position(notification)
                await anext(pulses)
                # Once it has caught up, a listener costs the database nothing.
                read = self._news

    async def _news(self, target: Target, seen: int, limit: int) -> Sequence[Notification]:
        live = await self._feed.read(target, seen, limit)
        if live and target.position(live[0]) > seen + 1:
            # The feed remembers the newest only.
            return await self._store.notifications(target, seen, limit)
        return live

    async def _delivery(self, message_id: str) -> Delivery:
        delivery = await self._store.delivery(message_id)
        if delivery and self._owner:
            webhook = await self._store.webhook(delivery.webhook_id)
            if webhook is None or webhook.owner_id != self._owner:
                raise _no_delivery(message_id)
        if delivery is None:
            raise _no_delivery(message_id)
        return delivery

    def _check_target(self, target: Target) -> None:
        if target.customer_id:
            check_own(self._owner, target.customer_id)

    def _may_see(self, notification: Notification) -> bool:
        return self._owner in {None, notification.event.customer_id}

    def _message_id(self) -> str:
        return MESSAGE_ID_PREFIX + self._ids.ulid()

    def _secret(self) -> str:
        chance = b"".join(
            decode_ulid(self._ids.ulid())[-_CHANCE_BYTES:] for _ in range(_SECRET_ULIDS)
        )
        return SECRET_PREFIX + b64encode(chance).decode()


# As the protocols get it: there is no way to the operations without saying who calls.
NotificationsOf: TypeAlias = Callable[[Caller], Notifications]


def fingerprint(request: RegisterWebhook, owner: str | None) -> bytes:
    """SHA-256 over every field but the key: equal requests, and only they, are equal here.

    With the owner: one customer's key must never give another his webhook and its secret.
    """
    parts = [
        request.url,
        request.order_id or "",
        request.customer_id or "",
        str(request.replay),
        *sorted(request.event_types),
        *([owner] if owner else ()),
    ]
    # Lengths stand before texts, so that no two different requests can run together.
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).digest()


def _no_webhook(webhook_id: str) -> StendError:
    return StendError(
        NotificationErrorCode.WEBHOOK_NOT_FOUND,
        "There is no such webhook.",
        value=webhook_id,
        expected="the id of a webhook that is registered here",
        next_step="List the webhooks to find its id.",
    )


def _disabled(webhook: Webhook) -> StendError:
    return StendError(
        NotificationErrorCode.WEBHOOK_DISABLED,
        "This webhook is disabled, nothing is delivered to it any more.",
        value=webhook.webhook_id,
        expected="an active webhook",
        next_step=f"It was disabled because: {webhook.disabled_reason}. Register it anew.",
    )


def _limit_reached(most: int) -> StendError:
    return StendError(
        NotificationErrorCode.WEBHOOK_LIMIT_REACHED,
        "There are as many webhooks as this service keeps.",
        value=f"{most} webhooks",
        expected=f"fewer than {most}",
        next_step="Remove webhooks that nobody needs.",
    )


def _key_reused(key: str) -> StendError:
    return StendError(
        NotificationErrorCode.IDEMPOTENCY_KEY_REUSED,
        "This idempotency key came before with another registration.",
        value=key,
        expected="the same registration as the first time, or a fresh key",
        next_step="Use one key per registration; repeat it only to repeat the same one.",
    )


def _no_delivery(message_id: str) -> StendError:
    return StendError(
        NotificationErrorCode.DELIVERY_NOT_FOUND,
        "There is no such delivery.",
        value=message_id,
        expected="the id of a delivery, as the header webhook-id carries it",
        next_step="List the deliveries of the webhook to find its id.",
    )
