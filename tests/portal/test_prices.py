"""What a call costs: which exchanges are its own, in figures, and where its time goes."""

from collections.abc import Sequence

import httpx
import pytest
from bs4 import BeautifulSoup

from stend.portal.draft import compose
from stend.portal.prices.finding import Found, Window, find
from stend.portal.prices.pricing import Path, price_of
from stend.portal.prices.running import drafts_of
from stend.portal.prices.showing import Prices, share
from stend.shop.orders.usecases import Operation
from stend.tap.recording import Connection, Place
from stend.wire.decoding import Direction
from tests.fakes.portal import FakeIds, FakeLender
from tests.fakes.wire import BANK, SHOP, FakeWire

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
OTHER = "0af7651916cd43dd8448eb211c80319c"
HTMX = {"HX-Request": "true"}
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a": 1}'


def request_of(trace: str | None, path: str = "/api/v1/orders/1") -> bytes:
    context = f"traceparent: 00-{trace}-00f067aa0ba902b7-01\r\n" if trace else ""
    return f"GET {path} HTTP/1.1\r\nHost: a\r\n{context}\r\n".encode()


def asked(wire: FakeWire, trace: str | None = TRACE, place: Place = SHOP) -> Connection:
    """One exchange of HTTP: a millisecond to the answer."""
    connection = wire.opened(place)
    wire.said(connection, UP, request_of(trace))
    wire.said(connection, DOWN, ANSWER)
    return connection


def found_of(wire: FakeWire, began_ns: int = 0, trace: str | None = TRACE) -> Found | None:
    wire.reading.advance()
    return find(wire.reading, Window("rest", began_ns, wire.ticks.now_ns, trace))


def numbers(found: Found | None) -> Sequence[int]:
    assert found is not None
    return [one.number for one in found.connections]


def test_call_is_told_by_its_trace(wire: FakeWire) -> None:
    asked(wire, OTHER)
    own = asked(wire)
    asked(wire, OTHER)
    found = found_of(wire)
    assert numbers(found) == [own.number]


def test_without_a_trace_protocol_place_and_time_tell(wire: FakeWire) -> None:
    asked(wire, None)
    begin = wire.ticks.now_ns + 1
    asked(wire, None, BANK)
    own = asked(wire, None)
    found = found_of(wire, begin, None)
    assert numbers(found) == [own.number]


def test_call_that_was_not_recorded_is_not_found(wire: FakeWire) -> None:
    asked(wire)
    assert found_of(wire, wire.ticks.now_ns + 1) is None


def test_price_counts_bytes_payload_and_round_trips(wire: FakeWire) -> None:
    asked(wire)
    window = Window("rest", 0, wire.ticks.now_ns, TRACE)
    found = found_of(wire)
    assert found is not None
    price = price_of(wire.reading, found, window)
    assert (price.up.total, price.up.payload) == (len(request_of(TRACE)), 0)
    assert (price.down.total, price.down.payload) == (len(ANSWER), 8)
    assert price.down.framing == len(ANSWER) - 8
    assert (price.round_trips, price.connections, price.opened, price.set_up) == (1, 1, 1, 0)
    assert price.packets == 2
    assert price.path == Path(0.0, 1.0, 1.0, 2.0, 2.0, 2.0)


def test_what_came_before_on_a_connection_is_none_of_the_call(wire: FakeWire) -> None:
    connection = asked(wire, None)
    begin = wire.ticks.now_ns + 1
    wire.said(connection, UP, request_of(TRACE))
    wire.said(connection, DOWN, ANSWER)
    found = found_of(wire, begin)
    assert found is not None
    price = price_of(wire.reading, found, Window("rest", begin, wire.ticks.now_ns, TRACE))
    assert (price.opened, price.down.total) == (0, len(ANSWER))
    assert price.path.opened is None


