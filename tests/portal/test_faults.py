"""The page of faults, the banner and the marks on the map, and what each of them refuses."""

import asyncio
import json
from dataclasses import replace

import httpx
import pytest
from bs4 import BeautifulSoup

from stend.portal.faulting.draft import Draft, draft_of, kinds_on, placed_on
from stend.portal.faulting.edges import TappedEdge, edges_of, on_drawn
from stend.portal.map import draw
from stend.portal.pages.home import HomePage
from stend.portal.parts import parts_of
from stend.portal.stand import ServiceView
from stend.portal.wire import TapView
from stend.tap.disturb.catalogue import KINDS
from stend.tap.faults import Edge, Wanted
from stend.tap.recording import Place
from tests.fakes.portal import (
    NGINX_READY,
    ORDERS_READY,
    POSTGRESQL_READY,
    RABBITMQ_READY,
    FakeStand,
    view_of,
)
from tests.fakes.wire import BANK, FakeWire
from tests.portal.looking import part, words

DATABASE_EDGE = "orders:postgresql"
LATENCY = {"on": "orders:payments", "kind": "latency", "latency_ms": "300", "for": "30"}


async def page_at(http: httpx.AsyncClient, path: str) -> BeautifulSoup:
    response = await http.get(path)
    assert response.status_code == 200, response.text
    return BeautifulSoup(response.text, "html.parser")


def value(page: BeautifulSoup, name: str) -> str:
    return str(part(page, f"#f-{name}")["value"])


def tapped(*places: Place, view: FakeStand | None = None) -> tuple[TappedEdge, ...]:
    stand = view or FakeStand(view_of(ORDERS_READY, POSTGRESQL_READY, NGINX_READY))
    taps = [TapView(place, 8100, 0) for place in places]
    return edges_of(taps, draw(parts_of(stand.view())))


def service(name: str) -> ServiceView:
    return ServiceView(name, ORDERS_READY.state, None, ORDERS_READY.endpoints, ())


# ---- edges ----


def test_edges_of_the_map_that_share_a_tap_are_told_together() -> None:
    names = ("orders", "catalog", "identity", "notifications")
    view = FakeStand(view_of(*map(service, names), NGINX_READY))
    edges = tapped(
        Place("nginx", "shop", "http"),
        Place("nginx", "orders", "grpc"),
        Place("client", "nginx", "http"),
        Place("client", "shop", "http"),
        view=view,
    )
    behind = placed_on(edges, "nginx:shop")
    assert behind is not None
    assert {target for _, target in behind.drawn} == {"orders", "catalog", "identity"}
    own, shared = on_drawn(edges, "nginx", "orders")
    assert (own.key, shared.key) == ("nginx:orders", "nginx:shop")
    assert [one.key for one in on_drawn(edges, "client", "nginx")] == ["client:nginx"]
    assert [one.key for one in on_drawn(edges, "notifications", "client")] == ["client:shop"]


def test_consumer_of_a_broker_is_found_against_the_way_of_messages() -> None:
    names = ("orders", "stock", "payments", "notifications")
    view = FakeStand(view_of(*map(service, names), NGINX_READY, RABBITMQ_READY))
    edges = tapped(Place("stock", "rabbitmq", "amqp"), view=view)
    (found,) = on_drawn(edges, "rabbitmq", "stock")
    assert found.edge == Edge("stock", "rabbitmq")


def test_edge_that_is_not_drawn_is_kept() -> None:
    (edge,) = tapped(Place("orders", "nowhere", "grpc"))
    assert (edge.drawn, edge.is_shared, [one.name for one in edge.spoken]) == ((), False, ["gRPC"])


def test_kinds_are_those_that_have_a_meaning() -> None:
    edges = tapped(Place("orders", "postgresql", "postgresql"), Place("orders", "x", "http"))
    database, http = placed_on(edges, DATABASE_EDGE), placed_on(edges, "orders:x")
    assert database is not None
    assert http is not None
    byte_kinds = [one.name for one in KINDS.values() if not one.protocols]
    assert [one.name for one in kinds_on(database)[0]] == byte_kinds
    assert "http_status" not in {one.name for one in kinds_on(database)[1]}
    assert {"http_status", "soap_fault"} <= {one.name for one in kinds_on(http)[1]}


# ---- the form ----


