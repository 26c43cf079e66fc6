"""The service in a process of its own, called over a socket and held against schema.graphql."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes

from catalogue import Catalogue, ProductRow
from service import Context, Loaders, make_schema

HERE = Path(__file__).parent
Ask = Callable[..., dict[str, Any]]
SET_PRICE = """
mutation ($sku: ID!, $price: Int!, $version: Int!) {
  setPrice(sku: $sku, priceMinor: $price, version: $version) {
    __typename
    ... on Product { priceMinor version }
    ... on PriceConflict { current { priceMinor version } }
  }
}
"""


@contextmanager
def started(folder: Path) -> Iterator[Ask]:
    environment = {**os.environ, "PORT": "0", "DATABASE": str(folder / "catalogue.db")}
    command = [sys.executable, str(HERE / "service.py")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[-1]

        def ask(query: str, **variables: object) -> dict[str, Any]:
            answer = http.post(url, json={"query": query, "variables": variables})
            told: dict[str, Any] = answer.raise_for_status().json()
            return told

        try:
            with httpx.Client(timeout=30, trust_env=False) as http:
                yield ask
        finally:
            process.terminate()
            # uvicorn ends in order and then tells its parent which signal it was.
            assert process.wait(timeout=20) in {0, -signal.SIGTERM}


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    with started(tmp_path_factory.mktemp("graphql")) as ask:
        yield ask


def set_price(ask: Ask, sku: str, price: int, version: int) -> dict[str, Any]:
    told: dict[str, Any] = ask(SET_PRICE, sku=sku, price=price, version=version)["data"]["setPrice"]
    return told


def test_the_code_serves_the_contract() -> None:
    contract = build_schema((HERE / "schema.graphql").read_text(encoding="utf-8"))
    served = build_schema(make_schema().as_str())
    for one, other in ((contract, served), (served, contract)):
        assert [*find_breaking_changes(one, other), *find_dangerous_changes(one, other)] == []


def test_a_product_is_read_with_its_category(ask: Ask) -> None:
    answer = ask('{ product(sku: "MILK-1") { name priceMinor category { name } } }')
    milk = {"name": "Milk", "priceMinor": 8990, "category": {"name": "Dairy"}}
    assert answer == {"data": {"product": milk}}
    assert ask('{ product(sku: "NONE") { name } }') == {"data": {"product": None}}


def test_pages_show_every_product_once(ask: Ask) -> None:
    query = "query ($after: ID) { products(first: 2, after: $after) { items { sku } next } }"
    seen: list[str] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        page = ask(query, after=page["next"])["data"]["products"]
        seen += [item["sku"] for item in page["items"]]
    assert seen == ["BREAD-1", "BUN-1", "KEFIR-1", "MILK-1", "YOGURT-1"]


def test_a_level_of_the_query_is_one_read_of_the_catalogue(tmp_path: Path) -> None:
    class Counted(Catalogue):
        reads: list[str] = []

        def categories(self, ids: Sequence[str]) -> dict[str, str]:
            self.reads.append("categories")
            return super().categories(ids)

        def of_categories(self, ids: Sequence[str]) -> dict[str, list[ProductRow]]:
            self.reads.append("of_categories")
            return super().of_categories(ids)

    catalogue = Counted(str(tmp_path / "catalogue.db"))
    query = "{ products { items { category { name products { name } } } } }"
    context = Context(Loaders(catalogue))
    result = asyncio.run(make_schema().execute(query, context_value=context))
    assert result.errors is None
    assert sorted(catalogue.reads) == ["categories", "of_categories"]


def test_a_price_is_set_once_and_a_repeat_answers_the_same(ask: Ask) -> None:
    for _ in range(2):
        told = set_price(ask, "BUN-1", 3190, 1)
        assert told == {"__typename": "Product", "priceMinor": 3190, "version": 2}


def test_who_has_read_an_old_version_is_told(ask: Ask) -> None:
    set_price(ask, "KEFIR-1", 100, 1)
    told = set_price(ask, "KEFIR-1", 200, 1)
    assert told["__typename"] == "PriceConflict"
    assert told["current"] == {"priceMinor": 100, "version": 2}


@pytest.mark.parametrize(
    ("sku", "price", "kind"), [("NONE", 1, "ProductNotFound"), ("MILK-1", 0, "BadPrice")]
)
def test_refusals_are_types_of_the_contract(ask: Ask, sku: str, price: int, kind: str) -> None:
    assert set_price(ask, sku, price, 1) == {"__typename": kind}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("{ products(first: 51) { next } }", "from 1 to 50"),
        ("{ products(first: 0) { next } }", "from 1 to 50"),
        ("{ nothing }", "Cannot query field 'nothing'"),
        ("{", "Syntax Error"),
        ("{ " + " ".join(f"a{n}: products {{ next }}" for n in range(11)) + " }", "11 aliases"),
        ("{ products { items { category { " + "products { category { " * 3, "Syntax Error"),
        ("{ " + "products " * 1000 + "}", "more than 1000 tokens"),
    ],
)
def test_what_is_wrong_or_too_much_is_refused(ask: Ask, query: str, told: str) -> None:
    answer = ask(query)
    assert told in answer["errors"][0]["message"]
    assert not answer.get("data")


def test_a_query_may_not_be_deep(ask: Ask) -> None:
    def query(levels: int) -> str:
        inner = "name"
        for _ in range(levels):
            inner = f"category {{ products {{ {inner} }} }}"
        return f"{{ products {{ items {{ {inner} }} }} }}"

    assert "errors" not in ask(query(2))
    assert "exceeds maximum operation depth" in ask(query(3))["errors"][0]["message"]


def test_prices_outlive_the_process(tmp_path: Path) -> None:
    with started(tmp_path) as ask:
        set_price(ask, "MILK-1", 9990, 1)
    with started(tmp_path) as ask:
        answer = ask('{ product(sku: "MILK-1") { priceMinor } }')
        assert answer["data"]["product"]["priceMinor"] == 9990
