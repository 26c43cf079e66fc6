"""The list of exchanges and the page of one: what stands there, and in each of their states."""

import json
import re
from base64 import b64decode

import httpx
import pytest
from bs4 import BeautifulSoup

from stend.wire.decoding import Direction
from tests.fakes.wire import DATABASE, SHOP, FakeWire
from tests.portal.looking import part, words

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
QUERY = b"Q\0\0\0\x14SELECT 1 AS one\0"
PING = b"Q\0\0\0\x0dSELECT 1\0"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def page_at(http: httpx.AsyncClient, path: str, status: int = 200) -> BeautifulSoup:
    response = await http.get(path)
    assert response.status_code == status, response.text
    assert response.headers["cache-control"] == "no-store"
    return BeautifulSoup(response.text, "html.parser")


@pytest.fixture
def queried(wire: FakeWire) -> FakeWire:
    """A session of PostgreSQL that the ring still has: asked, not answered."""
    connection = wire.opened(DATABASE)
    wire.said(connection, UP, b"\0\0\0\x15\0\x03\0\0user\0orders\0\0")
    wire.said(connection, DOWN, b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I")
    wire.said(connection, UP, QUERY)
    wire.reading.advance()
    return wire


def id_of_query(wire: FakeWire) -> str:
    return next(one.id for one in wire.reading.all() if "SELECT" in one.exchange.first.summary)


async def test_list_has_the_newest_exchange_first(
    http: httpx.AsyncClient, queried: FakeWire
) -> None:
    page = await page_at(http, "/exchanges")
    rows = page.select("#rows tr")
    assert rows[0]["data-id"] == id_of_query(queried)
    assert "orders → postgresql" in " ".join(rows[0].get_text(" ").split())
    assert [words(page, f"#{one}") for one in ("left-off", "let-go", "let-go-bytes")] == [
        "0",
        "0",
        "0 B",
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("edge=orders→postgresql", True),
        ("edge=client→shop", False),
        ("protocol=postgresql&trace=&text=", True),
        ("text=select", True),
        ("text=nowhere", False),
        ("errors=1", False),
        (f"trace={TRACE}", False),
    ],
)
async def test_list_is_narrowed(
    http: httpx.AsyncClient, queried: FakeWire, query: str, count: bool
) -> None:
    assert queried.reading.version
    page = await page_at(http, f"/exchanges?{query}")
    assert bool(page.select("#rows tr")) is count
    assert ("hidden" in part(page, "#none").attrs) is count
    if not count:
        assert words(page, "#none h2") == "There are no such exchanges"


async def test_stream_of_the_tap_knows_the_same_filter_marks_and_states(
    http: httpx.AsyncClient, queried: FakeWire
) -> None:
    assert queried.reading.version
    answer = await http.get("/stand/tap/exchanges?edge=orders→postgresql&text=select")
    (one,) = answer.json()["exchanges"]
    assert (one["mark"], one["state"]) == ("postgresql", "open")


@pytest.fixture
def polled(queried: FakeWire) -> FakeWire:
    """Its query was answered; then three that only ask whether PostgreSQL is there."""
    connection = next(iter(queried.recording.connections.values()))
    for data in (PING, PING, PING):
        queried.said(connection, DOWN, b"C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I")
        queried.said(connection, UP, data)
    queried.reading.advance()
    return queried


@pytest.mark.parametrize(
    ("query", "rows", "hidden"),
    [
        ("", 0, "3"),
        ("edge=client→shop", 0, "0"),
        ("edge=orders→postgresql&errors=", 0, "3"),
        ("background=1", 3, None),
        ("text=SELECT+1", 3, None),
        ("errors=1", 0, "0"),
    ],
)
async def test_background_is_hidden_counted_and_shown_by_a_switch(
    http: httpx.AsyncClient, polled: FakeWire, query: str, rows: int, hidden: str | None
) -> None:
    page = await page_at(http, f"/exchanges?{query}")
    pings = [one for one in page.select("#rows .sum") if one.get_text() == "SELECT 1"]
    assert len(pings) == rows
    assert [one.get_text() for one in page.select("#hidden")] == ([hidden] if hidden else [])
    assert ("checked" in part(page, "[name=background]").attrs) is ("background=1" in query)
    told = (await http.get(f"/stand/tap/exchanges?{query}")).json()
    assert told["hidden"] == int(hidden or 0)
    assert sum(one["is_background"] for one in told["exchanges"]) == rows
    assert polled.reading.version


