"""Mapping tables in CSV and XLSX: read with every problem named, and executed on messages."""

import contextlib
import csv
import functools
import io
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.course.case import Case, FailedError
from stend.course.documents import mapping_of
from stend.course.tables.mapping import Mapping, read_mapping
from stend.course.tables.problems import TableError
from stend.course.tables.rows import read_rows
from stend.course.tables.sheets import csv_sheet
from stend.course.tables.workbooks import xlsx_book

_HEADING = ("source", "target", "rule", "required", "default", "note")
_ROWS: Sequence[tuple[str, ...]] = (
    ("order_id", "Doc.Id", "text | upper", "yes", "", "their number"),
    ("total.amount_minor", "Doc.Sum", "to_decimal", "да", "", ""),
    ("status", "Doc.Status", "lookup statuses", "", "", ""),
    ("", "Doc.Currency", "constant RUB", "", "", ""),
    ("customer.name; customer.id", "Doc.Payer", "first", "", "nobody", ""),
    ("address.city; address.street", "Doc.Address", "concat ', '", "", "", ""),
    ("lines[].sku", "Doc.Items[].Code", "copy", "yes", "", ""),
    ("", "Doc.Items[].No", "position", "", "", ""),
    ("", "Doc.Items[].Unit", "constant 'pcs'", "", "", ""),
    ("lines[].tags[]", "Doc.Items[].Tags", "concat ' '", "", "", ""),
    ("lines[].parts[].id", "Doc.Items[].Parts[].Id", "copy", "", "0", ""),
    ("currency", "Doc.Items[].Currency", "copy", "", "", ""),
    ("lines[].sku", "Codes[]", "copy", "", "", ""),
    ("phones[1]", "Phone", "copy", "", "", ""),
    ("comment", "Comment", "copy | omit_empty", "", "", ""),
)
_STATUSES = (("key", "value"), ("paid", "PD"), ("*", "XX"))
_MESSAGE: dict[str, Any] = {
    "order_id": "ord_1",
    "total": {"amount_minor": 23970},
    "status": "paid",
    "currency": "RUB",
    "customer": {"name": "", "id": "cus_7"},
    "address": {"city": "Москва", "street": "Лесная улица"},
    "lines": [
        {"sku": "A", "tags": ["x", "y"], "parts": [{"id": 1}, {}]},
        {"sku": "B", "parts": []},
    ],
    "phones": ["1", "2"],
    "comment": "",
}
_TARGET: dict[str, Any] = {
    "Doc": {
        "Id": "ORD_1",
        "Sum": "239.70",
        "Status": "PD",
        "Currency": "RUB",
        "Payer": "cus_7",
        "Address": "Москва, Лесная улица",
        "Items": [
            {
                "Code": "A",
                "No": 1,
                "Unit": "pcs",
                "Tags": "x y",
                "Parts": [{"Id": 1}, {"Id": 0}],
                "Currency": "RUB",
            },
            {"Code": "B", "No": 2, "Unit": "pcs", "Parts": [], "Currency": "RUB"},
        ],
    },
    "Codes": ["A", "B"],
    "Phone": "2",
}


def _csv(
    path: Path, rows: Sequence[Sequence[str]], separator: str = ",", encoding: str = "utf-8"
) -> Path:
    def cell(told: str) -> str:
        return '"' + told.replace('"', '""') + '"' if set(told) & set('",;\n') else told

    text = "\n".join(separator.join(map(cell, row)) for row in rows) + "\n"
    path.write_bytes(text.encode(encoding))
    return path


