"""What the brokers tell, as a topology, as logs, and as a picture. Pure."""

from struct import pack
from typing import Any

import pytest

from stend.portal.messages.drawing import MOST_ROWS, WIDTH, drawing_of
from stend.portal.messages.kafka import assigned
from stend.portal.messages.logs import Extent, Group, topic_of
from stend.portal.messages.topology import Topology, topology_of


def a_queue(name: str, dlx: str | None = None, **more: Any) -> dict[str, Any]:
    arguments = {"x-dead-letter-exchange": dlx} if dlx else {}
    counts = {"messages_ready": 0, "messages_unacknowledged": 0}
    return {"vhost": "/", "name": name, "arguments": arguments, **counts, **more}


def a_binding(source: str, key: str, target: str) -> dict[str, Any]:
    return {
        "vhost": "/",
        "source": source,
        "routing_key": key,
        "destination": target,
        "destination_type": "queue",
    }


def a_broker(**more: Any) -> Topology:
    names = ("", "amq.topic", "events", "dlx")
    told = {
        "exchanges": [{"vhost": "/", "name": name, "type": "topic"} for name in names],
        "bindings": [
            a_binding("", "work", "work"),
            a_binding("events", "order.#", "work"),
            a_binding("dlx", "work", "work.dead"),
        ],
        "queues": [
            a_queue("work", "dlx", messages_ready=7, messages_unacknowledged=2),
            a_queue("work.dead"),
            a_queue("commands"),
        ],
        "consumers": [
            {
                "consumer_tag": "ctag1",
                "prefetch_count": 8,
                "queue": {"vhost": "/", "name": "work"},
                "channel_details": {"connection_name": "a -> b", "user": "lavka"},
            }
        ],
        "connections": [{"name": "a -> b", "client_properties": {"connection_name": "stock"}}],
    }
    return topology_of(told | more)


def test_queues_know_their_consumers_and_what_is_dead() -> None:
    topology = a_broker()
    work, dead, _ = topology.queues
    assert [one.name for one in work.consumers] == ["stock"]
    assert (work.ready, work.unacked, work.is_dead_letter) == (7, 2, False)
    assert dead.is_dead_letter
    assert topology.queue_of("ctag1") == "work"
    assert topology.queue_of("ctag9") is None


def test_what_is_no_answer_of_the_api_is_no_topology() -> None:
    with pytest.raises(KeyError):
        a_broker(queues=[{"unexpected": 1}])


def test_a_dead_letter_queue_stands_below_the_queue_it_belongs_to() -> None:
    drawing = drawing_of(a_broker(), {("orders", "events"): 3})
    assert [one.queue.name for one in drawing.queues] == ["work", "work.dead", "commands"]
    assert [one.names for one in drawing.publishers] == [("orders",)]
    dead = [one for one in drawing.wires if one.is_dead]
    assert [(one.source, one.target) for one in dead] == [("work", "dlx")]
    # amq.topic has neither bindings nor publishers; the default exchange leads to `commands`.
    assert {one.name for one in drawing.exchanges} == {"events", "dlx", ""}


def test_nothing_of_the_picture_lies_outside_of_it_or_on_another() -> None:
    drawing = drawing_of(a_broker(), {("orders", "events"): 3, ("client", ""): 1})
    boxes = [one.box for one in drawing.exchanges]
    boxes += [one.box for one in drawing.queues]
    boxes += [one.box for one in drawing.publishers]
    assert all(box.x >= 0 and box.right <= WIDTH and box.bottom <= drawing.height for box in boxes)
    tops = sorted(one.box.y for one in drawing.exchanges)
    assert len({*tops}) == len(tops)


def test_a_large_broker_is_drawn_in_part_and_says_so() -> None:
    queues = [a_queue(f"q{number}") for number in range(MOST_ROWS + 5)]
    drawing = drawing_of(a_broker(queues=queues, bindings=[]), {})
    assert (len(drawing.queues), drawing.left_off) == (MOST_ROWS, 5)


def test_a_group_that_lags_is_hatched_from_where_it_is() -> None:
    group = Group("analytics", "Stable", (), {("events", 0): 60, ("events", 1): -1})
    extents = (Extent(0, 1, 20, 100), Extent(1, 1, 0, 40), Extent(2, -1, None, None))
    topic = topic_of("events", False, extents, (group,))
    first, second, third = topic.partitions
    assert (first.filled, first.lag_from, first.lag("analytics")) == (100, 50, 40)
    # Nothing committed is no place in the log, and no lag.
    assert (second.filled, second.cursors, second.lag("analytics")) == (50, (), None)
    assert (third.end, third.filled, third.lag_from) == (None, 0, None)


def test_nobody_lags_behind_what_retention_has_deleted() -> None:
    group = Group("slow", "Empty", (), {("events", 0): 3})
    (part,) = topic_of("events", False, (Extent(0, 1, 20, 30),), (group,)).partitions
    assert part.lag("slow") == 10
    assert part.cursors[0].place == 0


def test_an_assignment_of_the_consumer_protocol_is_read() -> None:
    data = pack(">hih6si2ii", 0, 1, 6, b"events", 2, 0, 2, 0)
    assert assigned(data) == (("events", 0), ("events", 2))


@pytest.mark.parametrize(
    "data", [b"", b"\0\0", b"\0\0\0\0\0\x05\0\x06eve", b"\0\0\x7f\xff\xff\xff"]
)
def test_an_assignment_of_another_kind_is_none(data: bytes) -> None:
    assert assigned(data) == ()
