"""`stend story` against a running stand."""

import json
import time
from typing import Any

import pytest

from tests.conftest import LiveStand

_COLUMNS = 80
_PATIENCE_S = 20.0


@pytest.fixture
def order(live_stand: LiveStand) -> dict[str, Any]:
    """An order that was placed, as `stend call` tells it, once all have heard of it."""
    done = live_stand.command("call", "PlaceOrder", "--over", "rest", "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    until = time.monotonic() + _PATIENCE_S
    while "analytics" not in live_stand.command("story", told["trace_id"]).stdout:
        assert time.monotonic() < until
    return told


def test_a_story_is_text_of_eighty_columns(live_stand: LiveStand, order: dict[str, Any]) -> None:
    done = live_stand.command("story", order["trace_id"])
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= _COLUMNS
    for words in ("client", "--> orders", "~~> RabbitMQ", "<-- orders", "POST /api"):
        assert words in done.stdout


def test_an_order_is_as_good_as_its_trace(live_stand: LiveStand, order: dict[str, Any]) -> None:
    by_order = live_stand.command("story", order["result"]["order_id"], "--json")
    told = json.loads(by_order.stdout)
    assert told["trace_id"] == order["trace_id"]
    asked = [one for one in told["rows"] if one.get("label") == "POST /api/v1/orders"]
    assert asked[0]["exchanges"]
    assert (asked[0]["source"], asked[0]["target"]) == ("client", "orders")


@pytest.mark.parametrize(
    ("form", "begins"),
    [("mermaid", "sequenceDiagram"), ("plantuml", "@startuml"), ("svg", "<svg ")],
)
def test_other_forms(live_stand: LiveStand, order: dict[str, Any], form: str, begins: str) -> None:
    done = live_stand.command("story", order["trace_id"], "--format", form, "--view", "brokers")
    assert done.stdout.startswith(begins)
    assert "RabbitMQ" in done.stdout
    assert "PostgreSQL" not in done.stdout


def test_without_a_trace_the_last_ones_are_listed(
    live_stand: LiveStand, order: dict[str, Any]
) -> None:
    done = live_stand.command("story", "--limit", "1000")
    assert order["trace_id"] in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= _COLUMNS
    listed = json.loads(live_stand.command("story", "--limit", "1000", "--json").stdout)
    assert order["trace_id"] in {one["trace_id"] for one in listed["traces"]}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("0" * 32,), 1, "There is no such trace"),
        (("x", "--format", "gif"), 2, "Known: text, mermaid, plantuml, svg"),
        (("x", "--view", "some"), 2, "Known: services, brokers, stores, all"),
    ],
)
def test_refusals(live_stand: LiveStand, words: tuple[str, ...], code: int, said: str) -> None:
    done = live_stand.command("story", *words)
    assert (done.returncode, said in done.stderr) == (code, True)
