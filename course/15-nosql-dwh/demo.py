"""The same sales by rows (SQLite) and by columns (Parquet, read by DuckDB), asked the same.

Bytes are those that the system handed to this process; times are measured, answers compared.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from stend.course.demos import Bar, Bars, Note, Shown, Stand, Table, Values
from stend.kit.languages import Text

_ROWS, _COLUMNS = Path("sales.sqlite"), Path("sales.parquet")
_IO = Path("/proc/self/io")
_GROUP = 10_000
_NAMES = (
    *("order_id", "day", "month", "store", "city", "customer"),
    *("sku", "category", "quantity", "amount", "status", "comment"),
)
# Arithmetic on the number of a row, so that it is the same every time; 10007 shuffles days.
_SALES = """
    SELECT n AS order_id, n * 10007 % 360 AS day, day // 30 + 1 AS month, n * 31 % 40 AS store,
        'city ' || store % 8 AS city, n * 7919 % 5000 AS customer, n * 104729 % 900 AS sku,
        'category ' || sku % 12 AS category, n % 5 + 1 AS quantity,
        n * 6007 % 90000 + 100 AS amount,
        CASE n % 11 WHEN 0 THEN 'cancelled' ELSE 'delivered' END AS status,
        'please ring ' || md5(CAST(n AS VARCHAR)) AS comment
    FROM range(1, {rows} + 1) AS numbers(n)
    ORDER BY {order}"""


@dataclass(frozen=True)
class Asked:
    name: Text
    query: str


@dataclass(frozen=True)
class Told:
    """
    Attributes:
        read: bytes; None where the system does not tell.
    """

    answer: list[tuple[Any, ...]]
    read: int | None
    took_ms: float


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    rows = int(values.number("rows"))
    columns = int(values.number("columns"))
    _write(rows, is_sorted=values.switch("sorted"))
    questions = _questions(rows, columns)
    found = [(one, _from_rows(one), _from_columns(one)) for one in questions]
    for one, first, second in found:
        if first.answer != second.answer:
            raise RuntimeError(f"{one.query}: {first.answer[:3]} and {second.answer[:3]}")
    if found[-1][1].read is not None:
        yield _bars(found)
    yield _table(found)
    yield _files(rows)
    yield _said(found)


def _write(rows: int, *, is_sorted: bool) -> None:
    """Both files, with the same rows. In SQLite an index leads to an order by its id."""
    order = "day, order_id" if is_sorted else "order_id"
    with closing(duckdb.connect()) as source:
        source.execute("SET threads = 1")
        source.execute("CREATE TABLE sales AS " + _SALES.format(rows=rows, order=order))
        source.execute(f"COPY sales TO '{_COLUMNS}' (FORMAT parquet, ROW_GROUP_SIZE {_GROUP})")
        with closing(sqlite3.connect(_ROWS)) as target:
            names = ", ".join(_NAMES[1:])
            target.execute(f"CREATE TABLE sales (order_id INTEGER PRIMARY KEY, {names})")
            marks = ", ".join("?" * len(_NAMES))
            every = source.execute("FROM sales ORDER BY order_id").fetchall()
            target.executemany(f"INSERT INTO sales VALUES ({marks})", every)  # noqa: S608 - marks
            target.commit()


def _questions(rows: int, columns: int) -> Sequence[Asked]:
    wide = ", ".join(f"sum(length(CAST({name} AS VARCHAR)))" for name in _NAMES[:columns])
    pairs = (
        (
            "один заказ целиком",
            "one order, all of it",
            f"* FROM sales WHERE order_id = {rows // 2}",
        ),
        ("выручка", "revenue", "sum(amount) FROM sales"),
        ("выручка по месяцам", "revenue by month", "month, sum(amount) FROM sales GROUP BY 1"),
        ("выручка за день", "revenue of one day", "sum(amount) FROM sales WHERE day = 77"),
        (
            "категории одного месяца",
            "categories of one month",
            "category, sum(amount) FROM sales WHERE month = 3 GROUP BY 1",
        ),
        ("заказов по городам", "orders by city", "city, count(*) FROM sales GROUP BY 1"),
        ("разных покупателей", "different customers", "count(DISTINCT customer) FROM sales"),
        (
            "отмен по складам",
            "cancelled ones by store",
            "store, count(*) FROM sales WHERE status = 'cancelled' GROUP BY 1",
        ),
        ("штук по товарам", "pieces by product", "sku, sum(quantity) FROM sales GROUP BY 1"),
        (
            f"букв в столбцах: {columns}",
            f"letters in {columns} columns",
            f"{wide} FROM sales",
        ),
    )
    return [Asked(Text(ru=ru, en=en), f"SELECT {query}") for ru, en, query in pairs]


def _from_rows(one: Asked) -> Told:
    # A new connection each time: it has no pages in its own memory yet.
    with closing(sqlite3.connect(_ROWS)) as base:
        return _measured(lambda: base.execute(one.query).fetchall())


def _from_columns(one: Asked) -> Told:
    with closing(duckdb.connect()) as base:
        base.execute("SET threads = 1")
        base.execute("SET enable_external_file_cache = false")
        query = one.query.replace("FROM sales", f"FROM '{_COLUMNS}'")
        return _measured(lambda: base.execute(query).fetchall())


def _measured(ask: Callable[[], list[tuple[Any, ...]]]) -> Told:
    before = _read_so_far()
    began = time.perf_counter()
    answer = ask()
    took_ms = (time.perf_counter() - began) * 1000
    after = _read_so_far()
    read = None if before is None or after is None else after - before
    return Told(sorted(answer), read, took_ms)


def _read_so_far() -> int | None:
    """Bytes that system calls have given to this process, from the cache of the system too."""
    if not _IO.exists():
        return None
    return int(_IO.read_text().split("rchar:")[1].split()[0])


def _bars(found: Sequence[tuple[Asked, Told, Told]]) -> Bars:
    bars = []
    for one, *both in found:
        for told, ru, en in zip(both, ("строки", "столбцы"), ("rows", "columns"), strict=True):
            label = Text(ru=f"{one.name.ru}, {ru}", en=f"{one.name.en}, {en}")
            bars.append(Bar(label, round((told.read or 0) / 1000)))
    return Bars(Text(ru="Прочитано", en="Read"), "kB", bars)


def _table(found: Sequence[tuple[Asked, Told, Told]]) -> Table:
    return Table(
        Text(ru="Вопрос за вопросом", en="Question by question"),
        (
            Text(ru="вопрос", en="question"),
            Text(ru="строки, Б", en="rows, B"),
            Text(ru="столбцы, Б", en="columns, B"),
            Text(ru="строки, мс", en="rows, ms"),
            Text(ru="столбцы, мс", en="columns, ms"),
        ),
        [
            (one.name, rows.read, columns.read, round(rows.took_ms, 1), round(columns.took_ms, 1))
            for one, rows, columns in found
        ],
    )


def _files(rows: int) -> Table:
    """What Parquet says of itself: how much of it each column is."""
    with closing(duckdb.connect()) as base:
        sizes = base.execute(
            "SELECT path_in_schema, sum(total_compressed_size), sum(total_uncompressed_size) "
            "FROM parquet_metadata(?) GROUP BY 1 ORDER BY 2 DESC",
            [str(_COLUMNS)],
        ).fetchall()
    return Table(
        Text(
            ru=f"Столбцы в Parquet, {rows} строк; весь файл {_COLUMNS.stat().st_size} Б, в SQLite "
            f"{_ROWS.stat().st_size} Б",
            en=f"Columns in Parquet, {rows} rows; the file has {_COLUMNS.stat().st_size} B, "
            f"that of SQLite {_ROWS.stat().st_size} B",
        ),
        (
            Text(ru="столбец", en="column"),
            Text(ru="сжат, Б", en="compressed, B"),
            Text(ru="без сжатия, Б", en="uncompressed, B"),
        ),
        [(str(name), int(small), int(large)) for name, small, large in sizes],
    )


def _said(found: Sequence[tuple[Asked, Told, Told]]) -> Note:
    (_, by_id, by_id_columns), (_, revenue, revenue_columns) = found[:2]
    if by_id.read is None or by_id_columns.read is None:
        return Note(
            Text(
                ru="Сколько байт прочитано, эта система не говорит: показано только время. Файлы "
                "лежат в памяти системы, поэтому время — это разбор, а не диск.",
                en="This system does not tell how many bytes were read: only the times are shown. "
                "The files are in the memory of the system, so a time is decoding, not a disk.",
            )
        )
    read, small = revenue.read or 0, revenue_columns.read or 0
    return Note(
        Text(
            ru=f"Один заказ: строки прочли {by_id.read} Б, столбцы {by_id_columns.read} Б: у строк "
            "заказ лежит вместе, и к нему ведёт дерево. Выручка: "
            f"{read} Б против {small} Б, потому что из двенадцати столбцов нужен один. Файлы лежат "
            "в памяти системы, поэтому время — это разбор, а не диск.",
            en=f"One order: rows have read {by_id.read} B, columns {by_id_columns.read} B: with "
            "rows an order lies together, and a tree leads to it. Revenue: "
            f"{read} B against {small} B, as of twelve columns one is needed. The files are in the "
            "memory of the system, so a time is decoding, not a disk.",
        )
    )
