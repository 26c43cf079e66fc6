"""What a live demo is written with: `def show(stand: Stand, values: Values) -> Iterable[Shown]`."""

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stend.course.stand import Stand
from stend.kit.json import JsonObject, JsonValue
from stend.kit.languages import Text

__all__ = [
    "Bar",
    "Bars",
    "Bytes",
    "Diagram",
    "Exchange",
    "Note",
    "Shown",
    "Stand",
    "Table",
    "Values",
]

SHOWN_VERSION = 1
_MOST_BYTES = 16 * 1024
_MOST_ROWS = 200

# A number stays one, so that whoever shows it writes it as its language does.
Cell = str | int | float | Text | None


@dataclass(frozen=True, slots=True)
class Table:
    """
    Attributes:
        columns: heads, with their units.
    """

    title: Text
    columns: Sequence[Text]
    rows: Sequence[Sequence[Cell]]

    def to_json(self) -> JsonObject:
        if any(len(row) != len(self.columns) for row in self.rows) or len(self.rows) > _MOST_ROWS:
            raise ValueError(
                f"{self.title.en}: at most {_MOST_ROWS} rows of {len(self.columns)} cells"
            )
        return {
            "kind": "table",
            "title": _pair(self.title),
            "columns": [_pair(one) for one in self.columns],
            "rows": [[_cell(one) for one in row] for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class Bar:
    """
    Attributes:
        begins: where it begins, for a waterfall.
    """

    label: Text | str
    value: float
    begins: float = 0.0


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars side by side, or a waterfall where they begin one after the other.

    Attributes:
        unit: of all of them, as it is written: `ms`, `B`, `req/s`.
    """

    title: Text
    unit: str
    bars: Sequence[Bar]

    def to_json(self) -> JsonObject:
        return {
            "kind": "bars",
            "title": _pair(self.title),
            "unit": self.unit,
            "waterfall": any(one.begins for one in self.bars),
            "bars": [
                {"label": _cell(one.label), "value": one.value, "begins": one.begins}
                for one in self.bars
            ],
        }


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes, decoded by a codec of the stand where they are shown.

    Attributes:
        codec: name of a module in `stend.wire`, as `http1`.
    """

    title: Text
    data: bytes
    codec: str

    def to_json(self) -> JsonObject:
        if importlib.util.find_spec(f"stend.wire.{self.codec}") is None:
            raise ValueError(f"there is no codec stend.wire.{self.codec}")
        if len(self.data) > _MOST_BYTES:
            raise ValueError(f"{self.title.en}: {len(self.data)} bytes, at most {_MOST_BYTES}")
        return {
            "kind": "bytes",
            "title": _pair(self.title),
            "codec": self.codec,
            "hex": self.data.hex(),
        }


@dataclass(frozen=True, slots=True)
class Diagram:
    """
    Attributes:
        mermaid: text of a diagram.
    """

    title: Text
    mermaid: str

    def to_json(self) -> JsonObject:
        return {"kind": "diagram", "title": _pair(self.title), "mermaid": self.mermaid}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A link to what a tap has recorded.

    Attributes:
        id: as `Called.exchanges` and `Arrow.exchanges` have it.
    """

    title: Text
    id: str

    def to_json(self) -> JsonObject:
        return {
            "kind": "exchange",
            "title": _pair(self.title),
            "id": self.id,
            "link": f"/exchanges/{self.id}",
        }


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence."""

    text: Text

    def to_json(self) -> JsonObject:
        return {"kind": "note", "text": _pair(self.text)}


Shown = Table | Bars | Bytes | Diagram | Exchange | Note


@dataclass(frozen=True, slots=True)
class Values:
    """How the controls stand, by their ids."""

    given: Mapping[str, JsonValue] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """Of a slider."""
        value = self._of(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{name} is no slider")
        return float(value)

    def choice(self, name: str) -> str:
        """The id of the chosen option."""
        value = self._of(name)
        if not isinstance(value, str):
            raise TypeError(f"{name} is no choice")
        return value

    def switch(self, name: str) -> bool:
        value = self._of(name)
        if not isinstance(value, bool):
            raise TypeError(f"{name} is no switch")
        return value

    def _of(self, name: str) -> JsonValue:
        if name not in self.given:
            raise KeyError(f"demo.toml has no control {name}")
        return self.given[name]


def shown_to_json(one: Shown) -> JsonObject:
    return {"version": SHOWN_VERSION, **one.to_json()}


def _cell(value: Cell) -> JsonValue:
    return _pair(value) if isinstance(value, Text) else value


def _pair(text: Text) -> JsonObject:
    return {"ru": text.ru, "en": text.en}
