"""The database of the catalogue. Every function is one query. Do not edit.

`python store.py` serves a small catalogue and prints each query that it gets, so that you see how
many of them your service makes:

    python store.py
    STORE=127.0.0.1:9000 PORT=8080 python main.py          (in another terminal)

Rows are dictionaries, in no order, and what does not exist is left out, as SQL does it:

    product   {"sku": "MILK-001", "title_ru": "…", "title_en": "…", "category_id": "dairy" or None}
    category  {"category_id": "dairy", "title_ru": "…", "title_en": "…"}
    price     {"sku": "MILK-001", "amount_minor": 9900, "currency": "RUB", "version": 3}
"""

import asyncio
import json
import os
import socketserver
import threading
from typing import Any

Row = dict[str, Any]


class VersionConflict(Exception):
    """Somebody has changed the price since it was read."""


class NoSuchProduct(Exception):
    pass


async def products(skus: list[str]) -> list[Row]:
    """The products with these skus."""
    return await _query("products", skus=skus)


async def page(first: int, after: str | None = None) -> list[Row]:
    """The first products behind the sku `after`; this one query is ordered, by sku."""
    return await _query("page", first=first, after=after)


async def categories(category_ids: list[str]) -> list[Row]:
    return await _query("categories", category_ids=category_ids)


async def products_of(category_ids: list[str], first: int) -> list[Row]:
    """The first products, by sku, of each of these categories."""
    return await _query("products_of", category_ids=category_ids, first=first)


async def prices(skus: list[str]) -> list[Row]:
    return await _query("prices", skus=skus)


async def change_price(sku: str, amount_minor: int, expected_version: int) -> Row:
    """Returns the new price.

    Raises:
        VersionConflict: the price has another version by now; nothing is changed.
        NoSuchProduct: there is no such product, or it has no price.
    """
    return await _query(
        "change_price", sku=sku, amount_minor=amount_minor, expected_version=expected_version
    )


async def _query(name: str, **arguments: Any) -> Any:
    host, _, port = os.environ.get("STORE", "127.0.0.1:9000").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(json.dumps([name, arguments]).encode() + b"\n")
        answer = json.loads(await reader.read())
    finally:
        writer.close()
    refusals = {"version-conflict": VersionConflict, "no-such-product": NoSuchProduct}
    if refused := answer.get("refused"):
        raise refusals[refused](arguments["sku"])
    return answer["rows"]


# ---- the database itself ------------------------------------------------------------------------


class Catalogue:
    """
    Attributes:
        queries: each that has come: its name and its arguments.
    """

    def __init__(self, products: list[Row], categories: list[Row], prices: list[Row]) -> None:
        self.products = {one["sku"]: one for one in products}
        self.categories = {one["category_id"]: one for one in categories}
        self.prices = {one["sku"]: one for one in prices}
        self._lock = threading.Lock()
        self.queries: list[tuple[str, Row]] = []

    def ask(self, name: str, arguments: Row) -> Row:
        with self._lock:
            self.queries.append((name, arguments))
            return {"rows": getattr(self, f"find_{name}")(**arguments)}

    def find_products(self, skus: list[str]) -> list[Row]:
        return _found(self.products, skus)

    def find_page(self, first: int, after: str | None) -> list[Row]:
        rest = (sku for sku in sorted(self.products) if after is None or sku > after)
        return [self.products[sku] for sku, _ in zip(rest, range(first), strict=False)]

    def find_categories(self, category_ids: list[str]) -> list[Row]:
        return _found(self.categories, category_ids)

    def find_products_of(self, category_ids: list[str], first: int) -> list[Row]:
        wanted = dict.fromkeys(category_ids, first)
        rows = []
        for sku in sorted(self.products):
            category_id = self.products[sku]["category_id"]
            if wanted.get(category_id, 0) > 0:
                wanted[category_id] -= 1
                rows.append(self.products[sku])
        return rows

    def find_prices(self, skus: list[str]) -> list[Row]:
        return _found(self.prices, skus)

    def find_change_price(self, sku: str, amount_minor: int, expected_version: int) -> Row:
        price = self.prices.get(sku)
        if price is None:
            raise NoSuchProduct
        if price["version"] != expected_version:
            raise VersionConflict
        changed = {"amount_minor": amount_minor, "version": expected_version + 1}
        self.prices[sku] = {**price, **changed}
        return self.prices[sku]


def _found(rows: dict[str, Row], keys: list[str]) -> list[Row]:
    # Not in the order of the keys: a database gives rows as it comes upon them.
    wanted = set(keys)
    return [row for key, row in reversed(rows.items()) if key in wanted]


class Server(socketserver.ThreadingTCPServer):
    """One connection, one query."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, catalogue: Catalogue, port: int = 0) -> None:
        self.catalogue = catalogue
        super().__init__(("127.0.0.1", port), _Connection)


class _Connection(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        line = self.rfile.readline()
        if not line:
            return
        try:
            answer = self.server.catalogue.ask(*json.loads(line))
        except VersionConflict:
            answer = {"refused": "version-conflict"}
        except NoSuchProduct:
            answer = {"refused": "no-such-product"}
        self.wfile.write(json.dumps(answer).encode())


class _Printing(Catalogue):
    def ask(self, name: str, arguments: Row) -> Row:
        answer = super().ask(name, arguments)
        print(f"{len(self.queries):4}  {name} {json.dumps(arguments)}", flush=True)
        return answer


def _small() -> Catalogue:
    shelves = ["bread", "dairy", "fruit"]
    skus = [f"SKU-{number:03}" for number in range(30)]
    return _Printing(
        [
            {"sku": sku, "title_ru": f"Товар {sku}", "title_en": f"Product {sku}"}
            | {"category_id": shelves[number % 3]}
            for number, sku in enumerate(skus)
        ],
        [{"category_id": one, "title_ru": f"Полка {one}", "title_en": one} for one in shelves],
        [{"sku": sku, "amount_minor": 9900, "currency": "RUB", "version": 1} for sku in skus[1:]],
    )


if __name__ == "__main__":
    with Server(_small(), 9000) as server:
        print("The store is at 127.0.0.1:9000. Every query is a line.", flush=True)
        server.serve_forever()
