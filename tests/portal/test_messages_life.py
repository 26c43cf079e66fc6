"""Steps, records and lives of messages, of units that are written by hand."""

from collections.abc import Mapping, Sequence

import pytest

from stend.portal.messages.life import Ending, Life, Mark, life_of
from stend.portal.messages.records import Carried
from stend.portal.messages.steps import Did, Happened, Step, steps_of
from stend.wire.decoding import Direction, Role, Unit
from stend.wire.exchanges import Exchange

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
MESSAGE = "ord_1:4"
PROPERTIES = {"message_id": MESSAGE, "type": "OrderPlaced", "correlation_id": "7"}
PUBLISH = {"exchange": "orders.events", "routing_key": "order.placed", "channel": "1"}
DELIVER = {
    **PUBLISH,
    "delivery_tag": "3",
    "redelivered": "false",
    "consumer_tag": "ctag1",
    "queue": "notifications.orders",
}


def unit(
    name: str,
    direction: Direction,
    facts: Mapping[str, str] = {},
    protocol: str = "amqp",
    is_last: bool = False,
    error: str | None = None,
) -> Unit:
    return Unit(
        protocol,
        name,
        direction,
        0,
        9,
        Role.MESSAGE,
        lambda _: (),
        "x",
        is_last,
        "",
        error,
        None,
        facts,
    )


def happened(
    units: Sequence[Unit],
    number: int = 1,
    begin_ms: int = 0,
    source: str = "orders",
    carried: Mapping[int, Sequence[Carried]] = {},
) -> tuple[Step, ...]:
    times = [(begin_ms + at) * 1_000_000 for at in range(len(units))]
    exchange = Exchange(number, "x", list(units))
    return steps_of(Happened(f"c1.{number}", 1, source, "rabbitmq", exchange, times, carried))


def published(number: int = 1, begin_ms: int = 0) -> tuple[Step, ...]:
    units = (
        unit("Basic.Publish", UP, PUBLISH),
        unit("header", UP, PUBLISH | PROPERTIES),
        unit("body", UP, PUBLISH),
        unit("Basic.Ack", DOWN, {"delivery_tag": "1", "multiple": "false"}, is_last=True),
    )
    return happened(units, number, begin_ms)


def delivered(
    number: int,
    begin_ms: int,
    *ends: Unit,
    facts: Mapping[str, str] = {},
    needs_ack: bool = True,
) -> tuple[Step, ...]:
    told = {**DELIVER, **facts}
    units = (
        unit("Basic.Deliver", DOWN, told),
        unit("header", DOWN, {**told, **PROPERTIES, **facts}),
        unit("body", DOWN, told, is_last=not needs_ack),
        *ends,
    )
    return happened(units, number, begin_ms, "notifications")


def ack(multiple: bool = False, tag: str = "3") -> Unit:
    facts = {"delivery_tag": tag, "multiple": str(multiple).lower(), "channel": "1"}
    return unit("Basic.Ack", UP, facts, is_last=True)


def nack(requeue: bool) -> Unit:
    facts = {"delivery_tag": "3", "requeue": str(requeue).lower(), "channel": "1"}
    return unit("Basic.Nack", UP, facts, is_last=True)


def lived(*steps: Step, settling: Sequence[Step] = ()) -> Life:
    life = life_of(steps, settling, {"notifications.orders"}.__contains__)
    assert life is not None
    return life


def test_a_publish_and_its_confirm_name_exchange_key_and_message() -> None:
    first, second = published()
    assert (first.did, first.to, first.key) == (Did.PUBLISHED, "orders.events", "order.placed")
    assert first.ids == (MESSAGE,)
    assert first.type == "OrderPlaced"
    assert first.correlation == "7"
    assert second.did is Did.CONFIRMED


def test_the_same_method_means_something_else_in_the_other_direction() -> None:
    refused = unit("Basic.Nack", DOWN, {"delivery_tag": "1"}, error="Basic.Nack")
    assert happened((unit("Basic.Publish", UP, PUBLISH), refused))[1].did is Did.NOT_CONFIRMED
    assert delivered(2, 0, nack(requeue=False))[1].did is Did.NACKED


def test_a_life_goes_from_publish_to_ack() -> None:
    life = lived(*delivered(2, 10, ack()), *published())
    assert [row.step.did for row in life.rows] == [
        Did.PUBLISHED,
        Did.CONFIRMED,
        Did.DELIVERED,
        Did.ACKED,
    ]
    assert life.has_beginning
    assert life.ending is Ending.DONE
    assert life.marks == frozenset()
    assert [row.after_ms for row in life.rows] == [0, 3, 10, 13]
    assert {row.step.exchange for row in life.rows} == {"c1.1", "c1.2"}


def test_a_redelivery_is_marked_and_counted() -> None:
    again = delivered(3, 20, ack(), facts={"redelivered": "true"})
    life = lived(*published(), *delivered(2, 10, nack(requeue=True)), *again)
    marks = [dict(row.marks) for row in life.rows]
    assert marks[3] == {Mark.RETRIED: 0}
    assert marks[4] == {Mark.REDELIVERED: 0, Mark.AGAIN: 2}
    assert life.ending is Ending.DONE


