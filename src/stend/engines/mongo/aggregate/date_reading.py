"""Dates out of strings: ISO 8601 and its relatives, and formats of the user's own."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from stend.engines.mongo.aggregate.timezones import (
    UTC,
    Parts,
    Zone,
    date_of_days,
    days_in_month,
    days_of,
    days_of_iso_week,
    millis_of_parts,
)
from stend.engines.mongo.errors import MongoError, conversion_failure

MONTH_NAMES: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTHS: Final = {
    **{name.lower(): number for number, name in enumerate(MONTH_NAMES, 1)},
    **{name[:3].lower(): number for number, name in enumerate(MONTH_NAMES, 1)},
    "sept": 9,
}
_MONTH: Final = "(?P<month_name>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_WEEKDAY: Final = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_ORDINAL: Final = r"(?:st|nd|rd|th)?"
_TIME: Final = (
    r"(?:(?:t|\s+)t?(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,:](?P<fraction>\d+))?)?(?:\s*(?P<half>[ap])\.?m\.?)?)?"
)
_ZONE: Final = (
    r"(?:\s*(?:(?P<utc>z|utc|gmt)|(?:gmt)?(?P<sign>[+-])(?P<zone_hour>\d{1,2}):?"
    r"(?P<zone_minute>\d{2})?))?"
)
# The forms of a day that stand alone or before a time, as timelib reads them.
_DAYS: Final = (
    r"(?P<year>[+-]?\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
    r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})",
    r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
    r"(?P<day>\d{1,2})[-.](?P<month>\d{1,2})[-.](?P<year>\d{4})",
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
    rf"{_WEEKDAY}{_MONTH}\.?[ \t.-]*(?P<day>\d{{1,2}}){_ORDINAL}[ \t,.]+(?P<year>\d{{4}})",
    rf"{_WEEKDAY}(?P<day>\d{{1,2}}){_ORDINAL}[ \t.-]*{_MONTH}[ \t,.-]*(?P<year>\d{{4}})",
    rf"(?P<year>\d{{4}})[ \t.-]*{_MONTH}[ \t.-]*(?P<day>\d{{1,2}})",
)


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(rf"\s*{day}{_TIME}{_ZONE}\s*", re.IGNORECASE | re.ASCII) for day in _DAYS
    )


def read_date(text: str, zone: Zone) -> int:
    """The moment that a text tells, in milliseconds since 1970.

    Args:
        text: such as 2017-02-08T12:10:40.787Z.
        zone: that of its clock when the text tells none.

    Raises:
        MongoError: ConversionFailure when it is no date that this server reads.
    """
    for form in _forms():
        found = form.fullmatch(text)
        if found is not None:
            return _moment_of(text, found, zone)
    if re.search(r"[A-Za-z]+/[A-Za-z]+\s*$", text):
        raise conversion_failure(
            f"Error parsing date string '{text}'; passing a time zone identifier as part of the "
            "string is not allowed"
        )
    raise conversion_failure(
        f"Error parsing date string '{text}'; the format is not one that is read"
    )


def _moment_of(text: str, found: "re.Match[str]", zone: Zone) -> int:
    groups = found.groupdict()
    month = groups.get("month")
    parts = Parts(
        int(groups["year"]),
        int(month) if month else _MONTHS[groups["month_name"].lower()],
        int(groups["day"]),
        _hour_of(text, groups),
        int(groups["minute"] or 0),
        int(groups["second"] or 0),
        int(((groups["fraction"] or "") + "000")[:3]),
    )
    _check(text, parts)
    own = _zone_of(groups)
    if own is not None and zone is not UTC:
        raise conversion_failure(
            "you cannot pass in a date/time string with GMT offset together with a timezone "
            "argument"
        )
    return millis_of_parts(parts, own or zone)


def _hour_of(text: str, groups: dict[str, str]) -> int:
    hour = int(groups["hour"] or 0)
    if not groups["half"]:
        return hour
    if not 1 <= hour <= 12:
        raise conversion_failure(
            f"Error parsing date string '{text}'; the hour of a half day is 1 to 12"
        )
    return hour % 12 + (12 if groups["half"].lower() == "p" else 0)


def _check(text: str, parts: Parts) -> None:
    valid = 1 <= parts.month <= 12 and 1 <= parts.day <= days_in_month(parts.year, parts.month)
    if not valid or parts.hour > 23 or parts.minute > 59 or parts.second > 59:
        raise conversion_failure(f"Error parsing date string '{text}'; The parsed date was invalid")


def _zone_of(groups: dict[str, str]) -> Zone | None:
    if groups["utc"]:
        return Zone(0)
    if not groups["sign"]:
        return None
    seconds = int(groups["zone_hour"]) * 3600 + int(groups["zone_minute"] or 0) * 60
    return Zone(-seconds if groups["sign"] == "-" else seconds)


# What each letter of a format reads: a pattern, and the name of the part.
_LETTERS: Final = {
    "Y": (r"\d{4}", "year"),
    "m": (r"\d{1,2}", "month"),
    "d": (r"\d{1,2}", "day"),
    "H": (r"\d{1,2}", "hour"),
    "M": (r"\d{2}", "minute"),
    "S": (r"\d{2}", "second"),
    "L": (r"\d{1,3}", "millisecond"),
    "j": (r"\d{1,3}", "day_of_year"),
    "G": (r"\d{4}", "iso_year"),
    "V": (r"\d{1,2}", "iso_week"),
    "u": (r"\d", "iso_day"),
    "b": (r"[A-Za-z]{3}", "month_short"),
    "B": (r"[A-Za-z]+", "month_long"),
    "z": (r"(?:[+-]\d{2}(?::?\d{2})?|[Zz]|UTC|GMT)", "zone"),
    "Z": (r"[+-]\d{1,4}", "zone_minutes"),
}


def check_reading_format(text: str) -> None:
    """Raises MongoError 18535 or 18536 for a format of $dateFromString with an unknown letter."""
    for letter in _letters(text):
        if letter not in _LETTERS and letter != "%":
            raise MongoError(18536, f"Invalid format character '%{letter}' in format string")


def _letters(text: str) -> list[str]:
    letters = []
    position = text.find("%")
    while position >= 0:
        if position + 1 == len(text):
            raise MongoError(18535, "Unmatched '%' at end of format string")
        letters.append(text[position + 1])
        position = text.find("%", position + 2)
    return letters


@dataclass(slots=True)
class _Reading:
    """A text being read by a format."""

    text: str
    position: int = 0
    found: dict[str, str] = field(default_factory=dict)

    def literal(self, letter: str) -> None:
        if self.text[self.position : self.position + 1] != letter:
            raise self.failure(f"Format literal not found: '{letter}'")
        self.position += 1

    def part(self, letter: str) -> None:
        pattern, name = _LETTERS[letter]
        found = re.compile(pattern, re.ASCII).match(self.text, self.position)
        if found is None:
            raise self.failure(f"nothing for '%{letter}' was found")
        self.found[name] = found.group()
        self.position = found.end()

    def failure(self, why: str) -> MongoError:
        return conversion_failure(
            f"Error parsing date string '{self.text}'; {self.position}: {why}"
        )


def read_by_format(text: str, written: str, zone: Zone) -> int:
    """The moment that a text tells in a format, in milliseconds since 1970.

    Raises:
        MongoError: ConversionFailure when the text is not of this format, or lacks a part.
    """
    reading = _Reading(text)
    letters = iter(written)
    for letter in letters:
        if letter != "%":
            reading.literal(letter)
            continue
        kind = next(letters)
        if kind == "%":
            reading.literal("%")
        else:
            reading.part(kind)
    if reading.position != len(text):
        raise reading.failure("Trailing data")
    own = _zone_found(reading)
    if own is not None and zone is not UTC:
        raise conversion_failure(
            "you cannot pass in a date/time string with GMT offset together with a timezone "
            "argument"
        )
    return millis_of_parts(_parts_found(reading), own or zone)


def _zone_found(reading: _Reading) -> Zone | None:
    if "zone_minutes" in reading.found:
        return Zone(int(reading.found["zone_minutes"]) * 60)
    text = reading.found.get("zone")
    if text is None:
        return None
    if text[0] not in "+-":
        return Zone(0)
    digits = text[1:].replace(":", "") + "00"
    seconds = int(digits[:2]) * 3600 + int(digits[2:4]) * 60
    return Zone(-seconds if text[0] == "-" else seconds)


def _parts_found(reading: _Reading) -> Parts:
    year, month, day = _day_found(reading)
    clock = [
        int(reading.found.get(name, "0")) for name in ("hour", "minute", "second", "millisecond")
    ]
    parts = Parts(year, month, day, *clock)
    _check(reading.text, parts)
    return parts


def _day_found(reading: _Reading) -> tuple[int, int, int]:
    found = reading.found
    if "iso_year" in found:
        if any(name in found for name in ("year", "month", "day", "day_of_year")):
            raise reading.failure("Mixing of ISO dates with natural dates is not allowed")
        days = days_of_iso_week(
            int(found["iso_year"]), int(found.get("iso_week", "1")), int(found.get("iso_day", "1"))
        )
        return date_of_days(days)
    if "year" in found and "day_of_year" in found:
        return date_of_days(days_of(int(found["year"]), 1, 1) + int(found["day_of_year"]) - 1)
    month = _month_found(reading)
    if "year" not in found or month is None or "day" not in found:
        raise conversion_failure(
            "an incomplete date/time string has been found, with elements missing: "
            f'"{reading.text}"'
        )
    return int(found["year"]), month, int(found["day"])


def _month_found(reading: _Reading) -> int | None:
    name = reading.found.get("month_long") or reading.found.get("month_short")
    if name is None:
        return int(reading.found["month"]) if "month" in reading.found else None
    if name.lower() not in _MONTHS:
        raise reading.failure("A textual month could not be found")
    return _MONTHS[name.lower()]
