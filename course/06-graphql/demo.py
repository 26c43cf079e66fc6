"""A page of products over GraphQL and SQL, with a loader and without; the database counts.

Nothing is computed: SQLite tells every statement that it executes, and each of them is on the way
for as long as the control says.
"""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import build_schema, graphql
from strawberry.dataloader import DataLoader

from stend.course.demos import Bar, Bars, Note, Shown, Stand, Table, Values
from stend.kit.languages import Text

_SDL = """
type Query { products(first: Int!): [Product!]! }
type Product { sku: ID! title: String! category: Category! }
type Category { title: String! }
"""
_CATEGORIES = 12
_MOST_BARS, _MOST_LETTERS = 60, 76


@dataclass
class Database:
    """One connection, some way off.

    Attributes:
        statements: as SQLite has executed them, each with when it left and for how long it was
            under way, in seconds from the first.
    """

    distance_s: float
    statements: list[tuple[str, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._line = sqlite3.connect(":memory:")
        self._line.executescript(
            "CREATE TABLE categories (id INTEGER PRIMARY KEY, title TEXT NOT NULL);"
            "CREATE TABLE products (sku TEXT PRIMARY KEY, title TEXT NOT NULL, category_id INTEGER"
            " NOT NULL REFERENCES categories);"
        )
        categories = [(n, f"category {n}") for n in range(_CATEGORIES)]
        products = [(f"SKU-{n:03}", f"product {n}", n % _CATEGORIES) for n in range(200)]
        self._line.executemany("INSERT INTO categories VALUES (?, ?)", categories)
        self._line.executemany("INSERT INTO products VALUES (?, ?, ?)", products)
        self._line.commit()
        self._told: list[str] = []
        self._line.set_trace_callback(self._told.append)
        self._one_at_a_time = asyncio.Lock()
        self._began = time.perf_counter()

    async def ask(self, sql: str, *values: object) -> list[Any]:
        async with self._one_at_a_time:
            left = time.perf_counter()
            await asyncio.sleep(self.distance_s)
            rows = self._line.execute(sql, values).fetchall()
            took = time.perf_counter() - left
            self.statements += [(one, left - self._began, took) for one in self._told]
            self._told.clear()
        return rows

    def close(self) -> None:
        self._line.close()


class Storefront:
    """Resolvers; every one of them is right by itself."""

    def __init__(self, database: Database, *, with_loader: bool) -> None:
        self._database = database
        self._loader = DataLoader(self._load) if with_loader else None

    async def products(self, _: Any, first: int) -> list[Mapping[str, Any]]:
        rows = await self._database.ask(
            "SELECT sku, title, category_id FROM products ORDER BY sku LIMIT ?", first
        )
        return [
            {"sku": sku, "title": title, "category": lambda _, key=key: self._category(key)}
            for sku, title, key in rows
        ]

    async def _category(self, key: int) -> Mapping[str, Any]:
        if self._loader is not None:
            return {"title": await self._loader.load(key)}
        rows = await self._database.ask("SELECT title FROM categories WHERE id = ?", key)
        return {"title": rows[0][0]}

    async def _load(self, keys: list[int]) -> list[str]:
        places = ", ".join("?" * len(keys))
        rows = await self._database.ask(
            f"SELECT id, title FROM categories WHERE id IN ({places})",  # noqa: S608 - no value in it
            *keys,
        )
        titles = dict(rows)
        return [titles[key] for key in keys]


@dataclass(frozen=True)
class Ran:
    statements: Sequence[tuple[str, float, float]]
    answer: Any
    took_ms: float


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    first = int(values.number("products"))
    deeper = " category { title }" if values.switch("categories") else ""
    query = f"{{ products(first: {first}) {{ sku title{deeper} }} }}"
    distance_s = values.number("distance") / 1000
    with_loader = values.switch("loader")
    both = {one: asyncio.run(_ran(query, distance_s, with_loader=one)) for one in (False, True)}
    if both[False].answer != both[True].answer:
        raise ValueError("with a loader the answer is another")
    yield Bars(
        Text(ru="Запросов к базе", en="Queries to the database"),
        "",
        [Bar(_named(one), len(ran.statements)) for one, ran in both.items()],
    )
    yield Bars(
        Text(ru="Время ответа", en="Time of the answer"),
        "ms",
        [Bar(_named(one), round(ran.took_ms, 1)) for one, ran in both.items()],
    )
    chosen = both[with_loader]
    yield _statements(chosen, with_loader=with_loader)
    yield _waterfall(chosen, with_loader=with_loader)
    yield _said(query, both)


async def _ran(query: str, distance_s: float, *, with_loader: bool) -> Ran:
    schema = build_schema(_SDL)
    database = Database(distance_s)
    storefront = Storefront(database, with_loader=with_loader)
    began = time.perf_counter()
    result = await graphql(schema, query, storefront)
    took_ms = (time.perf_counter() - began) * 1000
    database.close()
    if result.errors:
        raise result.errors[0]
    return Ran(database.statements, result.data, took_ms)


def _named(with_loader: bool) -> Text:
    if with_loader:
        return Text(ru="с загрузчиком", en="with a loader")
    return Text(ru="без загрузчика", en="without a loader")


def _statements(ran: Ran, *, with_loader: bool) -> Table:
    told = _named(with_loader)
    # Values differ from statement to statement; what is asked does not.
    counted = Counter(_shape(sql) for sql, _, _ in ran.statements)
    examples = {_shape(sql): sql for sql, _, _ in ran.statements}
    return Table(
        Text(ru=f"Что спросили у базы {told.ru}", en=f"What the database was asked {told.en}"),
        (
            Text(
                ru="запрос, каким он был в последний раз", en="the query, as it was the last time"
            ),
            Text(ru="раз", en="times"),
        ),
        [(_cut(examples[shape]), number) for shape, number in counted.items()],
    )


def _shape(sql: str) -> str:
    return sql.partition("WHERE")[0]


def _cut(sql: str) -> str:
    return sql if len(sql) <= _MOST_LETTERS else f"{sql[: _MOST_LETTERS - 1]}…"


def _waterfall(ran: Ran, *, with_loader: bool) -> Bars:
    told = _named(with_loader)
    first = ran.statements[0][1]
    bars = [
        Bar(
            f"{number} {sql.partition('FROM ')[2].split()[0]}",
            round(took * 1000, 2),
            round((left - first) * 1000, 2),
        )
        for number, (sql, left, took) in enumerate(ran.statements[:_MOST_BARS], 1)
    ]
    more = len(ran.statements) - len(bars)
    ru, en = (f", ещё {more} не показано", f", {more} more are not shown") if more else ("", "")
    return Bars(
        Text(ru=f"Когда они шли {told.ru}{ru}", en=f"When they went {told.en}{en}"), "ms", bars
    )


def _said(query: str, both: Mapping[bool, Ran]) -> Note:
    bare, loaded = (len(both[one].statements) for one in (False, True))
    return Note(
        Text(
            ru=f"{query} — ответы одинаковы, а запросов к базе {bare} и {loaded}. Загрузчик "
            "собрал ключи всех резолверов одного такта, убрал повторы и спросил один раз.",
            en=f"{query}: the answers are equal; the database got {bare} queries and {loaded}. "
            "The loader took the keys of all resolvers of one tick, dropped repetitions "
            "and asked once.",
        )
        if bare > loaded
        else Text(
            ru=f"{query} — запросов к базе {bare} и {loaded}: собирать нечего.",
            en=f"{query}: {bare} and {loaded} queries to the database: nothing to gather.",
        )
    )