def test_a_nack_without_requeue_goes_dead_where_the_queue_has_an_exchange_for_it() -> None:
    steps = (*published(), *delivered(2, 10, nack(requeue=False)))
    assert lived(*steps).ending is Ending.DEAD
    without = life_of(steps)
    assert without is not None
    assert without.ending is Ending.FAILED


def test_what_came_back_from_the_dead_says_how_often_it_died() -> None:
    life = lived(*delivered(2, 0, ack(), facts={"x_death": "3"}))
    assert life.rows[0].marks == {Mark.CAME_DEAD: 3}
    assert not life.has_beginning


@pytest.mark.parametrize(("needs_ack", "ending"), [(True, "with_consumer"), (False, "done")])
def test_a_delivery_is_over_only_where_no_ack_is_waited_for(needs_ack: bool, ending: str) -> None:
    assert lived(*published(), *delivered(2, 10, needs_ack=needs_ack)).ending == ending


def test_one_ack_for_many_settles_those_before_it() -> None:
    cover = happened((ack(multiple=True, tag="9"),), 8, 30, "notifications")
    life = lived(*delivered(2, 10), settling=cover)
    assert [row.step.did for row in life.rows] == [Did.DELIVERED, Did.ACKED]
    assert life.last.exchange == "c1.8"
    # One for smaller numbers does not.
    other = happened((ack(multiple=True, tag="2"),), 8, 30, "notifications")
    assert lived(*delivered(2, 10), settling=other).ending is Ending.WITH_CONSUMER


def record(offset: int | None) -> Carried:
    return Carried("orders.events", 1, offset, "ord_1", MESSAGE, "", "OrderPlaced", None)


def test_a_record_of_kafka_gets_its_offset_from_the_answer() -> None:
    units = (
        unit("Produce v9", UP, {"api": "Produce", "records": "1"}, "kafka"),
        unit("Produce v9", DOWN, {"api": "Produce", "offsets": "17"}, "kafka", is_last=True),
    )
    first, second = happened(units, carried={0: (record(None),)})
    assert (first.did, first.offset) == (Did.PUBLISHED, None)
    assert (second.did, second.offset) == (Did.STORED, 17)
    assert second.ids == (MESSAGE, "orders.events[1]@17")


def test_a_broker_that_refuses_a_record_is_told_with_its_error() -> None:
    units = (
        unit("Produce v9", UP, {"api": "Produce"}, "kafka"),
        unit("Produce v9", DOWN, {"offsets": "-1"}, "kafka", error="NOT_LEADER_OR_FOLLOWER"),
    )
    _, refused = happened(units, carried={0: (record(None),)})
    assert (refused.did, refused.detail) == (Did.NOT_STORED, "NOT_LEADER_OR_FOLLOWER")
    assert refused.offset is None


def test_two_readers_of_a_log_are_no_duplicate_but_one_that_reads_twice_is() -> None:
    fetch = (unit("Fetch v12", DOWN, {"api": "Fetch", "records": "1"}, "kafka"),)
    one = happened(fetch, 1, 0, "analytics", {0: (record(17),)})
    two = happened(fetch, 2, 5, "search", {0: (record(17),)})
    three = happened(fetch, 3, 9, "analytics", {0: (record(17),)})
    assert lived(*one, *two).marks == frozenset()
    assert lived(*one, *two, *three).rows[2].marks == {Mark.AGAIN: 2}


def call(number: int, begin_ms: int, status: str, name: str = "msg_1") -> tuple[Step, ...]:
    facts = {"webhook_id": name, "ce_id": "ord_1:1", "target": "/hook"}
    units = (
        unit("POST /hook", UP, facts, "http1"),
        unit(status, DOWN, {"status": status}, "http1", is_last=True),
    )
    return happened(units, number, begin_ms, "notifications")


def test_the_second_attempt_of_a_webhook_is_marked() -> None:
    life = lived(*call(1, 0, "500"), *call(2, 900, "200"))
    assert [row.step.did for row in life.rows] == [
        Did.CALLED,
        Did.REFUSED,
        Did.CALLED,
        Did.ANSWERED,
    ]
    assert life.rows[2].marks == {Mark.ATTEMPT: 2}
    assert life.ending is Ending.DONE


def test_one_event_for_two_receivers_is_one_life_and_no_second_attempt() -> None:
    life = lived(*call(1, 0, "200"), *call(2, 5, "200", "msg_2"))
    assert life.ids == ("msg_1", "ord_1:1", "msg_2")
    assert life.marks == frozenset()


def test_an_answer_to_the_publisher_after_the_arrival_is_no_ending() -> None:
    arrival = delivered(2, 1, needs_ack=False)
    life = lived(*published(), *arrival)
    assert life.last.did is Did.CONFIRMED
    assert life.ending is Ending.DONE


def test_heartbeats_and_declarations_are_no_messages() -> None:
    assert happened((unit("heartbeat", UP),)) == ()
    assert happened((unit("Queue.Declare", UP, {"queue": "q"}),)) == ()
    assert life_of(()) is None
