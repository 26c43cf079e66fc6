"""What a demo has shown, from the lines of JSON that its command prints, for the page. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stend.kit.languages import Language, Text
from stend.portal.drawings.drawing import drawn
from stend.portal.learning.octets import Octets, octets_of_either
from stend.portal.numbers import NO_BREAK, decimal

SHOWN_VERSION = 1
# How many digits stand behind the point, by how large a number is.
_LARGE, _MIDDLE = 1000.0, 10.0


class StrangeShownError(ValueError):
    """What was printed is nothing that a demo shows in this version."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages, or one that is the same in both."""

    told: Text | str

    def __getitem__(self, language: Language) -> str:
        return self.told if isinstance(self.told, str) else self.told[language]


@dataclass(frozen=True, slots=True)
class Cell:
    """Of a table: a number, or words, or nothing."""

    value: int | float | Words | None

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)

    def text(self, language: Language) -> str:
        if self.value is None:
            return "–"
        if isinstance(self.value, Words):
            return self.value[language]
        return number_of(self.value, language)


@dataclass(frozen=True, slots=True)
class Bar:
    """`left` and `width` in percent of the longest, or of the whole waterfall."""

    label: Words
    value: float
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that is shown; which of the attributes it has depends on its kind."""

    kind: str
    title: Text | None = None
    columns: Sequence[Text] = ()
    rows: Sequence[Sequence[Cell]] = ()
    bars: Sequence[Bar] = ()
    unit: str = ""
    octets: Octets | None = None
    source: str = ""
    picture: str | None = None
    link: str = ""
    text: Text | None = None


def shown_of(printed: bytes) -> tuple[Shown, ...]:
    """
    Args:
        printed: by `stend course demo`.

    Raises:
        StrangeShownError: it is something else.
    """
    try:
        return tuple(_read(printed.decode("utf-8").splitlines()))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StrangeShownError(f"{type(error).__name__}: {error}") from None


def _read(lines: Sequence[str]) -> Iterator[Shown]:
    ended = False
    for line in lines:
        told = json.loads(line)
        if told["version"] != SHOWN_VERSION:
            raise StrangeShownError(f"version {told['version']!r}, expected {SHOWN_VERSION}")
        ended = told["kind"] in {"end", "failed"}
        if told["kind"] != "end":
            yield _READERS[told["kind"]](told)
    if not ended:
        raise StrangeShownError("it does not end")


def _table(told: Mapping[str, Any]) -> Shown:
    columns = [_text(one) for one in told["columns"]]
    rows = [[_cell(one) for one in row] for row in told["rows"]]
    return Shown("table", _text(told["title"]), columns=columns, rows=rows)


def _bars(told: Mapping[str, Any]) -> Shown:
    rows = told["bars"]
    whole = max((one["begins"] + one["value"] for one in rows), default=0) or 1
    bars = [
        Bar(
            _words(one["label"]),
            one["value"],
            100 * one["begins"] / whole,
            100 * max(one["value"], 0) / whole,
        )
        for one in rows
    ]
    return Shown("bars", _text(told["title"]), bars=bars, unit=told["unit"])


def _bytes(told: Mapping[str, Any]) -> Shown:
    octets = octets_of_either(str(told["codec"]), bytes.fromhex(told["hex"]))
    return Shown("bytes", _text(told["title"]), octets=octets)


def _diagram(told: Mapping[str, Any]) -> Shown:
    source = str(told["mermaid"])
    return Shown("diagram", _text(told["title"]), source=source, picture=drawn(source))


def _exchange(told: Mapping[str, Any]) -> Shown:
    return Shown("exchange", _text(told["title"]), link=str(told["link"]), source=str(told["id"]))


def _note(told: Mapping[str, Any]) -> Shown:
    return Shown(str(told["kind"]), text=_text(told["text"]))


_READERS = {
    "table": _table,
    "bars": _bars,
    "bytes": _bytes,
    "diagram": _diagram,
    "exchange": _exchange,
    "note": _note,
    "failed": _note,
}


def number_of(value: float, language: Language) -> str:
    """As many digits as say something: `12 345`, `118.4`, `0.42`."""
    if float(value).is_integer():
        return decimal(value, 0, language)
    digits = 0 if abs(value) >= _LARGE else 1 if abs(value) >= _MIDDLE else 3
    text = decimal(value, digits, language)
    return text.rstrip("0").rstrip(".,") if digits else text


def with_unit(value: float, unit: str, language: Language) -> str:
    return f"{number_of(value, language)}{NO_BREAK}{unit}".rstrip()


def _cell(told: object) -> Cell:
    if told is None or (isinstance(told, int | float) and not isinstance(told, bool)):
        return Cell(told)
    return Cell(_words(told))


def _words(told: object) -> Words:
    return Words(_text(told) if isinstance(told, dict) else str(told))


def _text(pair: Mapping[str, str]) -> Text:
    return Text(ru=str(pair["ru"]), en=str(pair["en"]))
