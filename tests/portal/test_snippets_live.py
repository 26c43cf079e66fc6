"""The snippets of the page, pasted into a shell and into Python, against a running stand."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.slow

ORDER_ID = re.compile("ord_[0-9A-Z]{26}")
SOURCE = Path(__file__).parents[2] / "src"
TIMEOUT_S = 30
TOOLS = (("rest", "curl"), ("rest", "httpx"), ("grpc", "grpcurl"), ("grpc", "grpc"))
CALLING = (
    ("jsonrpc", "curl-jsonrpc"),
    ("soap", "curl-soap"),
    ("soap", "zeep"),
    ("graphql", "curl-graphql"),
    ("websocket", "websockets"),
    ("amqp", "aio-pika"),
    ("kafka", "confluent-kafka"),
    ("mcp", "curl-mcp"),
    ("mcp", "mcp"),
)
FOLLOWING = (
    ("jsonrpc", "websockets"),
    ("soap", "curl-soap"),
    ("graphql", "websockets"),
    ("websocket", "websockets"),
    ("sse", "curl-sse"),
    ("sse", "httpx"),
    ("webhook", "webhook"),
    ("amqp", "aio-pika"),
    ("kafka", "confluent-kafka"),
)
NASTY = 'д\'Арт "x" $(id)'


@pytest.fixture
def page(stand_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stand_url, trust_env=False) as client:
        yield client


def code_of(page: httpx.Client, protocol: str, tool: str, fields: dict[str, str]) -> str:
    html = page.get("/playground?" + urlencode({"protocol": protocol, **fields})).text
    found = BeautifulSoup(html, "html.parser").select_one(f"#text-{tool}")
    assert found is not None
    return found.get_text()


def ran(tool: str, code: str, folder: Path) -> str:
    if "curl" in tool:
        program = tool.partition("-")[0]
        if not (shutil.which("sh") and shutil.which(program)):
            pytest.skip(f"no {program} here")
        command = ["sh", "-c", code]
    else:
        script = folder / "snippet.py"
        script.write_text(code, encoding="utf-8")
        command = [sys.executable, str(script)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1"}
    done = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, f"{code}\n{done.stderr}"
    return done.stdout


PLACING = {"operation": "PlaceOrder", "address.city": NASTY, "address.comment": "`a` \\ n % 🥛"}


@pytest.mark.parametrize(("protocol", "tool"), TOOLS)
def test_snippets_do_what_the_page_does(
    page: httpx.Client, protocol: str, tool: str, tmp_path: Path
) -> None:
    def did(fields: dict[str, str]) -> str:
        return ran(tool, code_of(page, protocol, tool, fields), tmp_path)

    placed = did(PLACING)
    found = ORDER_ID.search(placed)
    assert found is not None, placed
    assert "д'Арт" in placed
    order = {"order_id": found.group()}
    read = did({"operation": "GetOrder", **order})
    assert order["order_id"] in read
    listed = did({"operation": "ListOrders", "limit": "3"})
    assert order["order_id"] in listed
    cancelling = {"operation": "CancelOrder", "reason": 'Передумал, "совсем"', **order}
    assert "Передумал" in did(cancelling)
    # Cancelled, so the stream ends by itself.
    tracked = did({"operation": "TrackOrder", **order})
    assert "Передумал" in tracked


@pytest.mark.parametrize(("protocol", "tool"), CALLING)
def test_snippets_of_every_protocol_call(
    page: httpx.Client, protocol: str, tool: str, tmp_path: Path
) -> None:
    placed = ran(tool, code_of(page, protocol, tool, {**PLACING, "as": "partner"}), tmp_path)
    found = ORDER_ID.search(placed)
    assert found is not None, placed
    kept = page.get(f"/api/v1/orders/{found.group()}").json()["address"]
    assert (kept["city"], kept["comment"]) == (NASTY, PLACING["address.comment"])


@pytest.fixture(scope="module")
def cancelled(stand_url: str) -> str:
    """An order that has come to its end, so that every stream of it has one, too."""
    with httpx.Client(base_url=stand_url, trust_env=False) as client:
        body = {
            "customer_id": "cus_0042",
            "lines": [{"sku": "MILK-001", "quantity": 1}],
            "address": {"city": "Москва", "street": "Лесная улица", "house": "7"},
        }
        headers = {"Idempotency-Key": "snippets-live"}
        placed = client.post("/api/v1/orders", json=body, headers=headers).json()
        path = f"/api/v1/orders/{placed['order_id']}"
        client.post(f"{path}/cancellation", json={"reason": "Передумал"}).raise_for_status()
        return str(placed["order_id"])


@pytest.mark.parametrize(("protocol", "tool"), FOLLOWING)
def test_snippets_of_every_protocol_follow(
    page: httpx.Client, cancelled: str, protocol: str, tool: str, tmp_path: Path
) -> None:
    following = {"operation": "TrackOrder", "order_id": cancelled}
    told = ran(tool, code_of(page, protocol, tool, following), tmp_path)
    assert "OrderPlaced" in told or "ORDER_PLACED" in told
    assert "Передумал" in told
