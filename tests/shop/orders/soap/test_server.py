"""The server alone, without sockets: who may call, what it waits for, how it fails."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from lxml import etree

from stend.chassis.access import Caller
from stend.chassis.intake import Intake
from stend.chassis.soap.envelope import SoapVersion
from stend.chassis.soap.security import JWT, WSSE, WSU
from stend.kit.clock import rfc3339
from stend.kit.errors import EdgeErrorCode, StendError, unavailable
from stend.shop.orders.api.soap.server import PATH, contract, create_app
from stend.shop.orders.api.soap.translate import NAMESPACE as NS
from stend.shop.orders.domain import Order, OrderStatus
from stend.shop.orders.usecases import CancelOrder, Orders
from tests.fakes.orders import (
    MORNING,
    CountingIds,
    HandClock,
    MemoryOrderFeed,
    MemoryOrderStore,
    memory_shop,
)
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request
from tests.waiting import until_async


@dataclass
class Guard:
    """Lets through who has shown the word; keeps what it was asked."""

    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def allow(self, scope: str, credential: str | None) -> Caller:
        self.asked.append((scope, credential))
        if credential is None:
            raise StendError(EdgeErrorCode.UNAUTHENTICATED, "Who are you?")
        if credential != "Bearer good":
            raise StendError(EdgeErrorCode.FORBIDDEN, "Not you.")
        return Caller("somebody", frozenset({scope}))


@dataclass
class Served:
    http: httpx.AsyncClient
    guard: Guard

    async def say(
        self,
        operation: str,
        inside: str,
        header: str = "",
        version: SoapVersion = SoapVersion.SOAP_11,
        credential: str | None = "Bearer good",
    ) -> httpx.Response:
        raw = (
            f'<s:Envelope xmlns:s="{version.namespace}"><s:Header>{header}</s:Header><s:Body>'
            f'<{operation} xmlns="{NS}">{inside}</{operation}></s:Body></s:Envelope>'
        )
        headers = {"Content-Type": version.media_type, "SOAPAction": f'"{NS}:{operation}"'}
        if credential is not None:
            headers["Authorization"] = credential
        return await self.http.post(PATH, content=raw.encode(), headers=headers)


def serve(orders: Orders, deadline_s: float = 5) -> Served:
    guard = Guard()
    app = create_app(
        orders.on_behalf_of, 65_536, Intake("orders", "soap", guard, deadline_s), HandClock()
    )
    transport = httpx.ASGITransport(app=app)
    return Served(httpx.AsyncClient(transport=transport, base_url="http://shop"), guard)


SHOP = memory_shop()


@pytest_asyncio.fixture
async def served() -> AsyncIterator[Served]:
    one = serve(SHOP.orders)
    yield one
    await one.http.aclose()


async def an_order(status: OrderStatus = OrderStatus.PLACED) -> Order:
    order = (await SHOP.orders.place_order(a_request())).order
    if status is OrderStatus.CANCELLED:
        return await SHOP.orders.cancel_order(CancelOrder(order.order_id))
    return order


def code_of(response: httpx.Response) -> str:
    return etree.fromstring(response.content).findtext(f".//{{{NS}}}code") or ""


def batch_of(response: httpx.Response) -> tuple[list[str], str]:
    root = etree.fromstring(response.content)
    contract().check(root[0][0])
    versions = [one.text or "" for one in root.iter(f"{{{NS}}}version")]
    return versions, root.findtext(f".//{{{NS}}}final") or ""


# ---- who may call ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "scope"),
    [
        ("GetOrder", "orders:read"),
        ("ListOrders", "orders:read"),
        ("GetOrderEvents", "orders:read"),
        ("PlaceOrder", "orders:write"),
        ("CancelOrder", "orders:write"),
    ],
)
async def test_every_operation_asks_for_its_scope_before_it_looks_at_the_message(
    served: Served, operation: str, scope: str
) -> None:
    for credential, code in ((None, "unauthenticated"), ("Bearer bad", "forbidden")):
        response = await served.say(operation, "<nonsense/>", credential=credential)
        assert (response.status_code, code_of(response)) == (500, code)
    assert served.guard.asked == [(scope, None), (scope, "Bearer bad")]


async def test_a_token_may_come_in_the_header_of_ws_security(served: Served) -> None:
    token = (
        f'<w:Security xmlns:w="{WSSE}" s:mustUnderstand="1">'
        f'<w:BinarySecurityToken ValueType="{JWT}">good</w:BinarySecurityToken></w:Security>'
    )
    inside = f"<order_id>{(await an_order()).order_id}</order_id>"
    response = await served.say("GetOrder", inside, token, credential=None)
    assert response.status_code == 200
    assert served.guard.asked == [("orders:read", "Bearer good")]
    twice = await served.say("GetOrder", inside, token)
    assert code_of(twice) == "unauthenticated"


async def test_an_expired_timestamp_is_refused(served: Served) -> None:
    stamp = (
        f'<w:Security xmlns:w="{WSSE}" xmlns:u="{WSU}"><u:Timestamp><u:Expires>'
        f"{rfc3339(MORNING - timedelta(seconds=1))}</u:Expires></u:Timestamp></w:Security>"
    )
    response = await served.say("ListOrders", "", stamp)
    assert etree.fromstring(response.content).findtext(".//faultcode") == "wsu:MessageExpired"


# ---- following ---------------------------------------------------------------------------------


async def test_events_that_are_there_come_at_once(served: Served) -> None:
    order = await an_order(OrderStatus.CANCELLED)
    inside = f"<order_id>{order.order_id}</order_id>"
    assert batch_of(await served.say("GetOrderEvents", inside)) == (["1", "2"], "true")
    after = inside + "<after_version>1</after_version><wait_s>20</wait_s>"
    assert batch_of(await served.say("GetOrderEvents", after)) == (["2"], "true")
    over = inside + "<after_version>2</after_version><wait_s>20</wait_s>"
    assert batch_of(await served.say("GetOrderEvents", over)) == ([], "true")


async def test_without_waiting_an_order_at_rest_has_no_news(served: Served) -> None:
    order = await an_order()
    inside = f"<order_id>{order.order_id}</order_id><after_version>1</after_version>"
    assert batch_of(await served.say("GetOrderEvents", inside)) == ([], "false")
    assert SHOP.feed.subscribers == 0


async def test_a_caller_who_waits_hears_of_it_when_it_happens(served: Served) -> None:
    order = await an_order()
    inside = (
        f"<order_id>{order.order_id}</order_id><after_version>1</after_version><wait_s>20</wait_s>"
    )
    waiting = asyncio.create_task(served.say("GetOrderEvents", inside))
    await until_async(lambda: SHOP.feed.subscribers == 1)
    await SHOP.orders.cancel_order(CancelOrder(order.order_id))
    assert batch_of(await waiting) == (["2"], "true")
    assert SHOP.feed.subscribers == 0


async def test_an_unknown_order_is_refused_and_not_waited_for(served: Served) -> None:
    inside = f"<order_id>{UNKNOWN_ORDER}</order_id><wait_s>20</wait_s>"
    assert code_of(await served.say("GetOrderEvents", inside)) == "order-not-found"


# ---- what fails --------------------------------------------------------------------------------


@dataclass(slots=True)
class FailingStore(MemoryOrderStore):
    failure: Exception | None = None

    async def get(self, order_id: str) -> Order | None:
        if self.failure:
            raise self.failure
        await asyncio.Event().wait()
        return None


FAILURES = (
    (unavailable("PostgreSQL", "gone"), "unavailable"),
    (RuntimeError("s3cret"), "internal"),
    (None, "deadline-exceeded"),
)


@pytest.mark.parametrize("version", SoapVersion, ids=lambda one: one.value[0])
@pytest.mark.parametrize(("failure", "code"), FAILURES, ids=[code for _, code in FAILURES])
@pytest.mark.parametrize("operation", ["GetOrder", "GetOrderEvents"])
async def test_what_the_server_cannot_do_now_is_its_own_fault(
    version: SoapVersion, failure: Exception | None, code: str, operation: str
) -> None:
    feed = MemoryOrderFeed()
    store = FailingStore(feed, failure=failure)
    one = serve(Orders(store, feed, HandClock(), CountingIds()), deadline_s=0.05)
    response = await one.say(operation, f"<order_id>{UNKNOWN_ORDER}</order_id>", version=version)
    await one.http.aclose()
    assert (response.status_code, code_of(response)) == (500, code)
    side = {SoapVersion.SOAP_11: "soap:Server", SoapVersion.SOAP_12: "soap:Receiver"}[version]
    assert side in response.text
    assert "s3cret" not in response.text


async def test_a_text_that_xml_cannot_carry_is_told_and_not_changed(served: Served) -> None:
    order = await an_order()
    SHOP.store.orders[order.order_id] = replace(
        order, address=replace(order.address, comment="a\uffffb")
    )
    response = await served.say("GetOrder", f"<order_id>{order.order_id}</order_id>")
    assert (response.status_code, code_of(response)) == (500, "internal")
    assert "cannot carry" in response.text


async def test_the_contract_is_served_with_the_callers_address(served: Served) -> None:
    text = (await served.http.get(f"{PATH}?wsdl")).text
    assert text.count('location="http://shop/soap/orders"') == 2
    assert (await served.http.get(f"{PATH}?xsd=orders.xsd")).status_code == 200
