"""Events, webhooks, and what becomes of a delivery. No protocol, no database, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from stend.kit.errors import StendError
from stend.kit.ids import ULID_PATTERN
from stend.kit.json import JsonObject
from stend.kit.languages import Text

ORDER_ID_PATTERN = f"^ord_{ULID_PATTERN}$"
CUSTOMER_ID_PATTERN = "^cus_[0-9A-Za-z]{1,32}$"
WEBHOOK_ID_PATTERN = f"^whk_{ULID_PATTERN}$"
MESSAGE_ID_PATTERN = f"^msg_{ULID_PATTERN}$"


class EventType(StrEnum):
    """What `orders` publishes. A type that is not here is dead-lettered, never dropped."""

    ORDER_PLACED = "OrderPlaced"
    ORDER_RESERVED = "OrderReserved"
    ORDER_PAID = "OrderPaid"
    PICKING_STARTED = "PickingStarted"
    ORDER_DISPATCHED = "OrderDispatched"
    ORDER_DELIVERED = "OrderDelivered"
    ORDER_CANCELLED = "OrderCancelled"
    ORDER_FAILED = "OrderFailed"


class NotificationErrorCode(StrEnum):
    WEBHOOK_NOT_FOUND = "webhook-not-found"
    WEBHOOK_DISABLED = "webhook-disabled"
    WEBHOOK_LIMIT_REACHED = "webhook-limit-reached"
    URL_FORBIDDEN = "url-forbidden"
    DELIVERY_NOT_FOUND = "delivery-not-found"
    DELIVERY_NOT_DEAD = "delivery-not-dead"
    ORDER_NOT_FOUND = "order-not-found"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One event of an order as it was consumed.

    Attributes:
        customer_id: OrderPlaced carries it; for later events the store remembers it.
        payload: the whole message, which webhooks pass on as it is.
        trace_context: of whoever has consumed it; None where nothing was recorded.
    """

    order_id: str
    version: int
    type: EventType
    status: str
    occurred_at: datetime
    payload: JsonObject
    reason: str | None = None
    customer_id: str | None = None
    trace_context: str | None = field(default=None, compare=False)

    @property
    def event_id(self) -> str:
        """The same on every bus, so that a second copy is known as one."""
        return f"{self.order_id}:{self.version}"


@dataclass(frozen=True, slots=True)
class Notification:
    """An event in the words of a customer.

    Attributes:
        number: counts the notifications of one customer from 1; None while nobody knows whose
            order it is.
    """

    event: OrderEvent
    number: int | None
    text: Text


@dataclass(frozen=True, slots=True)
class Target:
    """Whose notifications: of one order, or of one customer. Exactly one of them is set."""

    order_id: str | None = None
    customer_id: str | None = None

    def position(self, notification: Notification) -> int:
        """Where the notification stands in the row of this target, from 1."""
        if self.order_id is not None:
            return notification.event.version
        if notification.number is None:
            raise ValueError("a notification of nobody stands in no customer's row")
        return notification.number


# ---- webhooks ----------------------------------------------------------------------------------


class WebhookStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where somebody wants to be told of events.

    Attributes:
        order_id, customer_id: of which order or customer; both None means of all.
        owner_id: the customer who registered it and learns of his own orders only; None for who
            acts for anybody.
        event_types: empty means every type.
        secret: `whsec_…`, shared with the receiver, signs each message.
    """

    webhook_id: str
    url: str
    secret: str
    created_at: datetime
    order_id: str | None = None
    customer_id: str | None = None
    event_types: frozenset[EventType] = frozenset()
    status: WebhookStatus = WebhookStatus.ACTIVE
    disabled_reason: str | None = None
    owner_id: str | None = None

    def wants(self, event: OrderEvent) -> bool:
        return (
            self.status is WebhookStatus.ACTIVE
            and self.order_id in {None, event.order_id}
            and self.customer_id in {None, event.customer_id}
            and self.owner_id in {None, event.customer_id}
            and (not self.event_types or event.type in self.event_types)
        )


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook.

    Attributes:
        message_id: the header `webhook-id`, the same at every attempt and redelivery.
        attempts: made so far, over all redeliveries.
        round_attempts: made since the delivery was created or last taken from the dead letters.
        due_at: when the next attempt may be made.
        last_error: of the last attempt that failed.
    """

    message_id: str
    webhook_id: str
    event: OrderEvent
    status: DeliveryStatus
    attempts: int
    round_attempts: int
    due_at: datetime
    created_at: datetime
    last_error: str | None = None


