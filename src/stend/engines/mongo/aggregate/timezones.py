"""Time zones and the proleptic Gregorian calendar, for any 64-bit count of milliseconds."""

import re
from dataclasses import dataclass
from datetime import UTC as PYTHON_UTC
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from stend.engines.mongo.errors import MongoError

MILLIS_PER_SECOND: Final = 1000
MILLIS_PER_DAY: Final = 86_400_000
_SECONDS_PER_DAY: Final = 86_400
# After so many seconds the calendar repeats itself, and with it the rules of time zones.
_CYCLE_S: Final = 146_097 * _SECONDS_PER_DAY
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=PYTHON_UTC)
# What Python's datetime can hold with a day to spare for any zone.
_LEAST_S: Final = -62_135_596_800 + _SECONDS_PER_DAY
_MOST_S: Final = 253_402_300_799 - _SECONDS_PER_DAY


class Parts(NamedTuple):
    """A moment as a calendar and a clock show it."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    millisecond: int


def days_of(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01; months and days may be out of their range and carry over."""
    year += (month - 1) // 12
    month = (month - 1) % 12 + 1
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    days = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + days - 719_468 + day - 1


def date_of_days(days: int) -> tuple[int, int, int]:
    """The year, month and day so many days from 1970-01-01."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_index = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_index + 2) // 5 + 1
    month = month_index + (3 if month_index < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, day


def days_in_month(year: int, month: int) -> int:
    return days_of(year, month + 1, 1) - days_of(year, month, 1)


class Zone:
    """A time zone of a constant offset; UTC is one of 0."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def offset_s(self, millis: int) -> int:
        """Seconds ahead of UTC at a moment."""
        return self.seconds

    def offset_of_local_s(self, local_millis: int) -> int:
        """Seconds ahead of UTC at a moment of the zone's own clock: the first of two such
        moments, and in a gap the offset before it."""
        return self.seconds


class NamedZone(Zone):
    """A time zone of the IANA database."""

    __slots__ = ("_info",)

    def __init__(self, info: ZoneInfo) -> None:
        super().__init__(0)
        self._info = info

    def offset_s(self, millis: int) -> int:
        moment = _EPOCH + timedelta(seconds=_within(millis // MILLIS_PER_SECOND))
        return _seconds(moment.astimezone(self._info).utcoffset())

    def offset_of_local_s(self, local_millis: int) -> int:
        moment = _EPOCH + timedelta(seconds=_within(local_millis // MILLIS_PER_SECOND))
        return _seconds(moment.replace(tzinfo=self._info).utcoffset())


def _within(seconds: int) -> int:
    """A moment with the same rules that Python's datetime can hold."""
    if seconds > _MOST_S:
        return seconds - ((seconds - _MOST_S) // _CYCLE_S + 1) * _CYCLE_S
    return max(seconds, _LEAST_S)


def _seconds(offset: timedelta | None) -> int:
    return 0 if offset is None else offset.days * _SECONDS_PER_DAY + offset.seconds


UTC: Final = Zone(0)
_OFFSET: Final = re.compile(r"([+-])(\d\d)(?::?(\d\d))?", re.ASCII)
# What the folder of the database has besides zones.
_NO_ZONES: Final = ("posix/", "right/", "posixrules", "localtime", "Factory", "leap", "tz")


@lru_cache(maxsize=256)
def zone_of(name: str) -> Zone:
    """The zone of an Olson identifier such as Europe/Paris, or of an offset such as +04:45.

    Raises:
        MongoError: 40485 when it is neither.
    """
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        sign, hours, minutes = offset.groups()
        seconds = int(hours) * 3600 + int(minutes or 0) * 60
        return Zone(-seconds if sign == "-" else seconds)
    if name == "UTC":
        return UTC
    try:
        if not name or name.startswith(_NO_ZONES):
            raise ValueError(name)
        return NamedZone(ZoneInfo(name))
    except (ValueError, OSError, LookupError):
        raise MongoError(40485, f'unrecognized time zone identifier: "{name}"') from None


def local_millis(millis: int, zone: Zone) -> int:
    """What the clock of a zone shows, counted as if it were UTC."""
    return millis + zone.offset_s(millis) * MILLIS_PER_SECOND


def utc_millis(local: int, zone: Zone) -> int:
    """The moment at which the clock of a zone shows this."""
    return local - zone.offset_of_local_s(local) * MILLIS_PER_SECOND


def parts_of(millis: int, zone: Zone) -> Parts:
    """A moment as it is shown in a zone."""
    days, rest = divmod(local_millis(millis, zone), MILLIS_PER_DAY)
    seconds, millisecond = divmod(rest, MILLIS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    return Parts(*date_of_days(days), minutes // 60, minutes % 60, second, millisecond)


def millis_of_parts(parts: Parts, zone: Zone) -> int:
    """The moment; parts out of their range carry over."""
    days = days_of(parts.year, parts.month, parts.day)
    seconds = (days * 24 + parts.hour) * 3600 + parts.minute * 60 + parts.second
    return utc_millis(seconds * MILLIS_PER_SECOND + parts.millisecond, zone)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a week and of a year that a day is; weeks of ISO 8601 among them."""

    days: int

    @property
    def iso_weekday(self) -> int:
        """1 is Monday."""
        return (self.days + 3) % 7 + 1

    @property
    def weekday(self) -> int:
        """1 is Sunday."""
        return (self.days + 4) % 7 + 1

    @property
    def day_of_year(self) -> int:
        year, _, _ = date_of_days(self.days)
        return self.days - days_of(year, 1, 1) + 1

    @property
    def week(self) -> int:
        """Weeks begin on Sunday; the days before the first Sunday are of week 0."""
        return (self.day_of_year - self.weekday + 7) // 7

    @property
    def iso_week(self) -> tuple[int, int]:
        """The year and the week that Thursday of this week is in."""
        thursday = self.days - self.iso_weekday + 4
        year, _, _ = date_of_days(thursday)
        return year, (thursday - days_of(year, 1, 1)) // 7 + 1


def calendar_of(millis: int, zone: Zone) -> Calendar:
    return Calendar(local_millis(millis, zone) // MILLIS_PER_DAY)


def days_of_iso_week(year: int, week: int, weekday: int) -> int:
    """Days from 1970-01-01 of a day of an ISO week; week 1 holds the 4th of January."""
    fourth = days_of(year, 1, 4)
    monday = fourth - (Calendar(fourth).iso_weekday - 1)
    return monday + (week - 1) * 7 + weekday - 1