def _xlsx(path: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def _read(folder: Path, kind: str) -> Mapping:
    rows = [_HEADING, *_ROWS]
    if kind == "xlsx":
        return read_mapping(
            _xlsx(folder / "m.xlsx", notes=[["x"]], mapping=rows, statuses=_STATUSES)
        )
    _csv(folder / "statuses.csv", _STATUSES)
    separator, encoding = (";", "utf-8-sig") if kind == "excel" else (",", "utf-8")
    return read_mapping(_csv(folder / "m.csv", rows, separator, encoding))


@pytest.mark.parametrize("kind", ["csv", "excel", "xlsx"])
def test_a_table_is_executed(tmp_path: Path, kind: str) -> None:
    mapped = _read(tmp_path, kind).apply(_MESSAGE)
    assert mapped.problems == ()
    assert mapped.target == _TARGET


@pytest.mark.parametrize(
    ("change", "row", "column", "told"),
    [
        ({"order_id": None}, 2, "source", "required"),
        ({"order_id": ""}, 2, "source", "required"),
        ({"order_id": []}, 2, "rule", "text"),
        ({"total": {"amount_minor": 1.5}}, 3, "rule", "integer"),
        ({"total": 7}, 3, "source", "an object is expected in total"),
        ({"lines": {}}, 8, "source", "an array is expected in lines"),
        ({"lines": [{"sku": "A"}, {}]}, 8, "source", "required"),
        ({"lines": None}, 8, "source", "lines[] is required"),
        ({"lines": [{"sku": "A", "tags": [["x"]]}]}, 11, "rule", "text"),
    ],
)
def test_what_cannot_be_mapped_is_told_with_its_cell(
    tmp_path: Path, change: dict[str, Any], row: int, column: str, told: str
) -> None:
    mapped = _read(tmp_path, "csv").apply({**_MESSAGE, **change})
    first = mapped.problems[0]
    assert (first.row, first.column) == (row, column)
    assert told in first.text.en
    assert first.told.ru.startswith(f"Строка {row} {column}: ")


def test_what_is_not_there_is_left_out_or_has_its_default(tmp_path: Path) -> None:
    mapped = _read(tmp_path, "csv").apply(
        {"order_id": 7, "total": {"amount_minor": 0}, "lines": []}
    )
    assert mapped.problems == ()
    assert mapped.target == {
        "Doc": {"Id": "7", "Sum": "0.00", "Currency": "RUB", "Payer": "nobody", "Items": []},
        "Codes": [],
    }


@pytest.mark.parametrize(
    ("rows", "row", "column", "told"),
    [
        ([("a b", "x", "copy")], 2, "source", "no path"),
        ([("a", "", "copy")], 2, "target", "no path"),
        ([("a", "x[0]", "copy")], 2, "target", "cannot be set"),
        ([("a", "x", "jump")], 2, "rule", "no rule"),
        ([("a", "x", "")], 2, "rule", "write copy"),
        ([("a", "x", "copy", "maybe")], 2, "required", "yes or no"),
        ([("", "x", "copy")], 2, "source", "is empty"),
        ([("a", "x", "constant 1")], 2, "source", "leave the cell empty"),
        ([("a;b", "x", "copy")], 2, "rule", "begin with concat or first"),
        ([("a;;b", "x", "first")], 2, "source", "no path"),
        ([("a[].b", "x", "copy")], 2, "target", "[] is missing"),
        ([("", "x", "position")], 2, "target", "no []"),
        ([("", "x[].y", "constant 1")], 2, "source", "nothing tells how many"),
        ([("a", "x", "copy"), ("b", "x", "copy")], 3, "target", "taken by row 2"),
        ([("a", "x.y", "copy"), ("b", "x", "copy")], 3, "target", "taken by row 2"),
        ([("a[].b", "x[].b", "copy"), ("c[].d", "x[].d", "copy")], 3, "source", "made from one"),
        ([("a", "x", "lookup nowhere")], 2, "rule", "no dictionary nowhere"),
        ([("a", "x", "copy", "", "", "", "more")], 2, "", "more cells"),
    ],
)
def test_a_table_that_cannot_be_executed_is_refused(
    tmp_path: Path, rows: Sequence[tuple[str, ...]], row: int, column: str, told: str
) -> None:
    with pytest.raises(TableError) as refused:
        read_mapping(_csv(tmp_path / "m.csv", [_HEADING, *rows]))
    first = refused.value.problems[0]
    assert (first.row, first.column) == (row, column)
    assert told in first.text.en


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    rows = [_HEADING, ("a b", "x[1]", "jump", "maybe"), (), ("a", "y", "copy x")]
    with pytest.raises(TableError) as refused:
        read_mapping(_csv(tmp_path / "m.csv", rows))
    assert [(one.row, one.column) for one in refused.value.problems] == [
        (2, "source"),
        (2, "target"),
        (2, "rule"),
        (2, "required"),
        (4, "rule"),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"source,target,rule\n", "no rows"),
        (b"source,target\na,b\n", "are needed"),
        (b"source,target,rule,rule\na,b,copy,copy\n", "each once"),
        (b"source,target,rule,colour\na,b,copy,red\n", "no others"),
        ("источник,target,rule\n".encode("cp1251"), "UTF-8"),
        (b'source,target,rule\n"a,b,copy\n', "no CSV"),
        (b"source,target,rule\n" + b"a,b,copy\n" * 1001, "too large"),
        (b"source,target,rule" + b"," * 40 + b"\na,b,copy\n", "too large"),
        (b"source,target,rule\n" + b"a" * 3000 + b",b,copy\n", "too large"),
        (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "m.csv").write_bytes(content)
    with pytest.raises(TableError, match=told):
        read_mapping(tmp_path / "m.csv")


@pytest.mark.parametrize("name", ["m.txt", "none.csv", "none.xlsx"])
def test_a_file_that_is_not_there_or_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "m.txt").write_text("source,target,rule", encoding="utf-8")
    with pytest.raises(TableError):
        read_mapping(tmp_path / name)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("k", "v"), ("a", "b")], "key, value"),
        ([("key", "value"), ("a", "b"), ("a", "c")], "twice"),
        ([("key", "value"), ("", "b")], "empty"),
        ([("key", "value"), ("a", "b", "c")], "more than two"),
    ],
)
def test_a_dictionary_has_keys_and_values(tmp_path: Path, rows: Any, told: str) -> None:
    _csv(tmp_path / "statuses.csv", rows)
    with pytest.raises(TableError, match=told):
        read_mapping(_csv(tmp_path / "m.csv", [_HEADING, ("a", "b", "lookup statuses")]))


