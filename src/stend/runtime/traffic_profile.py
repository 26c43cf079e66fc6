"""How many customers come at which moment. Pure: time and chance are arguments.

Arrivals are a Poisson process whose rate changes with time, drawn by thinning (P. A. W. Lewis and
G. S. Shedler, Simulation of nonhomogeneous Poisson processes by thinning, 1979): people come
independently of each other, so that two at once and none for a while are both to be expected.
"""

import math
from collections.abc import Iterator
from enum import StrEnum

from stend.kit.chance import Chance


class Profile(StrEnum):
    """
    Attributes:
        DAY: a whole day of a shop in four minutes.
        FLASH_SALE: a quiet shop and its sales.
        STEADY: as many at any time, for measurements that last.
    """

    DAY = "day"
    FLASH_SALE = "flash-sale"
    STEADY = "steady"


DAY_S = 240.0
# The first customers come when the shop opens and not at midnight.
DAY_BEGINS_AT_H = 8.0
# Orders of groceries by hour, from midnight: breakfast, lunch, and most of all the evening.
_HOURS = (
    *(0.25, 0.15, 0.10, 0.08, 0.08, 0.12, 0.30, 0.60, 0.90, 1.00, 1.00, 1.10),
    *(1.35, 1.30, 1.10, 1.00, 1.10, 1.40, 1.90, 2.20, 2.00, 1.60, 1.10, 0.60),
)
_MEAN_HOUR = sum(_HOURS) / len(_HOURS)

FIRST_SALE_S = 10.0
SALE_EVERY_S = 90.0
SALE_TIMES = 10.0
_SALE_RAMP_S = 2.0
_SALE_LASTS_S = 6.0
_SALE_HALF_LIFE_S = 4.0


def rate_at(profile: Profile, rate: float, at_s: float) -> float:
    """Arrivals per second at a moment.

    Args:
        rate: the mean over a day, what comes outside of a sale, or what comes at any time.
        at_s: since the beginning.
    """
    match profile:
        case Profile.DAY:
            return rate * _day_share(hour_at(at_s))
        case Profile.FLASH_SALE:
            return rate * _sale_times(at_s)
        case Profile.STEADY:
            return rate


def peak_of(profile: Profile, rate: float) -> float:
    """The largest rate of the profile."""
    match profile:
        case Profile.DAY:
            return rate * max(_HOURS) / _MEAN_HOUR
        case Profile.FLASH_SALE:
            return rate * SALE_TIMES
        case Profile.STEADY:
            return rate


def hour_at(at_s: float) -> float:
    """The hour of the compressed day, 0 to 24."""
    return (DAY_BEGINS_AT_H + at_s / DAY_S * 24) % 24


def arrivals(profile: Profile, rate: float, chance: Chance) -> Iterator[float]:
    """Moments of arrival, in seconds since the beginning, without end."""
    peak = peak_of(profile, rate)
    at_s = 0.0
    while True:
        # 1 - random() is never 0, which has no logarithm.
        at_s -= math.log(1 - chance.random()) / peak
        if chance.random() * peak < rate_at(profile, rate, at_s):
            yield at_s


def _day_share(hour: float) -> float:
    whole = int(hour) % len(_HOURS)
    upcoming = _HOURS[(whole + 1) % len(_HOURS)]
    part = hour - int(hour)
    return (_HOURS[whole] * (1 - part) + upcoming * part) / _MEAN_HOUR


def _sale_times(at_s: float) -> float:
    since_s = at_s - FIRST_SALE_S
    if since_s < 0:
        return 1.0
    since_s %= SALE_EVERY_S
    if since_s < _SALE_RAMP_S:
        share = since_s / _SALE_RAMP_S
    elif since_s < _SALE_RAMP_S + _SALE_LASTS_S:
        share = 1.0
    else:
        share = 0.5 ** ((since_s - _SALE_RAMP_S - _SALE_LASTS_S) / _SALE_HALF_LIFE_S)
    return 1.0 + (SALE_TIMES - 1.0) * share