def test_payload_of_what_is_not_decoded_is_unknown(wire: FakeWire) -> None:
    connection = wire.opened()
    wire.said(connection, UP, request_of(TRACE))
    wire.said(connection, DOWN, ANSWER)
    wire.said(connection, DOWN, b"\0\0 this is no HTTP\r\n\r\n")
    found = found_of(wire)
    assert found is not None
    price = price_of(wire.reading, found, Window("rest", 0, wire.ticks.now_ns, TRACE))
    assert price.down.payload is None
    assert price.down.framing is None
    assert price.up.payload == 0


def test_path_has_pieces_that_follow_each_other() -> None:
    fresh = Path(1.0, 3.0, 4.0, 9.0, 10.0, 10.0)
    assert Prices.parts(fresh) == [
        ("own", 1.0),
        ("open", 2.0),
        ("ask", 1.0),
        ("wait", 5.0),
        ("tell", 1.0),
    ]
    kept = Path(None, 3.0, 3.0, None, None, 8.0)
    assert Prices.parts(kept) == [("own", 3.0), ("wait", 5.0)]


@pytest.mark.parametrize(
    ("part", "whole", "per_cent"), [(0, 10, 0), (10, 10, 100), (1, 1000, 1), (5, 0, 0), (1, 3, 33)]
)
def test_share_of_what_is_there_is_seen(part: float, whole: float, per_cent: int) -> None:
    assert share(part, whole) == per_cent


def test_every_protocol_has_a_key_of_its_own_unless_one_is_shared() -> None:
    draft = compose(Operation.PLACE_ORDER, "rest", (), "KEY")
    keys = [
        one.fields["idempotency_key"]
        for one in drafts_of(draft, ["rest", "grpc"], FakeIds(), same_key=False)
    ]
    assert keys[0] == "KEY"
    assert len(set(keys)) == len(keys) == 2
    shared = drafts_of(draft, ["grpc"], FakeIds(), same_key=True)
    assert {one.fields["idempotency_key"] for one in shared} == {"KEY"}


async def called(http: httpx.AsyncClient, fields: dict[str, str | list[str]]) -> BeautifulSoup:
    response = await http.post("/playground", data=fields, headers=HTMX)
    assert response.status_code == 200, response.text
    return BeautifulSoup(response.text, "html.parser")


async def test_chosen_protocols_are_called_at_once(
    http: httpx.AsyncClient, lender: FakeLender
) -> None:
    fields: dict[str, str | list[str]] = {
        "operation": "PlaceOrder",
        "protocol": "rest",
        "with": ["rest", "grpc", "nothing"],
    }
    answer = await called(http, fields)
    assert [protocol for protocol, _ in lender.lent] == ["rest", "grpc"]
    rows = [" ".join(row.get_text(" ").split()) for row in answer.select(".price-table tbody tr")]
    assert rows[0].startswith("REST 201 Created")
    assert rows[1].startswith("gRPC OK")
    # The clients of this test call nobody, so the taps have nothing of it.
    assert all("not in the recording" in row for row in rows)
    assert [one["id"] for one in answer.select(".pane")] == ["pane-rest", "pane-grpc"]
    assert "did not reach the tap" in answer.select(".pane")[0].get_text(" ")


async def test_price_list_has_a_row_for_every_protocol_before_a_call(
    http: httpx.AsyncClient,
) -> None:
    page = BeautifulSoup((await http.get("/playground?with=grpc")).text, "html.parser")
    assert len(page.select(".price-table .idle")) == 2
    boxes = page.select("input[name=with]")
    assert [("checked" in one.attrs, "disabled" in one.attrs) for one in boxes] == [
        (True, True),
        (True, False),
    ]
    assert {one["form"] for one in boxes} == {"request"}


async def test_without_taps_only_the_time_is_left(http: httpx.AsyncClient, wire: FakeWire) -> None:
    wire.places = ()
    page = BeautifulSoup((await http.get("/playground")).text, "html.parser")
    note = page.select_one("#price .off")
    assert note is not None
    assert "--no-tap" in note.get_text()


async def test_stream_has_no_price_list(http: httpx.AsyncClient) -> None:
    page = BeautifulSoup((await http.get("/playground?operation=TrackOrder")).text, "html.parser")
    assert not page.select("#price, #panes")
