"""Requests and results as JSON, the same over REST, SSE and WebSocket. Pure."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from stend.kit.clock import rfc3339
from stend.kit.errors import EdgeErrorCode, StendError, Violation, broken_rules
from stend.kit.json import JsonObject, JsonValue
from stend.shop.notifications.domain import (
    CUSTOMER_ID_PATTERN,
    ORDER_ID_PATTERN,
    Attempt,
    Delivery,
    DeliveryStatus,
    EventType,
    Notification,
    Target,
    Webhook,
)
from stend.shop.notifications.usecases import (
    PAGE_LIMIT_DEFAULT,
    PAGE_LIMIT_MAX,
    DeliveryPage,
    DeliveryReport,
    Follow,
    RegisteredWebhook,
    RegisterWebhook,
    WebhookPage,
)

_MAX_POSITION = 2**31 - 1

OrderId = Annotated[str, Field(pattern=ORDER_ID_PATTERN)]
CustomerId = Annotated[str, Field(pattern=CUSTOMER_ID_PATTERN)]
Url = Annotated[str, Field(min_length=1, max_length=2000)]
_CURSOR_PATTERN = "^[A-Za-z0-9_-]{21}[AQgw]$"
_KEY_PATTERN = "^[A-Za-z0-9_-]{8,64}$"


def _not_null(value: object) -> object:
    # The contract lets an optional member be absent, and never null.
    if value is None:
        raise ValueError("a value; leave the member out to send none")
    return value


def _whole_number(value: object) -> object:
    # Pydantic would also take " 7", "+7", "7.0" and "1_000" for a number.
    if isinstance(value, str) and not (value.isascii() and value.isdecimal()):
        raise ValueError("a whole number in decimal digits")
    return value


class Message(BaseModel):
    # Strict: "2" is no integer and 1 is no text. Unknown members are refused, never ignored.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Registration(Message):
    url: Url
    order_id: Annotated[OrderId | None, BeforeValidator(_not_null)] = None
    customer_id: Annotated[CustomerId | None, BeforeValidator(_not_null)] = None
    event_types: Annotated[
        list[Annotated[EventType, Field(strict=False)]] | None,
        Field(min_length=1, max_length=len(EventType)),
        BeforeValidator(_not_null),
    ] = None
    replay: bool = False


class _Key(Message):
    idempotency_key: Annotated[str, Field(pattern=_KEY_PATTERN, alias="Idempotency-Key")]


class _Query(Message):
    """Parameters of a query are texts, so numbers and enumerations are read from them."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class NoQuery(_Query):
    """Of a resource that has no parameters."""


class PageQuery(_Query):
    limit: Annotated[int, Field(ge=1, le=PAGE_LIMIT_MAX), BeforeValidator(_whole_number)] = (
        PAGE_LIMIT_DEFAULT
    )
    cursor: Annotated[str | None, Field(pattern=_CURSOR_PATTERN)] = None


class DeliveriesQuery(PageQuery):
    status: DeliveryStatus | None = None


class _FollowQuery(_Query):
    order_id: OrderId | None = None
    customer_id: CustomerId | None = None
    after: Annotated[int, Field(ge=0, le=_MAX_POSITION), BeforeValidator(_whole_number)] = 0


class _NotificationsQuery(_FollowQuery):
    limit: Annotated[int, Field(ge=1, le=PAGE_LIMIT_MAX), BeforeValidator(_whole_number)] = (
        PAGE_LIMIT_DEFAULT
    )


class _FollowParams(Message):
    order_id: Annotated[OrderId | None, BeforeValidator(_not_null)] = None
    customer_id: Annotated[CustomerId | None, BeforeValidator(_not_null)] = None
    after: Annotated[int, Field(ge=0, le=_MAX_POSITION)] = 0


MessageT = TypeVar("MessageT", bound=BaseModel)


# ---- requests ----------------------------------------------------------------------------------


def registration_of(body: bytes, idempotency_key: str | None) -> RegisterWebhook:
    """
    Raises:
        StendError: MALFORMED_MESSAGE or INVALID_ARGUMENT.
    """
    message = parsed(_Registration, body)
    if idempotency_key is not None:
        parsed(_Key, {"Idempotency-Key": idempotency_key})
    if message.order_id is not None and message.customer_id is not None:
        rule = "either an order or a customer, not both"
        raise invalid((Violation("/customer_id", rule),))
    if message.replay and message.order_id is None:
        raise invalid((Violation("/replay", "only together with order_id"),))
    return RegisterWebhook(
        url=message.url,
        order_id=message.order_id,
        customer_id=message.customer_id,
        event_types=frozenset(message.event_types or ()),
        replay=message.replay,
        idempotency_key=idempotency_key,
    )


def follow_of(params: JsonObject) -> Follow:
    """From a frame, with numbers as numbers.

    Raises:
        StendError: INVALID_ARGUMENT.
    """
    message = parsed(_FollowParams, params)
    return Follow(_target(message.order_id, message.customer_id), message.after)


def follow_query_of(pairs: Sequence[tuple[str, str]], last_event_id: str | None) -> Follow:
    """From a query; the header Last-Event-ID of a client that comes back counts more.

    Raises:
        StendError: INVALID_ARGUMENT.
    """
    query = query_of(_FollowQuery, pairs)
    after = query.after
    if last_event_id is not None:
        header = parsed(_LastEventId, {"Last-Event-ID": last_event_id})
        after = header.last_event_id
    return Follow(_target(query.order_id, query.customer_id), after)


