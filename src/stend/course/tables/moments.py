"""Dates and times from one way of writing to another."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from stend.course.tables.problems import RefusedError, shown

ISO = "iso"
_TOKENS = {
    "YYYY": r"(?P<Y>\d{4})",
    "MM": r"(?P<M>\d{2})",
    "DD": r"(?P<D>\d{2})",
    "HH": r"(?P<h>\d{2})",
    "mm": r"(?P<m>\d{2})",
    "ss": r"(?P<s>\d{2})",
}
_TOKEN = re.compile(r"YYYY|MM|DD|HH|mm|ss")
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")
_ZONE = re.compile(r"[A-Za-z_]+(/[A-Za-z_+-]+){0,2}\d{0,2}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_TIMES = ("HH", "mm", "ss")


def check_format(text: str) -> None:
    """
    Raises:
        RefusedError: a letter of it is no part of a date.
    """
    if text == ISO:
        return
    tokens = _TOKEN.findall(text)
    rest = _TOKEN.sub("", text).replace("T", "")
    is_date = {"YYYY", "MM", "DD"} <= set(tokens) and len(tokens) == len(set(tokens))
    if any(one.isalnum() for one in rest) or not is_date:
        raise RefusedError(
            f"«{shown(text)}» — не формат даты. Ожидалось: iso или буквы YYYY MM DD HH mm ss, "
            "каждая группа один раз.",
            f"{shown(text)!r} is no format of dates. Expected: iso, or the letters YYYY MM DD "
            "HH mm ss, each group once.",
        )


def zone_of(text: str) -> tzinfo:
    """
    Args:
        text: `UTC`, `+03:00`, `Europe/Moscow`.

    Raises:
        RefusedError: there is no such zone.
    """
    if text in ("UTC", "Z"):
        return UTC
    if found := _OFFSET.fullmatch(text):
        minutes = int(found[2]) * 60 + int(found[3])
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=minutes if found[1] == "+" else -minutes))
    try:
        if _ZONE.fullmatch(text):
            return ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        pass
    raise RefusedError(
        f"Пояса «{shown(text)}» нет. Ожидалось: UTC, +03:00 или Europe/Moscow.",
        f"There is no zone {shown(text)!r}. Expected: UTC, +03:00 or Europe/Moscow.",
    )


def rewritten(value: str, from_: str, to: str, zone: tzinfo | None) -> str:
    """
    Args:
        zone: that of the result; without it a moment keeps its own.

    Raises:
        RefusedError: the value is not written so, or has no time where one is wanted.
    """
    found = _read(value, from_)
    if zone is not None:
        if not isinstance(found, datetime):
            raise RefusedError(
                f"«{shown(value)}»: дату без времени нельзя перевести в другой пояс.",
                f"{shown(value)!r}: a date without a time cannot be moved to another zone.",
            )
        found = _moved(value, found, zone)
    return _told(value, found, to)


def _moved(value: str, found: datetime, zone: tzinfo) -> datetime:
    try:
        return found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)
    except OverflowError:
        raise RefusedError(
            f"«{shown(value)}»: в другом поясе это не годы от 1 до 9999.",
            f"{shown(value)!r}: in the other zone it is outside of the years 1 to 9999.",
        ) from None


def _read(value: str, from_: str) -> date | datetime:
    try:
        if from_ != ISO:
            return _by_tokens(value, from_)
        if _DATE.fullmatch(value):
            return date.fromisoformat(value)
        if _MOMENT.fullmatch(value):
            return datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        pass
    raise RefusedError(
        f"«{shown(value)}» — не дата в формате {from_}.",
        f"{shown(value)!r} is no date in the format {from_}.",
    )


def _by_tokens(value: str, from_: str) -> date | datetime:
    pattern = "".join(
        _TOKENS.get(one, re.escape(one)) for one in re.split(f"({_TOKEN.pattern})", from_)
    )
    found = re.fullmatch(pattern, value, re.ASCII)
    if found is None:
        raise ValueError(value)
    parts = {name: int(told) for name, told in found.groupdict().items()}
    day = date(parts["Y"], parts["M"], parts["D"])
    if not any(one in from_ for one in _TIMES):
        return day
    hours = (parts.get("h", 0), parts.get("m", 0), parts.get("s", 0))
    return datetime(day.year, day.month, day.day, *hours)  # noqa: DTZ001 - the zone comes later


def _told(value: str, found: date | datetime, to: str) -> str:
    if to == ISO:
        told = found.isoformat()
        return told.removesuffix("+00:00") + "Z" if told.endswith("+00:00") else told
    has_time = isinstance(found, datetime)
    if not has_time and any(one in to for one in _TIMES):
        raise RefusedError(
            f"«{shown(value)}»: в дате нет времени, а формат {to} его хочет.",
            f"{shown(value)!r}: the date has no time, and the format {to} wants one.",
        )
    parts = {"YYYY": f"{found.year:04}", "MM": f"{found.month:02}", "DD": f"{found.day:02}"}
    if isinstance(found, datetime):
        parts |= {"HH": f"{found.hour:02}", "mm": f"{found.minute:02}", "ss": f"{found.second:02}"}
    return _TOKEN.sub(lambda one: parts[one[0]], to)
