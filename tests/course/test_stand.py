"""Checks that ask a running stand."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from stend.course.checking import Run, check, unjudged
from stend.course.errors import NoStandError, StandError
from stend.course.model import Exercise
from stend.course.results import Status
from stend.course.shelf import read_shelf
from stend.course.stand import Stand, StandTimeoutError
from stend.runtime.course import running_stand
from tests.conftest import LiveStand, free_port_base
from tests.waiting import until

_PROTOCOLS = ("rest", "jsonrpc", "soap", "graphql", "grpc", "websocket", "amqp", "kafka", "mcp")
_MODULE = """
title = { ru = "Проба", en = "Trial" }
summary = { ru = "Проба.", en = "A trial." }
outcomes = [
    { ru = "раз", en = "one" },
    { ru = "два", en = "two" },
    { ru = "три", en = "three" },
]
"""
_EXERCISE = """
title = { ru = "Заказ", en = "An order" }
kind = "code"
minutes = 5
files = ["main.py"]
stand = true
mistakes = {}
hints = [
    { ru = "раз", en = "one" },
    { ru = "два", en = "two" },
    { ru = "три", en = "three" },
]
[[checks]]
id = "places"
kind = "T"
points = 1
lesson = "x"
meaning = { ru = "Программа размещает заказ.", en = "The program places an order." }
"""
_CHECKS = """
def places(case):
    done = case.script("main.py").succeeded()
    trace = case.stand.trace(done.text.strip(), lambda one: one.between("stock", "rabbitmq"))
    (call,) = trace.between("client", "orders")
    (asked,) = trace.between("rabbitmq", "stock")
    if not trace.happens_before(call, asked):
        case.fail("нет", "no")
    if b"POST /api/v1/orders" not in case.stand.exchange(call.exchanges[0]).sent:
        case.fail("нет", "no")
"""
_PLACES = """
import os
import httpx

body = {
    "customer_id": "cus_0001",
    "lines": [{"sku": "MILK-001", "quantity": 1}],
    "address": {"city": "Москва", "street": "Лесная улица", "house": "7"},
}
url = os.environ["STEND_TAPPED_URL"] + "/api/v1/orders"
answer = httpx.post(url, json=body, headers={"Idempotency-Key": os.urandom(8).hex()})
print(answer.raise_for_status().json()["order_id"])
"""
_CRASHES = """
import os, signal, sys
from stend.course.stand import Stand

