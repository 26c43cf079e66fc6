"""Streets, ways and moments of the model city."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.shop.delivery.domain.city import (
    BLOCK_M,
    BLOCKS,
    CITY_M,
    STORES,
    Address,
    Pace,
    Plan,
    Point,
    Spot,
    along,
    distance_m,
    door_of,
    nearest_store,
    plan,
    point_of,
    way,
    way_m,
)

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
crossings = st.builds(
    lambda east, north: Spot(east * BLOCK_M, north * BLOCK_M),
    st.integers(0, BLOCKS),
    st.integers(0, BLOCKS),
)
street_places = st.builds(along, crossings, crossings, st.floats(0, 2 * CITY_M))
paces = st.builds(Pace, st.sampled_from([0.5, 1.0, 80.0, 1000.0]))
addresses = st.builds(Address, *[st.text(min_size=1, max_size=20)] * 3)


def is_on_a_street(spot: Spot) -> bool:
    inside = 0 <= spot.east_m <= CITY_M and 0 <= spot.north_m <= CITY_M
    return inside and (spot.east_m % BLOCK_M == 0 or spot.north_m % BLOCK_M == 0)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    assembled_at = NOW + timedelta(seconds=draw(st.integers(0, 600)))
    start, store, door = draw(street_places), draw(crossings), draw(crossings)
    return plan(start, NOW, store, door, assembled_at, draw(paces))


@given(street_places, crossings)
def test_a_way_leads_along_streets_and_is_a_shortest_one(start: Spot, end: Spot) -> None:
    places = way(start, end)
    assert (places[0], places[-1]) == (start, end)
    assert all(
        one.east_m == other.east_m or one.north_m == other.north_m
        for one, other in pairwise(places)
    )
    assert all(is_on_a_street(place) for place in places)
    assert sum(way_m(*leg) for leg in pairwise(places)) == pytest.approx(way_m(start, end))


@given(street_places, crossings, st.floats(0, 1))
def test_whoever_follows_a_way_is_on_a_street_and_nearer_by_what_he_went(
    start: Spot, end: Spot, share: float
) -> None:
    length_m = way_m(start, end)
    spot = along(start, end, length_m * share)
    assert is_on_a_street(spot)
    assert way_m(spot, end) == pytest.approx(length_m * (1 - share), abs=1e-6)


@given(street_places, crossings)
def test_a_way_begins_and_ends_where_it_should(start: Spot, end: Spot) -> None:
    assert way_m(along(start, end, 0), start) == pytest.approx(0)
    assert along(start, end, way_m(start, end) + 1) == end


@given(plans())
def test_the_moments_of_a_plan_follow_each_other(made: Plan) -> None:
    assert (
        made.starts_at
        <= made.at_store_at
        <= made.picked_up_at
        <= made.at_door_at
        < made.delivered_at
    )


@given(plans(), st.floats(-10, 1000))
def test_a_courier_with_a_plan_is_always_on_a_street(made: Plan, seconds: float) -> None:
    assert is_on_a_street(made.position(NOW + timedelta(seconds=seconds)))


@given(plans())
def test_a_courier_is_at_the_places_of_his_plan_at_their_moments(made: Plan) -> None:
    assert made.position(made.starts_at - timedelta(seconds=1)) in {made.start, made.store}
    assert made.position(made.picked_up_at) in {made.store, made.door}
    assert made.position(made.at_door_at) == made.door
    assert made.position(made.delivered_at + timedelta(days=1)) == made.door


@given(plans(), st.floats(0, 1000), st.floats(0, 5))
def test_nobody_jumps(made: Plan, seconds: float, more: float) -> None:
    before = NOW + timedelta(seconds=seconds)
    step = way_m(made.position(before), made.position(before + timedelta(seconds=more)))
    ride_s = (made.at_door_at - made.picked_up_at).total_seconds()
    come_s = (made.at_store_at - made.starts_at).total_seconds()
    legs = ((made.start, made.store, come_s), (made.store, made.door, ride_s))
    fastest_m_s = max((way_m(one, other) / took for one, other, took in legs if took), default=0)
    assert step <= fastest_m_s * more * 1.01 + 1e-3


@given(addresses)
def test_an_address_has_one_crossing(address: Address) -> None:
    door = door_of(address)
    assert is_on_a_street(door)
    assert door.east_m % BLOCK_M == door.north_m % BLOCK_M == 0
    loud = Address(f" {address.city} ", address.street, address.house, flat="1", comment="x")
    assert door_of(loud) == door


def test_parts_of_an_address_do_not_run_together() -> None:
    one, other = Address("А", "Б", "В 1"), Address("А Б", "В", "1")
    assert door_of(one) != door_of(other)


@given(crossings)
def test_no_store_is_nearer_than_the_nearest(door: Spot) -> None:
    nearest = way_m(nearest_store(door).spot, door)
    assert all(nearest <= way_m(store.spot, door) for store in STORES.values())


@given(crossings, crossings)
def test_degrees_are_as_far_apart_as_metres(one: Spot, other: Spot) -> None:
    straight_m = ((one.east_m - other.east_m) ** 2 + (one.north_m - other.north_m) ** 2) ** 0.5
    assert distance_m(point_of(one), point_of(other)) == pytest.approx(straight_m, rel=0.002)


@pytest.mark.parametrize(("one", "other"), [*product([Point(0, 0), Point(55.75, 37.62)], repeat=2)])
def test_the_distance_is_the_same_both_ways(one: Point, other: Point) -> None:
    assert distance_m(one, other) == distance_m(other, one)


@given(paces, st.integers(1, 10_000))
def test_a_time_scale_makes_everything_faster_alike(pace: Pace, seconds: int) -> None:
    took_s = pace.takes(timedelta(seconds=seconds)).total_seconds()
    assert took_s == pytest.approx(seconds / pace.time_scale, abs=0.0006)
