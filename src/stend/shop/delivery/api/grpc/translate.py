"""Protobuf messages to inputs of the use cases, and results to messages. Pure.

proto3 has no required fields and open enums, so presence and patterns are checked here; unknown
fields are skipped, as proto3 demands for compatibility (Language Guide, Unknown Fields).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from stend.kit.errors import EdgeErrorCode, StendError, Violation, broken_rules
from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from stend.shop.delivery.domain.city import Address, Point, point_of
from stend.shop.delivery.domain.delivery import (
    COURIER_ID_PATTERN,
    CUSTOMER_ID_PATTERN,
    ORDER_ID_PATTERN,
    STORE_ID_PATTERN,
    Courier,
    Delivery,
    DeliveryStatus,
    Slot,
)
from stend.shop.delivery.domain.dispatching import Wish
from stend.shop.delivery.ports import KeptEvent
from stend.shop.delivery.usecases.couriers import (
    RADIUS_DEFAULT_M,
    RADIUS_MAX_M,
    CourierPosition,
    CourierState,
)
from stend.shop.delivery.usecases.deliveries import (
    PAGE_LIMIT_DEFAULT,
    PAGE_LIMIT_MAX,
    Assigned,
    DeliveryPage,
)
from stend.shop.delivery.usecases.shifts import Held, News, Offer, Shift, Withdrawn

SERVICE = pb.DESCRIPTOR.services_by_name["Deliveries"].full_name

Couriers = Mapping[str, Courier]

_TEXT_100 = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_TEXT_16 = re.compile(r"[^\x00-\x1f\x7f]{1,16}")
_TEXT_280 = re.compile(r"[^\x00-\x1f\x7f]{1,280}")
_ORDER_ID = re.compile(ORDER_ID_PATTERN)
_COURIER_ID = re.compile(COURIER_ID_PATTERN)
_STORE_ID = re.compile(STORE_ID_PATTERN)
_CUSTOMER_ID = re.compile(CUSTOMER_ID_PATTERN)
# The id of an entry of a stream: milliseconds and a number.
_CURSOR = re.compile(r"(0|[1-9][0-9]{0,14})-(0|[1-9][0-9]{0,14})")
# What Redis GEO can hold (EPSG:3857).
_LATITUDE_MAX = 85.05112878
_LONGITUDE_MAX = 180.0
_FIRST_S = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
_LAST_S = datetime(2200, 1, 1, tzinfo=UTC).timestamp()

_STATUS_TO_PROTO = {
    status: pb.DeliveryStatus.Value(f"DELIVERY_STATUS_{status.name}") for status in DeliveryStatus
}
_REPORTED = {
    _STATUS_TO_PROTO[status]: status
    for status in (DeliveryStatus.PICKED_UP, DeliveryStatus.DELIVERED)
}


@dataclass(frozen=True, slots=True)
class Sighted:
    """A position that a courier reports."""

    courier_id: str
    point: Point
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    order_id: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class Progress:
    order_id: str
    status: DeliveryStatus


# ---- requests in -------------------------------------------------------------------------------


def wish_from(message: pb.AssignCourierRequest) -> Wish:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    address = message.address
    flat = address.flat if address.HasField("flat") else None
    comment = address.comment if address.HasField("comment") else None
    store_id = message.store_id if message.HasField("store_id") else None
    customer_id = message.customer_id if message.HasField("customer_id") else None
    _refuse(
        [
            *_mismatch("order_id", _ORDER_ID, message.order_id),
            *_mismatch("address.city", _TEXT_100, address.city),
            *_mismatch("address.street", _TEXT_100, address.street),
            *_mismatch("address.house", _TEXT_16, address.house),
            *_mismatch("address.flat", _TEXT_16, flat),
            *_mismatch("address.comment", _TEXT_280, comment),
            *_mismatch("store_id", _STORE_ID, store_id),
            *_mismatch("customer_id", _CUSTOMER_ID, customer_id),
            *_slot_violations(message),
        ]
    )
    slot = None
    if message.HasField("slot"):
        slot = Slot(_moment(message.slot.starts_at), _moment(message.slot.ends_at))
    place = Address(address.city, address.street, address.house, flat, comment)
    return Wish(message.order_id, place, slot, store_id, customer_id)


def cancellation_from(message: pb.CancelDeliveryRequest) -> tuple[str, str | None]:
    """The order's id and the reason.

    Raises:
        StendError: INVALID_ARGUMENT.
    """
    reason = message.reason if message.HasField("reason") else None
    _refuse(
        [
            *_mismatch("order_id", _ORDER_ID, message.order_id),
            *_mismatch("reason", _TEXT_280, reason),
        ]
    )
    return message.order_id, reason


def order_id_from(message: pb.GetDeliveryRequest | pb.TrackCourierRequest) -> str:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    _refuse(_mismatch("order_id", _ORDER_ID, message.order_id))
    return message.order_id


def page_from(message: pb.ListDeliveriesRequest) -> tuple[str | None, int]:
    """After which order, and how many.

    Raises:
        StendError: INVALID_ARGUMENT.
    """
    after = message.after if message.HasField("after") else None
    limit = message.limit or PAGE_LIMIT_DEFAULT
    broken = _mismatch("after", _ORDER_ID, after)
    if not 1 <= limit <= PAGE_LIMIT_MAX:
        broken.append(Violation("limit", f"1 to {PAGE_LIMIT_MAX}, or 0 for {PAGE_LIMIT_DEFAULT}"))
    _refuse(broken)
    return after, limit


def circle_from(message: pb.ListCouriersRequest) -> tuple[Point, float] | None:
    """Middle and radius in metres; None for everywhere.

    Raises:
        StendError: INVALID_ARGUMENT.
    """
    if not message.HasField("near"):
        _refuse([Violation("radius_m", "0 without near")] if message.radius_m else [])
        return None
    radius_m = message.radius_m or RADIUS_DEFAULT_M
    broken = _point_violations("near", message.near)
    if not 1 <= radius_m <= RADIUS_MAX_M:
        broken.append(Violation("radius_m", f"1 to {RADIUS_MAX_M:g}, or 0"))
    _refuse(broken)
    return _point_from(message.near), radius_m


def cursor_from(message: pb.WatchDeliveriesRequest) -> str:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    _refuse(_mismatch("after_cursor", _CURSOR, message.after_cursor or None))
    return message.after_cursor


def sighted_from(message: pb.PositionReport, where: str = "") -> Sighted:
    """
    Args:
        where: path of the message, with a dot at its end.

    Raises:
        StendError: INVALID_ARGUMENT.
    """
    _refuse(
        [
            *_mismatch(f"{where}courier_id", _COURIER_ID, message.courier_id),
            *_point_violations(f"{where}position", message.position),
            *_moment_violations(f"{where}occurred_at", message.occurred_at),
        ]
    )
    return Sighted(message.courier_id, _point_from(message.position), _moment(message.occurred_at))


def start_from(message: pb.CourierMessage) -> str:
    """Whose session begins.

    Raises:
        StendError: INVALID_ARGUMENT.
    """
    if message.WhichOneof("message") != "start":
        _refuse([Violation("start", "the first message of a session")])
    _refuse(_mismatch("start.courier_id", _COURIER_ID, message.start.courier_id))
    return message.start.courier_id


def courier_message_from(message: pb.CourierMessage) -> Answer | Progress | Sighted:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    match message.WhichOneof("message"):
        case "answer":
            _refuse(_mismatch("answer.order_id", _ORDER_ID, message.answer.order_id))
            return Answer(message.answer.order_id, message.answer.accepted)
        case "progress":
            progress = message.progress
            broken = _mismatch("progress.order_id", _ORDER_ID, progress.order_id)
            if progress.status not in _REPORTED:
                broken.append(Violation("progress.status", "PICKED_UP or DELIVERED"))
            _refuse(broken)
            return Progress(progress.order_id, _REPORTED[progress.status])
        case "position":
            return sighted_from(message.position, "position.")
        case _:
            raise broken_rules(
                EdgeErrorCode.INVALID_ARGUMENT,
                "This message has no place in a session that has begun.",
                [Violation("message", "one of answer, progress and position")],
                "Send one of these; a session is started once.",
            )


def check_own(shift: Shift, courier_id: str) -> None:
    """
    Raises:
        StendError: INVALID_ARGUMENT when the message is about somebody else.
    """
    own = shift.courier.courier_id
    _refuse([] if courier_id == own else [Violation("position.courier_id", own)])


def _mismatch(where: str, pattern: re.Pattern[str], text: str | None) -> list[Violation]:
    if text is None or pattern.fullmatch(text):
        return []
    return [Violation(where, f"a text that matches {pattern.pattern}")]


def _slot_violations(message: pb.AssignCourierRequest) -> list[Violation]:
    if not message.HasField("slot"):
        return []
    slot = message.slot
    broken = [
        *_moment_violations("slot.starts_at", slot.starts_at),
        *_moment_violations("slot.ends_at", slot.ends_at),
    ]
    if not broken and _moment(slot.starts_at) >= _moment(slot.ends_at):
        broken.append(Violation("slot.ends_at", "after slot.starts_at"))
    return broken


def _moment_violations(where: str, moment: Timestamp) -> list[Violation]:
    if _FIRST_S <= moment.seconds < _LAST_S and 0 <= moment.nanos < 10**9:
        return []
    return [Violation(where, "a moment in the years 2000 to 2199")]


def _point_violations(where: str, point: pb.Point) -> list[Violation]:
    bounds = {"latitude": _LATITUDE_MAX, "longitude": _LONGITUDE_MAX}
    return [
        Violation(f"{where}.{name}", f"-{most:g} to {most:g} degrees")
        for name, most in bounds.items()
        if not math.fabs(getattr(point, name)) <= most
    ]


def _point_from(point: pb.Point) -> Point:
    return Point(point.latitude, point.longitude)


def _moment(timestamp: Timestamp) -> datetime:
    """In whole milliseconds, as the service keeps moments."""
    moment = timestamp.ToDatetime(tzinfo=UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _refuse(violations: list[Violation]) -> None:
    if violations:
        raise broken_rules(
            EdgeErrorCode.INVALID_ARGUMENT,
            "The message breaks the contract.",
            violations,
            "Compare these fields with delivery.proto.",
        )


# ---- answers out -------------------------------------------------------------------------------


def assigned_to_proto(assigned: Assigned) -> pb.AssignCourierResponse:
    delivery = assigned.delivery
    return pb.AssignCourierResponse(
        delivery_id=delivery.delivery_id,
        courier=courier_to_proto(assigned.courier),
        eta=_timestamp(delivery.assigned.plan.delivered_at),
        store_id=delivery.assigned.store_id,
        status=_STATUS_TO_PROTO[delivery.status],
        replayed=assigned.replayed,
    )


def delivery_to_proto(delivery: Delivery, couriers: Couriers) -> pb.Delivery:
    message = pb.Delivery(
        order_id=delivery.order_id,
        delivery_id=delivery.delivery_id,
        status=_STATUS_TO_PROTO[delivery.status],
        version=delivery.version,
        updated_at=_timestamp(delivery.updated_at),
        reason=delivery.reason,
    )
    assignment = delivery.assignment
    if assignment:
        address = assignment.address
        message.address.CopyFrom(
            pb.Address(
                city=address.city,
                street=address.street,
                house=address.house,
                flat=address.flat,
                comment=address.comment,
            )
        )
        if assignment.slot:
            message.slot.starts_at.FromDatetime(assignment.slot.starts_at)
            message.slot.ends_at.FromDatetime(assignment.slot.ends_at)
        message.store_id = assignment.store_id
        message.courier.CopyFrom(courier_to_proto(couriers[assignment.courier_id]))
        message.door.CopyFrom(_point_to_proto(point_of(assignment.plan.door)))
        message.assigned_at.FromDatetime(assignment.assigned_at)
        message.eta.FromDatetime(assignment.plan.delivered_at)
    return message


def page_to_proto(page: DeliveryPage, couriers: Couriers) -> pb.ListDeliveriesResponse:
    return pb.ListDeliveriesResponse(
        deliveries=[delivery_to_proto(one, couriers) for one in page.deliveries],
        next_after=page.next_after,
        forgotten_until=_timestamp(page.forgotten_until) if page.forgotten_until else None,
    )


def courier_to_proto(courier: Courier) -> pb.Courier:
    return pb.Courier(
        courier_id=courier.courier_id, name_ru=courier.name_ru, name_en=courier.name_en
    )


def state_to_proto(state: CourierState) -> pb.CourierState:
    return pb.CourierState(
        courier=courier_to_proto(state.courier),
        position=_point_to_proto(state.sighting.point),
        active_order_ids=state.courier.queue,
        on_shift=state.on_shift,
        distance_m=state.sighting.distance_m,
    )


def event_to_proto(kept: KeptEvent, couriers: Couriers) -> pb.DeliveryEvent:
    event = kept.event
    courier = couriers.get(event.courier_id) if event.courier_id else None
    return pb.DeliveryEvent(
        cursor=kept.cursor,
        order_id=event.order_id,
        delivery_id=event.delivery_id,
        status=_STATUS_TO_PROTO[event.status],
        occurred_at=_timestamp(event.occurred_at),
        courier=courier_to_proto(courier) if courier else None,
        reason=event.reason,
        store_id=event.store_id,
    )


def position_to_proto(position: CourierPosition) -> pb.CourierPosition:
    return pb.CourierPosition(
        courier_id=position.courier_id,
        position=_point_to_proto(position.point),
        status=_STATUS_TO_PROTO[position.status],
        eta=_timestamp(position.eta),
        occurred_at=_timestamp(position.occurred_at),
    )


def started_to_proto(shift: Shift) -> pb.DispatcherMessage:
    started = pb.SessionStarted(
        session_id=shift.session_id, courier=courier_to_proto(shift.courier)
    )
    return pb.DispatcherMessage(started=started)


def news_to_proto(news: News, couriers: Couriers) -> pb.DispatcherMessage:
    match news:
        case Offer(delivery, answer_before):
            offer = pb.Offer(
                delivery=delivery_to_proto(delivery, couriers),
                answer_before=_timestamp(answer_before),
            )
            return pb.DispatcherMessage(offer=offer)
        case Withdrawn(order_id):
            return pb.DispatcherMessage(withdrawn=pb.OfferWithdrawn(order_id=order_id))
        case Held(delivery):
            return pb.DispatcherMessage(delivery=delivery_to_proto(delivery, couriers))


def refusal_to_proto(error: StendError, order_id: str | None) -> pb.DispatcherMessage:
    refusal = pb.Refusal(order_id=order_id, code=error.code.value, detail=error.detail)
    return pb.DispatcherMessage(refusal=refusal)


def _point_to_proto(point: Point) -> pb.Point:
    return pb.Point(latitude=point.latitude, longitude=point.longitude)


def _timestamp(moment: datetime) -> Timestamp:
    timestamp = Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp
