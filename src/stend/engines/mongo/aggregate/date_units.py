"""Arithmetic with units of time: differences, sums, truncation."""

from typing import Final

from stend.engines.mongo.aggregate.numbers import LONG_MAX, LONG_MIN, fits_long
from stend.engines.mongo.aggregate.timezones import (
    MILLIS_PER_DAY,
    MILLIS_PER_SECOND,
    UTC,
    Calendar,
    Parts,
    Zone,
    days_in_month,
    local_millis,
    millis_of_parts,
    parts_of,
    utc_millis,
)
from stend.engines.mongo.errors import Code, MongoError

SPAN_MILLIS: Final = {
    "millisecond": 1,
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": MILLIS_PER_DAY,
    "week": 7 * MILLIS_PER_DAY,
}
MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_MAX_DAYS: Final = (2**64 - 1) // MILLIS_PER_DAY + 1
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def check_unit(name: str) -> str:
    """A unit of time by its name.

    Raises:
        MongoError: FailedToParse when there is none of this name.
    """
    if name not in SPAN_MILLIS and name not in MONTHS:
        raise MongoError(Code.FailedToParse, f"unknown time unit value: {name}")
    return name


def weekday_of(name: str) -> int | None:
    """1 for monday or mon, whatever the case of its letters; None for no day."""
    lower = name.lower()
    for number, day in enumerate(_WEEKDAYS, 1):
        if lower in (day, day[:3]):
            return number
    return None


def difference(start: int, end: int, unit: str, zone: Zone, week_starts: int) -> int:
    """How many bounds of the unit lie between two moments, in milliseconds since 1970.

    Args:
        week_starts: the first day of a week, 1 for Monday.

    Raises:
        MongoError: 5166308 when the difference in milliseconds does not fit in 64 bits.
    """
    if unit == "millisecond":
        if not fits_long(end - start):
            raise MongoError(5166308, "dateDiff overflowed")
        return end - start
    if unit in MONTHS:
        return _months(end, zone, unit) - _months(start, zone, unit)
    first, last = local_millis(start, zone), local_millis(end, zone)
    if unit == "day":
        return last // MILLIS_PER_DAY - first // MILLIS_PER_DAY
    if unit == "week":
        return _week_index(last, week_starts) - _week_index(first, week_starts)
    span = SPAN_MILLIS[unit]
    # Where the offset has changed between the two, the hours of the clock are corrected by it.
    shift = (zone.offset_s(start) - zone.offset_s(end)) * MILLIS_PER_SECOND
    corrected = abs(shift) // span
    return last // span - first // span + (corrected if shift >= 0 else -corrected)


def _months(millis: int, zone: Zone, unit: str) -> int:
    parts = parts_of(millis, zone)
    return (parts.year * 12 + parts.month - 1) // MONTHS[unit]


def _week_index(local: int, week_starts: int) -> int:
    # The first day of 1970 was a Thursday.
    return (local // MILLIS_PER_DAY + 3 - (week_starts - 1)) // 7


def _most(unit: str) -> int:
    years = _MAX_DAYS // 365 + 1
    if unit in MONTHS:
        return years * 12 // MONTHS[unit]
    if unit == "week":
        return _MAX_DAYS // 7
    return _MAX_DAYS * (MILLIS_PER_DAY // SPAN_MILLIS[unit])


def add(millis: int, unit: str, amount: int, zone: Zone) -> int:
    """The moment so many units later; in whole days and more the clock of the zone stays.

    Raises:
        MongoError: 5976500 or 5166406 when 64 bits do not hold it.
    """
    if unit != "millisecond" and not -_most(unit) < amount < _most(unit):
        raise MongoError(5976500, f"invalid dateAdd 'amount' parameter value: {amount} {unit}")
    if unit in MONTHS:
        result = _add_months(millis, amount * MONTHS[unit], zone)
    elif unit in ("day", "week"):
        local = local_millis(millis, zone) + amount * SPAN_MILLIS[unit]
        result = utc_millis(local, zone)
    else:
        result = millis + amount * SPAN_MILLIS[unit]
    if not fits_long(result):
        raise MongoError(5166406, "dateAdd overflowed")
    return result


def _add_months(millis: int, months: int, zone: Zone) -> int:
    parts = parts_of(millis, zone)
    year, month = divmod(parts.year * 12 + parts.month - 1 + months, 12)
    day = min(parts.day, days_in_month(year, month + 1))
    return millis_of_parts(Parts(year, month + 1, day, *parts[3:]), zone)


def truncate(millis: int, unit: str, size: int, zone: Zone, week_starts: int) -> int:
    """The start of the bin that a moment is in; bins are counted from 2000-01-01 of the zone.

    Raises:
        MongoError: 5439000-5439002 when 64 bits do not hold what is computed.
    """
    if unit in MONTHS:
        size_in_months = size * MONTHS[unit]
        parts = parts_of(millis, zone)
        since = (parts.year - 2000) * 12 + parts.month - 1
        year, month = divmod(2000 * 12 + since - since % size_in_months, 12)
        if year < -(2**31):
            raise MongoError(5439005, "dateTrunc overflowed")
        return _checked(millis_of_parts(Parts(year, month + 1, 1, 0, 0, 0, 0), zone))
    span = SPAN_MILLIS[unit] * size
    if not LONG_MIN <= span <= LONG_MAX:
        raise MongoError(5439002, "dateTrunc overflowed")
    if unit in ("day", "week"):
        local = local_millis(millis, zone)
        reference = _reference(UTC, unit, week_starts)
        return _checked(utc_millis(local - (local - reference) % span, zone))
    return _checked(millis - (millis - _reference(zone, unit, week_starts)) % span)


def _reference(zone: Zone, unit: str, week_starts: int) -> int:
    first = millis_of_parts(Parts(2000, 1, 1, 0, 0, 0, 0), zone)
    if unit != "week":
        return first
    ahead = (week_starts - Calendar(first // MILLIS_PER_DAY).iso_weekday) % 7
    return first + ahead * MILLIS_PER_DAY


def _checked(millis: int) -> int:
    if not fits_long(millis):
        raise MongoError(5439001, "dateTrunc overflowed")
    return millis
