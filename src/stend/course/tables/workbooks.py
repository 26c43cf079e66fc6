"""Rows of cells, from XLSX (ECMA-376), by openpyxl."""

import io
import warnings
import zipfile
from collections.abc import Iterator

from stend.course.tables.problems import Problem, TableError, shown, whole
from stend.course.tables.sheets import MOST_COLUMNS, MOST_ROWS, Book, Row, Sheet, checked
from stend.kit.languages import Text

_MOST_PARTS = 200
_MOST_UNPACKED_BYTES = 5 * 1024 * 1024
_MOST_SHEETS = 30
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


def xlsx_book(content: bytes) -> Book:
    """
    Raises:
        TableError: it is no workbook, it is larger unpacked than a table that somebody reads, or a
            cell is no text and no number.
    """
    _check_archive(content)
    # Heavy, and needed by whoever has a workbook only.
    import openpyxl

    try:
        with warnings.catch_warnings():
            # It tells of decorations that it does not keep.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), keep_links=False, rich_text=False)
    except Exception as error:  # noqa: BLE001 - it raises whatever its parts do
        raise _no_workbook(type(error).__name__) from None
    if len(book.worksheets) > _MOST_SHEETS or not book.worksheets:
        raise _no_workbook(f"{len(book.worksheets)} sheets")
    return {one.title: _sheet(one) for one in book.worksheets}


def _check_archive(content: bytes) -> None:
    """Before anything is unpacked: sizes; then what a parser of XML could be made to do."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(one.file_size for one in parts)
            if len(parts) > _MOST_PARTS or unpacked > _MOST_UNPACKED_BYTES:
                raise whole(
                    f"Книга после распаковки занимает {unpacked} байт в {len(parts)} частях: "
                    f"можно не больше {_MOST_UNPACKED_BYTES} и {_MOST_PARTS}.",
                    f"The workbook has {unpacked} bytes in {len(parts)} parts when unpacked: "
                    f"at most {_MOST_UNPACKED_BYTES} in {_MOST_PARTS} are allowed.",
                )
            for one in parts:
                _check_part(archive.read(one))
    except TableError:
        raise
    except Exception as error:  # noqa: BLE001 - damaged archives fail in many ways
        raise _no_workbook(type(error).__name__) from None


def _check_part(content: bytes) -> None:
    if not content.lstrip().startswith((b"<", b"\xef\xbb\xbf<", b"\xff\xfe", b"\xfe\xff")):
        return
    # In another encoding what is looked for would be hidden.
    is_hidden = b"\x00" in content[:200]
    if is_hidden or any(one in content for one in _DECLARATIONS):
        raise _no_workbook("DOCTYPE")


def _no_workbook(why: str) -> TableError:
    return whole(
        f"Файл не читается как XLSX ({why}). Сохраните его заново: «Книга Excel (*.xlsx)».",
        f"The file cannot be read as XLSX ({why}). Save it again as “Excel workbook (*.xlsx)”.",
    )


def _sheet(sheet: object) -> Sheet:
    from openpyxl.worksheet.worksheet import Worksheet

    if not isinstance(sheet, Worksheet):
        raise _no_workbook("chart")
    name = shown(sheet.title)
    if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
        raise whole(
            f"Лист {name} слишком велик: {sheet.max_row} строк, {sheet.max_column} столбцов; можно "
            f"не больше {MOST_ROWS} и {MOST_COLUMNS}.",
            f"The sheet {name} is too large: {sheet.max_row} rows, {sheet.max_column} columns; at "
            f"most {MOST_ROWS} and {MOST_COLUMNS} are allowed.",
        )
    if sheet.merged_cells.ranges:
        raise whole(
            f"На листе {name} есть объединённые ячейки: разъедините их.",
            f"The sheet {name} has merged cells: unmerge them.",
        )
    return checked(Sheet(name, tuple(_rows(sheet.iter_rows(values_only=True)))))


def _rows(values: Iterator[tuple[object, ...]]) -> Iterator[Row]:
    for number, row in enumerate(values, 1):
        cells = []
        for at, value in enumerate(row):
            told = _text(value)
            if told is None:
                raise TableError([_no_text(number, at, value)])
            cells.append(told)
        yield Row(number, tuple(cells))


def _text(value: object) -> str | None:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    # Formulas come as texts, for nobody has computed them.
    if isinstance(value, str) and not value.startswith("="):
        return value.strip()
    return None


def _no_text(number: int, at: int, value: object) -> Problem:
    letter = chr(ord("A") + at % 26) if at < 26 else f"A{chr(ord('A') + at % 26)}"
    return Problem(
        number,
        letter,
        Text(
            ru=f"в ячейке {shown(value)}: нужен текст или число, а не формула и не дата.",
            en=f"the cell holds {shown(value)}: text or number expected, no formula, no date.",
        ),
    )
