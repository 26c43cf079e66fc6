"""Messages of the queue: a tolerant reader that never guesses."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.notifications.clients.webhook.envelope import cloud_event
from stend.shop.notifications.domain import EventType
from stend.shop.notifications.workers.reading import event_of
from tests.shop.notifications.events import an_event, fresh_order

ORDER = fresh_order()
GOOD = an_event(ORDER, 1, "cus_0042")


def read(event: dict[str, Any], message_id: str = f"{ORDER}:1") -> Any:
    return event_of(json.dumps(event).encode(), message_id)


def test_an_event_is_read_and_kept_as_it_came() -> None:
    event = read(GOOD)
    assert (event.order_id, event.version, event.type) == (ORDER, 1, EventType.ORDER_PLACED)
    assert event.occurred_at == datetime(2026, 11, 27, 10, 0, 1, 500_000, tzinfo=UTC)
    assert (event.customer_id, event.reason) == ("cus_0042", None)
    assert event.payload == GOOD
    assert json.loads(cloud_event(event))["data"] == GOOD


def test_members_of_later_versions_are_passed_on() -> None:
    more = {**GOOD, "weather": {"rain": True}, "reason": None}
    assert json.loads(cloud_event(read(more)))["data"] == more


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"type": "OrderTeleported"}, "type"),
        ({"type": None}, "type"),
        ({"order_id": "ord_1"}, "order_id"),
        ({"version": 0}, "version"),
        ({"version": 1.5}, "version"),
        ({"version": "1"}, "version"),
        ({"version": 2**31}, "version"),
        ({"status": ""}, "status"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": "2026-11-27T10:00:00"}, "occurred_at"),
        ({"customer_id": "42"}, "customer_id"),
        ({"reason": 7}, "reason"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(change: dict[str, Any], where: str) -> None:
    with pytest.raises(StendError) as refused:
        read({**GOOD, **change})
    assert refused.value.code is EdgeErrorCode.INVALID_ARGUMENT
    assert f"/{where}:" in refused.value.expected


# Named: a new order at each collection would be another test in each worker of xdist.
@pytest.mark.parametrize(
    "message_id",
    [None, "", f"{ORDER}:2", "x"],
    ids=["missing", "empty", "another version", "another text"],
)
def test_a_message_id_that_is_not_the_events_is_refused(message_id: str | None) -> None:
    with pytest.raises(StendError) as refused:
        event_of(json.dumps(GOOD).encode(), message_id)
    assert refused.value.expected.startswith(f"message_id {ORDER}:1")


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_only_the_declared_error_escapes(body: bytes) -> None:
    with pytest.raises(StendError):
        event_of(body, "x")
