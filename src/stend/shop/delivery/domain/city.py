"""A model of a city: streets in a square grid, stores, and how long a way takes. Pure.

Every address has one crossing of its own, which its text decides; no real map is behind it.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

BLOCK_M = 100
# Blocks from side to side, both ways.
BLOCKS = 24
CITY_M = BLOCK_M * BLOCKS

# South-west corner. On a plane of this size a degree has the same length everywhere.
_LATITUDE, _LONGITUDE = 55.740, 37.600
_METRES_PER_DEGREE = 111_320.0
_METRES_PER_DEGREE_EAST = _METRES_PER_DEGREE * math.cos(math.radians(_LATITUDE))
EARTH_RADIUS_M = 6_372_797.56

# Of the simulated couriers, who ride bicycles.
SPEED_M_S = 5.0
ASSEMBLING = timedelta(minutes=3)
HANDING_OVER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Spot:
    """Metres east and north of the city's south-west corner."""

    east_m: float
    north_m: float


@dataclass(frozen=True, slots=True)
class Point:
    """WGS 84, degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Address:
    city: str
    street: str
    house: str
    flat: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """A dark store: goods are packed there, nobody shops in it."""

    store_id: str
    title_ru: str
    title_en: str
    spot: Spot


STORES: Mapping[str, Store] = {
    store.store_id: store
    for store in (
        Store("sto_lesnaya", "Лавка на Лесной", "Lavka in Lesnaya Street", Spot(600, 600)),
        Store("sto_sadovaya", "Лавка на Садовой", "Lavka in Sadovaya Street", Spot(1800, 700)),
        Store("sto_rechnaya", "Лавка на Речной", "Lavka in Rechnaya Street", Spot(1200, 1900)),
    )
}


def point_of(spot: Spot) -> Point:
    return Point(
        _LATITUDE + spot.north_m / _METRES_PER_DEGREE,
        _LONGITUDE + spot.east_m / _METRES_PER_DEGREE_EAST,
    )


def distance_m(one: Point, other: Point) -> float:
    """As the crow flies, by the haversine formula on the sphere that Redis GEO uses."""
    lat_one, lat_other = math.radians(one.latitude), math.radians(other.latitude)
    half_north = math.sin((lat_other - lat_one) / 2)
    half_east = math.sin(math.radians(other.longitude - one.longitude) / 2)
    chord = half_north**2 + math.cos(lat_one) * math.cos(lat_other) * half_east**2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(chord))


def door_of(address: Address) -> Spot:
    """The crossing of a house; capital letters and blanks at the ends make no difference."""
    house = "\n".join(part.strip().casefold() for part in (address.city, address.street))
    house += "\n" + address.house.strip().casefold()
    number = int.from_bytes(hashlib.sha256(house.encode()).digest()[:8], "big")
    north, east = divmod(number % (BLOCKS + 1) ** 2, BLOCKS + 1)
    return Spot(east * BLOCK_M, north * BLOCK_M)


def nearest_store(door: Spot) -> Store:
    """The shortest way counts; of two equal ones, the first of STORES."""
    return min(STORES.values(), key=lambda store: way_m(store.spot, door))


def way_m(start: Spot, end: Spot) -> float:
    """Along the streets."""
    return abs(start.east_m - end.east_m) + abs(start.north_m - end.north_m)


def way(start: Spot, end: Spot) -> tuple[Spot, Spot, Spot]:
    """A shortest way along the streets: where it begins, turns and ends.

    Args:
        start: anywhere on a street.
        end: a crossing.
    """
    # Whoever stands within a block of a street that leads north has to go north first.
    along_north = start.east_m % BLOCK_M == 0 and start.north_m % BLOCK_M != 0
    turn = Spot(start.east_m, end.north_m) if along_north else Spot(end.east_m, start.north_m)
    return start, turn, end


def along(start: Spot, end: Spot, gone_m: float) -> Spot:
    """The place after so many metres of the way; its end when they are more."""
    _, turn, _ = way(start, end)
    first_m = way_m(start, turn)
    if gone_m <= first_m:
        return _between(start, turn, gone_m)
    return _between(turn, end, gone_m - first_m)


def _between(start: Spot, end: Spot, gone_m: float) -> Spot:
    """On one street. The coordinate that does not change stays exactly as it is."""
    length_m = way_m(start, end)
    if gone_m >= length_m:
        return end
    share = max(gone_m, 0.0) / length_m
    return Spot(
        start.east_m + (end.east_m - start.east_m) * share,
        start.north_m + (end.north_m - start.north_m) * share,
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """
    Attributes:
        time_scale: seconds of the city that pass in one second of the clock.
    """

    time_scale: float

    def takes(self, time: timedelta) -> timedelta:
        """By the clock, in whole milliseconds, as Redis keeps them."""
        return timedelta(milliseconds=round(time.total_seconds() * 1000 / self.time_scale))

    def ride(self, length_m: float) -> timedelta:
        return self.takes(timedelta(seconds=length_m / SPEED_M_S))

    def gone_m(self, since: datetime, now: datetime) -> float:
        return max((now - since).total_seconds(), 0.0) * self.time_scale * SPEED_M_S


@dataclass(frozen=True, slots=True)
class Plan:
    """One way from where a courier is to the store and on to a door, with its moments."""

    start: Spot
    store: Spot
    door: Spot
    starts_at: datetime
    at_store_at: datetime
    picked_up_at: datetime
    at_door_at: datetime
    delivered_at: datetime

    def position(self, now: datetime) -> Spot:
        """Where the courier is; it depends on nothing but the plan and the clock."""
        if now < self.picked_up_at:
            return _on_the_way(self.start, self.store, self.starts_at, self.at_store_at, now)
        return _on_the_way(self.store, self.door, self.picked_up_at, self.at_door_at, now)


def _on_the_way(
    start: Spot, end: Spot, starts_at: datetime, ends_at: datetime, now: datetime
) -> Spot:
    if now >= ends_at:
        return end
    if now <= starts_at:
        return start
    # Dates and not the pace: a plan stays what it is when the pace is another after a restart.
    share = (now - starts_at) / (ends_at - starts_at)
    return along(start, end, way_m(start, end) * share)


def plan(
    start: Spot, starts_at: datetime, store: Spot, door: Spot, assembled_at: datetime, pace: Pace
) -> Plan:
    """
    Args:
        start, starts_at: where and from when the courier is free.
        assembled_at: when the goods are packed.
    """
    at_store_at = starts_at + pace.ride(way_m(start, store))
    picked_up_at = max(at_store_at, assembled_at)
    at_door_at = picked_up_at + pace.ride(way_m(store, door))
    delivered_at = at_door_at + pace.takes(HANDING_OVER)
    return Plan(start, store, door, starts_at, at_store_at, picked_up_at, at_door_at, delivered_at)