with Stand(sys.argv[1]) as stand, stand.fault("latency", "client:nginx", lasts_s=1.0):
    print("set", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def stand(live: LiveStand) -> Iterator[Stand]:
    with Stand(live.url) as found:
        yield found


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    folder = tmp_path / "01-trial/exercises/01-order"
    folder.mkdir(parents=True)
    (tmp_path / "01-trial/module.toml").write_text(_MODULE, encoding="utf-8")
    (folder / "exercise.toml").write_text(_EXERCISE, encoding="utf-8")
    (folder / "checks.py").write_text(_CHECKS, encoding="utf-8")
    (made,) = read_shelf(tmp_path).exercises
    return made


def _run(stand: str | None) -> Run:
    return Run(partial(random.Random, 1), environment={"PATH": os.environ["PATH"]}, stand=stand)


# ---- operations and traces ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("protocol", _PROTOCOLS)
def test_an_order_over_every_protocol(stand: Stand, protocol: str) -> None:
    lines = {"lines": [{"sku": "MILK-001", "quantity": 3}], "customer_id": "cus_0007"}
    placed = stand.place_order(protocol, lines)
    assert placed.value["lines"][0]["quantity"] == 3
    assert placed.trace_id is not None
    trace = stand.trace(placed.trace_id, lambda one: bool(one.between("orders", "kafka")))
    assert placed.order_id in trace.order_ids
    assert stand.exchange(placed.exchanges[0]).trace_id in {placed.trace_id, None}
    assert any(one.source == "client" for one in trace.arrows)


@pytest.mark.slow
def test_the_whole_way_of_an_order(stand: Stand) -> None:
    placed = stand.place_order()
    assert stand.wait_for_order(placed.order_id)["status"] == "delivered"
    trace = stand.trace(
        placed.order_id,
        lambda one: (
            not one.waiting and "OrderDelivered" in _heard(one.between("kafka", "analytics"))
        ),
    )
    (bank, capture) = trace.between("orders", "payments")
    (reserve, commit) = trace.between("rabbitmq", "stock")
    assert (bank.label, bank.protocol, bank.is_async) == ("Authorise", "soap", False)
    assert (reserve.label, reserve.protocol, reserve.is_async) == ("ReserveStock", "amqp", True)
    assert trace.happens_before(reserve, bank)
    assert not trace.happens_before(bank, reserve)
    assert trace.happens_before(commit, capture)
    answer = trace.returned(bank)
    assert answer is not None
    assert trace.happens_before(bank, answer)
    assert b"Envelope" in stand.exchange(bank.exchanges[0]).came
    assert {"orders", "stock", "payments", "loyalty", "delivery"} <= set(trace.services)


def _heard(arrows: tuple[object, ...]) -> str:
    return " ".join(map(str, arrows))


@pytest.mark.slow
def test_what_the_shop_refuses_is_an_answer(stand: Stand) -> None:
    called = stand.call("PlaceOrder", fields={"lines": [{"sku": "MILK-001", "quantity": 0}]})
    assert called.error is not None
    assert (called.ok, called.error["code"]) == (False, "invalid-order")
    with pytest.raises(StandError, match="invalid-order"):
        _ = called.order_id


@pytest.mark.slow
def test_what_does_not_come_is_told(stand: Stand) -> None:
    with pytest.raises(StandTimeoutError, match="there is none") as caught:
        stand.trace("ord_none", within_s=0.1)
    assert caught.value.trace is None
    with pytest.raises(StandError, match="order-not-found"):
        stand.order("ord_01ARZ3NDEKTSV4RRFFQ69G5FAV")


@pytest.mark.slow
def test_parts_and_edges(stand: Stand) -> None:
    assert stand.parts()["orders"] == "ready"
    assert {"client:shop", "orders:payments"} <= set(stand.edges())


# ---- faults ------------------------------------------------------------------------------------


def _faults(stand: Stand) -> list[str]:
    return [one["kind"] for one in stand.http.get("/stand/faults").json()["faults"]]


@pytest.mark.slow
def test_a_fault_lasts_as_long_as_its_block(stand: Stand) -> None:
    with stand.fault("http_status", "client:shop", status=503):
        assert _faults(stand) == ["http_status"]
        assert not stand.call("ListOrders").ok
    assert _faults(stand) == []
    assert stand.call("ListOrders").ok


@pytest.mark.slow
def test_a_check_that_breaks_leaves_no_fault(stand: Stand) -> None:
    with pytest.raises(ZeroDivisionError), stand.fault("latency", "client:shop"):
        _ = 1 / 0
    assert _faults(stand) == []


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows ends a process otherwise")
def test_a_fault_of_a_check_that_was_killed_reverts_by_itself(
    stand: Stand, live: LiveStand
) -> None:
    words = [sys.executable, "-c", _CRASHES, live.url]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
    assert (done.stdout, done.returncode) == ("set\n", -signal.SIGKILL)
    until(lambda: not _faults(stand))


@pytest.mark.slow
def test_what_cannot_be_set_is_told(stand: Stand) -> None:
    for kind, edge in (("wind", "client:shop"), ("latency", "client:moon")):
        with pytest.raises(StandError, match="The stand refuses"), stand.fault(kind, edge):
            pass
    with pytest.raises(StandError, match="No tap leads"), stand.without("moon"):
        pass


@pytest.mark.slow
def test_the_shop_without_its_bank(stand: Stand) -> None:
    with stand.without("payments"):
        placed = stand.place_order()
        trace = stand.trace(
            placed.order_id, lambda one: any(a.lost for a in one.between("orders", "payments"))
        )
        assert all(one.error for one in trace.between("orders", "payments"))
        assert stand.order(placed.order_id)["status"] == "reserved"
    assert _faults(stand) == []
    assert stand.wait_for_order(placed.order_id)["status"] == "delivered"


# ---- exercises ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_exercise_finds_the_stand(exercise: Exercise, live: LiveStand, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(_PLACES, encoding="utf-8")
    verdict = check(exercise, tmp_path, _run(live.url))
    assert verdict.passed, verdict.outcomes


@pytest.mark.slow
def test_a_program_that_places_no_order(
    exercise: Exercise, live: LiveStand, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text("print('ord_none')\n", encoding="utf-8")
    (outcome,) = check(exercise, tmp_path, _run(live.url)).outcomes
    assert outcome.status is Status.ERROR
    assert outcome.sentence is not None
    assert "trace ord_none: there is none" in outcome.sentence.en


@pytest.mark.slow
def test_the_running_stand_is_found(live: LiveStand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEND_ROOT", str(live.root))
    assert running_stand(live.settings()) == live.url


def test_without_a_stand_nothing_is_run(exercise: Exercise, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("open('ran', 'w')\n", encoding="utf-8")
    with pytest.raises(NoStandError, match=r"\./stend up") as caught:
        check(exercise, tmp_path, _run(None))
    with pytest.raises(NoStandError, match="does not answer"):
        check(exercise, tmp_path, _run(f"http://127.0.0.1:{free_port_base()}"))
    assert not (tmp_path / "ran").exists()
    told = unjudged(exercise, caught.value.text, deep=False).to_json()
    (outcome,) = told["checks"]
    assert (told["passed"], outcome["status"]) == (False, "error")
    assert outcome["sentence"]["ru"].endswith("./stend up")
