"""Dates and times as MySQL lets them be written, where they are known before anything runs."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

_DELIMITED = re.compile(
    r"\s*(\d{4}|\d{2})[^\w\s]+(\d{1,2})[^\w\s]+(\d{1,2})"
    r"(?:(?:T|\s+)(\d{1,2})(?:[^\w\s]+(\d{1,2})(?:[^\w\s]+(\d{1,2})(?:\.(\d*))?)?)?)?\s*",
    re.ASCII,
)
_DIGITS = re.compile(r"\s*(\d{14}|\d{12}|\d{8}|\d{6})(?:\.(\d*))?\s*", re.ASCII)
_TIME = re.compile(
    r"\s*(-)?(?:(\d+)\s+)?(\d+)(?::(\d{1,2}))?(?::(\d{1,2}))?(?:\.(\d*))?\s*", re.ASCII
)
# What is as long is read as a moment first.
_MOMENT_LENGTH = 12
_LONGEST = timedelta(hours=838, minutes=59, seconds=59)
MAX_PLACES = 6


@dataclass(frozen=True, slots=True)
class Moment:
    """
    Attributes:
        places: digits after the second that were written.
        has_time: a time of day was written.
    """

    value: datetime
    places: int
    has_time: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A TIME.

    Attributes:
        places: digits after the second that were written.
        is_of_moment: a date was written before it.
        is_cut: what was written is longer than a TIME can be.
    """

    value: timedelta
    places: int
    is_of_moment: bool = False
    is_cut: bool = False


def parsed_moment(text: str) -> Moment | None:
    """The moment, or None where there is none in the text."""
    found = _DELIMITED.fullmatch(text)
    if found:
        parts: list[str | None] = list(found.groups())
    else:
        parts = _split_digits(text)
        if not parts:
            return None
    fraction = parts[6]
    try:
        numbers = [int(part or 0) for part in parts[1:6]]
        value = datetime(_full_year(parts[0] or ""), *numbers)  # type: ignore[arg-type]  # noqa: DTZ001
        value += timedelta(microseconds=_microseconds(fraction))
    except (ValueError, OverflowError):
        return None
    return Moment(value, _places(fraction), parts[3] is not None)


def _split_digits(text: str) -> list[str | None]:
    found = _DIGITS.fullmatch(text)
    if not found:
        return []
    digits = found[1]
    size = 2 if len(digits) in (6, 12) else 4
    rest = [digits[index : index + 2] or None for index in range(size, size + 10, 2)]
    return [digits[:size], *rest, found[2]]


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < 70 else 1900)


def _microseconds(fraction: str | None) -> int:
    written = Decimal(f"0.{fraction or '0'}") * 1_000_000
    return int(written.quantize(Decimal(1), ROUND_HALF_UP))


def _places(fraction: str | None) -> int:
    return min(len(fraction or ""), MAX_PLACES)


def parsed_time(text: str) -> Span | None:
    """The TIME, or None where there is none in the text."""
    if len(text.strip()) >= _MOMENT_LENGTH:
        moment = parsed_moment(text)
        if moment is not None and moment.has_time:
            midnight = moment.value.replace(hour=0, minute=0, second=0, microsecond=0)
            return Span(moment.value - midnight, moment.places, is_of_moment=True)
    found = _TIME.fullmatch(text)
    if not found:
        return None
    sign, days, first, minutes, seconds, fraction = found.groups()
    if days is None and minutes is None:
        padded = first.zfill(6)
        first, minutes, seconds = padded[:-4], padded[-4:-2], padded[-2:]
    if int(minutes or 0) > 59 or int(seconds or 0) > 59 or len(first) > 6 or len(days or "") > 6:
        return None
    span = timedelta(
        days=int(days or 0),
        hours=int(first),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        microseconds=_microseconds(fraction),
    )
    value = min(span, _LONGEST)
    return Span(-value if sign else value, _places(fraction), is_cut=value != span)


def date_sql(value: datetime) -> str:
    return f"'{_date(value)}'::date"


def _date(value: datetime) -> str:
    return f"{value.year:04}-{value.month:02}-{value.day:02}"


def datetime_sql(value: datetime) -> str:
    return f"'{_date(value)} {value:%H:%M:%S.%f}'::timestamp"


def time_sql(value: timedelta) -> str:
    """An interval of hours, minutes and seconds, without days."""
    count = abs(value) // timedelta(microseconds=1)
    hours, rest = divmod(count, 3_600_000_000)
    text = f"{hours}:{rest // 60_000_000:02}:{rest // 1_000_000 % 60:02}.{rest % 1_000_000:06}"
    return f"'{'-' if value < timedelta() else ''}{text}'::interval"
