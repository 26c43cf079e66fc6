"""What is wrong with a table, or with a message that it is executed on."""

from collections.abc import Sequence
from dataclasses import dataclass

from stend.kit.languages import Text

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """
    Attributes:
        row: of the table, from 1 with the heading; 0 for all of it.
        column: its heading; empty for all of the row.
        text: what is there, what was expected, what to do.
    """

    row: int
    column: str
    text: Text

    @property
    def where(self) -> Text:
        place = f" {self.column}" if self.column else ""
        return Text(ru=f"строка {self.row}{place}", en=f"row {self.row}{place}")

    @property
    def told(self) -> Text:
        """With its place before it."""
        if not self.row:
            return self.text
        ru, en = self.where.ru, self.where.en
        return Text(
            ru=f"{ru.capitalize()}: {self.text.ru}", en=f"{en.capitalize()}: {self.text.en}"
        )


class TableError(Exception):
    """A table cannot be executed.

    Attributes:
        problems: at least one, from the top.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(one.told.en for one in problems))


class RefusedError(Exception):
    """A rule cannot be read, or has no result for a value; the cell is told elsewhere."""

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(ru=ru, en=en)


def whole(ru: str, en: str) -> TableError:
    """About the file as a whole."""
    return TableError([Problem(0, "", Text(ru=ru, en=en))])


def shown(value: object) -> str:
    """One short line, for an error."""
    told = " ".join(str(value).split())
    return told if len(told) <= _SHOWN else told[: _SHOWN - 1] + "…"
