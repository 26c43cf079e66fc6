"""The reconciliation of a whole stand: what its sagas did agrees, what somebody forged does not."""

from collections.abc import Iterator, Mapping
from typing import Any

import grpc
import httpx
import pytest
from bs4 import BeautifulSoup
from zeep import Client
from zeep.wsse.username import UsernameToken

from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from stend.shop.orders.api.rest.translate import request_of
from tests.conftest import LiveStand, stand_of_its_own
from tests.shop.orders.examples import a_request
from tests.waiting import until

_RUNS = "/api/v1/reconciliations"
_ENDED = {"clean", "findings", "incomplete"}


@pytest.fixture(scope="module")
def stand(servers: Mapping[str, str]) -> Iterator[LiveStand]:
    with stand_of_its_own(servers) as stand:
        # Its own run comes when this test is long over; couriers do not dawdle.
        stand.up(STEND_ORDERS_RECONCILE_EVERY_S="3600", STEND_DELIVERY_TIME_SCALE="600")
        yield stand


@pytest.fixture(scope="module")
def http(stand: LiveStand) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stand.url, headers={"Accept-Language": "en"}) as client:
        yield client


def place(http: httpx.Client, **changes: Any) -> str:
    wanted = request_of(a_request(**changes))
    answer = http.post(wanted.path, headers=dict(wanted.headers), content=wanted.body)
    assert answer.status_code == 201, answer.text
    order_id: str = answer.json()["order_id"]
    return order_id


def status(http: httpx.Client, order_id: str) -> str:
    told: str = http.get(f"/api/v1/orders/{order_id}").json()["status"]
    return told


def run(http: httpx.Client) -> dict[str, Any]:
    asked = http.post(_RUNS)
    assert asked.status_code == 202, asked.text
    until(lambda: http.get(asked.headers["location"]).json()["state"] in _ENDED)
    ended: dict[str, Any] = http.get(asked.headers["location"]).json()
    return ended


def test_a_shop_that_works_is_clean_and_what_somebody_forged_is_found(
    stand: LiveStand, http: httpx.Client
) -> None:
    delivered = [place(http) for _ in range(3)]
    declined = place(http, customer_id="cus_Declined")
    cancelled = place(http)
    http.post(f"/api/v1/orders/{cancelled}/cancellation")
    until(lambda: all(status(http, one) == "delivered" for one in delivered))
    until(lambda: status(http, declined) == "failed")
    until(lambda: run(http)["report"]["in_progress"] == 0)

    clean = run(http)
    assert clean["state"] == "clean", clean
    report = clean["report"]
    assert report["orders"] == report["compared"] == 5
    assert sum(one["balance"]["amount_minor"] for one in report["accounts"]) == 0
    assert all(one["reserved"] == 0 for one in report["goods"])
    # The declined one never came as far as the couriers.
    assert report["deliveries"] in {3, 4}

    forge(http, delivered[0])
    nobodys = "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    send_a_courier(stand, nobodys)
    found = run(http)
    assert found["state"] == "findings"
    assert [(one["kind"], one["order_id"]) for one in found["report"]["findings"]] == [
        ("payment-without-order", "found-in-a-drawer"),
        ("delivery-without-order", nobodys),
        ("payment-amount-differs", delivered[0]),
    ]
    the_page_shows_them(http, clean["run_id"], [nobodys, delivered[0]])


def forge(http: httpx.Client, order_id: str) -> None:
    """An accountant's mistakes: a hold for nobody, and a refund of what was delivered."""
    token = UsernameToken("orders", "orders", use_digest=True)
    bank = Client(f"{http.base_url}/soap/bank?wsdl", wsse=token).service
    bank.Authorise(
        payment_ref="found-in-a-drawer", customer_id="cus_1", amount_minor=100, currency="RUB"
    )
    bank.Refund(payment_ref=order_id, amount_minor=100)


def send_a_courier(stand: LiveStand, order_id: str) -> None:
    """For an order that nobody placed."""
    granted = httpx.post(
        f"{stand.url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=("courier", "courier-demo-secret"),
    )
    credential = f"Bearer {granted.json()['access_token']}"
    home = pb.Address(city="Москва", street="Лесная улица", house="7")
    target = f"127.0.0.1:{stand.port_base + 2}"
    with grpc.insecure_channel(target, (("grpc.enable_http_proxy", 0),)) as channel:
        assign = channel.unary_unary(
            "/lavka.delivery.v1.Deliveries/AssignCourier",
            pb.AssignCourierRequest.SerializeToString,
            pb.AssignCourierResponse.FromString,
        )
        request = pb.AssignCourierRequest(order_id=order_id, address=home)
        assign(request, timeout=10, metadata=(("authorization", credential),))


def the_page_shows_them(http: httpx.Client, clean_run: str, order_ids: list[str]) -> None:
    page = BeautifulSoup(http.get("/reconciliation").text, "html.parser")
    rows = page.select(".recon-findings tbody tr")
    assert len(rows) == 1 + len(order_ids)
    for order_id, row in zip(order_ids, rows[1:], strict=True):
        assert order_id in row.text
    assert page.select_one("nav a[href='/reconciliation'][aria-current]")
    former = http.get("/reconciliation", params={"run": clean_run})
    assert "All agrees" in former.text
    assert http.post("/reconciliation/run").status_code == 303


def test_the_api_refuses_what_is_not_in_its_contract(http: httpx.Client) -> None:
    assert http.get(f"{_RUNS}/rec_01ARZ3NDEKTSV4RRFFQ69G5FAV").status_code == 404
    for answer in (
        http.get(f"{_RUNS}/nobody"),
        http.get(_RUNS, params={"limit": 101}),
        http.get(_RUNS, params={"state": "clean"}),
        http.post(_RUNS, json={"full": True}),
    ):
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == "invalid-argument"
