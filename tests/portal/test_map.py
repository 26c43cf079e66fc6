"""The map: geometry of its lines, and pictures of any set of parts."""

from dataclasses import replace
from itertools import combinations

import pytest

from stend.portal import geometry
from stend.portal.geometry import Box
from stend.portal.layout import CLIENT, FRONT, GATEWAY, HOPS, PLACES, Flow, neighbours
from stend.portal.map import ROW_ENGINES, Picture, Shape, draw
from stend.portal.parts import Part, parts_of
from stend.portal.stand import Endpoint, PartState
from stend.portal.wires import ENGINES, PROTOCOLS
from tests.fakes.portal import (
    KAFKA_READY,
    NGINX_READY,
    ORDERS_READY,
    POSTGRESQL_READY,
    RABBITMQ_READY,
    READY,
    view_of,
)

REDIS_READY = replace(POSTGRESQL_READY, name="redis")
# That of the whole shop.
MAX_HEIGHT = 514


def parts(*names: str) -> tuple[Part, ...]:
    return parts_of(
        view_of(
            *(
                replace(POSTGRESQL_READY, name=name)
                if name in ENGINES
                else replace(ORDERS_READY, name=name)
                for name in names
            )
        )
    )


def inside(picture: Picture, box: Box) -> bool:
    frame = picture.frame
    return (
        frame.x <= box.x
        and frame.y <= box.y
        and box.right <= frame.right
        and box.bottom <= frame.bottom
    )


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.right
        and other.x < one.right
        and one.y < other.bottom
        and other.y < one.bottom
    )


def assert_sound(picture: Picture) -> None:
    boxes = [node.box for node in picture.nodes]
    assert all(inside(picture, box) for box in boxes)
    assert not any(overlap(one, other) for one, other in combinations(boxes, 2))
    keys = {node.key for node in picture.nodes}
    for edge in picture.edges:
        assert {edge.source, edge.target} <= keys
        assert inside(picture, edge.bounds)
        for (x, y), (next_x, next_y) in zip(edge.line, edge.line[1:], strict=False):
            assert x == next_x or y == next_y


def test_two_parts_stand_in_a_row() -> None:
    picture = draw(parts_of(READY))
    assert picture.rowed
    assert [node.shape for node in picture.nodes] == [Shape.OUTSIDE, Shape.SERVICE, Shape.ENGINE]
    x = [node.box.x for node in picture.nodes]
    assert x == sorted(x)
    front, store = picture.edges
    assert [strand.wire.key for strand in front.strands] == ["rest", "sse", "grpc"]
    assert [strand.flow for strand in front.strands] == [Flow.CALL, Flow.STREAM, Flow.CALL]
    assert [strand.reversed for strand in front.strands] == [False, True, False]
    assert [strand.wire.key for strand in store.strands] == ["postgresql"]
    assert_sound(picture)


def test_client_reaches_the_service_through_the_gateway() -> None:
    engines = (POSTGRESQL_READY, REDIS_READY, RABBITMQ_READY, NGINX_READY)
    picture = draw(parts_of(view_of(ORDERS_READY, *engines)))
    assert picture.rowed
    front, behind, *stores = picture.edges
    assert [(edge.source, edge.target) for edge in picture.edges] == [
        (CLIENT, GATEWAY),
        (GATEWAY, "orders"),
        ("orders", "rabbitmq"),
        ("orders", "postgresql"),
    ]
    for edge in (front, behind):
        assert [strand.wire.key for strand in edge.strands] == ["rest", "sse", "grpc"]
    assert [strand.wire.key for edge in stores for strand in edge.strands] == ["amqp", "postgresql"]
    assert_sound(picture)


def test_what_nobody_works_with_stands_above_and_below() -> None:
    others = (replace(REDIS_READY, name="mysql"), replace(REDIS_READY, name="mongodb"))
    picture = draw(parts_of(view_of(ORDERS_READY, POSTGRESQL_READY, *others, NGINX_READY)))
    levels = {node.key: node.box.middle[1] for node in picture.nodes}
    assert levels[CLIENT] == levels[GATEWAY] == levels["orders"] == levels["postgresql"]
    assert levels["mysql"] < levels["orders"] < levels["mongodb"]
    assert len(picture.edges[-1].line) == 2
    assert_sound(picture)


def test_gateway_carries_no_broker_protocol() -> None:
    endpoints = (*ORDERS_READY.endpoints, Endpoint("amqp", "amqp://x/#orders.commands", None))
    orders = replace(ORDERS_READY, endpoints=endpoints)
    front, behind, _ = draw(parts_of(view_of(orders, POSTGRESQL_READY, NGINX_READY))).edges
    for edge in (front, behind):
        assert [strand.wire.key for strand in edge.strands] == ["rest", "sse", "grpc"]


