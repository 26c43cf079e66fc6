"""What becomes of a delivery, whom an event concerns, and what a customer is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.kit.errors import StendError
from stend.shop.notifications.domain import (
    TEMPLATES,
    Answer,
    Delivery,
    DeliveryStatus,
    EventType,
    NotificationErrorCode,
    OrderEvent,
    Outcome,
    RetryPolicy,
    Webhook,
    WebhookStatus,
    after_attempt,
    revived,
    text_for,
)

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
POLICY = RetryPolicy(pauses_s=(0.5, 1.0, 2.0), jitter=0.2)
EVENT = OrderEvent("ord_1", 2, EventType.ORDER_PAID, "paid", NOW, {}, customer_id="cus_1")
DELIVERY = Delivery("msg_1", "whk_1", EVENT, DeliveryStatus.PENDING, 0, 0, NOW, NOW)
WEBHOOK = Webhook("whk_1", "https://example.com", "whsec_x", NOW)


def answer(outcome: Outcome, status: int | None = 500) -> Answer:
    return Answer(outcome, status, "no luck", 3)


REFUSED = answer(Outcome.REFUSED)


def test_the_pauses_are_those_of_the_schedule_and_then_the_delivery_is_dead() -> None:
    delivery, moment = DELIVERY, NOW
    for pause_s in POLICY.pauses_s:
        delivery = after_attempt(delivery, REFUSED, POLICY, moment, chance=0.0)
        assert delivery.status is DeliveryStatus.PENDING
        assert delivery.due_at - moment == timedelta(seconds=pause_s)
        moment = delivery.due_at
    dead = after_attempt(delivery, REFUSED, POLICY, moment, chance=0.0)
    assert (dead.status, dead.attempts) == (DeliveryStatus.DEAD, 4)
    assert dead.last_error == "refused: 500 no luck"


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 3))
def test_jitter_takes_away_a_share_and_never_more(chance: float, failed: int) -> None:
    pause = POLICY.pause(failed, chance)
    whole = timedelta(seconds=POLICY.pauses_s[failed - 1])
    assert pause
    assert whole * 0.8 - timedelta(microseconds=1) <= pause <= whole


def test_an_accepted_delivery_is_done_and_has_no_error() -> None:
    failed = after_attempt(DELIVERY, REFUSED, POLICY, NOW, 0.0)
    done = after_attempt(failed, answer(Outcome.ACCEPTED, 204), POLICY, NOW, 0.0)
    assert (done.status, done.attempts, done.last_error) == (DeliveryStatus.DELIVERED, 2, None)


def test_a_receiver_that_is_gone_is_not_asked_again() -> None:
    dead = after_attempt(DELIVERY, answer(Outcome.GONE, 410), POLICY, NOW, 0.0)
    assert (dead.status, dead.attempts) == (DeliveryStatus.DEAD, 1)


@pytest.mark.parametrize(
    "outcome",
    [Outcome.REFUSED, Outcome.TIMED_OUT, Outcome.UNREACHABLE, Outcome.ADDRESS_FORBIDDEN],
)
def test_every_other_failure_is_tried_again(outcome: Outcome) -> None:
    again = after_attempt(DELIVERY, answer(outcome, None), POLICY, NOW, 0.0)
    assert again.status is DeliveryStatus.PENDING
    assert again.last_error == f"{outcome}: no luck"


def test_a_dead_letter_is_revived_with_a_whole_schedule_before_it() -> None:
    dead = DELIVERY
    for _ in range(4):
        dead = after_attempt(dead, REFUSED, POLICY, NOW, 0.0)
    alive = revived(dead, NOW)
    assert (alive.status, alive.attempts, alive.round_attempts) == (DeliveryStatus.PENDING, 4, 0)
    again = after_attempt(alive, REFUSED, POLICY, NOW, 0.0)
    assert (again.status, again.attempts) == (DeliveryStatus.PENDING, 5)


@pytest.mark.parametrize("status", [DeliveryStatus.PENDING, DeliveryStatus.DELIVERED])
def test_only_a_dead_letter_can_be_revived(status: DeliveryStatus) -> None:
    with pytest.raises(StendError) as refused:
        revived(replace(DELIVERY, status=status), NOW)
    assert refused.value.code is NotificationErrorCode.DELIVERY_NOT_DEAD


@pytest.mark.parametrize(
    ("webhook", "wants"),
    [
        (WEBHOOK, True),
        (replace(WEBHOOK, order_id="ord_1"), True),
        (replace(WEBHOOK, order_id="ord_2"), False),
        (replace(WEBHOOK, customer_id="cus_1"), True),
        (replace(WEBHOOK, customer_id="cus_2"), False),
        (replace(WEBHOOK, event_types=frozenset({EventType.ORDER_PAID})), True),
        (replace(WEBHOOK, event_types=frozenset({EventType.ORDER_PLACED})), False),
        (replace(WEBHOOK, status=WebhookStatus.DISABLED), False),
    ],
)
def test_a_webhook_is_told_what_it_asked_for(webhook: Webhook, wants: bool) -> None:
    assert webhook.wants(EVENT) is wants


def test_an_event_of_nobody_is_told_to_no_customer() -> None:
    nobody = replace(EVENT, customer_id=None)
    assert not replace(WEBHOOK, customer_id="cus_1").wants(nobody)
    assert WEBHOOK.wants(nobody)


@pytest.mark.parametrize("kind", EventType)
def test_every_event_has_its_words_in_both_languages(kind: EventType) -> None:
    text = text_for(replace(EVENT, type=kind, reason="передумал {order} {"))
    for words in (text.ru, text.en):
        assert "ord_1" in words
        assert ("передумал {order} {" in words) is (
            kind in {EventType.ORDER_CANCELLED, EventType.ORDER_FAILED}
        )
    template = TEMPLATES[kind]
    named = [
        {name for _, name, _, _ in Formatter().parse(one)} for one in (template.ru, template.en)
    ]
    assert named[0] == named[1]
