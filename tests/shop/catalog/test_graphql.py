"""The storefront's GraphQL: the same catalogue, many shelves in one request."""

from typing import Any

import pytest
import pytest_asyncio
from pymongo import MongoClient

from tests.shop.catalog.serving import GRAPHQL, PRODUCTS, Desk, Engines

pytestmark = pytest.mark.asyncio(loop_scope="module")
EVERYTHING = """{
  categories { categoryId title(language: EN) products(first: 20) {
    sku title price { amountMinor currency } category { title } } } }"""


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _cold_cache(desk: Desk) -> None:
    await desk.service._cache.invalidate()


async def test_a_product_is_told_in_the_language_that_is_wished(desk: Desk) -> None:
    query = """query($s: ID!) { product(sku: $s) { sku ru: title en: title(language: EN) version
        updatedAt price { amountMinor currency } category { categoryId title(language: EN) } } }"""
    assert (await desk.graphql(query, s="MILK-003"))["data"]["product"] == {
        "sku": "MILK-003",
        "ru": "Кефир 2,5 %, 930 г",
        "en": "Kefir 2.5 %, 930 g",
        "version": 1,
        "updatedAt": "2026-11-23T10:00:00.123000Z",
        "price": {"amountMinor": 9290, "currency": "RUB"},
        "category": {"categoryId": "dairy", "title": "Dairy and eggs"},
    }


