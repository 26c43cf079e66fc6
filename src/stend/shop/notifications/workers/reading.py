"""A message of the exchange `orders.events` to an event. Pure."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from stend.kit.errors import Blame, EdgeErrorCode, StendError, Violation
from stend.kit.json import JsonObject, JsonValue
from stend.shop.notifications.domain import (
    CUSTOMER_ID_PATTERN,
    ORDER_ID_PATTERN,
    EventType,
    OrderEvent,
)

_MAX_VERSION = 2**31 - 1


class _Event(BaseModel):
    # A tolerant reader: members that later versions of orders add are passed on to webhooks.
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    order_id: Annotated[str, Field(pattern=ORDER_ID_PATTERN)]
    version: Annotated[int, Field(ge=1, le=_MAX_VERSION)]
    type: Annotated[EventType, Field(strict=False)]
    status: Annotated[str, Field(min_length=1, max_length=100)]
    occurred_at: Annotated[AwareDatetime, Field(strict=False)]
    reason: Annotated[str, Field(max_length=1000)] | None = None
    customer_id: Annotated[str, Field(pattern=CUSTOMER_ID_PATTERN)] | None = None


def event_of(body: bytes, message_id: str | None) -> OrderEvent:
    """
    Raises:
        StendError: MALFORMED_MESSAGE or INVALID_ARGUMENT; the message belongs to the dead letters.
    """
    payload = _object(body)
    if _has_zero_character(payload):
        raise _refusal(
            EdgeErrorCode.INVALID_ARGUMENT,
            "The event has the character U+0000, which no database keeps.",
            value="U+0000",
            expected="texts without it",
        )
    try:
        event = _Event.model_validate(payload)
    except ValidationError as error:
        raise _unintelligible(error, payload) from None
    read = OrderEvent(
        order_id=event.order_id,
        version=event.version,
        type=event.type,
        status=event.status,
        occurred_at=event.occurred_at,
        payload=payload,
        reason=event.reason,
        customer_id=event.customer_id,
    )
    if message_id != read.event_id:
        raise _refusal(
            EdgeErrorCode.INVALID_ARGUMENT,
            "The message id is not that of the event.",
            value=str(message_id),
            expected=f"message_id {read.event_id}, the order and its version",
        )
    return read


def _object(body: bytes) -> JsonObject:
    try:
        members = from_json(body)
    except ValueError as error:
        raise _refusal(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The event is not JSON.",
            value=str(error),
            expected="a JSON object in UTF-8",
        ) from None
    if not isinstance(members, dict):
        raise _refusal(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The event is no JSON object.",
            value=type(members).__name__,
            expected="a JSON object",
        )
    return members


def _has_zero_character(value: JsonValue) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_has_zero_character(one) for pair in value.items() for one in pair)
        case list():
            return any(_has_zero_character(one) for one in value)
        case _:
            return False


def _unintelligible(error: ValidationError, payload: JsonObject) -> StendError:
    found = error.errors(include_url=False, include_context=False)
    violations = tuple(Violation("/" + str(one["loc"][0]), one["msg"]) for one in found)
    first = str(found[0]["loc"][0])
    return _refusal(
        EdgeErrorCode.INVALID_ARGUMENT,
        "The event is not one that this service knows.",
        value=f"{first}: {payload.get(first)!r}"[:200],
        expected="; ".join(f"{one.where}: {one.rule}" for one in violations),
    )


def _refusal(code: EdgeErrorCode, what: str, value: str, expected: str) -> StendError:
    return StendError(
        code,
        what,
        value=value,
        expected=expected,
        next_step="It waits in the dead-letter queue; move it back when this service knows it.",
        blame=Blame.PEER,
    )
