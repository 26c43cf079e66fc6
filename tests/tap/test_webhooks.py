"""Webhooks to a receiver on this machine: seen, disturbed and tried again, like any other hop."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
from bs4 import BeautifulSoup

from stend.shop.orders.api.rest.client import RestClient
from tests.conftest import LiveStand
from tests.shop.orders.examples import a_request
from tests.waiting import until_answered

_RECEIVER = 6
EDGE = {"source": "notifications", "target": "client"}


@contextmanager
def received(port: int) -> Iterator[list[dict[str, str]]]:
    """The headers of whatever comes."""
    found: list[dict[str, str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            found.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", port), Receiver) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield found
        finally:
            server.shutdown()


async def test_a_webhook_is_recorded_refused_by_a_fault_and_sent_again(
    live_stand: LiveStand,
) -> None:
    port = live_stand.port_base + _RECEIVER
    async with httpx.AsyncClient(base_url=live_stand.url, timeout=20) as http:
        with received(port) as found:
            hook = {"url": f"http://127.0.0.1:{port}/hook", "event_types": ["OrderPlaced"]}
            answer = await http.post("/api/v1/webhooks", json=hook)
            webhook = answer.raise_for_status().json()["webhook_id"]
            fault = {"kind": "http_status", **EDGE, "numbers": {"status": 503, "first": 1}}
            answer = await http.post("/stand/faults", json=fault | {"duration_s": 30})
            answer.raise_for_status()
            rest = RestClient(live_stand.url)
            event = f"{(await rest.place_order(a_request())).value.order.order_id}:1"
            await rest.close()

            async def both() -> list[dict[str, Any]]:
                told = await http.get("/stand/tap/exchanges", params={"limit": 1000, **EDGE})
                fitting = [
                    one
                    for one in told.json()["exchanges"]
                    if one["facts"].get("ce_id") == event and one["is_complete"]
                ]
                return fitting if len(fitting) == 2 else []

            first, second = await until_answered(both)
            page = BeautifulSoup((await http.get(f"/messages/{event}")).text, "html.parser")
            await http.delete("/stand/faults")
            (await http.delete(f"/api/v1/webhooks/{webhook}")).raise_for_status()

    assert [first["error"], second["error"]] == ["503", None]
    assert first["trace"] == second["trace"]
    # The receiver has got it once, under the name that it was registered by.
    assert [one["webhook-id"] for one in found] == [second["facts"]["webhook_id"]]
    assert found[0]["host"] == f"127.0.0.1:{port}"
    # One life over the brokers and the webhook, with its second attempt.
    life = page.select_one(".life-rows")
    assert life is not None
    assert {"orders.events", "/hook"} <= {*life.text.split()}
    assert "503" in life.text
    assert "attempt 2" in life.text