def test_marks_of_many_wires_stand_above_them_in_rows() -> None:
    endpoints = tuple(Endpoint(name, "http://x", None) for name in list(PROTOCOLS)[:8])
    orders = replace(ORDERS_READY, endpoints=endpoints)
    picture = draw(parts_of(view_of(orders, POSTGRESQL_READY, NGINX_READY)))
    label = picture.edges[0].label
    assert not label.named
    assert len(label.rows) > 1
    assert sum(map(len, label.rows)) == 8
    assert label.middle[1] < picture.edges[0].line[0][1]


def test_what_the_service_works_with_stands_around_its_level() -> None:
    engines = (POSTGRESQL_READY, REDIS_READY, RABBITMQ_READY, KAFKA_READY, NGINX_READY)
    picture = draw(parts_of(view_of(ORDERS_READY, *engines)))
    assert picture.rowed
    levels = {node.key: node.box.middle[1] for node in picture.nodes}
    used = [levels[name] for name in ("postgresql", "rabbitmq", "kafka")]
    assert levels[CLIENT] == levels[GATEWAY] == levels["orders"] == sum(used) / len(used)
    assert levels["redis"] > max(used)
    assert_sound(picture)


def test_many_stores_are_no_taller_than_a_screen_allows() -> None:
    names = [name for name in PLACES if name in ENGINES and name != GATEWAY][:ROW_ENGINES]
    picture = draw(parts("orders", *names))
    assert picture.rowed
    assert picture.frame.height <= MAX_HEIGHT
    assert_sound(picture)


def test_gateway_that_does_not_run_is_passed_by() -> None:
    missing = replace(NGINX_READY, state=PartState.STOPPED)
    picture = draw(parts_of(view_of(ORDERS_READY, POSTGRESQL_READY, missing)))
    assert [(edge.source, edge.target) for edge in picture.edges] == [
        (CLIENT, "orders"),
        ("orders", "postgresql"),
    ]


def test_a_part_works_with_whatever_a_wire_joins_it_to() -> None:
    assert neighbours("stock") == {"rabbitmq", "postgresql"}
    assert neighbours("redis") == {"catalog", "notifications", "delivery"}
    assert neighbours("identity") == set()
    assert neighbours("nowhere") == set()


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_any_few_parts_make_a_sound_picture(count: int) -> None:
    for names in combinations(sorted(PLACES), count):
        assert_sound(draw(parts(*names)))


def test_whole_shop_is_drawn_with_every_hop() -> None:
    picture = draw(parts(*PLACES))
    assert {(edge.source, edge.target) for edge in picture.edges} == {
        (hop.source, hop.target) for hop in HOPS
    }
    assert_sound(picture)


def test_without_a_gateway_the_client_stands_in_its_place() -> None:
    picture = draw(parts(*(name for name in PLACES if name != GATEWAY)))
    client = next(node for node in picture.nodes if node.key == CLIENT)
    assert client.box == PLACES[GATEWAY]
    assert (CLIENT, "orders") in {(edge.source, edge.target) for edge in picture.edges}
    assert_sound(picture)


def test_edge_is_as_well_as_its_worse_end() -> None:
    failed = replace(POSTGRESQL_READY, state=PartState.FAILED)
    front, store = draw(parts_of(view_of(ORDERS_READY, failed))).edges
    assert (front.state, store.state) == (PartState.READY, PartState.FAILED)


def test_hops_begin_and_end_at_the_edges_of_their_parts() -> None:
    for hop in HOPS:
        for name, (x, y) in ((hop.source, hop.line[0]), (hop.target, hop.line[-1])):
            box = FRONT if name == CLIENT else PLACES[name]
            on_side = x in (box.x, box.right) and box.y <= y <= box.bottom
            on_level = y in (box.y, box.bottom) and box.x <= x <= box.right
            assert on_side or on_level, hop


def test_strands_run_side_by_side() -> None:
    line = ((0.0, 0.0), (10.0, 0.0), (10.0, 20.0))
    assert geometry.shifted(line, 2) == ((0, 2), (8, 2), (8, 20))
    assert geometry.ribbon(line, 1) == (line,)
    upper, lower = geometry.ribbon(line, 2)
    assert upper[0][1] == -lower[0][1]


def test_corners_are_round_and_fit_into_short_parts() -> None:
    assert geometry.path(((0, 0), (10, 0))) == "M0 0L10 0"
    assert geometry.path(((0, 0), (4, 0), (4, 30))) == "M0 0L2 0Q4 0 4 2L4 30"
