"""Numbers with units, as a person writes them: `250 ms`, `1,5 мин`, `80 %`, `12`. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from stend.kit.languages import Text

_WRITTEN = re.compile(r"([+-]?\d+(?: \d{3})*)([.,]\d+)?(?:[eE]([+-]?\d{1,3}))? *(\S*)")
_THOUSANDS = 3


@dataclass(frozen=True, slots=True)
class Measure:
    """
    Attributes:
        name: of what is measured.
        spellings: of its units in both languages, with how many of the first unit each is.
        ru, en: what the first unit is called; empty where nothing is written.
    """

    name: Text
    spellings: Mapping[str, float]
    ru: str
    en: str


class Unit(Enum):
    """What an amount is counted in. Any unit of the same measure may be written."""

    SECONDS = Measure(
        Text(ru="время", en="a time"),
        {
            **dict.fromkeys(("s", "с", "сек", "sec"), 1.0),
            **dict.fromkeys(("us", "µs", "мкс"), 1e-6),
            **dict.fromkeys(("ms", "мс"), 1e-3),
            **dict.fromkeys(("min", "мин"), 60.0),
            **dict.fromkeys(("h", "ч"), 3600.0),
            **dict.fromkeys(("d", "day", "days", "сут", "дней"), 86400.0),
            **dict.fromkeys(("year", "years", "год", "года", "лет"), 365 * 86400.0),
        },
        "с",
        "s",
    )
    BYTES = Measure(
        Text(ru="размер", en="a size"),
        {
            **dict.fromkeys(("B", "Б", "bytes", "байт"), 1.0),
            **dict.fromkeys(("kB", "KB", "кБ", "КБ"), 1e3),
            **dict.fromkeys(("MB", "МБ"), 1e6),
            **dict.fromkeys(("GB", "ГБ"), 1e9),
            **dict.fromkeys(("TB", "ТБ"), 1e12),
            **dict.fromkeys(("KiB", "КиБ"), 1024.0),
            **dict.fromkeys(("MiB", "МиБ"), 1024.0**2),
            **dict.fromkeys(("GiB", "ГиБ"), 1024.0**3),
        },
        "Б",
        "B",
    )
    PERCENT = Measure(Text(ru="доля", en="a share"), {"%": 1.0}, "%", "%")
    PER_SECOND = Measure(
        Text(ru="частота", en="a rate"),
        {
            **dict.fromkeys(("/s", "1/s", "rps", "/с", "1/с"), 1.0),
            **dict.fromkeys(("/min", "/мин"), 1 / 60),
            **dict.fromkeys(("/h", "/ч"), 1 / 3600),
            **dict.fromkeys(("/day", "/d", "/сут"), 1 / 86400),
        },
        "/с",
        "/s",
    )
    BITS_PER_SECOND = Measure(
        Text(ru="ширина канала", en="a bandwidth"),
        {
            **dict.fromkeys(("bit/s", "бит/с"), 1.0),
            **dict.fromkeys(("kbit/s", "кбит/с", "Кбит/с"), 1e3),
            **dict.fromkeys(("Mbit/s", "Мбит/с"), 1e6),
            **dict.fromkeys(("Gbit/s", "Гбит/с"), 1e9),
            **dict.fromkeys(("B/s", "Б/с"), 8.0),
            **dict.fromkeys(("kB/s", "KB/s", "кБ/с", "КБ/с"), 8e3),
            **dict.fromkeys(("MB/s", "МБ/с"), 8e6),
            **dict.fromkeys(("GB/s", "ГБ/с"), 8e9),
        },
        "бит/с",
        "bit/s",
    )
    COUNT = Measure(Text(ru="число", en="a number"), {"": 1.0}, "", "")

    @property
    def spellings(self) -> str:
        """`ms, s, min`, for a sentence."""
        return ", ".join(one for one in self.value.spellings if one)


class NoAmountError(Exception):
    """`text` says why a text is no amount of a unit, and how to write one."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def amount_of(written: str, unit: Unit) -> float:
    """How many of the unit are written.

    Raises:
        NoAmountError: none can be read, it has another unit or none, or it can be read in two ways.
    """
    found = _WRITTEN.fullmatch(written.strip())
    if found is None:
        raise _unreadable(written, unit)
    whole, fraction, power, spelling = found.groups()
    if fraction and fraction[0] == "," and len(fraction) == _THOUSANDS + 1:
        raise NoAmountError(
            Text(
                ru=f"{written}: непонятно, дробь это или тысячи. Пишите 1200 или 1.2.",
                en=f"{written}: a fraction, or thousands? Write 1200 or 1.2.",
            )
        )
    if spelling not in unit.value.spellings:
        raise _other_unit(written, unit)
    number = float(f"{whole.replace(' ', '')}{(fraction or '').replace(',', '.')}e{power or 0}")
    amount = number * unit.value.spellings[spelling]
    if not math.isfinite(amount):
        raise _unreadable(written, unit)
    return amount


def shown(amount: float, unit: Unit) -> Text:
    """With three significant digits, in a unit that makes it short."""
    number, ru, en = _scaled(amount, unit)
    plain = f"{number:.3g}" if abs(number) < 1000 else f"{number:.0f}"
    return Text(ru=f"{plain.replace('.', ',')} {ru}".strip(), en=f"{plain} {en}".strip())


def _scaled(amount: float, unit: Unit) -> tuple[float, str, str]:
    size = abs(amount)
    if unit is Unit.SECONDS and 0 < size < 1:
        return amount * 1e3, "мс", "ms"
    if unit is Unit.BYTES and size >= 1e6:
        return amount / 1e6, "МБ", "MB"
    if unit is Unit.BYTES and size >= 1e4:
        return amount / 1e3, "КБ", "kB"
    if unit is Unit.BITS_PER_SECOND and size >= 1e6:
        return amount / 1e6, "Мбит/с", "Mbit/s"
    return amount, unit.value.ru, unit.value.en


def _unreadable(written: str, unit: Unit) -> NoAmountError:
    example = unit.value
    return NoAmountError(
        Text(
            ru=f"{written!r} — не число. Пишите так: {f'12 {example.ru}'.strip()}",
            en=f"{written!r} is no number. Write it like {f'12 {example.en}'.strip()}",
        )
    )


def _other_unit(written: str, unit: Unit) -> NoAmountError:
    if unit is Unit.COUNT:
        return NoAmountError(
            Text(
                ru=f"{written!r}: здесь нужно просто число, без единиц.",
                en=f"{written!r}: a plain number is wanted here, without a unit.",
            )
        )
    name, known = unit.value.name, unit.spellings
    return NoAmountError(
        Text(
            ru=f"{written!r}: нужна единица. Здесь спрашивают {name.ru}, единицы: {known}",
            en=f"{written!r}: a unit is wanted. The question is about {name.en}: {known}",
        )
    )