async def test_list_of_background_only_says_so_and_shows_it(
    http: httpx.AsyncClient, wire: FakeWire
) -> None:
    connection = wire.opened(SHOP)
    wire.said(connection, UP, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    page = await page_at(http, "/exchanges")
    assert words(page, "#none h2") == "Only background so far"
    assert [link["href"] for link in page.select("#none a")] == ["/exchanges?background=1"]


async def test_hidden_one_that_fails_is_shown_and_counted_no_more(
    http: httpx.AsyncClient, wire: FakeWire
) -> None:
    connection = wire.opened(SHOP)
    wire.said(connection, UP, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    first = (await http.get("/stand/tap/exchanges?since=0")).json()
    assert (first["hidden"], first["exchanges"]) == (1, [])
    wire.said(connection, DOWN, b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
    then = (await http.get(f"/stand/tap/exchanges?since={first['version']}")).json()
    assert (then["hidden"], [one["error"] for one in then["exchanges"]]) == (-1, ["503"])
    again = (await http.get(f"/stand/tap/exchanges?since={then['version']}")).json()
    assert (again["hidden"], again["exchanges"]) == (0, [])


async def test_list_of_nothing_has_one_action(http: httpx.AsyncClient) -> None:
    page = await page_at(http, "/exchanges")
    assert words(page, "#none h2") == "Nothing has passed the taps yet"
    assert [link["href"] for link in page.select("#none a")] == ["/playground"]


async def test_taps_that_are_off_are_told_of(http: httpx.AsyncClient, wire: FakeWire) -> None:
    wire.places = ()
    for path, status in (("/exchanges", 200), ("/exchanges/c1.1", 404)):
        page = await page_at(http, path, status)
        assert "--no-tap" in words(page, ".blank")
        assert not page.select("#rows")


async def test_exchange_that_is_gone_says_so(http: httpx.AsyncClient, wire: FakeWire) -> None:
    page = await page_at(http, "/exchanges/c9.9", 404)
    assert words(page, "h1") == "This exchange is gone"
    assert "c9.9" in words(page, ".blank")
    assert wire.reading.let_go == 0


async def test_exchange_has_its_head_units_and_tree(
    http: httpx.AsyncClient, queried: FakeWire
) -> None:
    name = id_of_query(queried)
    page = await page_at(http, f"/exchanges/{name}")
    assert words(page, ".way") == "orders postgresql"
    assert "still open" in words(page, ".page-head")
    assert [one["data-number"] for one in page.select(".units a")] == ["1"]
    # Without scripts: a list in a list with offsets, and the bytes.
    assert "SELECT 1 AS one" in words(page, ".tree ul")
    assert re.search(r"\b\d+–\d+\b", words(page, ".tree ul"))
    assert "51 00 00 00" in words(page, ".plain-hex")


async def test_unit_is_sent_with_bytes_tree_and_meanings(
    http: httpx.AsyncClient, queried: FakeWire
) -> None:
    name = id_of_query(queried)
    answer = await http.get(f"/exchanges/{name}/units/1")
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert b64decode(found["spaces"][0]["data"]) == QUERY
    assert any(row[3] == "SELECT 1 AS one" for row in found["rows"])
    assert found["left_off"] == 0
    russian = await http.get(f"/exchanges/{name}/units/1", headers={"Accept-Language": "ru"})
    assert re.search("[а-я]", json.dumps(russian.json()["meanings"], ensure_ascii=False))
    for path in (f"/exchanges/{name}/units/9", "/exchanges/c9.9/units/1"):
        assert (await http.get(path)).status_code == 404


async def test_unit_whose_bytes_are_gone_is_gone(http: httpx.AsyncClient, wire: FakeWire) -> None:
    connection = wire.opened(DATABASE)
    wire.said(connection, UP, b"\0\0\0\x15\0\x03\0\0user\0orders\0\0")
    wire.said(connection, DOWN, b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I")
    wire.reading.advance()
    (first, *_) = wire.reading.all()
    wire.recording.clear()
    assert (await http.get(f"/exchanges/{first.id}/units/1")).status_code == 410


async def test_what_came_over_the_wire_is_escaped(http: httpx.AsyncClient, wire: FakeWire) -> None:
    connection = wire.opened(SHOP)
    evil = b"GET /<script>alert(1)</script> HTTP/1.1\r\nHost: <b>x</b>\r\n\r\n"
    wire.said(connection, UP, evil)
    wire.recording.noted(connection, "<i>note</i>")
    wire.reading.advance()
    for path in ("/exchanges", "/exchanges/c1.1"):
        text = (await http.get(path)).text
        assert "<script>alert" not in text
        assert "<b>x</b>" not in text
        assert "<i>note</i>" not in text


@pytest.mark.parametrize("unit", ["0", "7", "x", "²", "9" * 30])
async def test_unit_that_there_is_not_leads_to_the_first(
    http: httpx.AsyncClient, queried: FakeWire, unit: str
) -> None:
    page = await page_at(http, f"/exchanges/{id_of_query(queried)}?unit={unit}")
    assert part(page, "[data-wire]")["data-unit"] == "1"