class Outcome(StrEnum):
    """How an attempt ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    GONE = "gone"
    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    ADDRESS_FORBIDDEN = "address-forbidden"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt.

    Attributes:
        http_status: None where there was no answer.
        detail: the beginning of the answer's body, or why there was none.
    """

    outcome: Outcome
    http_status: int | None
    detail: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Attempt:
    message_id: str
    number: int
    started_at: datetime
    answer: Answer


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """
    Attributes:
        pauses_s: before the second attempt, the third …; after the last of them the delivery is
            dead.
        jitter: share of a pause that chance takes away, so that receivers that come back are not
            met by everybody at once.
    """

    pauses_s: tuple[float, ...]
    jitter: float

    def pause(self, failed_attempts: int, chance: float) -> timedelta | None:
        """
        Args:
            failed_attempts: of this round, 1 or more.
            chance: uniform in [0, 1).

        Returns:
            None when no attempt is left.
        """
        if failed_attempts > len(self.pauses_s):
            return None
        return timedelta(seconds=self.pauses_s[failed_attempts - 1] * (1 - self.jitter * chance))


def after_attempt(
    delivery: Delivery, answer: Answer, policy: RetryPolicy, now: datetime, chance: float
) -> Delivery:
    """The delivery after one more attempt: delivered, due again, or dead.

    A receiver that is gone (410) is not asked again: Standard Webhooks, "Disabling endpoints".
    """
    tried = replace(
        delivery, attempts=delivery.attempts + 1, round_attempts=delivery.round_attempts + 1
    )
    if answer.outcome is Outcome.ACCEPTED:
        return replace(tried, status=DeliveryStatus.DELIVERED, last_error=None)
    error = " ".join(str(part) for part in (answer.http_status, answer.detail) if part)
    failed = replace(tried, last_error=f"{answer.outcome}: {error}")
    pause = policy.pause(failed.round_attempts, chance)
    if pause is None or answer.outcome is Outcome.GONE:
        return replace(failed, status=DeliveryStatus.DEAD)
    return replace(failed, due_at=now + pause)


def revived(delivery: Delivery, now: datetime) -> Delivery:
    """A dead letter on its way again, with all its attempts before it.

    Raises:
        StendError: DELIVERY_NOT_DEAD.
    """
    if delivery.status is not DeliveryStatus.DEAD:
        raise StendError(
            NotificationErrorCode.DELIVERY_NOT_DEAD,
            f"A delivery that is {delivery.status} cannot be redelivered.",
            value=delivery.message_id,
            expected="a dead letter",
            next_step="List the dead letters; a pending delivery is retried by itself.",
        )
    return replace(delivery, status=DeliveryStatus.PENDING, round_attempts=0, due_at=now)


# ---- the customer's words ----------------------------------------------------------------------

# {order} is the id of the order, {reason} is empty or begins with a dash.
TEMPLATES: Mapping[EventType, Text] = {
    EventType.ORDER_PLACED: Text(
        ru="Заказ {order} принят. Собираем товары и проверяем оплату.",
        en="Order {order} is placed. We are reserving the goods and checking the payment.",
    ),
    EventType.ORDER_RESERVED: Text(
        ru="Все товары заказа {order} есть в наличии и отложены для вас.",
        en="Everything in order {order} is in stock and set aside for you.",
    ),
    EventType.ORDER_PAID: Text(
        ru="Оплата заказа {order} подтверждена.",
        en="The payment for order {order} is confirmed.",
    ),
    EventType.PICKING_STARTED: Text(
        ru="Заказ {order} собирают в магазине.",
        en="Order {order} is being picked in the store.",
    ),
    EventType.ORDER_DISPATCHED: Text(
        ru="Курьер забрал заказ {order} и едет к вам.",
        en="The courier has picked up order {order} and is on the way.",
    ),
    EventType.ORDER_DELIVERED: Text(
        ru="Заказ {order} доставлен. Приятного аппетита.",
        en="Order {order} is delivered. Enjoy.",
    ),
    EventType.ORDER_CANCELLED: Text(
        ru="Заказ {order} отменён{reason}. Если деньги были списаны, они вернутся на карту.",
        en="Order {order} is cancelled{reason}. If money was taken, it goes back to your card.",
    ),
    EventType.ORDER_FAILED: Text(
        ru="Заказ {order} не удалось выполнить{reason}. Если деньги были списаны, они вернутся "
        "на карту.",
        en="Order {order} could not be fulfilled{reason}. If money was taken, it goes back to your "
        "card.",
    ),
}


def text_for(event: OrderEvent) -> Text:
    """The template of the event's type, filled in."""
    reason = f" — {event.reason}" if event.reason else ""
    template = TEMPLATES[event.type]
    return Text(
        ru=template.ru.format(order=event.order_id, reason=reason),
        en=template.en.format(order=event.order_id, reason=reason),
    )
