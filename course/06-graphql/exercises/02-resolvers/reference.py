"""The store with data that nobody knows beforehand, and what operations have to answer over it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, build_schema, graphql_sync

from stend.course.case import Case

from .starter import store

SHELVES, PRODUCTS, WITHOUT_PRICE, WITHOUT_SHELF = 5, 60, 8, 4
MOST_FIRST = 100


@contextmanager
def serving(case: Case) -> Iterator[Any]:
    """The server of `store.py`; its rows may be read and replaced."""
    with store.Server(store.Catalogue([], [], [])) as server:
        _fill(case, server.catalogue)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def add_product(case: Case, store: Any, sku: str) -> None:
    """The shelves are filled in turn: each has some of the first products, and enough of them."""
    category_id = list(store.categories)[len(store.products) % SHELVES]
    names = {"title_ru": case.word(), "title_en": case.word()}
    store.products[sku] = {"sku": sku, "category_id": category_id, **names}


def _fill(case: Case, store: Any) -> None:
    for category_id in [case.word() for _ in range(SHELVES)]:
        names = {"title_ru": case.word(), "title_en": case.word()}
        store.categories[category_id] = {"category_id": category_id, **names}
    for number in range(PRODUCTS):
        add_product(case, store, f"B-{number:02}-{case.word(4).upper()}")
    skus = list(store.products)
    for sku in _some(case, skus[2 * SHELVES :], WITHOUT_SHELF):
        store.products[sku]["category_id"] = None
    # Among those that a page of fifty shows.
    bare = _some(case, skus[:40], WITHOUT_PRICE)
    for sku in (one for one in skus if one not in bare):
        amount = {"amount_minor": case.dice.randint(100, 10**6), "currency": "RUB"}
        store.prices[sku] = {"sku": sku, "version": case.dice.randint(1, 9), **amount}


def _some(case: Case, skus: list[str], number: int) -> list[str]:
    case.dice.shuffle(skus)
    return skus[:number]


class Reference:
    """graphql-core over the same data."""

    def __init__(self, store: Any) -> None:
        text = (Path(__file__).parent / "starter/schema.graphql").read_text(encoding="utf-8")
        self.schema: GraphQLSchema = build_schema(text)
        self._root = _Query(store)

    def run(self, query: str, variables: Mapping[str, Any] | None) -> ExecutionResult:
        given = dict(variables or {})
        return graphql_sync(self.schema, query, self._root, variable_values=given)


# graphql-core takes fields from attributes, and calls methods.


class _Category:
    def __init__(self, store: Any, row: Mapping[str, Any]) -> None:
        self._store, self._row = store, row
        self.categoryId = row["category_id"]

    def title(self, _: Any, language: str) -> str:
        return str(self._row[f"title_{language.lower()}"])

    def products(self, _: Any, first: int) -> list["_Product"]:
        rows = self._store.find_products_of([self.categoryId], _bounded(first))
        return [_Product(self._store, row) for row in rows]


class _Product:
    def __init__(self, store: Any, row: Mapping[str, Any]) -> None:
        self._store, self._row = store, row
        self.sku = row["sku"]

    def title(self, _: Any, language: str) -> str:
        return str(self._row[f"title_{language.lower()}"])

    def price(self, _: Any) -> Mapping[str, Any]:
        if (row := self._store.prices.get(self.sku)) is None:
            raise _coded("price-unavailable")
        return {**row, "amountMinor": row["amount_minor"]}

    def category(self, _: Any) -> _Category | None:
        row = self._store.categories.get(self._row["category_id"])
        return _Category(self._store, row) if row else None


class _Query:
    """What a cursor looks like is the service's own: no operation here asks for one."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def product(self, _: Any, sku: str) -> _Product:
        if sku not in self._store.products:
            raise _coded("product-not-found")
        return _Product(self._store, self._store.products[sku])

    def products(self, _: Any, first: int) -> Mapping[str, Any]:
        rows = self._store.find_page(_bounded(first) + 1, None)
        edges = [{"node": _Product(self._store, row)} for row in rows[:first]]
        return {"edges": edges, "pageInfo": {"hasNextPage": len(rows) > first}}


def _bounded(first: int) -> int:
    if not 1 <= first <= MOST_FIRST:
        raise _coded("invalid-argument")
    return first


def _coded(code: str) -> GraphQLError:
    return GraphQLError(code, extensions={"code": code})