class _LastEventId(_Query):
    last_event_id: Annotated[
        int,
        Field(ge=0, le=_MAX_POSITION, alias="Last-Event-ID"),
        BeforeValidator(_whole_number),
    ]


def notifications_query_of(pairs: Sequence[tuple[str, str]]) -> tuple[Follow, int]:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    query = query_of(_NotificationsQuery, pairs)
    return Follow(_target(query.order_id, query.customer_id), query.after), query.limit


def query_of(kind: type[MessageT], pairs: Sequence[tuple[str, str]]) -> MessageT:
    """A misspelt or repeated parameter is refused: ignoring it would answer another question.

    Raises:
        StendError: INVALID_ARGUMENT.
    """
    names = [name for name, _ in pairs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise invalid(tuple(Violation(f"/{name}", "one value") for name in repeated))
    return parsed(kind, dict(pairs))


def parsed(kind: type[MessageT], message: bytes | Mapping[str, Any]) -> MessageT:
    """
    Raises:
        StendError: MALFORMED_MESSAGE or INVALID_ARGUMENT.
    """
    try:
        if isinstance(message, bytes):
            return kind.model_validate_json(message)
        return kind.model_validate(message)
    except ValidationError as error:
        raise _refusal(error) from None


def invalid(violations: tuple[Violation, ...]) -> StendError:
    return broken_rules(
        EdgeErrorCode.INVALID_ARGUMENT,
        "The message breaks the contract.",
        violations,
        "Compare these fields with the contract.",
    )


def _target(order_id: str | None, customer_id: str | None) -> Target:
    if (order_id is None) == (customer_id is None):
        rule = "exactly one of order_id and customer_id"
        raise invalid((Violation("/order_id", rule),))
    return Target(order_id, customer_id)


def _refusal(error: ValidationError) -> StendError:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if found[0]["type"] == "json_invalid":
        return StendError(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The message is not JSON.",
            value=found[0]["msg"].removeprefix("Invalid JSON: "),
            expected="one JSON text in UTF-8 (RFC 8259)",
            next_step="Check quotes, commas and brackets near that place.",
        )
    return invalid(
        tuple(Violation("".join(f"/{part}" for part in one["loc"]), one["msg"]) for one in found)
    )


# ---- results -----------------------------------------------------------------------------------


def webhook_to_json(webhook: Webhook) -> JsonObject:
    """Without the secret: that is told once, to whoever registers."""
    return _given(
        webhook_id=webhook.webhook_id,
        url=webhook.url,
        order_id=webhook.order_id,
        customer_id=webhook.customer_id,
        event_types=sorted(one.value for one in webhook.event_types) or None,
        status=webhook.status.value,
        disabled_reason=webhook.disabled_reason,
        created_at=rfc3339(webhook.created_at),
    )


def registered_to_json(registered: RegisteredWebhook) -> JsonObject:
    return {
        **webhook_to_json(registered.webhook),
        "secret": registered.webhook.secret,
        "past_events": registered.past_events,
    }


def webhooks_to_json(page: WebhookPage) -> JsonObject:
    return _page([webhook_to_json(one) for one in page.webhooks], page.next_cursor)


def delivery_to_json(delivery: Delivery) -> JsonObject:
    event = delivery.event
    return _given(
        message_id=delivery.message_id,
        webhook_id=delivery.webhook_id,
        event_id=event.event_id,
        order_id=event.order_id,
        version=event.version,
        type=event.type.value,
        status=delivery.status.value,
        attempts=delivery.attempts,
        due_at=rfc3339(delivery.due_at) if delivery.status is DeliveryStatus.PENDING else None,
        created_at=rfc3339(delivery.created_at),
        last_error=delivery.last_error,
    )


def deliveries_to_json(page: DeliveryPage) -> JsonObject:
    return _page([delivery_to_json(one) for one in page.deliveries], page.next_cursor)


def report_to_json(report: DeliveryReport) -> JsonObject:
    made: list[JsonValue] = [_attempt_to_json(attempt) for attempt in report.attempts]
    return {**delivery_to_json(report.delivery), "made": made}


def _attempt_to_json(attempt: Attempt) -> JsonObject:
    return _given(
        number=attempt.number,
        started_at=rfc3339(attempt.started_at),
        duration_ms=attempt.answer.duration_ms,
        outcome=attempt.answer.outcome.value,
        http_status=attempt.answer.http_status,
        detail=attempt.answer.detail,
    )


def notification_to_json(notification: Notification, position: int) -> JsonObject:
    event = notification.event
    return _given(
        position=position,
        order_id=event.order_id,
        version=event.version,
        customer_id=event.customer_id,
        type=event.type.value,
        status=event.status,
        occurred_at=rfc3339(event.occurred_at),
        reason=event.reason,
        text={"ru": notification.text.ru, "en": notification.text.en},
    )


def notifications_to_json(notifications: Sequence[Notification], target: Target) -> JsonObject:
    items: list[JsonValue] = [
        notification_to_json(one, target.position(one)) for one in notifications
    ]
    return {"items": items}


def dump(members: JsonObject) -> bytes:
    return to_json(members)


def _page(items: Sequence[JsonObject], next_cursor: str | None) -> JsonObject:
    return _given(items=list(items), next_cursor=next_cursor)


def _given(**members: Any) -> JsonObject:
    return {name: member for name, member in members.items() if member is not None}
