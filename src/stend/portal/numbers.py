"""Numbers and moments as a reader of a language writes them: `6,1 мс` and `6.1 ms`."""

from datetime import UTC, datetime
from math import ceil

from stend.kit.languages import Language, Text
from stend.kit.money import Currency, Money

# A number must never part from its unit at the end of a line.
NO_BREAK = "\u00a0"
_SECOND_MS = 1000
_MINUTE_S = 60
_UNIT_STEP = 1000
_TEN = 10

_SIGNS = {Currency.RUB: "₽"}
_MS = Text("мс", "ms")
_SECONDS = Text("с", "s")
_SIZES = (Text("Б", "B"), Text("КБ", "kB"), Text("МБ", "MB"), Text("ГБ", "GB"))


def decimal(value: float, digits: int, language: Language) -> str:
    """`2470.5` with two digits: `2 470,50` in Russian, `2,470.50` in English."""
    english = f"{value:,.{digits}f}"
    if language is Language.EN:
        return english
    return english.translate({ord(","): NO_BREAK, ord("."): ","})


def duration(milliseconds: float, language: Language) -> str:
    """Three significant digits at most: `0.42 ms`, `6.1 ms`, `118 ms`, `2.1 s`."""
    if milliseconds >= _SECOND_MS:
        return _joined(decimal(milliseconds / _SECOND_MS, 1, language), _SECONDS, language)
    digits = 2 if milliseconds < 1 else 1 if milliseconds < _TEN * _TEN else 0
    return _joined(decimal(milliseconds, digits, language), _MS, language)


def size(byte_count: int, language: Language) -> str:
    """Decimal units: `412 B`, `14.2 MB`."""
    value, unit = float(byte_count), 0
    while value >= _UNIT_STEP and unit < len(_SIZES) - 1:
        value, unit = value / _UNIT_STEP, unit + 1
    digits = 1 if unit and value < _TEN * _TEN else 0
    return _joined(decimal(value, digits, language), _SIZES[unit], language)


def money(amount: Money, language: Language) -> str:
    """`2 470,00 ₽` in Russian, `RUB 2,470.00` in English."""
    number = decimal(amount.amount_minor / 100, 2, language)
    if language is Language.EN:
        return f"{amount.currency}{NO_BREAK}{number}"
    return f"{number}{NO_BREAK}{_SIGNS[amount.currency]}"


def moment(value: datetime) -> str:
    """`2026-11-23 10:00:00` in UTC: beside wire data the order of ISO 8601 suits both languages."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _joined(number: str, unit: Text, language: Language) -> str:
    return f"{number}{NO_BREAK}{unit[language]}"


def clock_time(seconds: float) -> str:
    """What is left of a time, `1:48`: counted up, so that it ends with 0:00 and not before."""
    whole = ceil(seconds)
    return f"{whole // _MINUTE_S}:{whole % _MINUTE_S:02d}"
