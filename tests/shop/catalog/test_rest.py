"""The catalogue over REST: browsing, searching, conditional reads, a change of a price."""

from typing import Any

import httpx
import pytest

from tests.shop.catalog.serving import PRODUCTS, Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = "/api/v1/catalog"


async def skus(desk: Desk, **query: Any) -> list[str]:
    items = (await desk.http.get(PRODUCTS, params=query)).json()["items"]
    return [item["sku"] for item in items]


# ---- reading -----------------------------------------------------------------------------------


async def test_a_product_has_titles_category_price_and_version(desk: Desk) -> None:
    response = await desk.http.get(f"{PRODUCTS}/MILK-001")
    assert response.json() == {
        "sku": "MILK-001",
        "category_id": "dairy",
        "title": {"ru": "Молоко 3,2 %, 1 л", "en": "Milk 3.2 %, 1 l"},
        "price": {"amount_minor": 8990, "currency": "RUB"},
        "version": 1,
        "updated_at": "2026-11-23T10:00:00.123000Z",
    }
    assert (response.headers["etag"], response.headers["cache-control"]) == ('"1"', "max-age=5")


async def test_pages_show_every_product_once_in_the_order_of_skus(desk: Desk) -> None:
    seen: list[str] = []
    path: str | None = f"{PRODUCTS}?limit=25"
    while path:
        response = await desk.http.get(path)
        page = response.json()
        seen += [item["sku"] for item in page["items"]]
        path = page.get("next")
        expected = f'<{path}>; rel="next"' if path else None
        assert response.headers.get("link") == expected
    assert seen == sorted(set(seen))
    assert len(seen) == 60


async def test_a_page_keeps_its_filters_on_the_next_one(desk: Desk) -> None:
    first = await desk.http.get(PRODUCTS, params={"category": "vegetables", "limit": 5})
    second = await desk.http.get(first.json()["next"])
    found = [item["sku"] for page in (first, second) for item in page.json()["items"]]
    assert found == [f"VEG-00{number}" for number in range(1, 10)]
    assert "next" not in second.json()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("молоко", ["MILK-001", "MILK-002"]),
        ("МОЛОК 3", ["MILK-001"]),
        ("milk", ["MEAT-005", "MILK-001", "MILK-002"]),
        ("мед", ["GROC-009"]),
        ("мёд", ["GROC-009"]),
        ("чёрный чай", ["DRNK-004"]),
        ("чай черный", ["DRNK-004"]),
        ("CAFÉ", []),
        ("rye bread", ["BRD-001"]),
        ("йогурт", ["MILK-007"]),
        ("иогурт", []),
        ("молоко мясо", []),
        (".*", []),
        ("!", []),
    ],
)
async def test_a_search_compares_beginnings_of_words_in_both_languages(
    desk: Desk, query: str, expected: list[str]
) -> None:
    assert await skus(desk, query=query) == expected


async def test_a_search_stays_within_a_category(desk: Desk) -> None:
    assert await skus(desk, query="масло") == ["BRD-005", "GROC-008", "MILK-008"]
    assert await skus(desk, query="масло", category="dairy") == ["MILK-008"]


async def test_categories_and_stores_are_told_in_both_languages(desk: Desk) -> None:
    categories = (await desk.http.get(f"{ROOT}/categories")).json()["items"]
    assert len(categories) == 9
    assert categories[0] == {
        "category_id": "dairy",
        "title": {"ru": "Молочное и яйца", "en": "Dairy and eggs"},
    }
    stores = (await desk.http.get(f"{ROOT}/stores")).json()["items"]
    assert [store["store_id"] for store in stores] == [
        "sto_lesnaya",
        "sto_rechnaya",
        "sto_sadovaya",
    ]
    assert stores[0]["address"]["street"] == "Лесная улица"


@pytest.mark.parametrize(
    ("path", "max_age"),
    [
        (f"{PRODUCTS}/BRD-001", 5),
        (f"{PRODUCTS}?limit=3", 5),
        (f"{ROOT}/categories", 300),
        (f"{ROOT}/stores", 300),
    ],
)
async def test_what_the_client_has_is_not_sent_again(desk: Desk, path: str, max_age: int) -> None:
    first = await desk.http.get(path)
    assert first.headers["cache-control"] == f"max-age={max_age}"
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        again = await desk.http.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = await desk.http.get(path, headers={"If-None-Match": '"x"'})
    assert other.status_code == 200


