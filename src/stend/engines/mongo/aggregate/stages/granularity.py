"""Series of preferred numbers that $bucketAuto rounds the bounds of buckets to."""

import math
from collections.abc import Callable
from typing import Any, Final

from bson import Decimal128

from stend.engines.mongo.aggregate.numbers import to_double
from stend.engines.mongo.errors import MongoError


def _logarithmic(count: int) -> tuple[float, ...]:
    """A series of resistors: so many steps to the next power of ten, three digits each."""
    steps = [float(round(100 * 10 ** (index / count))) for index in range(count)]
    # The one number of IEC 60063 that is not the rounded power.
    return tuple(920.0 if count == 192 and step == 919 else step for step in steps)


def _renard(text: str) -> tuple[float, ...]:
    return tuple(float(step) for step in text.split())


_SERIES: Final[dict[str, tuple[float, ...]]] = {
    "R5": _renard("10 16 25 40 63"),
    "R10": _renard("100 125 160 200 250 315 400 500 630 800"),
    "R20": _renard(
        "100 112 125 140 160 180 200 224 250 280 315 355 400 450 500 560 630 710 800 900"
    ),
    "R40": _renard(
        "100 106 112 118 125 132 140 150 160 170 180 190 200 212 224 236 250 265 280 300 "
        "315 335 355 375 400 425 450 475 500 530 560 600 630 670 710 750 800 850 900 950"
    ),
    "R80": _renard(
        "103 109 115 122 128 136 145 155 165 175 185 195 206 218 230 243 258 272 290 307 "
        "325 345 365 387 412 437 462 487 515 545 575 615 650 690 730 775 825 875 925 975"
    ),
    "1-2-5": (10, 20, 50),
    "E6": _renard("10 15 22 33 47 68"),
    "E12": _renard("10 12 15 18 22 27 33 39 47 56 68 82"),
    "E24": _renard("10 11 12 13 15 16 18 20 22 24 27 30 33 36 39 43 47 51 56 62 68 75 82 91"),
    "E48": _logarithmic(48),
    "E96": _logarithmic(96),
    "E192": _logarithmic(192),
}
_POWERS: Final = "POWERSOF2"

Rounder = Callable[[Any], Any]


def rounders(name: Any) -> tuple[Rounder, Rounder]:
    """What rounds up and what rounds down in a series.

    Raises:
        MongoError: 40257 or 40261 for a name of no series.
    """
    if type(name) is not str:
        raise MongoError(40261, "The $bucketAuto 'granularity' field must be a string")
    if name == _POWERS:
        return _up_power, _down_power
    if name not in _SERIES:
        raise MongoError(40257, f"Unknown rounding granularity '{name}'")
    # R80 is R40 and what stands between.
    series = tuple(sorted(_SERIES["R40"] + _SERIES[name])) if name == "R80" else _SERIES[name]
    return (lambda value: _up(series, value)), (lambda value: _down(series, value))


def _doubled(value: Any) -> float:
    if isinstance(value, Decimal128):
        raise MongoError(
            40257, "a 'granularity' for Decimal128 boundaries is not available in this server"
        )
    return to_double(value)


def _up(series: tuple[float, ...], value: Any) -> Any:
    number = _doubled(value)
    if number == 0 or math.isinf(number):
        return value
    multiplier = 1.0
    while number >= series[-1] * multiplier:
        multiplier *= 10.0
    while number < series[0] * multiplier:
        least = series[0] * multiplier
        multiplier /= 10.0
        if number >= series[-1] * multiplier:
            return least
    return next(step * multiplier for step in series if number < step * multiplier)


def _down(series: tuple[float, ...], value: Any) -> Any:
    number = _doubled(value)
    if number == 0 or math.isinf(number):
        return value
    multiplier = 1.0
    while number <= series[0] * multiplier:
        multiplier /= 10.0
    while number > series[-1] * multiplier:
        most = series[-1] * multiplier
        multiplier *= 10.0
        if number <= series[0] * multiplier:
            return most
    return max(step * multiplier for step in series if step * multiplier < number)


def _up_power(value: Any) -> Any:
    number = _doubled(value)
    if number == 0 or math.isinf(number):
        return value
    _, exponent = math.frexp(number)
    return 2.0**exponent


def _down_power(value: Any) -> Any:
    number = _doubled(value)
    if number == 0 or math.isinf(number):
        return value
    fraction, exponent = math.frexp(number)
    return 2.0 ** (exponent - (2 if fraction == 0.5 else 1))
