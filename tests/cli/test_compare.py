"""`stend compare` on a running stand: figures that can be checked otherwise, notes, refusals."""

import json
import urllib.request
from typing import Any

import pytest

from stend.cli.compare_texts import PAYLOADS
from stend.kit.languages import Language
from stend.shop.orders.api.protocols import protocols_of
from stend.shop.orders.usecases import Operation
from tests.conftest import LiveStand

_COLUMNS = 80
_FIGURES = (
    *("bytes_up", "bytes_down", "payload_bytes_up", "payload_bytes_down", "framing_bytes"),
    *("set_up_bytes", "round_trips", "p50_ms", "p95_ms"),
)
_HTTP = ("rest", "jsonrpc", "soap", "graphql")
_UNKNOWN = "order_id=ord_0000000000000000000000000A"


def compared(stand: LiveStand, *words: str) -> dict[str, dict[str, Any]]:
    done = stand.command("compare", *words, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert list(told) == ["operation", "times", "counted_calls", "rows"]
    return {row["protocol"]: row for row in told["rows"]}


@pytest.fixture(scope="module")
def order_id(live_stand: LiveStand) -> str:
    placed = live_stand.command("call", "PlaceOrder", "--over", "rest", "--json")
    found: str = json.loads(placed.stdout)["result"]["order_id"]
    return found


@pytest.fixture(scope="module")
def rows(live_stand: LiveStand, order_id: str) -> dict[str, dict[str, Any]]:
    return compared(live_stand, "GetOrder", f"order_id={order_id}", "--times", "3")


def test_every_protocol_that_can_carry_it_has_a_row(rows: dict[str, dict[str, Any]]) -> None:
    assert tuple(rows) == protocols_of(Operation.GET_ORDER) == tuple(PAYLOADS)
    for row in rows.values():
        assert list(row) == ["protocol", "ok", *_FIGURES, "reason", "error"]
        assert (row["ok"], row["reason"], row["error"]) == (True, None, None)
        assert 0 < row["p50_ms"] <= row["p95_ms"]
        payload = row["payload_bytes_up"] + row["payload_bytes_down"]
        total = pytest.approx(payload + row["framing_bytes"])
        assert row["bytes_up"] + row["bytes_down"] == total
        assert row["framing_bytes"] > 0 < row["payload_bytes_down"]
        assert row["round_trips"] >= 1


def test_what_is_counted_is_what_goes_over_the_wire(
    live_stand: LiveStand, order_id: str, rows: dict[str, dict[str, Any]]
) -> None:
    url = f"{live_stand.url}/api/v1/orders/{order_id}"
    with urllib.request.urlopen(url, timeout=5) as response:
        body = response.read()
        # The status line, each header with its colon, space and end, and an empty line.
        head = len("HTTP/1.1 200 OK\r\n") + 2
        head += sum(len(name) + len(value) + 4 for name, value in response.getheaders())
        # It says "close" to urllib, and nothing to a client that stays.
        head -= len("connection: close\r\n") * (response.getheader("connection") == "close")
    assert rows["rest"]["payload_bytes_down"] == len(body)
    assert rows["rest"]["bytes_down"] == len(body) + head
    assert rows["rest"]["payload_bytes_up"] == 0
    command = json.dumps({"order_id": order_id}, separators=(",", ":"))
    for broker in ("amqp", "kafka"):
        assert rows[broker]["payload_bytes_up"] == len(command)
    assert rows["kafka"]["payload_bytes_down"] == rows["amqp"]["payload_bytes_down"]
    # The same order in an envelope: nothing shrinks it for having been there before.
    assert 0 < rows["websocket"]["payload_bytes_down"] - len(body) < 100


def test_protocols_differ_as_they_should(rows: dict[str, dict[str, Any]]) -> None:
    def total(protocol: str) -> float:
        up: float = rows[protocol]["bytes_up"]
        down: float = rows[protocol]["bytes_down"]
        return up + down

    assert total("grpc") < total("websocket") < total("rest") < total("jsonrpc") < total("soap")
    for protocol in _HTTP:
        # HTTP/1.1 has nothing to say before the first request.
        assert rows[protocol]["set_up_bytes"] == 0
        assert rows[protocol]["round_trips"] == 1
    for protocol in ("grpc", "websocket", "amqp", "kafka", "mcp"):
        assert rows[protocol]["set_up_bytes"] > 100
    # A record goes out and is confirmed; the reply is fetched.
    assert rows["kafka"]["round_trips"] == 2


def test_example_orders_are_placed_where_none_is_named(live_stand: LiveStand) -> None:
    pages = compared(live_stand, "ListOrders", "--times", "1")
    reads = compared(live_stand, "GetOrder", "--times", "1")
    for protocol in PAYLOADS:
        # A page of one order.
        assert (pages[protocol]["ok"], reads[protocol]["ok"]) == (True, True)
    assert 0 < pages["rest"]["payload_bytes_down"] - reads["rest"]["payload_bytes_down"] < 100


def test_each_call_cancels_another_order(live_stand: LiveStand) -> None:
    for row in compared(live_stand, "CancelOrder", "--times", "1").values():
        assert row["ok"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.RU, ("протокол", "служебное", "без реле; вызовов: 1")),
        (Language.EN, ("protocol", "framing", "Latencies: 1 calls without the relay")),
    ],
)
def test_a_person_reads_a_table_and_what_its_columns_are(
    live_stand: LiveStand, order_id: str, language: Language, words: tuple[str, ...]
) -> None:
    done = live_stand.command(
        *("compare", "GetOrder", f"order_id={order_id}", "--times", "1", "--lang", language),
        COLUMNS=str(_COLUMNS),
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = " ".join(done.stdout.split())
    for word in (*words, *(" ".join(text(language).split()) for text in PAYLOADS.values())):
        assert word in told
    assert max(map(len, done.stdout.splitlines())) <= _COLUMNS
    assert "\x1b" not in done.stdout


def test_a_refusal_is_shown_for_each_protocol(live_stand: LiveStand) -> None:
    done = live_stand.command("compare", "GetOrder", _UNKNOWN)
    assert done.returncode == 1
    assert done.stdout.count("order-not-found") == len(PAYLOADS)
    assert done.stdout.count("–") == 8 * len(PAYLOADS)
    assert max(map(len, done.stdout.splitlines())) <= _COLUMNS


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("TrackOrder",), "a stream of events"),
        (("Nothing",), "no operation Nothing"),
        (("GetOrder", "--times", "0"), "from 1 to 1000"),
        (("GetOrder", "order_id"), "NAME=VALUE"),
        (("GetOrder", "colour=red"), "colour: "),
    ],
)
def test_what_cannot_be_compared_is_refused(
    live_stand: LiveStand, words: tuple[str, ...], told: str
) -> None:
    done = live_stand.command("compare", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_stand_that_does_not_run_gives_no_figures(new_stand: LiveStand) -> None:
    done = new_stand.command("compare", "GetOrder")
    assert (done.returncode, done.stdout) == (2, "")
    assert "unavailable" in done.stderr
