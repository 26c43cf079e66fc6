"""The receiver in a process of its own, and the sender, over real sockets."""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml
from standardwebhooks import Webhook

from sender import Outcome, make_event, send

HERE = Path(__file__).parent
CONTRACT = yaml.safe_load((HERE / "openapi.yaml").read_text(encoding="utf-8"))
OLD, NEW, STRANGE = (f"whsec_{base64.b64encode(bytes([byte]) * 24).decode()}" for byte in (1, 2, 3))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@contextmanager
def started(folder: Path) -> Iterator[httpx.Client]:
    own = {"PORT": "0", "DATABASE": str(folder / "orders.db"), "WEBHOOK_SECRETS": f"{NEW} {OLD}"}
    command = [sys.executable, str(HERE / "receiver.py")]
    environment = {**os.environ, **own}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        try:
            with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
                yield client
        finally:
            process.terminate()
            # uvicorn ends in order and then tells its parent which signal it was.
            assert process.wait(timeout=20) in {0, -signal.SIGTERM}


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with started(tmp_path_factory.mktemp("webhook")) as client:
        yield client


def signed(webhook_id: str, body: bytes, secret: str = NEW, age_s: int = 0) -> dict[str, str]:
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, at, body.decode()),
    }


def post(receiver: httpx.Client, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return receiver.post("/webhooks", content=body, headers=headers)


def state(receiver: httpx.Client, order_id: str) -> dict[str, Any]:
    told: dict[str, Any] = receiver.get(f"/orders/{order_id}").raise_for_status().json()
    schemas = CONTRACT["components"]
    jsonschema.validate(told, {"$ref": "#/components/schemas/OrderState", "components": schemas})
    return told


def test_what_the_sender_sends_the_receiver_takes(receiver: httpx.Client) -> None:
    body = make_event("order.paid", "o-1", NOON)
    schemas = CONTRACT["components"]
    whole = {"$ref": "#/components/schemas/Event", "components": schemas}
    jsonschema.validate(json.loads(body), whole)
    assert send(receiver, "/webhooks", NEW, "m-1", body) is Outcome.DELIVERED
    assert state(receiver, "o-1") == {"order_id": "o-1", "state": "paid", "events": 1}


def test_repeats_are_answered_alike_and_count_once(receiver: httpx.Client) -> None:
    body = make_event("order.paid", "o-2", NOON)
    with ThreadPoolExecutor(8) as pool:
        headers = signed("m-2", body)
        statuses = pool.map(lambda _: post(receiver, body, headers).status_code, range(8))
        assert set(statuses) == {204}
    assert state(receiver, "o-2")["events"] == 1


def test_an_older_event_does_not_undo_a_newer_one(receiver: httpx.Client) -> None:
    events = [("order.delivered", 2), ("order.placed", 0), ("order.paid", 1)]
    for kind, minute in events:
        body = make_event(kind, "o-3", NOON + timedelta(minutes=minute))
        assert post(receiver, body, signed(f"m-3-{kind}", body)).status_code == 204
    assert state(receiver, "o-3") == {"order_id": "o-3", "state": "delivered", "events": 3}


BODY = make_event("order.paid", "o-none", NOON)
GOOD = signed("m-4", BODY)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**GOOD, "webhook-id": "m-5"},
        {**GOOD, "webhook-timestamp": "yesterday"},
        {**GOOD, "webhook-signature": "v1,AAAA"},
        {**GOOD, "webhook-signature": "garbage"},
        signed("m-4", BODY, STRANGE),
        signed("m-4", BODY, age_s=6 * 60),
        signed("m-4", BODY, age_s=-6 * 60),
    ],
)
def test_what_is_not_signed_is_old_or_from_the_future_is_refused(
    receiver: httpx.Client, headers: dict[str, str]
) -> None:
    answer = post(receiver, BODY, headers)
    assert (answer.status_code, answer.json()["type"]) == (401, "not-signed")
    assert answer.headers["content-type"] == "application/problem+json"
    assert receiver.get("/orders/o-none").json()["type"] == "order-not-found"


def test_a_body_that_was_touched_is_refused(receiver: httpx.Client) -> None:
    for body in (BODY + b" ", BODY[:-1], b"", b"\xff"):
        assert post(receiver, body, GOOD).status_code == 401


def test_while_a_secret_is_changed_both_are_good(receiver: httpx.Client) -> None:
    body = make_event("order.paid", "o-6", NOON)
    assert post(receiver, body, signed("m-6", body, OLD)).status_code == 204


@pytest.mark.parametrize("body", [b"{}", b"{", b'{"type": "order.eaten"}', BODY[:-2] + b"}"])
def test_a_signed_body_that_is_no_event_is_refused(receiver: httpx.Client, body: bytes) -> None:
    answer = post(receiver, body, signed("m-7", body))
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid-event")


def test_a_body_without_end_is_refused(receiver: httpx.Client) -> None:
    body = b" " * 300_000
    assert post(receiver, body, signed("m-8", body)).status_code == 413


def test_what_was_taken_outlives_the_process(tmp_path: Path) -> None:
    body = make_event("order.paid", "o-9", NOON)
    for _ in range(2):
        with started(tmp_path) as receiver:
            post(receiver, body, signed("m-9", body))
            assert state(receiver, "o-9")["events"] == 1


class Scripted(BaseHTTPRequestHandler):
    """A receiver that answers one status after the other."""

    def do_POST(self) -> None:
        server: Any = self.server
        server.seen.append(
            (self.headers["webhook-id"], self.rfile.read(int(self.headers["content-length"])))
        )
        self.send_response(server.statuses.pop(0))
        self.send_header("content-length", "0")
        self.send_header("location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ([503, 429, 204], Outcome.DELIVERED),
        ([503, 503, 503, 503], Outcome.GIVEN_UP),
        ([302, 302, 302, 302], Outcome.GIVEN_UP),
        ([410], Outcome.GONE),
        ([422], Outcome.REFUSED),
    ],
)
def test_the_sender_repeats_what_may_get_better(statuses: list[int], outcome: Outcome) -> None:
    with HTTPServer(("127.0.0.1", 0), Scripted) as server, httpx.Client(trust_env=False) as http:
        told: Any = server
        told.statuses, told.seen = list(statuses), []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        try:
            assert send(http, url, NEW, "m-10", BODY, (0, 0, 0)) is outcome
        finally:
            server.shutdown()
            thread.join()
        # The same id and the same bytes each time.
        assert told.seen == [("m-10", BODY)] * len(statuses)


def test_the_sender_gives_up_where_nobody_listens() -> None:
    with httpx.Client(trust_env=False) as http:
        outcome = send(http, "http://127.0.0.1:9/", NEW, "m-11", BODY, (0, 0))
    assert outcome is Outcome.GIVEN_UP


def test_without_a_secret_nothing_starts() -> None:
    environment = {**os.environ, "WEBHOOK_SECRETS": ""}
    command = [sys.executable, str(HERE / "receiver.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "WEBHOOK_SECRETS is empty" in done.stderr
