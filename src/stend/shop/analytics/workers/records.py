"""From a record of Kafka to a fact, or to the reason why it is none. Pure.

Events come in the binary content mode of CloudEvents (Kafka protocol binding 1.0.2, section 3.2):
attributes in headers, the event's data as the value. Members and headers that this version does not
know are allowed; members that it knows must be right.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import from_json, to_json

from stend.kit.money import Currency, Money
from stend.shop.analytics.domain import (
    OrderedProduct,
    OrderEventType,
    OrderFact,
    Record,
    RejectedRecord,
    RejectionReason,
)

ORDERS_TOPIC = "orders.events"
_SPEC_VERSION = "1.0"
_REQUIRED_HEADERS = ("ce_specversion", "ce_id", "ce_source", "ce_type")
_JSON_MEDIA_TYPE = "application/json"
_TYPES = frozenset(OrderEventType)
# Pydantic would also take seconds since 1970; years outside of these cannot be meant.
_RFC3339 = re.compile(
    r"2[01][0-9]{2}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _only_rfc3339(value: object) -> object:
    if not (isinstance(value, str) and _RFC3339.fullmatch(value)):
        raise ValueError("an RFC 3339 date-time with an offset, in the years 2000 to 2199")
    return value


_Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_only_rfc3339)]
_Name = Annotated[str, Field(min_length=1, max_length=280)]
# Their product, summed over a year, stays within 64 bits.
_Amount = Annotated[int, Field(ge=0, le=10**9)]
_Quantity = Annotated[int, Field(ge=1, le=10**5)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


class _Money(_Message):
    amount_minor: _Amount
    # Lax inside a strict model: strict would take the enumeration's member only.
    currency: Annotated[Currency, Field(strict=False)]

    def value(self) -> Money:
        return Money(self.amount_minor, self.currency)


class _Total(_Money):
    amount_minor: Annotated[int, Field(ge=0, le=10**15)]


class _Line(_Message):
    sku: _Name
    quantity: _Quantity
    unit_price: _Money


class _Event(_Message):
    order_id: _Name
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    type: _Name
    status: _Name
    occurred_at: _Moment
    reason: _Name | None = None
    customer_id: _Name | None = None
    store: _Name | None = None


class _OrderPlaced(_Event):
    customer_id: _Name
    lines: Annotated[list[_Line], Field(min_length=1, max_length=1000)]
    total: _Total


class _RefusedError(Exception):
    def __init__(self, reason: RejectionReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def fact_or_rejection(record: Record) -> OrderFact | RejectedRecord:
    try:
        return _fact_of(record)
    except _RefusedError as refused:
        return RejectedRecord(record, refused.reason, refused.detail)


def _fact_of(record: Record) -> OrderFact:
    if record.partition.topic != ORDERS_TOPIC:
        raise _RefusedError(
            RejectionReason.UNKNOWN_TOPIC, f"no event of {record.partition.topic} is known"
        )
    event_id = _event_id(record)
    if record.value is None:
        raise _RefusedError(RejectionReason.NO_VALUE, "a tombstone tells of no event")
    event = _parsed(record.value)
    expected_id = f"{event.order_id}:{event.version}"
    if event_id != expected_id:
        raise _RefusedError(
            RejectionReason.BAD_HEADERS, f"ce_id is {event_id}, the event is {expected_id}"
        )
    return _fact(record, event_id, event)


def _event_id(record: Record) -> str:
    headers = {name: value for name, value in record.headers if value is not None}
    missing = [name for name in _REQUIRED_HEADERS if not headers.get(name)]
    if missing:
        raise _RefusedError(RejectionReason.BAD_HEADERS, f"without {', '.join(missing)}")
    if headers["ce_specversion"] != _SPEC_VERSION.encode():
        raise _RefusedError(
            RejectionReason.BAD_HEADERS,
            f"ce_specversion is {headers['ce_specversion']!r}, expected {_SPEC_VERSION}",
        )
    media_type = headers.get("content-type", b"").partition(b";")[0].strip().lower()
    if media_type != _JSON_MEDIA_TYPE.encode():
        raise _RefusedError(
            RejectionReason.BAD_HEADERS,
            f"content-type is {media_type!r}, expected {_JSON_MEDIA_TYPE}",
        )
    return headers["ce_id"].decode("utf-8", "backslashreplace")


def _parsed(value: bytes) -> _Event:
    try:
        members = from_json(value, allow_inf_nan=False)
    except ValueError as error:
        raise _RefusedError(RejectionReason.NOT_JSON, str(error)) from None
    event = _validated(_Event, members)
    if event.type not in _TYPES:
        raise _RefusedError(RejectionReason.UNKNOWN_TYPE, f"no type {event.type} is known")
    if event.type == OrderEventType.ORDER_PLACED:
        return _validated(_OrderPlaced, members)
    return event


def _validated(kind: type[_Event], members: Mapping[str, Any]) -> _Event:
    try:
        return kind.model_validate(members)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = "".join(f"/{part}" for part in first["loc"])
        raise _RefusedError(RejectionReason.BAD_EVENT, f"{place}: {first['msg']}") from None


def _fact(record: Record, event_id: str, event: _Event) -> OrderFact:
    placed = event if isinstance(event, _OrderPlaced) else None
    extra = event.model_extra or {}
    return OrderFact(
        partition=record.partition,
        offset=record.offset,
        event_id=event_id,
        order_id=event.order_id,
        version=event.version,
        type=OrderEventType(event.type),
        status=event.status,
        occurred_at=event.occurred_at.astimezone(UTC),
        reason=event.reason,
        customer_id=event.customer_id,
        store=event.store,
        lines=tuple(
            OrderedProduct(line.sku, line.quantity, line.unit_price.value())
            for line in placed.lines
        )
        if placed
        else (),
        total=placed.total.value() if placed else None,
        extra=to_json(extra).decode() if extra else None,
    )