def draft(**given: str) -> Draft:
    edge = TappedEdge(Edge("orders", "payments"), ("http",), (), ())
    return draft_of(edge, given)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("latency_ms", "much"),
        ("latency_ms", "-1"),
        ("latency_ms", "nan"),
        ("latency_ms", ""),
        ("probability", "0"),
        ("probability", "1.5"),
        ("for", "0"),
        ("for", "3601"),
        ("for", "inf"),
        ("seed", "-1"),
        ("seed", "1.5"),
        ("seed", "9007199254740992"),
        ("seed", "٣"),
    ],
)
def test_field_that_cannot_be_read_is_told_with_its_value(name: str, text: str) -> None:
    (wrong,) = draft(kind="latency", **{name: text}).wrong()
    assert (wrong.name, wrong.value) == (name, text)


def test_comma_is_understood_as_a_point() -> None:
    found = draft(kind="latency", latency_ms="1,5", probability="0,25", seed=" 7 ")
    assert found.wrong() == ()
    assert (found.wanted().numbers["latency_ms"], found.wanted().probability) == (1.5, 0.25)
    assert found.wanted().seed == 7


def test_commands_say_what_the_form_says() -> None:
    found = draft(kind="latency", latency_ms="300", probability="0.5", seed="7")
    assert found.command() == (
        "./stend fault set latency --on orders:payments latency_ms=300 jitter_ms=0 "
        "--probability 0.5 --seed 7 --for 60"
    )
    body = json.loads(found.curl("http://h:1").split("--json ")[1].strip("'"))
    assert body == {
        "kind": "latency",
        "source": "orders",
        "target": "payments",
        "numbers": {"latency_ms": 300, "jitter_ms": 0},
        "probability": 0.5,
        "duration_s": 60,
        "seed": 7,
    }


async def test_link_opens_with_edge_kind_and_numbers(http: httpx.AsyncClient) -> None:
    page = await page_at(http, f"/faults?on={DATABASE_EDGE}&kind=slicer&piece_bytes=3&seed=7")
    assert words(page, "#edge-title") == "orders → postgresql"
    assert [one["data-kind"] for one in page.select(".kind[aria-current]")] == ["slicer"]
    assert [value(page, one) for one in ("piece_bytes", "pause_ms", "seed")] == ["3", "5", "7"]
    assert "piece_bytes=3" in words(page, "#same-stend")
    assert part(page, ".hop[aria-current]")["data-edge"] == DATABASE_EDGE


async def test_unknown_edge_and_kind_are_told(http: httpx.AsyncClient) -> None:
    page = await page_at(http, "/faults?on=a:b")
    assert "a:b" in words(page, "#fault-panel .err")
    page = await page_at(http, f"/faults?on={DATABASE_EDGE}&kind=http_status")
    assert "http_status" in words(page, "#fault-panel .err")


async def test_form_sets_a_fault_and_goes_on_by_a_redirect(
    http: httpx.AsyncClient, wire: FakeWire
) -> None:
    response = await http.post("/faults", data=LATENCY)
    assert response.status_code == 303
    (fault,) = wire.faults.active()
    assert (fault.edge, fault.kind.name) == (Edge("orders", "payments"), "latency")
    page = await page_at(http, response.headers["location"])
    assert value(page, "latency_ms") == "300"
    assert words(page, "#active tbody tr").startswith("orders → payments Latency latency_ms=300")
    assert words(page, "#active [data-left]") == "0:30"
    assert str(fault.seed) in words(page, "#active tbody")


async def test_refusal_stands_in_the_page(http: httpx.AsyncClient, wire: FakeWire) -> None:
    response = await http.post("/faults", data={**LATENCY, "latency_ms": "<b>"})
    assert response.status_code == 422
    page = BeautifulSoup(response.text, "html.parser")
    said = "got “<b>”, expected: a number from 0 to 60000"
    assert part(page, "#e-latency_ms").get_text().strip() == said
    assert value(page, "latency_ms") == "<b>"
    assert wire.faults.active() == ()


async def test_what_the_faults_refuse_is_told_with_value_and_expectation(
    http: httpx.AsyncClient, wire: FakeWire
) -> None:
    for _ in range(32):
        wire.faults.set(Wanted("latency", Edge("orders", "payments")))
    response = await http.post("/faults", data=LATENCY, headers={"HX-Request": "true"})
    assert response.status_code == 200
    page = BeautifulSoup(response.text, "html.parser")
    assert "at most 32 at once" in words(page, ".err")


