"""Operations that other programs ask the portal for."""

from typing import Any

import httpx
import pytest

from tests.fakes.portal import FakeClient, FakeLender, refused_with_violations


async def _called(http: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await http.post("/stand/calls", json=body)


async def test_what_is_left_out_gets_its_example(http: httpx.AsyncClient) -> None:
    answer = await _called(http, operation="PlaceOrder", over="rest")
    told = answer.json()
    assert (answer.status_code, told["ok"], told["protocol"]) == (200, True, "rest")
    assert told["result"]["order_id"].startswith("ord_")
    assert told["error"] is None
    assert not told["replayed"]


async def test_a_key_that_was_used_is_a_replay(http: httpx.AsyncClient) -> None:
    fields = {"idempotency_key": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}
    first = (await _called(http, operation="PlaceOrder", over="rest", fields=fields)).json()
    again = (await _called(http, operation="PlaceOrder", over="rest", fields=fields)).json()
    assert again["replayed"]
    assert again["result"] == first["result"]


async def test_what_the_shop_refuses_is_an_answer(
    http: httpx.AsyncClient, clients: dict[str, FakeClient]
) -> None:
    clients["rest"].failure = refused_with_violations()
    answer = await _called(http, operation="PlaceOrder", over="rest")
    told = answer.json()
    assert (answer.status_code, told["ok"], told["result"]) == (200, False, None)
    assert told["error"]["code"] == "invalid-argument"
    assert told["error"]["violations"] == [{"where": "/lines/0/quantity", "rule": "1 to 99"}]


async def test_a_page_of_orders(http: httpx.AsyncClient) -> None:
    await _called(http, operation="PlaceOrder", over="rest")
    told = (await _called(http, operation="ListOrders", over="rest")).json()
    assert len(told["result"]["orders"]) == 1


async def test_a_caller_of_the_demo(http: httpx.AsyncClient, lender: FakeLender) -> None:
    await _called(http, operation="ListOrders", over="rest", **{"as": "cus_demo"})
    assert lender.lent == [("rest", "Bearer eyJ.cus.demo")]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"operation": "Buy", "over": "rest"}, "operation is wrong"),
        ({"operation": "TrackOrder", "over": "sse"}, "operation is wrong"),
        ({"operation": "GetOrder", "over": "sse"}, "over is wrong"),
        ({"operation": "GetOrder"}, "over is wrong"),
        ({"operation": "GetOrder", "over": "rest", "who": "me"}, "unknown member"),
        ({"operation": "GetOrder", "over": "rest", "fields": ["order_id"]}, "fields is wrong"),
        ({"operation": "GetOrder", "over": "rest", "fields": {"order_id": 1}}, "fields is wrong"),
        ({"operation": "GetOrder", "over": "rest", "as": 7}, "as is wrong"),
        ({"operation": "GetOrder", "over": "rest", "as": "nobody"}, "knows no such caller"),
        ({"operation": "ListOrders", "over": "rest", "fields": {"limit": "x"}}, "limit"),
    ],
)
async def test_what_cannot_be_called_is_refused(
    http: httpx.AsyncClient, body: dict[str, Any], told: str
) -> None:
    answer = await _called(http, **body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.text
