"""The stand: map, table, panel, and the events that keep them live."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from bs4 import BeautifulSoup

from stend.portal.events import beating
from stend.portal.layout import HOPS, PLACES
from stend.portal.pages.home import HomePage
from stend.portal.parts import short_address
from stend.portal.stand import Endpoint, EngineLabel, NoTap, PartState, StandView
from tests.fakes.portal import (
    FAILED,
    KAFKA_READY,
    NGINX_READY,
    ORDERS_READY,
    POSTGRESQL_READY,
    RABBITMQ_READY,
    STARTING,
    FakeStand,
    view_of,
)
from tests.fakes.wire import FakeWire


async def home(http: httpx.AsyncClient, query: str = "") -> BeautifulSoup:
    return BeautifulSoup((await http.get(f"/{query}")).text, "html.parser")


def text_of(page: BeautifulSoup, selector: str) -> str:
    element = page.select_one(selector)
    assert element is not None, selector
    return " ".join(element.get_text(" ", strip=True).split())


async def test_map_shows_the_parts_that_exist_and_no_others(http: httpx.AsyncClient) -> None:
    page = await home(http)
    assert [node["data-part"] for node in page.select(".map .node")] == ["orders", "postgresql"]
    assert text_of(page, ".map .ext") == "Client"
    assert [edge.select_one(".w") is not None for edge in page.select(".map .edge")] == [True, True]
    wires = [str(wire["class"]) for wire in page.select(".map .edge:nth-of-type(1) .w")]
    assert len(wires) == 3
    assert text_of(page, "#stand-state") == "2 of 2 ready"


async def test_chosen_part_has_an_address(http: httpx.AsyncClient) -> None:
    page = await home(http, "?part=postgresql")
    assert text_of(page, "#part-title") == "PostgreSQL"
    assert text_of(page, ".side .tier") == "real"
    assert "18.1" in text_of(page, ".side .facts")
    assert "31.4\u00a0MB" in page.select(".side .facts")[0].get_text()
    current = page.select_one(".map [aria-current]")
    assert current is not None
    assert current["data-part"] == "postgresql"
    assert page.select_one(".acts") is None


async def test_unknown_part_is_said_and_shown_harmless(http: httpx.AsyncClient) -> None:
    page = await home(http, "?part=<b>mongo</b>")
    assert "<b>mongo</b>" in text_of(page, ".side .note")
    assert text_of(page, "#part-title") == "orders"


async def test_both_ways_to_a_part_can_be_copied(http: httpx.AsyncClient) -> None:
    page = await home(http)
    direct = [button["data-copy"] for button in page.select(".addr .by-direct")]
    tapped = [button["data-copy"] for button in page.select(".addr .by-tap")]
    assert direct[0] == "http://127.0.0.1:8000/api/v1"
    assert tapped[0] == "http://127.0.0.1:8100/api/v1"
    assert len(direct) == len(tapped) == 3


async def test_without_a_tap_there_is_no_choice(http: httpx.AsyncClient, stand: FakeStand) -> None:
    untapped = replace(POSTGRESQL_READY, tapped_url=None)
    stand.show(view_of(ORDERS_READY, untapped))
    page = await home(http, "?part=postgresql")
    assert not page.select("[data-route], .by-tap, .by-direct")
    assert len(page.select(".addr .copy")) == 1


@pytest.mark.parametrize(
    ("view", "summary", "chosen"),
    [
        (STARTING, "0 of 2 ready", "orders"),
        (FAILED, "0 of 2 ready", "PostgreSQL"),
    ],
)
async def test_what_works_least_is_shown_first(
    http: httpx.AsyncClient, stand: FakeStand, view: StandView, summary: str, chosen: str
) -> None:
    stand.show(view)
    page = await home(http)
    assert text_of(page, "#stand-state") == summary
    assert text_of(page, "#part-title") == chosen


async def test_failed_part_says_why_and_what_next(
    http: httpx.AsyncClient, stand: FakeStand
) -> None:
    stand.show(FAILED)
    page = await home(http)
    said = text_of(page, ".side .err")
    assert "Port 8010 is taken" in said
    assert page.select_one('.side .err [data-copy="./stend logs"]') is not None
    assert text_of(page, ".map #node-postgresql .sub").startswith("failed")


async def test_part_that_is_not_meant_to_run_says_why_and_disturbs_nobody(
    http: httpx.AsyncClient, stand: FakeStand
) -> None:
    missing = replace(NGINX_READY, state=PartState.STOPPED, version=None, reason="no wheel here")
    stand.show(view_of(ORDERS_READY, POSTGRESQL_READY, missing))
    page = await home(http)
    assert text_of(page, "#stand-state") == "2 of 2 ready"
    assert text_of(page, "#part-title") == "orders"
    assert [node["data-part"] for node in page.select(".map .node")] == ["orders", "postgresql"]
    page = await home(http, "?part=nginx")
    said = text_of(page, ".side .err")
    assert "no wheel here" in said
    assert "works without" in said
    assert not page.select(".side .addr")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("ru", ["нет потоков: объявление — ошибка", "нет <shovel>"]),
        ("en", ["no streams: refused", "no <shovel>"]),
    ],
)
async def test_limits_of_an_engine_are_listed_in_the_language_of_the_page(
    http: httpx.AsyncClient, stand: FakeStand, language: str, told: list[str]
) -> None:
    stand.show(view_of(ORDERS_READY, POSTGRESQL_READY, RABBITMQ_READY))
    page = await home(http, f"?part=rabbitmq&lang={language}")
    assert [line.get_text() for line in page.select(".side .limits li")] == told
    assert page.select_one(".side #limit-streams") is not None
    page = await home(http, f"?part=postgresql&lang={language}")
    assert not page.select(".side .limits")


async def test_second_address_of_an_engine_is_shown_too(
    http: httpx.AsyncClient, stand: FakeStand
) -> None:
    stand.show(view_of(ORDERS_READY, RABBITMQ_READY))
    page = await home(http, "?part=rabbitmq")
    direct = [button["data-copy"] for button in page.select(".addr .by-direct")]
    assert direct == ["amqp://lavka:lavka@127.0.0.1:8014/", "http://127.0.0.1:8018"]
    tags = [tag.get_text() for tag in page.select(".addr .tag")]
    assert tags == ["AMQP", "HTTP API"]
    row = page.select_one("tr:has(#row-rabbitmq)")
    assert row is not None
    assert ":8014 :8018" in row.get_text(" ")


async def test_every_broker_has_its_address(http: httpx.AsyncClient, stand: FakeStand) -> None:
    stand.show(view_of(ORDERS_READY, KAFKA_READY))
    page = await home(http, "?part=kafka")
    direct = [button["data-copy"] for button in page.select(".addr .by-direct")]
    tapped = [button["data-copy"] for button in page.select(".addr .by-tap")]
    assert direct == ["127.0.0.1:8015", "127.0.0.1:8016", "127.0.0.1:8017"]
    assert tapped == ["127.0.0.1:8115", "127.0.0.1:8116", "127.0.0.1:8117"]
    assert {tag.get_text() for tag in page.select(".addr .tag")} == {"Kafka"}
    row = page.select_one("tr:has(#row-kafka)")
    assert row is not None
    assert ":8015 :8016 :8017" in row.get_text(" ")


async def test_an_engine_with_tls_says_why_it_has_no_tap(
    http: httpx.AsyncClient, stand: FakeStand
) -> None:
    secured = replace(
        POSTGRESQL_READY,
        url="postgresql://shop:***@db.example.net:25060/lavka?sslmode=verify-ca",
        tapped_url=None,
        no_tap=NoTap.TLS,
    )
    stand.show(view_of(ORDERS_READY, secured))
    page = await home(http, "?part=postgresql")
    assert "No tap leads here: the address asks for TLS" in page.get_text(" ")
    assert not page.select("#route-tap")


async def test_queue_stands_beside_its_address(http: httpx.AsyncClient, stand: FakeStand) -> None:
    queue = Endpoint(
        "amqp", "amqp://127.0.0.1:8014/#orders.commands", "amqp://127.0.0.1:8114/#orders.commands"
    )
    stand.show(view_of(replace(ORDERS_READY, endpoints=(queue,)), RABBITMQ_READY))
    page = await home(http, "?part=orders")
    copied = [button["data-copy"] for button in page.select(".addr .copy")]
    assert copied == ["amqp://127.0.0.1:8014/", "amqp://127.0.0.1:8114/", "orders.commands"]
    assert text_of(page, ".addr .channel") == "queue orders.commands"


async def test_operations_show_what_each_protocol_can_carry(http: httpx.AsyncClient) -> None:
    page = await home(http)
    heads = [head.get_text(strip=True) for head in page.select(".opsbox thead th")]
    assert heads == ["REST", "gRPC"]
    row = page.select(".opsbox tbody tr")[0]
    links = [str(link["href"]) for link in row.select("a")]
    assert links == [
        "/playground?operation=PlaceOrder&protocol=rest",
        "/playground?operation=PlaceOrder&protocol=grpc",
    ]


async def test_panel_tells_who_works_with_an_engine(
    http: httpx.AsyncClient, stand: FakeStand
) -> None:
    stand.show(view_of(ORDERS_READY, POSTGRESQL_READY, RABBITMQ_READY, NGINX_READY))
    assert "needed by orders" in text_of(await home(http, "?part=postgresql"), ".side .facts")
    assert "in front of orders" in text_of(await home(http, "?part=nginx"), ".side .facts")
    used = text_of(await home(http, "?part=orders"), ".side .facts")
    assert "engines PostgreSQL RabbitMQ" in used
    stand.show(view_of(ORDERS_READY, replace(POSTGRESQL_READY, name="mysql")))
    unused = await home(http, "?part=mysql")
    assert "needed by" not in text_of(unused, ".side .facts")
    assert "No service that runs works with it" in text_of(unused, ".side")


async def test_empty_stand_says_so(http: httpx.AsyncClient, stand: FakeStand) -> None:
    stand.show(view_of())
    page = await home(http)
    assert text_of(page, "#home h2") == "No parts yet"
    assert page.select_one(".map") is None
    assert text_of(page, "#stand-state") == "no parts"


async def test_part_without_a_place_on_the_map_is_still_in_the_table(
    http: httpx.AsyncClient, stand: FakeStand
) -> None:
    odd = replace(POSTGRESQL_READY, name="etcd", label=EngineLabel.SUBSET)
    stand.show(view_of(ORDERS_READY, odd))
    page = await home(http, "?part=etcd")
    assert text_of(page, "#part-title") == "etcd"
    assert [node["data-part"] for node in page.select(".map .node")] == ["orders"]
    assert page.select_one("tr #row-etcd") is not None


async def test_whole_shop_appears_by_itself(http: httpx.AsyncClient, stand: FakeStand) -> None:
    engines = {hop.target for hop in HOPS} | {"nginx", "rabbitmq", "kafka"}
    names = set(PLACES)
    services = {"catalog", "orders", "stock", "payments", "loyalty", "delivery"}
    services |= {"notifications", "analytics", "identity"}
    stand.show(
        view_of(
            *(replace(ORDERS_READY, name=name) for name in sorted(services)),
            *(replace(POSTGRESQL_READY, name=name) for name in sorted(names - services)),
        )
    )
    page = await home(http)
    assert {node["data-part"] for node in page.select(".map .node")} == names
    assert len(page.select(".map .edge")) == len(HOPS)
    assert engines <= names | {"client"}


async def test_part_name_is_escaped_everywhere(http: httpx.AsyncClient, stand: FakeStand) -> None:
    stand.show(view_of(replace(ORDERS_READY, name='"><script>x</script>', reason="<i>r</i>")))
    text = (await http.get("/")).text
    assert "<script>x" not in text
    assert "<i>r" not in text


async def test_fragment_is_only_a_fragment(http: httpx.AsyncClient) -> None:
    text = (await http.get("/stand/fragment/home?part=orders")).text
    assert text.lstrip().startswith("<div")
    assert "<html" not in text
    state = (await http.get("/stand/fragment/state")).text
    assert "2 of 2 ready" in state


async def test_changes_become_events(stand: FakeStand) -> None:
    # Below the transport: httpx's ASGI transport hands over a body only when it is complete.
    frames = HomePage(stand, None, {}, FakeWire().wire)._frames()  # type: ignore[arg-type] # renders nothing
    assert await anext(frames) == "event: changed\ndata: \n\n"
    waiting = asyncio.ensure_future(anext(frames))
    await stand.listened.wait()
    stand.show(FAILED)
    assert await waiting == "event: changed\ndata: \n\n"
    stand.end()
    assert [frame async for frame in frames] == []
    assert stand.listeners == 0


async def test_silence_beats_and_loses_nothing() -> None:
    gate = asyncio.Event()

    async def source() -> AsyncIterator[str]:
        await gate.wait()
        yield "item"

    beats = beating(source(), every_s=0.001)
    assert await anext(beats) is None
    assert await anext(beats) is None
    gate.set()
    items = [item async for item in beats]
    assert [item for item in items if item] == ["item"]


@pytest.mark.parametrize(
    ("url", "short"),
    [
        ("http://127.0.0.1:8000/api/v1", ":8000/api/v1"),
        ("127.0.0.1:8001", ":8001"),
        ("postgresql://orders@127.0.0.1:8010/orders", ":8010/orders"),
        ("http://127.0.0.1:8000/ws?x=1", ":8000/ws?x=1"),
        ("https://example.org/path", "https://example.org/path"),
    ],
)
def test_short_address(url: str, short: str) -> None:
    assert short_address(url) == short
