"""One order is one connected trace, whichever protocol placed it, through every service."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
import pytest

from tests.conftest import LiveStand, stand_of_its_own
from tests.guarantees.processes import kill_stand
from tests.waiting import until_answered

PROTOCOLS = ("rest", "jsonrpc", "soap", "graphql", "grpc", "websocket", "amqp", "kafka", "mcp")
SERVICES = frozenset(
    ("orders", "stock", "payments", "loyalty", "delivery", "notifications", "analytics")
)
CALLS = frozenset(("grpc", "soap", "jsonrpc"))
MESSAGING = frozenset(("rabbitmq", "kafka"))
DATABASES = frozenset(("postgresql", "mysql", "redis"))
DELIVERED_WITHIN_S = 60.0
Spans = Sequence[Mapping[str, Any]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stand() -> Iterator[LiveStand]:
    """With sagas, unlike the one of the session."""
    with stand_of_its_own() as own:
        own.up()
        yield own


@pytest.fixture(scope="module")
def placed(stand: LiveStand) -> Mapping[str, str]:
    """The trace of an order over each protocol: they are on their way while one is looked at."""
    traces = {}
    for protocol in PROTOCOLS:
        done = stand.command("call", "PlaceOrder", "--over", protocol, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        traces[protocol] = json.loads(done.stdout)["trace_id"]
    return traces


async def spans_of(http: httpx.AsyncClient, trace_id: str) -> Spans:
    response = await http.get(f"/stand/traces/{trace_id}")
    if response.status_code == 404:
        return []
    told: dict[str, Any] = response.raise_for_status().json()
    spans: Spans = told["spans"]
    return spans


async def whole_trace(http: httpx.AsyncClient, trace_id: str) -> Spans:
    """When the warehouse has the last event, and nothing is under way any more."""

    async def ended() -> Spans | None:
        spans = await spans_of(http, trace_id)
        steps = {span["attributes"].get("saga.step") for span in spans}
        facts = sum(span["service"] == "analytics" for span in spans)
        over = "capture-payment" in steps and facts >= 6
        return spans if over and all(span["end_ns"] for span in spans) else None

    return await until_answered(ended, DELIVERED_WITHIN_S) or []


def check_connected(spans: Spans) -> None:
    """Every span but the root has its parent in the trace."""
    known = {span["span_id"] for span in spans}
    astray = [(span["service"], span["name"]) for span in spans if span["parent_id"] not in known]
    assert len(astray) == 1, astray
    assert [span["parent_id"] for span in spans].count(None) == 1


def values(spans: Spans, name: str) -> set[Any]:
    return {span["attributes"][name] for span in spans if name in span["attributes"]}


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_order_is_one_trace(
    stand: LiveStand, placed: Mapping[str, str], protocol: str
) -> None:
    async with httpx.AsyncClient(base_url=stand.url, trust_env=False) as http:
        spans = await whole_trace(http, placed[protocol])
    check_connected(spans)
    assert {span["service"] for span in spans} == SERVICES | {"cli"}
    assert values(spans, "rpc.system") >= CALLS
    assert values(spans, "messaging.system") == MESSAGING
    assert values(spans, "db.system.name") == DATABASES
    assert [(one["name"], one["status"]) for one in spans if one["status"] != "ok"] == []
    engines = [span for span in spans if "db.system.name" in span["attributes"]]
    assert all(span["attributes"].get("network.local.port") for span in engines)
    # Of each call there are two sides, and the other one is its child.
    callers = {span["span_id"]: span for span in spans if span["kind"] in {"client", "producer"}}
    called = [span for span in spans if span["kind"] in {"server", "consumer"}]
    assert all(span["parent_id"] in callers for span in called)


async def test_traces_are_listed_with_their_bounds(stand: LiveStand) -> None:
    done = stand.command("call", "GetOrder", "--over", "rest", "--json", "order_id=x")
    trace_id = json.loads(done.stdout)["trace_id"]
    async with httpx.AsyncClient(base_url=stand.url, trust_env=False) as http:
        told = (await http.get("/stand/traces?limit=1000")).json()
        unknown = await http.get(f"/stand/traces/{'0' * 32}")
        refused = await http.delete("/stand/traces")
        foreign = await http.get("/stand/traces", headers={"host": "evil.example"})
        broken = await http.post("/v1/traces", content=b"\xff\xff")
    listed = {one["trace_id"]: one for one in told["traces"]}
    assert listed[trace_id]["root"] == "call GetOrder --over rest"
    assert told["held"]["most_traces"] == 10_000
    codes = [one.status_code for one in (unknown, refused, foreign, broken)]
    assert codes == [404, 405, 403, 400]


async def test_what_undoes_an_order_belongs_to_its_trace(stand: LiveStand) -> None:
    order_id, trace_id = place(stand)
    # At once: another command would take so long to begin that a busy shop has sent the courier.
    async with httpx.AsyncClient(base_url=stand.url, trust_env=False) as http:
        cancelled = await http.post(f"/api/v1/orders/{order_id}/cancellation")
    assert cancelled.status_code == 200, cancelled.text

    async def undone() -> list[Mapping[str, Any]]:
        async with httpx.AsyncClient(base_url=stand.url, trust_env=False) as http:
            spans = await spans_of(http, trace_id)
        found = [one for one in spans if one["attributes"].get("saga.compensation")]
        return found if any(one["name"] == "saga release-stock" for one in found) else []

    for span in await until_answered(undone):
        assert span["attributes"]["order.id"] == order_id
        assert span["parent_id"]


async def test_a_trace_goes_on_after_a_crash(new_stand: LiveStand) -> None:
    new_stand.up()
    _, trace_id = place(new_stand)
    kill_stand(new_stand)
    new_stand.up()
    async with httpx.AsyncClient(base_url=new_stand.url, trust_env=False) as http:

        async def settled() -> Spans:
            spans = await spans_of(http, trace_id)
            # A step is told of when it begins, the bank's part of it a moment later.
            has_captured = "capture-payment" in values(spans, "saga.step")
            services = {span["service"] for span in spans}
            return spans if has_captured and services >= {"orders", "payments", "stock"} else []

        # What was recorded before went with the process; all that follows is of the same trace.
        assert await until_answered(settled, DELIVERED_WITHIN_S)


def place(stand: LiveStand) -> tuple[str, str]:
    """An order, and the trace it begins."""
    done = stand.command("call", "PlaceOrder", "--over", "rest", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    return answer["result"]["order_id"], answer["trace_id"]
