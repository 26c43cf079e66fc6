"""Rows of cells, from CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stend.course.tables.problems import whole

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 1000
MOST_COLUMNS = 30
MOST_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Row:
    """
    Attributes:
        number: from 1, as the program that shows the table counts.
        cells: texts; an empty cell is an empty text.
    """

    number: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    rows: tuple[Row, ...]


Book = Mapping[str, Sheet]


def csv_sheet(name: str, content: bytes) -> Sheet:
    """
    Args:
        content: UTF-8, with or without a byte order mark; commas or semicolons between cells.

    Raises:
        TableError: it is no CSV, or larger than a table that somebody reads.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise whole(
            f"Файл {name} не в UTF-8: сохраните его как «CSV UTF-8».",
            f"The file {name} is not UTF-8: save it as “CSV UTF-8”.",
        ) from None
    heading = text.partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    try:
        rows = _rows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise whole(
            f"Файл {name} — не CSV: {error}. Проверьте кавычки.",
            f"The file {name} is no CSV: {error}. Look at its quotes.",
        ) from None
    return checked(Sheet(name, tuple(rows)))


def _rows(cells: "csv._reader") -> list[Row]:  # type: ignore[name-defined]  # its type has no name
    found = []
    for told in cells:
        # A cell may hold several lines; the row is called by the last of them, as an editor does.
        found.append(Row(cells.line_num, tuple(one.strip() for one in told)))
        if len(found) > MOST_ROWS:
            break
    return found


def checked(sheet: Sheet) -> Sheet:
    """
    Raises:
        TableError: it is larger than a table that somebody reads.
    """
    size = (len(sheet.rows), max((len(one.cells) for one in sheet.rows), default=0))
    length = max((len(cell) for one in sheet.rows for cell in one.cells), default=0)
    if size[0] > MOST_ROWS or size[1] > MOST_COLUMNS or length > MOST_CHARACTERS:
        raise whole(
            f"Лист {sheet.name} слишком велик: не больше {MOST_ROWS} строк, {MOST_COLUMNS} "
            f"столбцов и {MOST_CHARACTERS} знаков в ячейке.",
            f"The sheet {sheet.name} is too large: at most {MOST_ROWS} rows, {MOST_COLUMNS} "
            f"columns and {MOST_CHARACTERS} characters in a cell.",
        )
    return sheet


def columns(heading: Sequence[str]) -> Mapping[str, int]:
    """By the name of a column its place; unnamed ones are left out."""
    return {name.casefold(): at for at, name in enumerate(heading) if name}