async def test_one_and_all_are_cleared(http: httpx.AsyncClient, wire: FakeWire) -> None:
    for _ in range(3):
        await http.post("/faults", data=LATENCY)
    first = wire.faults.active()[0]
    response = await http.post("/faults/clear", data={"id": first.id, "back": "/tokens?a=1"})
    assert (response.status_code, response.headers["location"]) == (303, "/tokens?a=1")
    assert len(wire.faults.active()) == 2
    await http.post("/faults/clear", data={})
    assert wire.faults.active() == ()


@pytest.mark.parametrize("back", ["", "//evil", "/\\evil", "http://evil", "/a\nb"])
async def test_nobody_is_sent_elsewhere(http: httpx.AsyncClient, back: str) -> None:
    response = await http.post("/faults/clear", data={"id": "f9", "back": back})
    assert response.headers["location"] == "/faults"


# ---- every page ----


@pytest.mark.parametrize("path", ["/", "/tokens", "/errors", "/faults", "/nowhere"])
async def test_banner_is_on_every_page_and_works_without_scripts(
    http: httpx.AsyncClient, wire: FakeWire, path: str
) -> None:
    before = BeautifulSoup((await http.get(path)).text, "html.parser")
    assert not before.select(".banner")
    fault = wire.faults.set(Wanted("latency", Edge("orders", "payments"), seed=42))
    page = BeautifulSoup((await http.get(path)).text, "html.parser")
    said = words(page, ".banner")
    assert "orders → payments , Latency · seed 42" in said
    assert "reverts in 1:00" in said
    form = part(page, ".banner form")
    fields = {str(one["name"]): str(one["value"]) for one in form.select("input")}
    assert (form["action"], fields) == ("/faults/clear", {"id": fault.id, "back": path})


async def test_banner_counts_the_others(http: httpx.AsyncClient, wire: FakeWire) -> None:
    for _ in range(3):
        wire.faults.set(Wanted("latency", Edge("orders", "payments")))
    page = await page_at(http, "/stand/fragment/banner")
    assert part(page, ".banner a")["href"] == "/faults#active"
    assert "and 2 more" in words(page, ".banner")


async def test_map_is_marked_on_both_pages_by_icon_and_dash(
    http: httpx.AsyncClient, wire: FakeWire
) -> None:
    wire.faults.set(Wanted("latency", Edge("*", "postgresql")))
    for path in ("/", "/faults"):
        page = await page_at(http, path)
        assert len(page.select(".map .struck")) == len(page.select(".map .bolt")) == 1
    assert "Latency" in str(part(page, "#edge-orders-postgresql")["aria-label"])


async def test_taps_that_are_off_are_told_of(http: httpx.AsyncClient, wire: FakeWire) -> None:
    wire.places = ()
    page = await page_at(http, "/faults")
    assert "--no-tap" in words(page, "#off")
    assert not page.select("#fault-form")


async def test_nothing_set_and_nothing_chosen_are_told(http: httpx.AsyncClient) -> None:
    page = await page_at(http, "/faults")
    assert words(page, "#active p") == "No fault is set: traffic passes as it is."
    assert words(page, "#edge-title") == "Choose an edge"
    assert [one["data-edge"] for one in page.select(".hop:not([tabindex])")] == ["client:shop"]


async def test_set_and_cleared_are_told_over_the_stream_at_once(
    stand: FakeStand, wire: FakeWire
) -> None:
    page = HomePage(stand, None, {}, wire.wire)  # type: ignore[arg-type] # renders nothing
    frames = page._frames()
    assert await anext(frames) == "event: changed\ndata: \n\n"
    waiting = asyncio.ensure_future(anext(frames))
    await stand.listened.wait()
    async with asyncio.timeout(0.2):
        fault = wire.faults.set(Wanted("latency", Edge(BANK.source, BANK.target)))
        assert await waiting == "event: faults\ndata: \n\n"
        wire.faults.clear(fault.id)
        assert await anext(frames) == "event: faults\ndata: \n\n"
    stand.end()
    with pytest.raises(StopAsyncIteration):
        await anext(frames)


async def test_edge_of_which_no_protocol_is_known_yet_is_drawn(
    http: httpx.AsyncClient, stand: FakeStand
) -> None:
    stand.show(view_of(replace(ORDERS_READY, endpoints=()), POSTGRESQL_READY))
    for path in ("/", "/faults"):
        assert (await page_at(http, path)).select(".map .edge")
