"""Commands on a stand that nobody calls without a token: each gets one, or says what to do."""

import json
from collections.abc import Iterator

import pytest

from stend.shop.orders.api.protocols import Protocol, protocols_of
from stend.shop.orders.usecases import Operation
from tests.conftest import LiveStand, stand_of_its_own

_REQUIRED = {
    "STEND_AUTH_REQUIRED": "true",
    "STEND_ORDERS_CLIENT_SECRET": "orders-secret-of-this-test",
}
_SECRETS = {"STEND_AUTH_CLIENT_SECRETS": "traffic:traffic-secret-of-this-test"}
_GUARDED = {**_REQUIRED, **_SECRETS}


@pytest.fixture(scope="module")
def stand() -> Iterator[LiveStand]:
    with stand_of_its_own() as stand:
        stand.up(STEND_ORDERS_SAGAS="0", **_GUARDED)
        yield stand


@pytest.fixture(scope="module")
def order_id(stand: LiveStand) -> str:
    placed = stand.command("call", "PlaceOrder", "--over", "rest", "--json", **_GUARDED)
    found: str = json.loads(placed.stdout)["result"]["order_id"]
    return found


@pytest.mark.parametrize("protocol", protocols_of(Operation.GET_ORDER))
def test_a_call_carries_a_token_over_every_protocol(
    stand: LiveStand, order_id: str, protocol: str
) -> None:
    words = ("call", "GetOrder", "--over", protocol, f"order_id={order_id}", "--json")
    done = stand.command(*words, **_GUARDED)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["result"]["order_id"] == order_id


@pytest.fixture(scope="module")
def cancelled_order_id(stand: LiveStand) -> str:
    """Without its sagas nothing else ends an order, and with it the stream."""
    placed = stand.command("call", "PlaceOrder", "--over", "rest", "--json", **_GUARDED)
    found: str = json.loads(placed.stdout)["result"]["order_id"]
    order = f"order_id={found}"
    cancelled = stand.command("call", "CancelOrder", "--over", "rest", order, **_GUARDED)
    assert cancelled.returncode == 0, cancelled.stdout
    return found


@pytest.mark.parametrize("protocol", protocols_of(Operation.TRACK_ORDER))
def test_a_stream_carries_a_token_over_every_protocol(
    stand: LiveStand, cancelled_order_id: str, protocol: str
) -> None:
    order = f"order_id={cancelled_order_id}"
    done = stand.command("call", "TrackOrder", "--over", protocol, order, "--json", **_GUARDED)
    assert done.returncode == 0, done.stdout + done.stderr
    told = [json.loads(line)["result"]["type"] for line in done.stdout.splitlines()]
    assert told == ["OrderPlaced", "OrderCancelled"]


def test_a_comparison_has_every_row(stand: LiveStand) -> None:
    done = stand.command("compare", "GetOrder", "--times", "2", "--json", **_GUARDED)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert [row["protocol"] for row in rows] == list(protocols_of(Operation.GET_ORDER))
    for row in rows:
        assert (row["ok"], row["error"], row["reason"]) == (True, None, None)
        assert row["payload_bytes_down"] > 0


def test_traffic_is_let_in(stand: LiveStand) -> None:
    words = ("traffic", "--rate", "20", "--duration", "2", "--json")
    done = stand.command(*words, **_GUARDED)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {row["protocol"] for row in told["rows"]} >= {Protocol.REST, Protocol.KAFKA}
    assert not any("unauthenticated" in row["errors"] for row in told["rows"])
    assert sum(row["ok"] for row in told["rows"]) > 0


_WORDS = [
    pytest.param(("call", "ListOrders", "--over", "soap"), id="call"),
    pytest.param(("compare", "ListOrders"), id="compare"),
    pytest.param(("traffic", "--duration", "1"), id="traffic"),
]


@pytest.mark.parametrize("words", _WORDS)
def test_without_a_secret_the_command_says_where_to_give_one(
    stand: LiveStand, words: tuple[str, ...]
) -> None:
    done = stand.command(*words, **_REQUIRED)
    assert (done.returncode, done.stdout) == (2, "")
    assert "STEND_AUTH_CLIENT_SECRETS=traffic:a-long-random-text" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", _WORDS)
def test_another_secret_than_the_stands_is_told_as_what_it_is(
    stand: LiveStand, words: tuple[str, ...]
) -> None:
    other = {**_REQUIRED, "STEND_AUTH_CLIENT_SECRETS": "traffic:another-secret-than-that"}
    done = stand.command(*words, **other)
    assert (done.returncode, done.stdout) == (2, "")
    assert "invalid_client" in done.stderr
    assert "auth.client_secrets" in done.stderr
    assert "another-secret" not in done.stderr


def test_a_stand_that_does_not_run_is_told_in_the_language_asked_for(new_stand: LiveStand) -> None:
    words = ("call", "ListOrders", "--over", "rest", "--lang", "ru")
    done = new_stand.command(*words, **_GUARDED)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Токен клиента traffic получить не удалось" in done.stderr
    assert "./stend up" in done.stderr
