"""Messages in ProtoJSON: those that the contract has to take, and those that it has to refuse."""

from collections.abc import Mapping, Sequence
from typing import Any

from stend.course.case import Case

_Tried = Mapping[tuple[str, str], tuple[Sequence[Any], Sequence[Any]]]
_STATUSES = ("ASSIGNED", "PICKED_UP", "DELIVERED")


def v1(case: Case) -> _Tried:
    order_id, address, position = f"ord_{case.word()}", _address(case), _position(case)
    assign = {"orderId": order_id, "address": address}
    session = {"answer": {"orderId": order_id, "accepted": True}}
    assigned = _assigned(case)
    tracked = {"cursor": case.word(), "position": position, "status": "DELIVERY_STATUS_PICKED_UP"}
    report = {"courierId": case.word(), "position": position}
    return {
        ("AssignCourier", "request"): (
            [
                assign,
                {**assign, "tipMinor": 0},
                {**assign, "tipMinor": case.dice.randint(100, 10**6)},
                {**assign, "address": {**address, "flat": "12", "comment": case.word()}},
            ],
            [
                {**assign, "orderId": 7},
                {**assign, "address": case.word()},
                {**assign, "tipMinor": 99.5},
                {**assign, "tipMinor": f"x{case.word()}"},
                {**assign, "address": {**address, "flat": 12}},
                {**assign, case.word(): 1},
            ],
        ),
        ("AssignCourier", "response"): (
            [{**assigned, "status": f"DELIVERY_STATUS_{one}"} for one in _STATUSES],
            [
                {**assigned, "status": "DELIVERY_STATUS_LOST"},
                {**assigned, "etaS": 1.5},
                {**assigned, "courier": case.word()},
                {**assigned, "courier": {**assigned["courier"], "name": 1}},
            ],
        ),
        ("TrackCourier", "request"): (
            [{"orderId": order_id}, {"orderId": order_id, "cursor": case.word()}],
            [{"orderId": order_id, "cursor": 7}, {"order": order_id}],
        ),
        ("TrackCourier", "response"): (
            [tracked],
            [
                {**tracked, "position": {**position, "observedAt": 1_700_000_000}},
                {**tracked, "position": {**position, "observedAt": "yesterday"}},
                {**tracked, "position": {**position, "latitude": "north"}},
                {**tracked, "status": f"X{case.word().upper()}"},
            ],
        ),
        ("ReportPositions", "request"): ([report], [{**report, "position": [position]}]),
        ("ReportPositions", "response"): ([{"accepted": 3}], [{"accepted": True}]),
        ("CourierSession", "request"): (
            [{"start": {"courierId": case.word()}}, session, {"position": position}],
            [
                {"start": {"courierId": case.word()}, **session},
                {**session, "position": position},
                {"answer": {"orderId": order_id, "accepted": "yes"}},
            ],
        ),
        ("CourierSession", "response"): (
            [
                {"offer": {"orderId": order_id, "address": address}},
                {"withdrawn": {"orderId": order_id}},
            ],
            [{"offer": {"orderId": order_id}, "withdrawn": {"orderId": order_id}}],
        ),
    }


def v2(case: Case) -> _Tried:
    order_id, assigned = f"ord_{case.word()}", _assigned(case)
    rated = {"courierId": case.word(), "name": case.word(), "rating": 4.5}
    address = {**_address(case), "flat": "1"}
    del assigned["courier"]
    return {
        ("AssignCourier", "request"): (
            [
                {"orderId": order_id, "address": address},
                {"orderId": order_id, "lockerId": case.word()},
            ],
            [{"orderId": order_id, "lockerId": 7}],
        ),
        ("AssignCourier", "response"): (
            [
                {**assigned, "courier": rated, "eta": "2026-01-01T10:00:00Z"},
                {**assigned, "status": "DELIVERY_STATUS_RETURNED"},
            ],
            [
                {**assigned, "eta": "soon"},
                {**assigned, "courier": {**rated, "rating": "good"}},
                {**assigned, "status": "DELIVERY_STATUS_LOST"},
            ],
        ),
        ("CancelDelivery", "request"): (
            [{"orderId": order_id, "reason": case.word()}],
            [{"orderId": order_id, "reason": 7}],
        ),
        ("CancelDelivery", "response"): (
            [{"status": "DELIVERY_STATUS_RETURNED"}],
            [{"status": "–"}],
        ),
    }


def _assigned(case: Case) -> dict[str, Any]:
    courier = {"courierId": case.word(), "name": case.word(), "vehicle": "bike"}
    told = {"deliveryId": case.word(), "courier": courier, "etaS": case.dice.randint(60, 3600)}
    return {**told, "status": "DELIVERY_STATUS_ASSIGNED"}


def _address(case: Case) -> dict[str, Any]:
    return {"city": case.word(), "street": case.word(), "house": case.word(2)}


def _position(case: Case) -> dict[str, Any]:
    latitude, longitude = case.dice.randint(-89, 89) + 0.25, case.dice.randint(-179, 179) + 0.5
    observed = f"2026-01-01T10:00:{case.dice.randint(10, 59)}Z"
    return {"latitude": latitude, "longitude": longitude, "observedAt": observed}
