"""Deliveries, couriers and events as JSON texts, the way Redis keeps them. Moments are in ms."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from stend.shop.delivery.domain.city import Address, Plan, Spot
from stend.shop.delivery.domain.delivery import (
    Assignment,
    Courier,
    Delivery,
    DeliveryEvent,
    DeliveryStatus,
    Hand,
    Session,
    Slot,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def ms_of(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def moment_of(ms: int) -> datetime:
    return _EPOCH + ms * _MILLISECOND


def delivery_to_json(delivery: Delivery, trace_context: str | None = None) -> str:
    """
    Args:
        trace_context: for a delivery that has none yet.
    """
    assignment = delivery.assignment
    return _text(
        {
            "order_id": delivery.order_id,
            "delivery_id": delivery.delivery_id,
            "status": delivery.status,
            "version": delivery.version,
            "updated_at": ms_of(delivery.updated_at),
            "assignment": _assignment_to_json(assignment) if assignment else None,
            "reason": delivery.reason,
            "trace_context": delivery.trace_context or trace_context,
        }
    )


def delivery_from_json(text: str) -> Delivery:
    record: Mapping[str, Any] = json.loads(text)
    assignment = record["assignment"]
    return Delivery(
        order_id=record["order_id"],
        delivery_id=record["delivery_id"],
        status=DeliveryStatus(record["status"]),
        version=record["version"],
        updated_at=moment_of(record["updated_at"]),
        assignment=_assignment_from_json(assignment) if assignment else None,
        reason=record["reason"],
        # Deliveries of an older version, which are still kept, have none.
        trace_context=record.get("trace_context"),
    )


def courier_to_json(courier: Courier) -> str:
    session = courier.session
    return _text(
        {
            "courier_id": courier.courier_id,
            "name_ru": courier.name_ru,
            "name_en": courier.name_en,
            "home": courier.home,
            "free_spot": _spot_to_json(courier.free_spot),
            "free_at": ms_of(courier.free_at),
            "queue": courier.queue,
            "session": [session.session_id, ms_of(session.until)] if session else None,
            "version": courier.version,
        }
    )


def courier_from_json(text: str) -> Courier:
    record: Mapping[str, Any] = json.loads(text)
    session = record["session"]
    return Courier(
        courier_id=record["courier_id"],
        name_ru=record["name_ru"],
        name_en=record["name_en"],
        home=record["home"],
        free_spot=Spot(*record["free_spot"]),
        free_at=moment_of(record["free_at"]),
        queue=tuple(record["queue"]),
        session=Session(session[0], moment_of(session[1])) if session else None,
        version=record["version"],
    )


def event_to_json(event: DeliveryEvent) -> str:
    return _text(
        {
            "order_id": event.order_id,
            "delivery_id": event.delivery_id,
            "status": event.status,
            "occurred_at": ms_of(event.occurred_at),
            "courier_id": event.courier_id,
            "reason": event.reason,
            "store_id": event.store_id,
        }
    )


def event_from_json(text: str) -> DeliveryEvent:
    record: Mapping[str, Any] = json.loads(text)
    return DeliveryEvent(
        order_id=record["order_id"],
        delivery_id=record["delivery_id"],
        status=DeliveryStatus(record["status"]),
        occurred_at=moment_of(record["occurred_at"]),
        courier_id=record["courier_id"],
        reason=record["reason"],
        # Events of an older version, which are still kept, have none.
        store_id=record.get("store_id"),
    )


def _assignment_to_json(assignment: Assignment) -> dict[str, Any]:
    address, slot, plan = assignment.address, assignment.slot, assignment.plan
    return {
        "address": [address.city, address.street, address.house, address.flat, address.comment],
        "slot": [ms_of(slot.starts_at), ms_of(slot.ends_at)] if slot else None,
        "wanted_store_id": assignment.wanted_store_id,
        "store_id": assignment.store_id,
        "courier_id": assignment.courier_id,
        "spots": [_spot_to_json(spot) for spot in (plan.start, plan.store, plan.door)],
        "moments": [
            ms_of(moment)
            for moment in (
                plan.starts_at,
                plan.at_store_at,
                plan.picked_up_at,
                plan.at_door_at,
                plan.delivered_at,
            )
        ],
        "hand": assignment.hand,
        "assigned_at": ms_of(assignment.assigned_at),
        "next_at": ms_of(assignment.next_at),
        "customer_id": assignment.customer_id,
    }


def _assignment_from_json(record: Mapping[str, Any]) -> Assignment:
    slot = record["slot"]
    start, store, door = (Spot(*spot) for spot in record["spots"])
    return Assignment(
        address=Address(*record["address"]),
        slot=Slot(moment_of(slot[0]), moment_of(slot[1])) if slot else None,
        wanted_store_id=record["wanted_store_id"],
        store_id=record["store_id"],
        courier_id=record["courier_id"],
        plan=Plan(start, store, door, *(moment_of(ms) for ms in record["moments"])),
        hand=Hand(record["hand"]),
        assigned_at=moment_of(record["assigned_at"]),
        next_at=moment_of(record["next_at"]),
        # Deliveries of an older version, which are still kept, have none.
        customer_id=record.get("customer_id"),
    )


def _spot_to_json(spot: Spot) -> list[float]:
    return [spot.east_m, spot.north_m]


def _text(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))