async def test_pages_and_searches_are_those_of_rest(desk: Desk) -> None:
    query = """query($q: String, $after: String) { products(query: $q, first: 2, after: $after) {
        edges { cursor node { sku } } pageInfo { hasNextPage endCursor } } }"""
    first = (await desk.graphql(query, q="milk"))["data"]["products"]
    assert [edge["node"]["sku"] for edge in first["edges"]] == ["MEAT-005", "MILK-001"]
    assert first["pageInfo"] == {"hasNextPage": True, "endCursor": first["edges"][1]["cursor"]}
    over_rest = (await desk.http.get(PRODUCTS, params={"query": "milk", "limit": 2})).json()
    assert over_rest["next"].endswith(f"cursor={first['pageInfo']['endCursor']}")
    second = await desk.graphql(query, q="milk", after=first["pageInfo"]["endCursor"])
    assert second["data"]["products"]["pageInfo"]["hasNextPage"] is False
    nothing = (await desk.graphql(query, q="!"))["data"]["products"]
    assert nothing == {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


async def test_stores_have_an_address_and_a_place(desk: Desk) -> None:
    query = "{ stores { storeId title address { street } location { latitude longitude } } }"
    stores = (await desk.graphql(query))["data"]["stores"]
    assert len(stores) == 3
    assert stores[0] == {
        "storeId": "sto_lesnaya",
        "title": "Лавка на Лесной",
        "address": {"street": "Лесная улица"},
        "location": {"latitude": 55.74539, "longitude": 37.609574},
    }


async def test_all_shelves_with_all_products_cost_two_commands(
    desk: Desk, engines: Engines
) -> None:
    with MongoClient[dict[str, Any]](engines.mongo_url("")) as observer:
        await desk.graphql("{ stores { storeId } }")

        def counters() -> dict[str, int]:
            found: dict[str, int] = observer.admin.command("serverStatus")["opcounters"]
            return found

        before = counters()
        answer = await desk.graphql(EVERYTHING)
        after = counters()
    shelves = answer["data"]["categories"]
    assert sum(len(shelf["products"]) for shelf in shelves) == 60
    titles = [product["category"] for shelf in shelves for product in shelf["products"]]
    assert all(titles)
    # One aggregate and the observer's own question; a find of the categories.
    assert (after["command"] - before["command"], after["query"] - before["query"]) == (2, 1)


async def test_shelves_of_different_lengths_are_read_together(desk: Desk) -> None:
    query = (
        """{ categories { short: products(first: 1) { sku } long: products(first: 3) { sku } } }"""
    )
    dairy = (await desk.graphql(query))["data"]["categories"][0]
    assert [one["sku"] for one in dairy["short"]] == ["MILK-001"]
    assert [one["sku"] for one in dairy["long"]] == ["MILK-001", "MILK-002", "MILK-003"]


async def test_a_price_is_changed_and_seen_at_once(desk: Desk) -> None:
    read = '{ product(sku: "GROC-007") { version price { amountMinor } } }'
    before = (await desk.graphql(read))["data"]["product"]
    change = """mutation($v: Int!) { changePrice(input: {
        sku: "GROC-007", price: {amountMinor: 3190}, expectedVersion: $v }) {
        product { version price { amountMinor } } } }"""
    done = await desk.graphql(change, v=before["version"])
    after = {"version": before["version"] + 1, "price": {"amountMinor": 3190}}
    assert done["data"]["changePrice"]["product"] == after
    assert (await desk.graphql(read))["data"]["product"] == after
    conflict = await desk.graphql(change, v=before["version"] + 7)
    assert (conflict["data"], codes(conflict)) == ({"changePrice": None}, ["version-conflict"])


@pytest.mark.parametrize(
    ("query", "code", "where"),
    [
        ('{ product(sku: "NONE-000") { sku } }', "product-not-found", []),
        ('{ product(sku: "milk") { sku } }', "invalid-argument", ["/sku"]),
        ('{ products(category: "toys") { edges { cursor } } }', "category-not-found", []),
        (
            '{ products(first: 0, after: "x") { edges { cursor } } }',
            "invalid-argument",
            ["/first", "/after"],
        ),
        ("{ categories { products(first: 21) { sku } } }", "invalid-argument", ["/first"]),
    ],
)
async def test_a_refusal_has_its_code_and_its_fields(
    desk: Desk, query: str, code: str, where: list[str]
) -> None:
    answer = await desk.graphql(query)
    assert set(codes(answer)) == {code}
    violations = answer["errors"][0]["extensions"].get("violations", [])
    assert [one["where"] for one in violations] == where


@pytest.mark.parametrize("amount", [0, -5, 10_000_001])
async def test_a_senseless_price_is_refused(desk: Desk, amount: int) -> None:
    change = """mutation($m: MinorUnits!) { changePrice(input: {
        sku: "GROC-001", price: {amountMinor: $m}, expectedVersion: 1 }) { product { sku } } }"""
    assert codes(await desk.graphql(change, m=amount)) == ["invalid-price"]
    assert codes(await desk.graphql(change, m=2**53)) == ["invalid-argument"]


async def test_writing_needs_its_own_scope(desk: Desk) -> None:
    change = """mutation { changePrice(input: {
        sku: "GROC-001", price: {amountMinor: 1}, expectedVersion: 1 }) { product { sku } } }"""
    reader = {"Authorization": "Bearer catalog:read"}
    answer = (await desk.http.post(GRAPHQL, json={"query": change}, headers=reader)).json()
    assert codes(answer) == ["forbidden"]
    read = {"query": '{ product(sku: "GROC-001") { version } }'}
    answer = (await desk.http.post(GRAPHQL, json=read, headers=reader)).json()
    assert answer["data"]["product"] == {"version": 1}


async def test_a_bomb_of_shelves_inside_products_inside_shelves_is_refused(desk: Desk) -> None:
    deep = "sku"
    for _ in range(6):
        deep = f"category {{ products {{ {deep} }} }}"
    answer = await desk.graphql("{ products { edges { node { " + deep + " } } } }")
    assert "levels of fields" in answer["errors"][0]["extensions"]["value"]
    wide = "category { products(first: 20) { category { products(first: 20) { sku } } } }"
    answer = await desk.graphql("{ products(first: 100) { edges { node { " + wide + " } } } }")
    assert answer["errors"][0]["extensions"]["value"].startswith("cost: ")