# ---- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "code", "where"),
    [
        ("/products/NONE-000", 404, "product-not-found", None),
        ("/products/milk", 422, "invalid-argument", "/sku"),
        ("/products/MILK-001?fields=all", 422, "invalid-argument", "/fields"),
        ("/products?category=toys", 404, "category-not-found", None),
        ("/products?category=TOYS", 422, "invalid-argument", "/category"),
        ("/products?limit=0", 422, "invalid-argument", "/limit"),
        ("/products?limit=101", 422, "invalid-argument", "/limit"),
        ("/products?limit=many", 422, "invalid-argument", "/limit"),
        ("/products?limit=1.0", 422, "invalid-argument", "/limit"),
        ("/products?limit=1&limit=2", 422, "invalid-argument", "/limit"),
        ("/products?cursor=4d", 422, "invalid-argument", "/cursor"),
        ("/products?query=", 422, "invalid-argument", "/query"),
        ("/products?query=%00", 422, "invalid-argument", "/query"),
        ("/products?query=" + "a" * 101, 422, "invalid-argument", "/query"),
        ("/products?qeury=milk", 422, "invalid-argument", "/qeury"),
        ("/categories?x=1", 422, "invalid-argument", "/x"),
        ("/products/", 404, "no-such-operation", None),
        ("/nothing", 404, "no-such-operation", None),
    ],
)
async def test_a_bad_request_is_told_as_a_problem(
    desk: Desk, path: str, status: int, code: str, where: str | None
) -> None:
    response = await desk.http.get(ROOT + path)
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"/errors/{code}"
    assert [one["where"] for one in problem.get("violations", [])] == ([where] if where else [])


@pytest.mark.parametrize("method", ["POST", "DELETE", "HEAD"])
async def test_other_methods_are_refused(desk: Desk, method: str) -> None:
    response = await desk.http.request(method, PRODUCTS)
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize(
    ("credential", "status", "code"),
    [("Bearer", 401, "unauthenticated"), ("Bearer catalog:read", 403, "forbidden")],
)
async def test_a_price_is_changed_by_those_who_may(
    desk: Desk, credential: str, status: int, code: str
) -> None:
    response = await desk.set_price("FISH-001", 1, 1, Authorization=credential)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert ("www-authenticate" in response.headers) == (status in {401, 403})


# ---- a change of a price -----------------------------------------------------------------------


async def test_a_changed_price_is_seen_by_everybody_at_once(desk: Desk) -> None:
    before = await desk.product("VEG-001")
    # All of it is in the cache now.
    for _ in range(2):
        await desk.http.get(PRODUCTS, params={"category": "vegetables"})
    done = await desk.set_price("VEG-001", 12_345, before["version"])
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert done.json() == {
        **before,
        "price": {"amount_minor": 12_345, "currency": "RUB"},
        "version": 2,
    }
    assert await desk.product("VEG-001") == done.json()
    page = (await desk.http.get(PRODUCTS, params={"category": "vegetables"})).json()
    assert page["items"][0] == done.json()


async def test_two_managers_do_not_overwrite_each_other(desk: Desk) -> None:
    version = (await desk.product("VEG-002"))["version"]
    assert (await desk.set_price("VEG-002", 7_000, version)).status_code == 200
    late = await desk.set_price("VEG-002", 8_000, version)
    assert (late.status_code, late.json()["code"]) == (412, "version-conflict")
    assert late.json()["expected"] == f"version {version + 1}"
    assert (await desk.product("VEG-002"))["price"]["amount_minor"] == 7_000


async def test_repeating_a_change_answers_the_same(desk: Desk) -> None:
    version = (await desk.product("VEG-003"))["version"]
    first = await desk.set_price("VEG-003", 6_100, version)
    again = await desk.set_price("VEG-003", 6_100, version)
    assert (again.status_code, again.json()) == (200, first.json())
    same = await desk.set_price("VEG-003", 6_100, version + 1)
    assert same.json()["version"] == version + 1


@pytest.mark.parametrize("amount", [0, -1, 10_000_001, 2**53 - 1])
async def test_a_senseless_price_is_refused(desk: Desk, amount: int) -> None:
    response = await desk.set_price("VEG-004", amount, 1)
    assert (response.status_code, response.json()["code"]) == (422, "invalid-price")


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "malformed-message"),
        (b"", {}, 400, "malformed-message"),
        (b'{"amount_minor": 1}', {}, 422, "invalid-argument"),
        (b'{"amount_minor": 1.5, "currency": "RUB"}', {}, 422, "invalid-argument"),
        (b'{"amount_minor": 1, "currency": "USD"}', {}, 422, "invalid-argument"),
        (b'{"amount_minor": 1, "currency": "RUB", "x": 1}', {}, 422, "invalid-argument"),
        (b'{"amount_minor": 1e400, "currency": "RUB"}', {}, 422, "invalid-argument"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
        (b" " * 70_000, {}, 413, "message-too-large"),
        (b"{}", {"If-Match": "*"}, 422, "invalid-argument"),
        (b"{}", {"If-Match": 'W/"1"'}, 422, "invalid-argument"),
    ],
)
async def test_a_broken_change_is_refused(
    desk: Desk, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    given = {"Content-Type": "application/json", "If-Match": '"1"', **headers}
    response = await desk.http.put(f"{PRODUCTS}/VEG-005/price", content=body, headers=given)
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_a_change_without_a_condition_is_refused(desk: Desk) -> None:
    response = await desk.http.put(f"{PRODUCTS}/VEG-005/price", json={})
    problem = response.json()
    assert (response.status_code, problem["status"]) == (428, 428)
    assert problem["violations"] == [{"where": "/If-Match", "rule": "required"}]


async def test_nothing_is_changed_of_what_is_not_there(desk: Desk) -> None:
    response: httpx.Response = await desk.set_price("NONE-000", 100, 1)
    assert (response.status_code, response.json()["code"]) == (404, "product-not-found")