# ---- workbooks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["=1+1", date(2026, 11, 29)])
def test_a_cell_is_a_text_or_a_number(tmp_path: Path, value: Any) -> None:
    rows = [_HEADING, ("a", "b", "copy", "", value)]
    with pytest.raises(TableError, match="no formula") as refused:
        read_mapping(_xlsx(tmp_path / "m.xlsx", mapping=rows))
    assert (refused.value.problems[0].row, refused.value.problems[0].column) == (2, "E")


def test_numbers_of_a_workbook_are_read_as_they_look(tmp_path: Path) -> None:
    rows = [_HEADING, ("a", "b", "copy", True, 7), ("c", "d", "copy", 0, 1.5)]
    mapping = read_mapping(_xlsx(tmp_path / "m.xlsx", mapping=rows))
    assert [(one.is_required, one.default) for one in mapping.rows] == [(True, 7), (False, 1.5)]


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    path = _xlsx(tmp_path / "m.xlsx", mapping=[_HEADING, ("a", "b", "copy")])
    book = openpyxl.load_workbook(path)
    book["mapping"].merge_cells("A2:B2")
    book.save(path)
    with pytest.raises(TableError, match="merged"):
        read_mapping(path)


def test_a_cell_far_away_is_no_table(tmp_path: Path) -> None:
    path = _xlsx(tmp_path / "m.xlsx", mapping=[_HEADING])
    book = openpyxl.load_workbook(path)
    book["mapping"]["XFD1048576"] = "here"
    book.save(path)
    with pytest.raises(TableError, match="too large"):
        read_mapping(path)


def _archive(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def _with_part(path: Path, name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
        for one in old.infolist():
            new.writestr(one.filename, content if one.filename == name else old.read(one))
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"not a zip",
        _archive(),
        _archive(x=b"1"),
        _archive(bomb=b"0" * (6 * 1024 * 1024)),
        _archive(**{f"part{at}": b"" for at in range(300)}),
    ],
)
def test_what_is_no_workbook_or_a_bomb_is_refused(content: bytes) -> None:
    with pytest.raises(TableError):
        xlsx_book(content)


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x []><x/>'.encode("utf-16"),
        b"<worksheet",
        b"<worksheet/>",
        b"",
    ],
)
def test_parts_that_attack_or_are_damaged_are_refused(tmp_path: Path, content: bytes) -> None:
    path = _xlsx(tmp_path / "m.xlsx", mapping=[_HEADING, ("a", "b", "copy")])
    damaged = tmp_path / "damaged.xlsx"
    damaged.write_bytes(_with_part(path, "xl/worksheets/sheet1.xml", content))
    with pytest.raises(TableError):
        read_mapping(damaged)


@functools.cache
def _small_workbook() -> bytes:
    # Made once: a workbook has the time in it, so another one may differ in length.
    made = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(list(_HEADING))
    book.save(made)
    return made.getvalue()


@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(_small_workbook())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(TableError):
        assert xlsx_book(bytes(content))


@given(st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=6))
def test_any_cells_are_read_or_refused(rows: list[list[str]]) -> None:
    made = io.StringIO()
    csv.writer(made).writerows([["source", "target", "rule"], *rows])
    with contextlib.suppress(TableError):
        Mapping(read_rows(csv_sheet("m", made.getvalue().encode())), {}).apply({"a": 1})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["lines", "sku", "tags", "parts", "id", "total"]), inner)
    ),
    max_leaves=12,
)


_SMALL = b"""\
source,target,rule,required
lines[].sku,I[].Code,upper,yes
lines[].parts[].id,I[].P[].Id,copy,
lines[].tags[],I[].Tags,concat ' ',
total.id,Total,to_decimal,yes
lines[].sku,Codes[],copy,
"""


@given(_JSON)
def test_any_message_is_mapped_or_told_why_not(message: Any) -> None:
    mapped = Mapping(read_rows(csv_sheet("m", _SMALL)), {}).apply(message)
    for one in mapped.problems:
        assert one.row
        assert one.column in ("source", "rule")
    assert isinstance(mapped.target, dict)


def test_a_check_reads_a_table_and_fails_in_words(tmp_path: Path) -> None:
    case = Case(tmp_path, Random(1), {})
    with pytest.raises(FailedError, match="0 files"):
        mapping_of(case, "m.csv", "m.xlsx")
    _csv(tmp_path / "m.csv", [_HEADING, ("a", "b", "jump"), ("a b", "c", "copy")])
    with pytest.raises(FailedError, match="Row 2 rule") as failed:
        mapping_of(case, "m.csv", "m.xlsx")
    assert failed.value.where == "m.csv"
    assert "Row 3 source" in str(failed.value.got)
    _csv(tmp_path / "m.csv", [_HEADING, ("a", "b", "copy")])
    assert mapping_of(case, "m.csv")[1].apply({"a": 1}).target == {"b": 1}
